import { asc, desc, eq } from 'drizzle-orm'
import { html, raw } from 'hono/html'
import { parse, stringify } from 'yaml'
import { acting } from '../acting.ts'
import { nominationsIn } from '../jobs/quota.ts'
import { type SeriesRules, seriesRules, versionedRules, writeRules } from '../jobs/rules.ts'
import { covers, may, officerActor } from '../officers/officer.ts'
import { param } from '../web/face.ts'
import { area, choice, problem } from '../web/fields.ts'
import type { Html } from '../web/layout.ts'
import { actorsIn } from './actors.ts'
import type { Console, Visit } from './console.ts'
import { jobsOf } from './deployment-filters.ts'
import { one } from './table.ts'

const RULES = '/console/rules'
const MOST_TEXT = 60_000

/** `/console/rules`: the rules of each exam series with every version they had, and nominations beside their quotas. */
export function rulePages({ face, app }: Console): void {
  const { read } = app.store
  const isNational = (visit: Visit) => visit.me.counties.length === 0

  face.page('/rules', 'look', async (visit) => {
    const { say } = visit.reader
    const exams = await read.select({ exam: read.jobs.exam }).from(read.jobs).groupBy(read.jobs.exam).orderBy(asc(read.jobs.exam))
    const title = say('rules_title')
    const body = html`<h1>${title}</h1><p class="lead">${say('rules_text')}</p>
<p class="pages"><a href="/console/nominations">${say('nominations_title')}</a></p>
<ul class="ways">${await Promise.all(
      exams.map(async ({ exam }) => {
        const { version } = await versionedRules(read, exam)
        return html`<li><a href="${RULES}/${encodeURIComponent(exam)}">${exam}</a> <span>${version === 0 ? say('rules_usual') : say('rules_version', { version })}</span></li>\n`
      }),
    )}</ul>`
    visit.show({ title, body })
  })

  face.page('/rules/:exam', 'look', (visit) => showSeries(visit))

  face.form('/rules/:exam', 'jobs', async (visit, form) => {
    if (!isNational(visit)) return visit.ctx.throw(403)
    const exam = param(visit, 'exam')
    const text = form.get('rules').slice(0, MOST_TEXT)
    const { version } = await versionedRules(read, exam)
    // Somebody wrote another version since this page was opened.
    if (Number(form.get('version')) !== version)
      return showSeries(visit, { text, wrong: [visit.reader.say('rules_changed', { version })] })
    const rules = readRules(text)
    if (Array.isArray(rules)) return showSeries(visit, { text, wrong: rules })
    await acting<void>(app, officerActor(visit.me, visit.reader.language), 'rules.write', `rules:${exam}`, async (scene) => {
      const written = await writeRules(scene, exam, rules)
      return [undefined, { outcome: written === undefined ? 'same' : 'done', detail: { exam, version: written ?? version } }]
    })
    visit.go(`${RULES}/${encodeURIComponent(exam)}`, 'rules_saved')
  })

  face.page('/nominations', 'look', async (visit) => {
    const { say, count } = visit.reader
    const jobs = await jobsOf(app, visit)
    const code = one(visit, 'job') ?? jobs[0]?.code
    const [job] = code === undefined ? [] : await read.select().from(read.jobs).where(eq(read.jobs.code, code))
    const counties = await countiesWith(code)
    const mine = counties.filter((county) => covers(visit.me, county))
    const county = mine.find((each) => each === one(visit, 'county')) ?? mine[0]
    const { rules } = job ? await versionedRules(read, job.exam) : { rules: {} }
    const lines = job && county !== undefined ? await nominationsIn(read, job, rules, county) : []
    const title = say('nominations_title')
    const body = html`<h1>${title}</h1><p class="lead">${say('nominations_text')}</p>
<p class="pages"><a href="/console/applications">${say('desk_applications')}</a> <a href="${RULES}">${say('rules_title')}</a></p>
<form method="get" class="filters">${choice(
      { name: 'job', label: say('deploy_job'), value: code ?? '' },
      jobs.map(({ code: each, title: name }) => ({ value: each, label: `${each}, ${name}` })),
    )}${choice(
      { name: 'county', label: say('deploy_county'), value: county ?? '' },
      mine.map((each) => ({ value: each, label: each })),
    )}
<div class="field"><button class="second">${say('deploy_filter')}</button></div></form>
${
  lines.length === 0
    ? html`<p class="none">${say('table_none')}</p>`
    : html`<div class="scroll" tabindex="0" role="region" aria-label="${title}"><table><caption>${say('nominations_caption')}</caption>
<thead><tr><th scope="col">${say('needs_sub_county')}</th>${['applicants', 'undecided', 'nominated', 'quota'].map((name) => html`<th scope="col" class="right">${say(`nominations_${name}`)}</th>`)}<th scope="col">${say('nominations_left_out')}</th></tr></thead>
<tbody>${lines.map(
        ({ subCounty, applicants, undecided, nominated, quota, leftOut }) =>
          html`<tr><th scope="row">${subCounty}</th><td class="right">${count(applicants)}</td><td class="right">${count(undecided)}</td><td class="right">${count(nominated)}</td><td class="right">${quota === undefined ? say('nominations_no_quota') : nominated >= quota ? html`<strong>${say('nominations_full', { quota: count(quota) })}</strong>` : count(quota)}</td><td>${Object.entries(
            leftOut,
          )
            .map(([why, n]) => `${why === 'none' ? say('decide_no_reason') : visit.word('left_out', why)}: ${count(n)}`)
            .join('; ')}</td></tr>\n`,
      )}</tbody></table></div>`
}`
    visit.show({ title, body })
  })

  async function countiesWith(code: string | undefined): Promise<string[]> {
    if (code === undefined) return []
    const { applications: a } = read
    const rows = await read
      .select({ county: a.county })
      .from(a)
      .where(eq(a.jobCode, code))
      .groupBy(a.county)
      .orderBy(asc(a.county))
    return rows.map(({ county }) => county)
  }

  async function showSeries(visit: Visit, typed?: { text: string; wrong: string[] }) {
    const { say, time } = visit.reader
    const exam = param(visit, 'exam')
    const [job] = await read.select({ code: read.jobs.code }).from(read.jobs).where(eq(read.jobs.exam, exam)).limit(1)
    if (!job) return visit.ctx.throw(404)
    const { rules, version } = await versionedRules(read, exam)
    const { seriesVersions: v } = read
    const versions = await read.select().from(v).where(eq(v.exam, exam)).orderBy(desc(v.version)).limit(50)
    const who = await actorsIn(
      read,
      visit.reader,
      versions.map(({ by }) => by),
    )
    const title = say('rules_of', { exam })
    const edits = may(visit.me, 'jobs') && isNational(visit)
    const body = html`<h1>${title}</h1>
${typed === undefined ? '' : html`${problem('rules', say('rules_wrong'))}<ul>${typed.wrong.map((line) => html`<li>${line}</li>`)}</ul>`}
<p class="lead">${version === 0 ? say('rules_usual') : say('rules_version', { version })}</p>
<p class="pages"><a href="${RULES}">${say('rules_title')}</a></p>
${
  edits
    ? html`<form method="post" action="${RULES}/${encodeURIComponent(exam)}">${visit.hidden}<input type="hidden" name="version" value="${version}">
${area({ name: 'rules', label: say('rules_label'), value: typed?.text ?? stringify(rules), hint: say('rules_hint'), more: raw(' class="code" spellcheck="false"') })}
<button>${say('rules_save')}</button></form>`
    : html`<pre tabindex="0">${stringify(rules)}</pre>`
}
<h2>${say('rules_history')}</h2>
${versions.length === 0 ? html`<p class="none">${say('rules_no_history')}</p>` : html`<ol class="timeline" reversed>${versions.map((row, place) => html`<li><time>${time(row.at)}</time> <span>${say('rules_version', { version: row.version })}, ${who(row.by)}. ${changesOf(visit, row.rules, versions[place + 1]?.rules)}</span></li>\n`)}</ol>`}`
    visit.show({ title, body }, typed === undefined ? 200 : 422)
  }
}

/** The rules of a text in YAML, or one sentence for each thing that is wrong with it. */
function readRules(text: string): SeriesRules | string[] {
  let value: unknown
  try {
    value = parse(text) ?? {}
  } catch (reason) {
    return [reason instanceof Error ? (reason.message.split('\n')[0] ?? '') : String(reason)]
  }
  const read = seriesRules.safeParse(value)
  return read.success ? read.data : read.error.issues.map(({ path, message }) => `${path.join('.') || 'rules'}: ${message}`)
}

/** Which rules another version has otherwise than the one before it. */
function changesOf({ reader: { say } }: Visit, after: unknown, before: unknown): Html | string {
  const [now, then] = [after, before ?? {}].map((rules) => (typeof rules === 'object' && rules !== null ? rules : {})) as [
    Record<string, unknown>,
    Record<string, unknown>,
  ]
  const names = [...new Set([...Object.keys(now), ...Object.keys(then)])].sort()
  const changed = names.filter((name) => JSON.stringify(now[name]) !== JSON.stringify(then[name]))
  return changed.length === 0 ? '' : say('rules_changes', { names: changed.join(', ') })
}
