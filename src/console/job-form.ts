import { eq } from 'drizzle-orm'
import { html, raw } from 'hono/html'
import { changeJob, differs, writeDraft } from '../jobs/draft.ts'
import type { Job } from '../jobs/eligibility.ts'
import { jobRow, valuesOf } from '../jobs/job-row.ts'
import { covers, officerActor } from '../officers/officer.ts'
import { param } from '../web/face.ts'
import { choice, field } from '../web/fields.ts'
import type { Sent } from '../web/form.ts'
import type { Html, Page } from '../web/layout.ts'
import type { Console, Visit } from './console.ts'
import { changes } from './job-rights.ts'

const COLUMNS = [
  'code',
  'title',
  'title_sw',
  'exam',
  'role',
  'opens_on',
  'closes_on',
  'starts_on',
  'ends_on',
  'min_qualification',
  'subjects',
  'county',
  'places',
  'daily_rate_kes',
] as const
type Column = (typeof COLUMNS)[number]
type Typed = Record<Column, string>
type Wrong = Partial<Record<Column, string>>

const ROLES = ['supervisor', 'invigilator', 'examiner', 'practical_examiner', 'security', 'driver'] as const
const QUALIFICATIONS = ['certificate', 'diploma', 'degree', 'postgraduate'] as const
/** What may be changed when people can see the job already. */
const OPEN: readonly Column[] = ['title', 'title_sw', 'places', 'daily_rate_kes']

/** `/console/jobs/new` and `/console/jobs/:code/edit`: a job is written as a draft, which nobody else sees. */
export function jobFormPages({ face, app }: Console): void {
  face.page('/jobs/new', 'jobs', (visit) => {
    const [only] = visit.me.counties
    visit.show(formPage(visit, { ...EMPTY, county: only ?? '' }, {}))
  })

  face.form('/jobs/new', 'jobs', async (visit, form) => {
    const typed = typedOf(form)
    const { row, wrong } = readRow(visit, typed)
    if (!row) return visit.show(formPage(visit, typed, wrong), 422)
    const written = await writeDraft(app, officerActor(visit.me, visit.reader.language), row)
    if ('refused' in written) return visit.show(formPage(visit, typed, { code: visit.reader.say('post_code_taken') }), 422)
    visit.go(`/console/jobs/${row.code}`, 'post_saved')
  })

  face.page('/jobs/:code/edit', 'jobs', async (visit) => {
    const job = await jobOf(visit)
    visit.show(formPage(visit, typedFrom(job), {}, job))
  })

  face.form('/jobs/:code/edit', 'jobs', async (visit, form) => {
    const job = await jobOf(visit)
    const typed = { ...typedFrom(job), ...onlyFor(job, typedOf(form)), code: job.code }
    const { row, wrong } = readRow(visit, typed)
    const changedAt = Number(form.get('changed_at'))
    if (!row) return visit.show(formPage(visit, typed, wrong, { ...job, changedAt }), 422)
    const changed = await changeJob(app, officerActor(visit.me, visit.reader.language), { row, changedAt })
    if ('done' in changed) return visit.go(`/console/jobs/${job.code}`, 'post_saved')
    if ('stale' in changed)
      return visit.show(formPage(visit, typed, {}, changed.stale, staleNote(visit, changed.stale, typed)), 409)
    if (changed.refused === 'unknown') return visit.ctx.throw(404)
    visit.show(formPage(visit, typed, { places: visit.reader.say('post_places_taken', { taken: job.taken }) }, job), 422)
  })

  async function jobOf(visit: Visit): Promise<Job> {
    const { read } = app.store
    const [job] = await read
      .select()
      .from(read.jobs)
      .where(eq(read.jobs.code, param(visit, 'code')))
    return job && changes(visit.me, job) ? job : visit.ctx.throw(404)
  }
}

const EMPTY = Object.fromEntries(COLUMNS.map((name) => [name, ''])) as Typed
const typedOf = (form: Sent): Typed =>
  Object.fromEntries(COLUMNS.map((name) => [name, form.get(name).replace(/\s+/g, ' ').slice(0, 200)])) as Typed
const onlyFor = (job: Job, typed: Typed): Partial<Typed> =>
  job.draft ? typed : Object.fromEntries(OPEN.map((name) => [name, typed[name]]))

