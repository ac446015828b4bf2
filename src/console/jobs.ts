import { and, asc, desc, eq, gt, gte, isNotNull, isNull, lt, or, type SQL } from 'drizzle-orm'
import { html, raw } from 'hono/html'
import { nairobiDay } from '../base/dates.ts'
import type { Job } from '../jobs/eligibility.ts'
import { titleOf } from '../jobs/vacancy.ts'
import { may } from '../officers/officer.ts'
import type { Console, Visit } from './console.ts'
import { jobPage } from './job.ts'
import { jobFormPages } from './job-form.ts'
import { seenBy } from './job-rights.ts'
import { type Column, longTable, one, PAGE_ROWS, type TableQuery, tableQuery } from './table.ts'

const STATES = ['open', 'draft', 'closed'] as const
type State = (typeof STATES)[number]

/** `/console/jobs`: what people can apply for, what is being written, what is over. */
export function jobPages(desk: Console): void {
  const { face, app } = desk

  face.page('/jobs', 'look', async (visit) => {
    const { say } = visit.reader
    const state = STATES.find((each) => each === one(visit, 'state')) ?? 'open'
    const query = tableQuery(visit, [], state === 'closed' ? '-closes' : 'closes')
    const rows = await jobsOf(visit, state, query)
    const title = say('desk_jobs')
    const body = html`<h1>${title}</h1>
${may(visit.me, 'jobs') ? html`<p><a href="/console/jobs/new">${say('post_new')}</a></p>` : ''}
${tabs(visit, state)}
${longTable(visit, query, { caption: say(`jobs_${state}`), columns: columnsOf(visit), rows, keyOf: ({ closesOn, code }) => [closesOn, code] })}`
    visit.show({ title, body })
  })

  jobFormPages(desk)
  jobPage(desk)

  function jobsOf({ me }: Visit, state: State, { after, down }: TableQuery): Promise<Job[]> {
    const { read } = app.store
    const { jobs } = read
    const today = nairobiDay(app.clock.now())
    const where: Record<State, SQL | undefined> = {
      draft: eq(jobs.draft, true),
      open: and(eq(jobs.draft, false), isNull(jobs.closedAt), gte(jobs.closesOn, today)),
      closed: and(eq(jobs.draft, false), or(isNotNull(jobs.closedAt), lt(jobs.closesOn, today))),
    }
    const [order, beyond] = down ? [desc, lt] : [asc, gt]
    const later = after && or(beyond(jobs.closesOn, after[0]), and(eq(jobs.closesOn, after[0]), beyond(jobs.code, after[1])))
    return read
      .select()
      .from(jobs)
      .where(and(where[state], seenBy(me, read), later))
      .orderBy(order(jobs.closesOn), order(jobs.code))
      .limit(PAGE_ROWS + 1)
  }
}

function columnsOf(visit: Visit): Column<Job>[] {
  const { say, day, count, language } = visit.reader
  return [
    {
      name: 'title',
      label: say('post_title'),
      cell: (job) => html`<a href="/console/jobs/${job.code}">${titleOf(job, language)}</a>`,
    },
    { name: 'code', label: say('post_code'), cell: ({ code }) => code },
    { name: 'exam', label: say('post_exam'), cell: ({ exam }) => exam },
    { name: 'where', label: say('post_where'), cell: ({ county }) => county ?? visit.word('job', 'anywhere') },
    { name: 'closes', label: say('post_closes'), cell: ({ closesOn }) => day(closesOn) },
    { name: 'days', label: say('post_days'), cell: ({ startsOn, endsOn }) => `${day(startsOn)} – ${day(endsOn)}` },
    {
      name: 'places',
      label: say('post_places'),
      cell: ({ taken, places }) => `${count(taken)} / ${places === null ? '∞' : count(places)}`,
      right: true,
    },
  ]
}

const tabs = ({ reader: { say } }: Visit, state: State) =>
  html`<nav class="rooms" aria-label="${say('jobs_states')}"><ul>${STATES.map(
    (each) =>
      html`<li><a href="/console/jobs?state=${each}"${each === state ? raw(' aria-current="page"') : ''}>${say(`jobs_${each}`)}</a></li>`,
  )}</ul></nav>`
