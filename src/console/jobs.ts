import { and, asc, desc, eq, gte, isNotNull, isNull, lt, or, type SQL } from 'drizzle-orm'
import { html, raw } from 'hono/html'
import { nairobiDay } from '../base/dates.ts'
import type { Job } from '../jobs/eligibility.ts'
import { titleOf } from '../jobs/vacancy.ts'
import { may } from '../officers/officer.ts'
import type { Console, Visit } from './console.ts'
import { jobPage } from './job.ts'
import { jobFormPages } from './job-form.ts'
import { sees } from './job-rights.ts'
import { one } from './table.ts'

const STATES = ['open', 'draft', 'closed'] as const
type State = (typeof STATES)[number]
const MOST = 500

/** `/console/jobs`: what people can apply for, what is being written, what is over. */
export function jobPages(desk: Console): void {
  const { face, app } = desk

  face.page('/jobs', 'look', async (visit) => {
    const { say, day, count } = visit.reader
    const state = STATES.find((each) => each === one(visit, 'state')) ?? 'open'
    const jobs = (await jobsOf(state)).filter((job) => sees(visit.me, job))
    const title = say('desk_jobs')
    const body = html`<h1>${title}</h1>
${may(visit.me, 'jobs') ? html`<p><a href="/console/jobs/new">${say('post_new')}</a></p>` : ''}
${tabs(visit, state)}
<div class="scroll" tabindex="0" role="region" aria-label="${say(`jobs_${state}`)}"><table><caption>${say(`jobs_${state}`)}</caption>
<thead><tr><th scope="col">${say('post_title')}</th><th scope="col">${say('post_code')}</th><th scope="col">${say('post_exam')}</th><th scope="col">${say('post_where')}</th><th scope="col">${say('post_closes')}</th><th scope="col">${say('post_days')}</th><th scope="col" class="right">${say('post_places')}</th></tr></thead>
<tbody>${jobs.map(
      (job) =>
        html`<tr><td><a href="/console/jobs/${job.code}">${titleOf(job, visit.reader.language)}</a></td><td>${job.code}</td><td>${job.exam}</td><td>${job.county ?? visit.word('job', 'anywhere')}</td><td>${day(job.closesOn)}</td><td>${day(job.startsOn)} – ${day(job.endsOn)}</td><td class="right">${count(job.taken)} / ${job.places === null ? '∞' : count(job.places)}</td></tr>\n`,
    )}</tbody></table></div>
${jobs.length === 0 ? html`<p class="none">${say('table_none')}</p>` : ''}`
    visit.show({ title, body })
  })

  jobFormPages(desk)
  jobPage(desk)

  function jobsOf(state: State): Promise<Job[]> {
    const { read } = app.store
    const { jobs } = read
    const today = nairobiDay(app.clock.now())
    const where: Record<State, SQL | undefined> = {
      draft: eq(jobs.draft, true),
      open: and(eq(jobs.draft, false), isNull(jobs.closedAt), gte(jobs.closesOn, today)),
      closed: and(eq(jobs.draft, false), or(isNotNull(jobs.closedAt), lt(jobs.closesOn, today))),
    }
    return read
      .select()
      .from(jobs)
      .where(where[state])
      .orderBy(state === 'closed' ? desc(jobs.closesOn) : asc(jobs.closesOn), asc(jobs.code))
      .limit(MOST)
  }
}

const tabs = ({ reader: { say } }: Visit, state: State) =>
  html`<nav class="rooms" aria-label="${say('jobs_states')}"><ul>${STATES.map(
    (each) =>
      html`<li><a href="/console/jobs?state=${each}"${each === state ? raw(' aria-current="page"') : ''}>${say(`jobs_${each}`)}</a></li>`,
  )}</ul></nav>`
