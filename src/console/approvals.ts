import { eq } from 'drizzle-orm'
import { html } from 'hono/html'
import { inCountiesOf, may } from '../officers/officer.ts'
import type { Order, OrderKind } from '../orders/order.ts'
import { DECIDED, ORDER_KINDS, ordersOf } from '../orders/overview.ts'
import { choice } from '../web/fields.ts'
import type { Html } from '../web/layout.ts'
import { actorsIn } from './actors.ts'
import { orderPages, summaryLabel } from './approvals-one.ts'
import type { Console, Visit } from './console.ts'
import { longTable, one, PAGE_ROWS, tableQuery } from './table.ts'

/** `/console/approvals`: what waits for a second pair of eyes, what was decided, and what one asked for oneself. */
export function approvalPages(desk: Console): void {
  const { face, app } = desk
  const { read } = app.store

  face.page('/approvals', 'approve', async (visit) => {
    const kinds = kindsOf(visit)
    const { after } = tableQuery(visit, ['at'], 'at')
    const where = inCountiesOf(visit.me, read.orders.county)
    const rows = await ordersOf(read, { states: ['asked'], kinds, where, after: keyOf(after), most: PAGE_ROWS + 1 })
    await showList(visit, 'desk_approvals', 'orders_waiting', 'at', rows)
  })

  face.page('/approvals/history', 'approve', async (visit) => {
    const kinds = kindsOf(visit)
    const { after } = tableQuery(visit, ['at'], '-at')
    const where = inCountiesOf(visit.me, read.orders.county)
    const rows = await ordersOf(read, { states: DECIDED, kinds, where, down: true, after: keyOf(after), most: PAGE_ROWS + 1 })
    await showList(visit, 'orders_history', 'orders_decided', '-at', rows)
  })

  face.page('/approvals/mine', 'look', async (visit) => {
    const { after } = tableQuery(visit, ['at'], '-at')
    const rows = await ordersOf(read, {
      states: ['asked', ...DECIDED],
      // What people ask for themselves is never an officer's.
      kinds: ['publish', 'broadcast', 'pay', 'notice', 'keys'],
      where: eq(read.orders.askedBy, `officer:${visit.me.id}`),
      down: true,
      after: keyOf(after),
      most: PAGE_ROWS + 1,
    })
    await showList(visit, 'orders_mine', 'orders_mine_caption', '-at', rows)
  })

  orderPages(desk)

  async function showList(visit: Visit, name: string, caption: string, usual: string, rows: readonly Order[]) {
    const { say, time } = visit.reader
    const who = await actorsIn(
      read,
      visit.reader,
      rows.flatMap(({ askedBy, decidedBy }) => [askedBy, decidedBy]),
    )
    const decided = usual !== 'at'
    const columns = [
      {
        name: 'kind',
        label: say('order_what'),
        cell: (order: Order) => html`<a href="/console/approvals/${order.id}">${say(`order_${order.kind}`)}</a>`,
      },
      { name: 'about', label: say('order_about'), cell: (order: Order) => summaryLine(visit, order) },
      { name: 'county', label: say('order_county'), cell: ({ county }: Order) => county ?? say('officer_nation') },
      { name: 'by', label: say('order_by'), cell: ({ askedBy }: Order) => who(askedBy) },
      { name: 'at', label: say('order_at'), cell: ({ askedAt }: Order) => time(askedAt) },
      ...(decided
        ? [
            { name: 'state', label: say('order_state'), cell: ({ state }: Order) => say(`order_is_${state}`) },
            {
              name: 'decided',
              label: say('order_decided'),
              cell: (order: Order) => (order.decidedBy === null ? '' : `${who(order.decidedBy)}, ${time(order.decidedAt ?? 0)}`),
            },
          ]
        : []),
    ]
    const title = say(name)
    const body = html`<h1>${title}</h1>
${ways(visit)}
${name === 'orders_mine' ? '' : kindFilter(visit)}
${longTable(visit, tableQuery(visit, [], usual), { caption: say(caption), columns, rows, keyOf: (order) => [String(order.askedAt), order.id] })}`
    visit.show({ title, body })
  }
}

/** The rooms beside this one, for whoever may see them. */
function ways(visit: Visit): Html {
  const { say } = visit.reader
  const all = [
    ['/console/approvals', 'orders_to_waiting', 'approve'],
    ['/console/approvals/history', 'orders_history', 'approve'],
    ['/console/approvals/mine', 'orders_mine', 'look'],
  ] as const
  const there = all.filter(([path, , right]) => may(visit.me, right) && path !== visit.ctx.path)
  return html`<p class="pages">${there.map(([path, name]) => html`<a href="${path}">${say(name)}</a> `)}</p>`
}

function kindsOf(visit: Visit): readonly OrderKind[] {
  const kind = ORDER_KINDS.find((each) => each === one(visit, 'kind'))
  return kind === undefined ? ORDER_KINDS : [kind]
}

function kindFilter(visit: Visit): Html {
  const { say } = visit.reader
  const options = [
    { value: '', label: say('order_any') },
    ...ORDER_KINDS.map((kind) => ({ value: kind, label: say(`order_${kind}`) })),
  ]
  return html`<form method="get" class="filters">${choice({ name: 'kind', label: say('order_what'), value: one(visit, 'kind') ?? '' }, options)}
<button class="second">${say('order_filter')}</button></form>`
}

/** The key of the row before this page; undefined where it was altered by hand. */
function keyOf(after: readonly [value: string, id: string] | undefined): readonly [number, string] | undefined {
  return after && /^\d{1,15}$/.test(after[0]) ? [Number(after[0]), after[1]] : undefined
}

/** What an order is about on one line: a job's code, counts. */
function summaryLine(visit: Visit, { summary }: Order): string {
  return Object.entries(summary)
    .slice(0, 3)
    .map(([name, value]) => `${summaryLabel(visit, name)}: ${value}`)
    .join(', ')
}
