import { and, count, eq } from 'drizzle-orm'
import { html } from 'hono/html'
import { isDay, nairobiDay } from '../base/dates.ts'
import { closeJob, dropDraft, extendJob, type Moved, publishJob } from '../jobs/draft.ts'
import type { Job } from '../jobs/eligibility.ts'
import { rulesOf, type SeriesRules } from '../jobs/rules.ts'
import { jobVars, titleOf } from '../jobs/vacancy.ts'
import { inCountiesOf, officerActor } from '../officers/officer.ts'
import type { Language } from '../store/schema.ts'
import { septets, strangers } from '../text/gsm7.ts'
import type { Shown } from '../ussd/menu.ts'
import { BUDGET, drawn } from '../ussd/screen.ts'
import { param } from '../web/face.ts'
import { field } from '../web/fields.ts'
import type { Sent } from '../web/form.ts'
import type { Html } from '../web/layout.ts'
import type { Console, Visit } from './console.ts'
import { changes, sees } from './job-rights.ts'

/** Which screens show a job, in the order in which somebody meets them. */
const SCREENS = ['jobs', 'job', 'job_needs', 'apply_confirm'] as const
/** What a list has room for; see `title` in menus/words.yaml. */
const TITLE_WIDTH = 32

/** `/console/jobs/:code`: a job as officers know it, and as it looks on a phone. */
export function jobPage({ face, app, menu }: Console): void {
  async function jobOf(visit: Visit): Promise<Job> {
    const { read } = app.store
    const [job] = await read
      .select()
      .from(read.jobs)
      .where(eq(read.jobs.code, param(visit, 'code')))
    return job && sees(visit.me, job) ? job : visit.ctx.throw(404)
  }

  face.page('/jobs/:code', 'look', async (visit) => {
    const job = await jobOf(visit)
    const { say } = visit.reader
    const title = titleOf(job, visit.reader.language)
    const rules = await app.store.work('rules', (tx) => rulesOf(tx, job.exam))
    const body = html`<h1>${title}</h1>
<p>${job.code} · ${stateOf(visit, job)}${changes(visit.me, job) ? html` · <a href="/console/jobs/${job.code}/edit">${say('post_edit_link')}</a>` : ''}</p>
<div class="two"><section>${facts(visit, job)}</section><section>${await numbers(visit, job)}
<h2>${say('post_rules', { exam: job.exam })}</h2>${ruleList(visit, rules)}</section></div>
<h2>${say('post_preview')}</h2>
<p>${say('post_preview_text')}</p>
${(['en', 'sw'] as const).map((language) => preview(visit, job, language))}
${changes(visit.me, job) ? whatToDo(visit, job) : ''}`
    visit.show({ title, body })
  })

  const acts = {
    publish: (visit, job, form) => publishJob(app, actorOf(visit), job.code, Number(form.get('changed_at'))),
    close: (visit, job) => closeJob(app, actorOf(visit), job.code),
    extend: (visit, job, form) =>
      isDay(form.get('closes_on')) ? extendJob(app, actorOf(visit), job.code, form.get('closes_on')) : Promise.resolve('stale'),
    drop: (visit, job) => dropDraft(app, actorOf(visit), job.code),
  } satisfies Record<string, (visit: Visit, job: Job, form: Sent) => Promise<Moved>>

  for (const [name, act] of Object.entries(acts) as [keyof typeof acts, (visit: Visit, job: Job, form: Sent) => Promise<Moved>][])
    face.form(`/jobs/:code/${name}`, 'jobs', async (visit, form) => {
      const job = await jobOf(visit)
      if (!changes(visit.me, job)) return visit.ctx.throw(404)
      const moved = await act(visit, job, form)
      const done = moved === 'done'
      visit.go(done && name === 'drop' ? '/console/jobs?state=draft' : `/console/jobs/${job.code}`, `post_${name}_${moved}`)
    })

  /** The real engine's own pages, drawn with this job's values. */
  function preview(visit: Visit, job: Job, language: Language): Html {
    const { say } = visit.reader
    const vars = jobVars(job, language, app)
    const title = titleOf(job, language)
    const strange = strangers(title)
    return html`<section lang="${language}"><h3>${say(`language_${language}`)}</h3>
${septets(title) > TITLE_WIDTH ? html`<p class="bad">${say('post_title_cut', { width: TITLE_WIDTH })}</p>` : ''}
${strange.length > 0 ? html`<p class="bad">${say('post_title_strange', { letters: strange.join(' ') })}</p>` : ''}
${SCREENS.flatMap((name) => {
  const screen = menu.screens[name] as Shown
  const values = { ...vars, standing: 'open' }
  return drawn(
    screen,
    { values, items: name === 'jobs' ? [{ job: job.code, title }] : [], back: true, language },
    app.phrases,
  ).map(
    ({ text }) =>
      html`<figure class="screen"><pre class="phone">${text}</pre><figcaption>${say('post_septets', { n: septets(`CON ${text}`), of: BUDGET })}</figcaption></figure>`,
  )
})}</section>`
  }

  function stateOf({ reader: { say } }: Visit, job: Job): string {
    if (job.draft) return say('post_is_draft')
    const over = job.closedAt !== null || job.closesOn < nairobiDay(app.clock.now())
    return say(over ? 'post_is_closed' : 'post_is_open')
  }

  async function numbers(visit: Visit, job: Job): Promise<Html> {
    const { read } = app.store
    const { say, count: number } = visit.reader
    const { applications, deployments } = read
    const asked = await read
      .select({ status: applications.status, n: count() })
      .from(applications)
      .where(and(eq(applications.jobCode, job.code), inCountiesOf(visit.me, applications.county)))
      .groupBy(applications.status)
    const sent = await read
      .select({ status: deployments.status, n: count() })
      .from(deployments)
      .where(and(eq(deployments.jobCode, job.code), inCountiesOf(visit.me, deployments.county)))
      .groupBy(deployments.status)
    const line = (room: string, status: string, label: string, n: number) =>
      html`<li><a href="/console/${room}?job=${job.code}&amp;status=${status}">${label}: ${number(Number(n))}</a></li>`
    return html`<h2>${say('desk_applications')}</h2><ul>${asked.map(({ status, n }) => line('applications', status, visit.word('status', status), n))}</ul>
<h2>${say('desk_deployments')}</h2><ul>${sent.map(({ status, n }) => line('deployments', status, say(`deployment_${status}`), n))}</ul>`
  }

  function whatToDo(visit: Visit, job: Job): Html {
    const { say } = visit.reader
    const button = (name: string, kind: string, inside: Html | string = '') =>
      html`<form method="post" action="/console/jobs/${job.code}/${name}" class="narrow">${visit.hidden}<input type="hidden" name="changed_at" value="${job.changedAt}">${inside}<button class="${kind}">${say(`post_${name}`)}</button></form>`
    const over = job.closesOn < nairobiDay(app.clock.now())
    return html`<h2>${say('person_do')}</h2>
${
  job.draft
    ? html`${over ? html`<p class="bad">${say('post_over')}</p>` : html`<p>${say('post_publish_text')}</p>${button('publish', '')}`}${button('drop', 'danger')}`
    : html`${button('extend', 'second', field({ name: 'closes_on', label: say('post_extend_to'), value: '', hint: say('post_extend_hint'), more: html` type="date" required min="${job.closesOn}"` }))}
${job.closedAt === null && !over ? html`<details><summary>${say('post_close_now')}</summary><p>${say('post_close_text')}</p>${button('close', 'danger')}</details>` : ''}`
}`
  }
}

