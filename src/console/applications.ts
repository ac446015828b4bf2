import { html } from 'hono/html'
import { DECISIONS } from '../jobs/decide.ts'
import { type ApplicationLine, countApplications, listApplications, withPeople } from '../jobs/overview.ts'
import { may } from '../officers/officer.ts'
import { choice } from '../web/fields.ts'
import { applicationPage } from './application.ts'
import { decidePages } from './application-decide.ts'
import { exportPage } from './application-export.ts'
import { APPLICATIONS, asked, askedOf, chosenColumns, columnsOf, fieldsIn, filterForm, whichOf } from './application-filters.ts'
import type { Console, Visit } from './console.ts'
import { longTable, onPage, PAGE_ROWS, tableQuery } from './table.ts'
import { savedViews } from './views.ts'

/** Beyond this nobody needs the exact number, and it would have to be counted. */
const MOST = 10_000

/** `/console/applications`: who applied, filtered and sorted along an index, decided one by one, by the tick or all of a filter at once. */
export function applicationPages(desk: Console): void {
  const { face, app } = desk
  const views = savedViews(desk, 'applications', asked)

  face.page('/applications', 'look', async (visit) => {
    const { say, count } = visit.reader
    const { read } = app.store
    const query = askedOf(visit)
    const which = whichOf(visit, query)
    const order = { ...tableQuery(visit, ['at'], '-at'), columns: chosenColumns(visit, query) }
    const [at, id] = order.after ?? []
    const after = at !== undefined && id !== undefined && Number.isFinite(Number(at)) ? { at: Number(at), id } : undefined
    const rows = await withPeople(read, await listApplications(read, which, { after, down: order.down, limit: PAGE_ROWS + 1 }))
    const n = await countApplications(read, which, MOST)
    const decides = DECISIONS.filter((to) => may(visit.me, to === 'nominated' ? 'vet' : 'decide'))
    const title = say('desk_applications')
    const table = longTable(visit, order, {
      caption: say('applications_caption', { n: n > MOST ? `${count(MOST)}+` : count(n) }),
      columns: columnsOf(visit),
      rows,
      keyOf: (row) => [String(row.at), row.id],
      ...(decides.length > 0 ? { tick: tickOf, nameOf: (row: ApplicationLine) => row.reference } : {}),
    })
    const body = html`<h1>${title}</h1>
${await filterForm(app, visit, query)}
${await views.bar(visit, query)}
<p class="pages"><a href="/console/nominations">${say('nominations_title')}</a> <a href="/console/rules">${say('rules_title')}</a></p>
<p>${say('asks_export')} <a href="${APPLICATIONS}/export.csv?${query}">CSV</a> <a href="${APPLICATIONS}/export.xlsx?${query}">XLSX</a></p>
${
  decides.length === 0
    ? table
    : html`<form method="post" action="${APPLICATIONS}/decide">${visit.hidden}<input type="hidden" name="query" value="${query.toString()}">
${table}
${n === 0 ? '' : decideBar(visit, decides, n > MOST ? `${count(MOST)}+` : count(n))}</form>`
}`
    const people = onPage(rows).map(({ personId }) => personId)
    visit.show({ title, body, seen: { people, fields: fieldsIn(order.columns) } })
  })

  exportPage(desk)
  decidePages(desk)
  applicationPage(desk)
}

/** A row as it was seen: decided only if nobody else changed it since. */
const tickOf = (row: ApplicationLine) => `${row.id}.${row.changedAt}`

const decideBar = (visit: Visit, decides: readonly string[], all: string) => {
  const { say } = visit.reader
  return html`<div class="bar">${choice(
    { name: 'to', label: say('decide_to'), value: decides[0] ?? '' },
    decides.map((to) => ({ value: to, label: visit.word('status', to) })),
  )}<button>${say('decide_ticked')}</button><button class="second" name="all" value="1">${say('decide_all', { n: all })}</button></div>`
}
