import { html, raw } from 'hono/html'
import type { App } from '../app.ts'
import { addDays, isDay, startOfDay } from '../base/dates.ts'
import { maskMsisdn } from '../base/msisdn.ts'
import { APPLICATION_STATES, type ApplicationLine, countiesOfApplications, subCountiesOf, type Which } from '../jobs/overview.ts'
import { choice, field } from '../web/fields.ts'
import type { Html } from '../web/layout.ts'
import type { Visit } from './console.ts'
import { seenBy } from './job-rights.ts'
import type { Column } from './table.ts'

export const APPLICATIONS = '/console/applications'
export const FILTERS = ['job', 'status', 'county', 'sub_county', 'from', 'until', 'sort', 'columns'] as const
const USUAL_COLUMNS = ['reference', 'name', 'job', 'status', 'sub_county', 'at']

/** The values of an address, each once; what the table does not know is left out. */
export function asked(query: URLSearchParams): URLSearchParams {
  const known = new URLSearchParams()
  for (const name of FILTERS)
    for (const value of name === 'columns' ? query.getAll(name) : query.getAll(name).slice(-1))
      if (value !== '') known.append(name, value.slice(0, 60))
  return known
}

export const askedOf = (visit: Visit): URLSearchParams => asked(new URLSearchParams(visit.ctx.querystring))

/** What the store is asked: an officer of some counties never reaches beyond them, whatever the address says. */
export function whichOf(visit: Visit, query: URLSearchParams): Which {
  const { counties } = visit.me
  const county = query.get('county') ?? undefined
  const mine = counties.length === 0 ? undefined : [...counties]
  const [from, until] = [query.get('from') ?? '', query.get('until') ?? '']
  return {
    job: query.get('job') ?? undefined,
    status: APPLICATION_STATES.find((status) => status === query.get('status')),
    counties: county === undefined ? mine : mine && !mine.includes(county) ? [] : [county],
    subCounty: query.get('sub_county') ?? undefined,
    from: isDay(from) ? startOfDay(from) : undefined,
    until: isDay(until) ? startOfDay(addDays(until, 1)) : undefined,
  }
}

/** Every column of the table; the officer chooses which are shown. */
export function columnsOf(visit: Visit): readonly Column<ApplicationLine>[] {
  const { say, time } = visit.reader
  const text = (name: string, cell: (row: ApplicationLine) => Html | string, sorts?: true): Column<ApplicationLine> => ({
    name,
    label: say(`asks_${name}`),
    cell,
    ...(sorts ? { sorts } : {}),
  })
  return [
    text('reference', (row) => html`<a href="${APPLICATIONS}/${row.id}">${row.reference}</a>`),
    text('name', (row) => html`<a href="/console/people/${row.personId}">${row.fullName}</a>`),
    text('job', (row) => row.jobCode),
    text('status', (row) => visit.word('status', row.status)),
    text('county', (row) => row.county),
    text('sub_county', (row) => row.subCounty),
    text('qualification', (row) => visit.word('qualification', row.qualification)),
    text('subjects', (row) => row.subjects.join(', ')),
    text('phone', (row) => maskMsisdn(row.msisdn)),
    text('at', (row) => time(row.at), true),
    text('changed', (row) => time(row.changedAt)),
  ]
}

/** The same columns as plain text, for a file. */
export function cellsOf(visit: Visit, row: ApplicationLine): Record<string, string> {
  return {
    reference: row.reference,
    name: row.fullName,
    job: row.jobCode,
    status: row.status,
    county: row.county,
    sub_county: row.subCounty,
    qualification: row.qualification,
    subjects: row.subjects.join(';'),
    phone: maskMsisdn(row.msisdn),
    at: visit.reader.time(row.at),
    changed: visit.reader.time(row.changedAt),
  }
}

export const chosenColumns = (visit: Visit, query: URLSearchParams): string[] => {
  const wanted = query.getAll('columns')
  const known = columnsOf(visit).map(({ name }) => name)
  const some = known.filter((name) => wanted.includes(name))
  return some.length > 0 ? some : USUAL_COLUMNS
}

/** What these columns show of a person. */
export const fieldsIn = (columns: readonly string[]): string[] =>
  columns.map((name) => (name === 'phone' ? 'masked_phone' : name))

/** The filters as a form that leads to the same page. */
export async function filterForm({ store: { read } }: App, visit: Visit, query: URLSearchParams): Promise<Html> {
  const { say } = visit.reader
  const value = (name: string) => query.get(name) ?? ''
  const jobs = await read
    .select({ code: read.jobs.code, draft: read.jobs.draft })
    .from(read.jobs)
    .where(seenBy(visit.me, read))
    .limit(500)
  const [only, ...others] = visit.me.counties
  const county = value('county') || (others.length === 0 ? only : undefined)
  const places = county ? await subCountiesOf(read, county) : []
  const counties = visit.me.counties.length > 0 ? visit.me.counties : await countiesOfApplications(read)
  const any = { value: '', label: say('asks_any') }
  const shown = chosenColumns(visit, query)
  return html`<form method="get" class="filters">
${choice({ name: 'job', label: say('asks_job'), value: value('job') }, [any, ...jobs.filter(({ draft }) => !draft).map(({ code }) => ({ value: code, label: code }))])}
${choice({ name: 'status', label: say('asks_status'), value: value('status') }, [any, ...APPLICATION_STATES.map((status) => ({ value: status, label: visit.word('status', status) }))])}
${others.length === 0 && only ? '' : choice({ name: 'county', label: say('asks_county'), value: value('county') }, [any, ...counties.map((each) => ({ value: each, label: each }))])}
${places.length > 0 ? choice({ name: 'sub_county', label: say('asks_sub_county'), value: value('sub_county') }, [any, ...places.map((each) => ({ value: each, label: each }))]) : ''}
${field({ name: 'from', label: say('asks_from'), value: value('from'), more: raw(' type="date"') })}
${field({ name: 'until', label: say('asks_until'), value: value('until'), more: raw(' type="date"') })}
<input type="hidden" name="sort" value="${value('sort')}">
<details class="wide"><summary>${say('asks_columns')}</summary><div class="ticks">${columnsOf(visit).map(
    ({ name, label }) =>
      html`<label><input type="checkbox" name="columns" value="${name}"${shown.includes(name) ? raw(' checked') : ''}> ${label}</label>`,
  )}</div></details>
<div><button class="second">${say('asks_filter')}</button></div>
</form>`
}