const typedFrom = (job: Job): Typed => ({
  code: job.code,
  title: job.title,
  title_sw: job.titleSw,
  exam: job.exam,
  role: job.role,
  opens_on: job.opensOn,
  closes_on: job.closesOn,
  starts_on: job.startsOn,
  ends_on: job.endsOn,
  min_qualification: job.minQualification ?? '',
  subjects: job.subjects.join('; '),
  county: job.county ?? '',
  places: job.places === null ? '' : String(job.places),
  daily_rate_kes: String(job.dailyRateKes),
})

/** The same check as an import's, with our own words at each field. */
function readRow(visit: Visit, typed: Typed) {
  const read = jobRow.safeParse({ ...typed, subjects: typed.subjects.replaceAll(',', ';') })
  const wrong: Wrong = {}
  for (const issue of read.error?.issues ?? []) {
    const column = String(issue.path[0]) as Column
    wrong[column] = visit.reader.say(`post_wrong_${column}`)
  }
  if (typed.daily_rate_kes === '') wrong.daily_rate_kes = visit.reader.say('post_wrong_daily_rate_kes')
  if (!covers(visit.me, typed.county === '' ? null : typed.county)) wrong.county = visit.reader.say('post_county_yours')
  return Object.keys(wrong).length === 0 && read.success ? { row: read.data, wrong } : { row: undefined, wrong }
}

/** The second of two officers hears what the first one changed; what they typed stays in the form. */
function staleNote(visit: Visit, now: Job, typed: Typed): Html {
  const { say } = visit.reader
  const held = typedFrom(now)
  const row = jobRow.safeParse({ ...typed, subjects: typed.subjects.replaceAll(',', ';') })
  const names = row.success ? differs(now, valuesOf(row.data)) : []
  const columns = COLUMNS.filter((name) => names.some((each) => each.toLowerCase() === name.replaceAll('_', '')))
  return html`<div class="bad" role="alert"><p>${say('post_stale')}</p><ul>${columns.map(
    (name) =>
      html`<li>${say(`post_${name}`)}: ${held[name] || say('post_empty')} (${say('post_stale_yours', { value: typed[name] || say('post_empty') })})</li>`,
  )}</ul></div>`
}

function formPage(visit: Visit, typed: Typed, wrong: Wrong, job?: Job, note?: Html): Page {
  const { say } = visit.reader
  const title = job ? say('post_edit', { code: job.code }) : say('post_new')
  const fixed = (name: Column) => job !== undefined && (name === 'code' || !(job.draft || OPEN.includes(name)))
  const input = (name: Column, more = '', hint?: string) =>
    fixed(name)
      ? ''
      : field({
          name,
          label: say(`post_${name}`),
          value: typed[name],
          wrong: wrong[name],
          hint: hint && say(hint),
          more: raw(more),
        })
  const list = (name: 'role' | 'min_qualification', group: string, values: readonly string[]) =>
    fixed(name)
      ? ''
      : choice({ name, label: say(`post_${name}`), value: typed[name], wrong: wrong[name] }, [
          { value: '', label: say(name === 'role' ? 'choose' : 'post_any') },
          ...values.map((value) => ({ value, label: visit.word(group, value) })),
        ])
  const body = html`<h1>${title}</h1>
${note ?? ''}
${job && !job.draft ? html`<p>${say('post_edit_open')}</p>` : html`<p>${say('post_draft_text')}</p>`}
<form method="post" class="narrow">${visit.hidden}${job ? html`<input type="hidden" name="changed_at" value="${job.changedAt}">` : ''}
${input('code', ' required maxlength="20" autocapitalize="characters"', 'post_code_hint')}
${input('title', ' required maxlength="60"', 'post_title_hint')}
${input('title_sw', ' required maxlength="60"')}
${input('exam', ' required maxlength="14"', 'post_exam_hint')}
${list('role', 'role', ROLES)}
${(['opens_on', 'closes_on', 'starts_on', 'ends_on'] as const).map((name) => input(name, ' type="date" required'))}
${list('min_qualification', 'qualification', QUALIFICATIONS)}
${input('subjects', '', 'post_subjects_hint')}
${input('county', '', 'post_county_hint')}
${input('places', ' inputmode="numeric"', 'post_places_hint')}
${input('daily_rate_kes', ' inputmode="numeric" required')}
<button>${say('save')}</button>
</form>
<p><a href="/console/jobs${job ? `/${job.code}` : ''}">${say('post_back')}</a></p>`
  return { title, body }
}
