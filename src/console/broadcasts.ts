import { and, eq } from 'drizzle-orm'
import { html, raw } from 'hono/html'
import type { Draft } from '../broadcasts/draft.ts'
import { broadcastsOf } from '../broadcasts/overview.ts'
import { leftOf, type Results, resultsOf } from '../broadcasts/results.ts'
import { broadcastRunOf, stopBroadcast, takeBackRunOf } from '../broadcasts/send.ts'
import { covers, inCountiesOf, may, officerActor } from '../officers/officer.ts'
import { type Order, orderInput } from '../orders/order.ts'
import type { Run } from '../runs/run.ts'
import { MESSAGE_STATES } from '../sms/overview.ts'
import { param } from '../web/face.ts'
import type { Html } from '../web/layout.ts'
import { type Actors, actorsIn } from './actors.ts'
import { groupWords, textsSection } from './broadcast-words.ts'
import { broadcastWriting } from './broadcast-write.ts'
import type { Console, Visit } from './console.ts'
import { messageWays } from './message-ways.ts'
import { longTable, PAGE_ROWS, tableQuery } from './table.ts'

/** `/console/messages/broadcasts`: every broadcast and how it fared; one can be stopped while any of it waits. */
export function broadcastPages(desk: Console): void {
  const { face, app } = desk
  const { read } = app.store

  face.page('/messages/broadcasts', 'look', async (visit) => {
    const query = tableQuery(visit, [], '-at')
    const rows = await broadcastsOf(read, {
      where: inCountiesOf(visit.me, read.orders.county),
      after: query.after && [Number(query.after[0]) || 0, query.after[1]],
      most: PAGE_ROWS + 1,
    })
    visit.show(await listPage(visit, rows))
  })

  broadcastWriting(desk)

  face.page('/messages/broadcasts/:id', 'look', async (visit) => visit.show(await onePage(visit, await orderOf(visit))))

  face.form('/messages/broadcasts/:id/stop', 'broadcast', async (visit) => {
    const order = await orderOf(visit)
    const stopped = await stopBroadcast(app, officerActor(visit.me, visit.reader.language), order.id)
    visit.go(`/console/messages/broadcasts/${order.id}`, stopped ? 'cast_stopped' : 'cast_over')
  })

  async function orderOf(visit: Visit): Promise<Order> {
    const { orders } = read
    const [order] = await read
      .select()
      .from(orders)
      .where(and(eq(orders.id, param(visit, 'id')), eq(orders.kind, 'broadcast')))
    return order && covers(visit.me, order.county) ? order : visit.ctx.throw(404)
  }
  const runOf = async (id: string): Promise<Run | undefined> =>
    (await read.select().from(read.runs).where(eq(read.runs.id, id)))[0]

  async function listPage(visit: Visit, rows: readonly Order[]) {
    const { say, time, count } = visit.reader
    const who = await actorsIn(
      read,
      visit.reader,
      rows.map(({ askedBy }) => askedBy),
    )
    const draftOf = (order: Order) => orderInput<Draft>(app, order)
    const columns = [
      {
        name: 'text',
        label: say('cast_text'),
        cell: (order: Order) =>
          html`<a href="/console/messages/broadcasts/${order.id}">${beginning(draftOf(order).texts[visit.reader.language])}</a>`,
      },
      { name: 'group', label: say('cast_group'), cell: (order: Order) => groupWords(visit, draftOf(order).group) },
      {
        name: 'people',
        label: say('summary_people'),
        cell: ({ summary }: Order) => count(Number(summary.people)),
        right: true as const,
      },
      { name: 'state', label: say('order_state'), cell: (order: Order) => stateOf(visit, order) },
      { name: 'by', label: say('order_by'), cell: ({ askedBy }: Order) => who(askedBy) },
      { name: 'at', label: say('order_at'), cell: ({ askedAt }: Order) => time(askedAt) },
    ]
    const title = say('casts_title')
    const body = html`<h1>${title}</h1>
${messageWays(visit)}
${may(visit.me, 'broadcast') ? html`<p><a href="/console/messages/broadcasts/new"><strong>${say('cast_new')}</strong></a></p>` : ''}
${longTable(visit, tableQuery(visit, [], '-at'), { caption: say('casts_caption'), columns, rows, keyOf: (order) => [String(order.askedAt), order.id] })}`
    return { title, body }
  }

  async function onePage(visit: Visit, order: Order) {
    const { say, count, time } = visit.reader
    const { texts, group } = orderInput<Draft>(app, order)
    const who = await actorsIn(read, visit.reader, [order.askedBy, order.decidedBy])
    const run = await runOf(broadcastRunOf(order.id))
    const takingBack = await runOf(takeBackRunOf(order.id))
    const results = await resultsOf(read, order.id)
    const waits = (results.queued ?? 0) + (results.sending ?? 0) + (results.unknown ?? 0)
    const busy = [run, takingBack].some((each) => each && ['waiting', 'running'].includes(each.state)) || waits > 0
    const title = say('cast_one')
    const line = (label: string, value: string) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`
    const body = html`<h1>${title}</h1>
${messageWays(visit)}
<section id="cast" aria-live="polite"${busy && run ? raw(' data-live="3000"') : ''}>
<p><strong>${stateOf(visit, order)}</strong></p>
${run ? progress(visit, run, results, takingBack) : seesOrder(visit, order) ? html`<p><a href="/console/approvals/${order.id}">${say('cast_decide')}</a></p>` : ''}
</section>
${run && order.state === 'done' && busy && may(visit.me, 'broadcast') ? stopForm(visit, order) : ''}
<h2>${say('cast_what')}</h2>
${textsSection(visit, texts)}
<dl>${line(say('cast_group'), groupWords(visit, group))}${line(say('summary_people'), count(Number(order.summary.people)))}${line(say('messages_segments'), count(Number(order.summary.segments)))}${line(say('summary_cost_kes'), count(Number(order.summary.cost_kes)))}${line(say('order_by'), `${who(order.askedBy)}, ${time(order.askedAt)}`)}${decided(visit, order, who)}</dl>`
    return { title, body }
  }

  function decided(visit: Visit, { decidedBy, decidedAt }: Order, who: Actors): Html | string {
    const { say, time } = visit.reader
    return decidedBy === null
      ? ''
      : html`<div><dt>${say('order_decided')}</dt><dd>${who(decidedBy)}, ${time(decidedAt ?? 0)}</dd></div>`
  }
}

/** How far it is: written by the run, then out of the outbox, message by message. */
function progress(visit: Visit, run: Run, results: Results, takingBack: Run | undefined): Html {
  const { say, count } = visit.reader
  const all = Math.max(run.of ?? 0, run.done)
  const left = leftOf(results)
  const takenBack = takingBack?.tally.taken_back ?? 0
  return html`<p><progress aria-label="${say('run_progress')}" value="${left}" max="${Math.max(all, 1)}"></progress> ${say('cast_left', { left: count(left), all: count(all) })}</p>
${takingBack ? html`<p>${say('cast_taken_back', { taken: count(takenBack), left: count(left) })}</p>` : ''}
${run.state === 'failed' ? html`<p class="bad">${say('run_failed')} <a href="/console/runs/${run.id}">${say('run_look')}</a></p>` : ''}
<dl>${MESSAGE_STATES.filter(
    (state) => (results[state] ?? 0) > 0 && !(takingBack && state === 'expired' && results.expired === takenBack),
  ).map((state) => html`<div><dt>${say(`message_${state}`)}</dt><dd>${count(results[state] ?? 0)}</dd></div>`)}</dl>`
}

function stopForm(visit: Visit, { id }: Order): Html {
  const { say } = visit.reader
  return html`<details><summary>${say('cast_stop')}</summary>
<p>${say('cast_stop_text')}</p>
<form method="post" action="/console/messages/broadcasts/${id}/stop">${visit.hidden}<button class="danger">${say('cast_stop')}</button></form></details>`
}

const seesOrder = ({ me }: Visit, { askedBy }: Order): boolean => may(me, 'approve') || askedBy === `officer:${me.id}`

/** A broadcast that was agreed to and then stopped is not one that was taken back before. */
const stateOf = ({ reader: { say } }: Visit, { state, runId }: Order): string =>
  say(state === 'cancelled' && runId !== null ? 'cast_is_stopped' : `order_is_${state}`)

const beginning = (text: string) => (text.length > 60 ? `${text.slice(0, 60)}..` : text)
