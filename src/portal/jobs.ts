import { and, eq } from 'drizzle-orm'
import { html, raw } from 'hono/html'
import { broken, type Job, type Rule, rulesFor, standingOf } from '../jobs/eligibility.ts'
import type { SeriesRules } from '../jobs/rules.ts'
import { type Judged, judgedUntil, kindsOffered, titleOf } from '../jobs/vacancy.ts'
import { holderOf } from '../people/holder.ts'
import { param, queryOf } from '../web/face.ts'
import { choice, problem } from '../web/fields.ts'
import type { Html, Page } from '../web/layout.ts'
import { afterOf, pageful } from './pageful.ts'
import type { Portal } from './portal.ts'
import type { Visit } from './visit.ts'

const A_PAGE = 40
/** Rules that a person meets or not; the others are about the job's own days and places. */
const RULES_OF: Record<Rule, (job: Job, rules: SeriesRules) => boolean> = {
  qualification: (job) => job.minQualification !== null,
  subject: (job) => job.subjects.length > 0,
  level: (_, rules) => rules.levels !== undefined,
  gender: (job, rules) => rules.gender?.[job.code] !== undefined,
  county: (job) => job.county !== null,
  dates: () => true,
  profile: () => true,
  not_open: () => true,
  closed: () => true,
  full: (job) => job.places !== null,
}

/** Jobs that fit, why others do not, and applying. */
export function jobPages(portal: Portal): void {
  const { face, within, perform } = portal

  face.page('/jobs', 'in', async (visit) => {
    const { exam, role, show } = queryOf(visit)
    const [closesOn, code] = afterOf(visit) ?? []
    const after = code === undefined || closesOn === undefined ? undefined : { closesOn, code }
    const { kinds, jobs } = await within(visit, async (scene) => ({
      kinds: await kindsOffered(scene),
      jobs: await judgedUntil(scene, { exam, role, after, fitting: show !== 'others' }, A_PAGE + 1),
    }))
    visit.show(listPage(visit, kinds, jobs))
  })

  face.page('/jobs/:code', 'in', async (visit) => visit.show(await jobPage(portal, visit)))

  face.form('/jobs/:code/apply', 'in', async (visit) => {
    const outcome = await perform(visit, 'jobs.apply', { code: param(visit, 'code') })
    if (outcome.refused === 'unknown') return visit.ctx.throw(404)
    if (outcome.done) return visit.go('/portal/applications', 'applied')
    // Sent twice, or with the back button: the first one stands, and is shown.
    if (outcome.refused === 'again') return visit.go('/portal/applications', 'applied_before')
    visit.show(await jobPage(portal, visit, outcome.refused as Rule), 422)
  })
}

function listPage(visit: Visit, kinds: Awaited<ReturnType<typeof kindsOffered>>, jobs: readonly Judged[]): Page {
  const { say } = visit.reader
  const query = queryOf(visit)
  const title = say('room_jobs')
  const others = query.show === 'others'
  const any = { value: '', label: say('jobs_any') }
  const distinct = (values: string[]) => [...new Set(values)].sort()
  const { shown, rest } = pageful(visit, jobs, {
    draw: (each) => jobLine(visit, each),
    keyOf: ({ job }) => `${job.closesOn}.${job.code}`,
    most: A_PAGE,
  })
  const body = html`<h1>${title}</h1>
<form method="get" class="filters">
${choice({ name: 'exam', label: say('jobs_exam'), value: query.exam ?? '' }, [any, ...distinct(kinds.map(({ exam }) => exam)).map((exam) => ({ value: exam, label: examWords(exam) }))])}
${choice({ name: 'role', label: say('jobs_role'), value: query.role ?? '' }, [any, ...distinct(kinds.map(({ role }) => role)).map((role) => ({ value: role, label: visit.word('role', role) }))])}
${choice({ name: 'show', label: say('jobs_which'), value: others ? 'others' : '' }, [
  { value: '', label: say('jobs_fitting') },
  { value: 'others', label: say('jobs_others') },
])}
<button class="second">${say('jobs_filter')}</button>
</form>
${jobs.length === 0 ? html`<p>${say(others ? 'jobs_no_others' : 'jobs_none_fit')}</p>` : html`<ul class="ways">${shown}</ul>\n${rest}`}`
  return { title, body }
}

