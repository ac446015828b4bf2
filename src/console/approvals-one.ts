import { eq } from 'drizzle-orm'
import { html } from 'hono/html'
import { maskMsisdn, readMsisdn } from '../base/msisdn.ts'
import { orderRules } from '../catalogue.ts'
import { covers, may, officerActor } from '../officers/officer.ts'
import { answerOrder, takeBack, type Uncounted, uncounted } from '../orders/decide.ts'
import { type Order, orderInput } from '../orders/order.ts'
import { isFieldName, shown } from '../people/profile-fields.ts'
import { param } from '../web/face.ts'
import { problem } from '../web/fields.ts'
import type { Html } from '../web/layout.ts'
import { type Actors, actorsIn } from './actors.ts'
import type { Console, Visit } from './console.ts'
import { progressOf } from './runs.ts'

/** `/console/approvals/:id`: what exactly is asked; a yes or a no for whoever may decide it, taking it back for whoever asked. */
export function orderPages({ face, app }: Console): void {
  const { read } = app.store
  const actorOf = (visit: Visit) => officerActor(visit.me, visit.reader.language)

  face.page('/approvals/:id', 'look', async (visit) => showOrder(visit, await findOrder(visit)))

  for (const [path, yes] of [
    ['agree', true],
    ['refuse', false],
  ] as const)
    face.form(`/approvals/:id/${path}`, 'approve', async (visit, form) => {
      const { id } = await findOrder(visit)
      const decided = await answerOrder(app, actorOf(visit), orderRules, { id, digest: form.get('digest'), yes })
      const order = await findOrder(visit)
      // The same form sent twice: what it did is done.
      const again = decided.refused === 'over' && order.decidedBy === actorOf(visit).name && (order.state === 'refused') !== yes
      if (decided.refused === undefined || again)
        return visit.go(`/console/approvals/${id}`, yes ? 'order_agreed' : 'order_refused')
      await showOrder(visit, order, decided.refused === 'hindered' ? decided.why : decided.refused)
    })

  face.form('/approvals/:id/cancel', 'look', async (visit) => {
    const order = await findOrder(visit)
    if (!mayCancel(visit, order)) return showOrder(visit, order, 'over')
    const cancelled = await takeBack(app, actorOf(visit), orderRules, order.id)
    if (cancelled) return visit.go(`/console/approvals/${order.id}`, 'order_cancelled')
    await showOrder(visit, await findOrder(visit), 'over')
  })

  async function findOrder(visit: Visit): Promise<Order> {
    const [order] = await read
      .select()
      .from(read.orders)
      .where(eq(read.orders.id, param(visit, 'id')))
    return order && (isMine(visit, order) || mayDecide(visit, order)) ? order : visit.ctx.throw(404)
  }

  async function showOrder(visit: Visit, order: Order, refused?: string) {
    const { say, time } = visit.reader
    const who = await actorsIn(read, visit.reader, [order.askedBy, order.decidedBy])
    const [person] = isOfPerson(order)
      ? await read
          .select({ name: read.people.fullName })
          .from(read.people)
          .where(eq(read.people.id, order.subject ?? ''))
      : []
    const [run] = order.runId === null ? [] : await read.select().from(read.runs).where(eq(read.runs.id, order.runId))
    const missing =
      order.state === 'asked'
        ? await uncounted(read, orderRules, order, { by: actorOf(visit).name, at: app.clock.now(), yes: true })
        : undefined
    const title = say(`order_${order.kind}`)
    const line = (label: string, value: Html | string) => html`<div><dt>${label}</dt><dd>${value}</dd></div>\n`
    const body = html`<h1>${title}</h1>
${refused === undefined ? '' : problem('order', say(`order_not_${refused}`))}
<p class="lead">${say(`order_${order.kind}_text`)}</p>
<dl>${person ? line(say('order_person'), html`<a href="/console/people/${order.subject}">${person.name}</a>`) : ''}${valuesOf(visit, order).map(([label, value]) => line(label, value))}${line(say('order_county'), order.county ?? say('officer_nation'))}${line(say('order_by'), `${who(order.askedBy)}, ${time(order.askedAt)}`)}${
      order.effectAt > order.askedAt ? line(say('order_effect'), time(order.effectAt)) : ''
    }${line(say('order_state'), stateLine(visit, order, who))}</dl>
${order.kind === 'pay' ? html`<p><a href="/console/pay/lists/${order.subject}">${say('order_pay_list')}</a></p>` : ''}
${run ? html`<h2>${say('order_run')}</h2>\n${progressOf(visit, run)}` : ''}
${missing && missing !== refused ? html`<p id="order-unconfirmed">${say(isMine(visit, order) ? 'order_mine_unconfirmed' : `order_not_${missing}`)}</p>` : ''}
${buttons(visit, order, missing)}`
    const seen = { people: isOfPerson(order) && order.subject !== null ? [order.subject] : [], fields: ['name', 'order'] }
    visit.show({ title, body, seen }, refused === undefined ? 200 : 409)
  }

  /** What is asked for, in words: what was summed up, and of a person's new values only what a masked page may show. */
  function valuesOf(visit: Visit, order: Order): [label: string, value: string][] {
    const said = Object.entries(order.summary).map(([name, value]): [string, string] => [
      summaryLabel(visit, name),
      typeof value === 'number' ? visit.reader.count(value) : value,
    ])
    return isOfPerson(order) ? [...said, ...maskedInput(visit, orderInput<unknown>(app, order))] : said
  }

  function maskedInput(visit: Visit, input: unknown): [string, string][] {
    if (typeof input !== 'object' || input === null) return []
    return Object.entries(input).flatMap(([name, value]: [string, unknown]): [string, string][] => {
      if (typeof value === 'object') return maskedInput(visit, value)
      if (typeof value !== 'string') return []
      if (isFieldName(name)) return [[visit.word('field', name), shown(name, value)]]
      const number = readMsisdn(value)
      return number === undefined ? [] : [[visit.reader.say('order_number'), maskMsisdn(number)]]
    })
  }
}

