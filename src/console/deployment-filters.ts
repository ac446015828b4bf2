import { and, asc, eq } from 'drizzle-orm'
import { html } from 'hono/html'
import type { App } from '../app.ts'
import { addDays, nairobiDay } from '../base/dates.ts'
import { DEPLOYMENT_STATES, MOST_COUNTED, type Which } from '../deployments/overview.ts'
import { inCountiesOf } from '../officers/officer.ts'
import type { DeploymentStatus } from '../store/schema.ts'
import { choice, field } from '../web/fields.ts'
import type { Sent } from '../web/form.ts'
import type { Html } from '../web/layout.ts'
import type { Visit } from './console.ts'
import { seenBy } from './job-rights.ts'
import { one } from './table.ts'

export const DEPLOYMENTS = '/console/deployments'

/** What the address asks for: a job, a place, and whether the day they report on is past. */
export type Asked = {
  job?: string | undefined
  county?: string | undefined
  centre?: string | undefined
  day?: string | undefined
}

/** An officer of one county is asked for none. */
export function askedOf(visit: Visit): Asked {
  const [only, ...others] = visit.me.counties
  return {
    job: one(visit, 'job'),
    county: one(visit, 'county') ?? (others.length === 0 ? only : undefined),
    centre: one(visit, 'centre')?.trim(),
    day: ['coming', 'past'].find((day) => day === one(visit, 'day')),
  }
}

/** The same as the store is asked, narrowed to the officer's counties. */
export function whichOf({ store: { read }, clock }: App, visit: Visit, { day, ...asked }: Asked): Omit<Which, 'status'> {
  const today = nairobiDay(clock.now())
  return {
    ...asked,
    from: day === 'coming' ? today : undefined,
    to: day === 'past' ? addDays(today, -1) : undefined,
    where: inCountiesOf(visit.me, read.deployments.county),
  }
}

/** The list with these filters. */
export function listAddress(status: DeploymentStatus, asked: Asked): string {
  const query = new URLSearchParams({ status })
  for (const [name, value] of Object.entries(asked)) if (value !== undefined) query.set(name, value)
  return `${DEPLOYMENTS}?${query}`
}

/** A number, or that there are more than anybody counts. */
export const upTo = ({ reader: { count } }: Visit, n: number): string => (n > MOST_COUNTED ? `${count(MOST_COUNTED)}+` : count(n))

/** The states as tabs, each with its count. */
export function stateTabs(visit: Visit, here: DeploymentStatus, counts: Record<DeploymentStatus, number>, asked: Asked): Html {
  const { say } = visit.reader
  const tabs = DEPLOYMENT_STATES.map((status) => {
    const text = html`${say(`deploy_is_${status}`)} <strong>${upTo(visit, counts[status])}</strong>`
    return html`<li>${
      status === here
        ? html`<a href="${listAddress(status, asked)}" aria-current="page">${text}</a>`
        : html`<a href="${listAddress(status, asked)}">${text}</a>`
    }</li>\n`
  })
  return html`<nav class="rooms" aria-label="${say('deploy_states')}"><ul>${tabs}</ul></nav>`
}

export type JobLine = { code: string; title: string }
/** Every published job that this officer sees, for a list to choose from. */
export async function jobsOf({ store: { read } }: App, { me, reader: { language } }: Visit): Promise<JobLine[]> {
  const { jobs } = read
  const rows = await read
    .select({ code: jobs.code, title: jobs.title, titleSw: jobs.titleSw })
    .from(jobs)
    .where(and(eq(jobs.draft, false), seenBy(me, read)))
    .orderBy(asc(jobs.code))
  return rows.map(({ code, title, titleSw }) => ({ code, title: language === 'sw' ? titleSw : title }))
}

/** The counties that have stations and are this officer's. */
export async function countiesFor({ store: { read } }: App, { me }: Visit): Promise<string[]> {
  const { stations } = read
  const rows = await read
    .select({ county: stations.county })
    .from(stations)
    .where(inCountiesOf(me, stations.county))
    .groupBy(stations.county)
    .orderBy(asc(stations.county))
  return rows.map(({ county }) => county)
}

export function filterForm(
  visit: Visit,
  {
    status,
    asked,
    jobs,
    counties,
  }: { status: DeploymentStatus; asked: Asked; jobs: readonly JobLine[]; counties: readonly string[] },
): Html {
  const { say } = visit.reader
  const any = { value: '', label: say('deploy_any') }
  return html`<form method="get" class="filters" action="${DEPLOYMENTS}"><input type="hidden" name="status" value="${status}">
${choice({ name: 'job', label: say('deploy_job'), value: asked.job ?? '' }, [any, ...jobs.map(({ code, title }) => ({ value: code, label: `${code}, ${title}` }))])}
${choice({ name: 'county', label: say('deploy_county'), value: asked.county ?? '' }, [any, ...counties.map((county) => ({ value: county, label: county }))])}
${field({ name: 'centre', label: say('deploy_centre'), value: asked.centre ?? '' })}
${choice({ name: 'day', label: say('deploy_day'), value: asked.day ?? '' }, [
  any,
  { value: 'coming', label: say('deploy_day_coming') },
  { value: 'past', label: say('deploy_day_past') },
])}
<div class="field"><button class="second">${say('deploy_filter')}</button></div></form>`
}

/** What names this one filling of a form, where our page made it: it becomes the id of a row. */
export function onceOf({ ctx }: Visit, form: Sent): string {
  const once = form.get('once')
  return /^[\w-]{16,64}$/.test(once) ? once : ctx.throw(400)
}
