import { html } from 'hono/html'
import { holdersOf, type OpeningState, openingsOf } from '../deployments/openings.ts'
import { covers } from '../officers/officer.ts'
import type { Tx } from '../store/store.ts'
import type { Html } from '../web/layout.ts'
import type { Console, Visit } from './console.ts'
import { longTable, one, onPage, PAGE_ROWS, tableQuery } from './table.ts'

const STATES: readonly OpeningState[] = ['open', 'offered', 'closed']

/** `/console/openings`: places that somebody gave up, and to whom each was offered. */
export function openingPages({ face, app }: Console): void {
  face.page('/openings', 'look', async (visit) => {
    const { say, time } = visit.reader
    const state = STATES.find((each) => each === one(visit, 'state')) ?? 'open'
    const query = tableQuery(visit, [], '-at')
    const [at, id] = query.after ?? []
    const after = at !== undefined && id !== undefined && /^\d{1,15}$/.test(at) ? { at: Number(at), id } : undefined
    const rows = await openingsOf(app.store.read, state, { counties: visit.me.counties, after, most: PAGE_ROWS + 1 })
    const title = say('openings_title')
    const body = html`<h1>${title}</h1>
<p class="lead">${say('openings_text')}</p>
<p class="pages"><a href="/console/deployments">${say('desk_deployments')}</a> ${STATES.map((each) => (each === state ? html`<strong>${say(`openings_${each}`)}</strong> ` : html`<a href="?state=${each}">${say(`openings_${each}`)}</a> `))}</p>
${longTable(visit, query, {
  caption: say(`openings_${state}`),
  rows,
  keyOf: ({ opening }) => [String(opening.at), opening.id],
  columns: [
    { name: 'at', label: say('openings_at'), cell: ({ opening }) => time(opening.at) },
    {
      name: 'station',
      label: say('deploy_station'),
      cell: ({ station, opening }) => html`${station}, ${opening.county} <small>${opening.centreCode}</small>`,
    },
    { name: 'job', label: say('deploy_job'), cell: ({ opening }) => opening.jobCode },
    {
      name: 'from',
      label: say('openings_from'),
      cell: ({ opening, name }) => html`<a href="/console/deployments/${opening.id}">${name}</a>`,
    },
    { name: 'why', label: say('openings_why'), cell: ({ opening }) => say(`openings_why_${opening.why}`) },
  ],
})}`
    const people = onPage(rows).map(({ personId }) => personId)
    visit.show({ title, body, seen: { people, fields: ['name', 'duty'] } })
  })
}

/** Everybody who has held the place of a deployment, from the first to whoever holds it now. */
export async function chainOf(
  read: Console['app']['store']['read'],
  visit: Visit,
  deployment: Tx['deployments']['$inferSelect'],
): Promise<{ list: Html; people: string[] }> {
  const { say, time } = visit.reader
  const all = await holdersOf(read, deployment)
  if (all.length < 2) return { list: html``, people: [] }
  const holders = all.filter(({ holder }) => covers(visit.me, holder.county))
  const list = html`<h2>${say('chain_title')}</h2>
<ol class="timeline">${holders.map(({ holder, name }) => {
    const here =
      holder.id === deployment.id ? html`<strong>${name}</strong>` : html`<a href="/console/deployments/${holder.id}">${name}</a>`
    const until = holder.answerBy === null ? '' : `, ${say('chain_until', { time: time(holder.answerBy) })}`
    return html`<li><time>${time(holder.changedAt)}</time> <span>${here}: ${say(`deploy_is_${holder.status}`)}, ${say(`chain_origin_${holder.origin}`)}${until}</span></li>\n`
  })}</ol>`
  return { list, people: holders.map(({ holder }) => holder.personId) }
}