/** How one count of an order is called; its own name where nobody gave it words. */
export const summaryLabel = ({ reader: { say, has } }: Visit, name: string): string =>
  has(`summary_${name}`) ? say(`summary_${name}`) : name.replaceAll('_', ' ')

const isOfPerson = ({ kind }: Order) => kind === 'bank' || kind === 'phone' || kind === 'erasure'
const isMine = ({ me }: Visit, { askedBy }: Order) => askedBy === `officer:${me.id}`
const mayDecide = ({ me }: Visit, { county }: Order) => may(me, 'approve') && covers(me, county)
const mayCancel = (visit: Visit, order: Order) =>
  isMine(visit, order) ? ['asked', 'approved'].includes(order.state) : mayDecide(visit, order) && order.state === 'approved'

function stateLine({ reader: { say, time } }: Visit, order: Order, who: Actors): string {
  const state = say(`order_is_${order.state}`)
  return order.decidedBy === null ? state : `${state} (${who(order.decidedBy)}, ${time(order.decidedAt ?? 0)})`
}

/** What this officer can do with it now. `missing`: one of the two does not count; a no to what nobody confirmed asked for does. */
function buttons(visit: Visit, order: Order, missing: Uncounted | undefined): Html {
  const { say } = visit.reader
  const one = (path: string, label: string, kind: string) =>
    html`<form method="post" action="/console/approvals/${order.id}/${path}">${visit.hidden}<input type="hidden" name="digest" value="${order.digest}"><button class="${kind}">${label}</button></form>\n`
  const decides = order.state === 'asked' && mayDecide(visit, order) && !isMine(visit, order)
  return html`${order.state === 'asked' && isMine(visit, order) ? html`<p>${say('order_waits_other')}</p>` : ''}
<div class="bar">${decides && !missing ? one('agree', say('order_agree'), '') : ''}${decides && missing !== 'unconfirmed' ? one('refuse', say('order_refuse'), 'danger') : ''}${
    mayCancel(visit, order) ? one('cancel', say(isMine(visit, order) ? 'order_cancel' : 'order_stop'), 'second') : ''
  }</div>`
}