/** `KCSE2026` as `KCSE 2026`. */
const examWords = (exam: string) => exam.replace(/(\d{4})$/, ' $1')

function jobLine(visit: Visit, { job, status }: Judged): Html {
  const { say, day, count, language } = visit.reader
  const applied = status && status !== 'withdrawn' ? html` · ${visit.word('status', status)}` : ''
  return html`<li><a href="/portal/jobs/${job.code}">${titleOf(job, language)}</a>
<span>${say('job_line', { closes: day(job.closesOn), rate: count(job.dailyRateKes) })}${applied}</span></li>\n`
}

async function jobPage({ within }: Portal, visit: Visit, refused?: Rule): Promise<Page> {
  const { say, day, count, language } = visit.reader
  const found = await within(visit, async (scene) => {
    const { tx } = scene
    const [job] = await tx
      .select()
      .from(tx.jobs)
      .where(and(eq(tx.jobs.code, param(visit, 'code')), eq(tx.jobs.draft, false)))
    if (!job) return undefined
    const standing = await standingOf(scene, await holderOf(scene))
    const rules = (await rulesFor(tx, [job])).get(job.exam) ?? {}
    return { job, rules, status: standing.applied.get(job.code), why: broken(job, rules, standing), missing: standing.missing }
  })
  if (!found) return visit.ctx.throw(404)
  const { job, rules, status, why, missing } = found
  const applied = status !== undefined && status !== 'withdrawn'
  const title = titleOf(job, language)
  const row = (label: string, value: string) => html`<div><dt>${say(label)}</dt><dd>${value}</dd></div>\n`
  const rule = (name: Rule) => {
    const held = !why.includes(name)
    return html`<li class="${held ? 'held' : 'broken'}"><strong>${held ? '✓' : '✗'} ${say(`rule_${name}`)}</strong>${
      held ? html` <span class="soft">${say('rule_held')}</span>` : html` <span>${visit.word('reason', name)}</span>`
    }${
      name === 'profile' && missing.length > 0
        ? html` <a href="/portal/profile">${missing
            .slice(0, 3)
            .map((each) => visit.word('field', each))
            .join(', ')}${missing.length > 3 ? ' …' : ''}</a>`
        : ''
    }</li>\n`
  }
  const body = html`<h1>${title}</h1>
${refused ? problem('apply', visit.word('reason', refused)) : ''}
<dl>
${row('job_code', job.code)}${row('jobs_exam', examWords(job.exam))}${row('jobs_role', visit.word('role', job.role))}
${row('job_days', `${day(job.startsOn)} – ${day(job.endsOn)}`)}${row('job_rate', `KES ${count(job.dailyRateKes)}`)}${row('job_closes', day(job.closesOn))}
${job.minQualification ? row('job_qualification', visit.word('qualification', job.minQualification)) : ''}${job.subjects.length > 0 ? row('job_subjects', job.subjects.join(', ')) : ''}${row('job_county', job.county ?? visit.word('job', 'anywhere'))}
</dl>
<h2>${say('job_rules_title')}</h2>
<ul class="rules">${(Object.keys(RULES_OF) as Rule[]).filter((name) => RULES_OF[name](job, rules)).map(rule)}</ul>
${
  applied
    ? html`<p class="good">${say('job_applied', { status: visit.word('status', status) })} <a href="/portal/applications">${say('room_applications')}</a></p>`
    : why.length === 0
      ? html`<form method="post" action="/portal/jobs/${job.code}/apply">${visit.hidden}<p>${say('apply_text')}</p><button>${say('apply_button')}</button></form>`
      : why.includes('closed')
        ? html`<p class="next">${say(job.closedAt === null ? 'job_over' : 'job_closed', { day: day(job.closedAt ?? job.closesOn) })} <a href="/portal/jobs">${say('room_jobs')}</a></p>`
        : html`<p><button disabled${raw(' aria-describedby="why"')}>${say('apply_button')}</button></p><p id="why">${say('apply_blocked')}</p>`
}`
  return { title, body }
}