const actorOf = (visit: Visit) => officerActor(visit.me, visit.reader.language)

function facts(visit: Visit, job: Job): Html {
  const { say, day, count: number } = visit.reader
  const line = (name: string, value: string) => html`<div><dt>${say(`post_${name}`)}</dt><dd>${value}</dd></div>`
  return html`<dl>
${line('title', job.title)}${line('title_sw', job.titleSw)}${line('exam', job.exam)}${line('role', visit.word('role', job.role))}
${line('opens_on', day(job.opensOn))}${line('closes_on', day(job.closesOn))}${line('starts_on', day(job.startsOn))}${line('ends_on', day(job.endsOn))}
${line('min_qualification', job.minQualification ? visit.word('qualification', job.minQualification) : say('post_any'))}
${line('subjects', job.subjects.length > 0 ? job.subjects.join(', ') : say('post_any'))}
${line('county', job.county ?? visit.word('job', 'anywhere'))}
${line('places', job.places === null ? say('post_any') : `${number(job.taken)} / ${number(job.places)}`)}
${line('daily_rate_kes', number(job.dailyRateKes))}</dl>`
}

/** The rules of the series in words; they are data, see `wito import rules`. */
function ruleList(visit: Visit, rules: SeriesRules): Html {
  const { say } = visit.reader
  const lines = [
    rules.levels && say('series_levels', { levels: rules.levels.join(', ') }),
    rules.not_own_school && say('series_own_school'),
    rules.years_since_served && say('series_years', { years: rules.years_since_served }),
    rules.rehearsal_days_before && say('series_rehearsal', { days: rules.rehearsal_days_before }),
    rules.report_at && say('series_report', { time: rules.report_at }),
    ...Object.entries(rules.min_qualification ?? {}).map(([role, least]) =>
      say('series_qualification', { role: visit.word('role', role), least: visit.word('qualification', String(least)) }),
    ),
  ].filter((line): line is string => typeof line === 'string')
  return html`<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>`
}
