import { eq } from 'drizzle-orm'
import { html } from 'hono/html'
import { may, officerActor } from '../officers/officer.ts'
import { giveUp, markSent } from '../pay/approve.ts'
import { type KnownList, type Part, pageOfLines, partsOf } from '../pay/overview.ts'
import { prepareRunOf } from '../pay/prepare.ts'
import { problem } from '../web/fields.ts'
import type { Html } from '../web/layout.ts'
import { actorsIn } from './actors.ts'
import type { Console, Visit } from './console.ts'
import { bankName, listIn, PAY } from './pay-address.ts'
import { progressOf } from './runs.ts'
import { type Column, longTable, onPage, PAGE_ROWS, tableQuery } from './table.ts'

type Row = Awaited<ReturnType<typeof pageOfLines>>[number]

/** `/console/pay/lists/:id`: one list with its sums and lines; giving it up, marking it sent. Accounts are never shown here. */
export function payList({ face, app }: Console): void {
  const { read } = app.store
  const actorOf = (visit: Visit) => officerActor(visit.me, visit.reader.language)

  face.page('/pay/lists/:id', 'look', async (visit) => showList(visit, await listIn(app, visit)))

  face.form('/pay/lists/:id/sent', 'pay', async (visit) => {
    const { id } = await listIn(app, visit)
    if (await markSent(app, actorOf(visit), id)) return visit.go(`${PAY}/lists/${id}`, 'pay_sent')
    await showList(visit, await listIn(app, visit), 'pay_over')
  })

  face.form('/pay/lists/:id/give-up', 'pay', async (visit) => {
    const { id } = await listIn(app, visit)
    if (await giveUp(app, actorOf(visit), id)) return visit.go(`${PAY}/lists/${id}`, 'pay_given_up')
    await showList(visit, await listIn(app, visit), 'pay_over')
  })

  async function showList(visit: Visit, list: KnownList, wrong?: string) {
    const { say, time, count } = visit.reader
    const query = tableQuery(visit, [], 'bank')
    const [who, parts, rows, [run], [order]] = await Promise.all([
      actorsIn(read, visit.reader, [list.by]),
      partsOf(read, list.id),
      pageOfLines(read, { list: list.id, after: query.after, most: PAGE_ROWS + 1 }),
      read
        .select()
        .from(read.runs)
        .where(eq(read.runs.id, prepareRunOf(list.id))),
      read.select({ id: read.orders.id }).from(read.orders).where(eq(read.orders.id, list.id)),
    ])
    const line = (label: string, value: Html | string) => html`<div><dt>${label}</dt><dd>${value}</dd></div>\n`
    const asks = order && (list.by === actorOf(visit).name || may(visit.me, 'approve'))
    const title = say('pay_list_of', { job: list.jobCode })
    const body = html`<h1>${title}</h1>
${wrong === undefined ? '' : problem('pay', say(wrong))}
<p class="pages"><a href="${PAY}/jobs/${list.jobCode}">${say('pay_of_job', { job: list.jobCode })}</a>${asks ? html` <a href="/console/approvals/${list.id}">${say('pay_to_approval')}</a>` : ''}</p>
<dl>${line(say('pay_state'), say(`pay_list_${list.state}`))}${line(say('pay_by'), `${who(list.by)}, ${time(list.at)}`)}${line(say('pay_county'), list.county ?? say('officer_nation'))}${line(say('pay_lines'), count(list.lines))}${line(say('pay_total'), count(list.totalKes))}${list.controlSum === '' ? '' : line(say('pay_control'), html`<code>${list.controlSum}</code>`)}</dl>
${list.state === 'preparing' && run ? progressOf(visit, run) : ''}
${acts(visit, list)}
${list.lines > 0 ? html`<h2>${say('pay_sums')}</h2>\n${sums(visit, parts)}` : ''}
${longTable(visit, query, { caption: say('pay_lines_of'), columns: columnsOf(visit), rows, keyOf: ({ line: { bank, id } }) => [bank, id] })}`
    const people = onPage(rows).map(({ line: { personId } }) => personId)
    visit.show({ title, body, seen: { people, fields: ['name', 'pay'] } }, wrong === undefined ? 200 : 409)
  }
}

/** What this officer can do with it now. */
function acts(visit: Visit, { id, state }: KnownList): Html {
  const { say } = visit.reader
  if (!may(visit.me, 'pay')) return html``
  const button = (path: string, label: string, kind: string) =>
    html`<form method="post" action="${PAY}/lists/${id}/${path}">${visit.hidden}<button class="${kind}">${label}</button></form>`
  const file = (kind: 'csv' | 'xlsx') => html`<a href="${PAY}/lists/${id}/file.${kind}" download>${say(`pay_file_${kind}`)}</a> `
  return html`${state === 'approved' || state === 'sent' ? html`<p>${say('pay_file_text')}</p><p class="pages">${file('csv')}${file('xlsx')}</p>` : ''}
<div class="bar">${state === 'approved' ? button('sent', say('pay_mark_sent'), '') : ''}${
    state === 'preparing' || state === 'prepared' ? button('give-up', say('pay_give_up'), 'danger') : ''
  }</div>`
}

type Parts = Awaited<ReturnType<typeof partsOf>>

/** A table by bank with the total, and what became of the lines. */
function sums(visit: Visit, parts: Parts): Html {
  const { say, count } = visit.reader
  const added = (some: Parts): Part =>
    some.reduce((sum, { part }) => ({ lines: sum.lines + part.lines, totalKes: sum.totalKes + part.totalKes }), {
      lines: 0,
      totalKes: 0,
    })
  const row = (label: string, { lines, totalKes }: Part) =>
    html`<tr><th scope="row">${label}</th><td class="right">${count(lines)}</td><td class="right">${count(totalKes)}</td></tr>\n`
  const table = (caption: string, head: string, rows: Html[]) =>
    html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption>
<thead><tr><th scope="col">${head}</th><th scope="col" class="right">${say('pay_lines')}</th><th scope="col" class="right">${say('pay_total')}</th></tr></thead>
<tbody>${rows}</tbody></table></div>`
  const banks = [...Map.groupBy(parts, ({ bank }) => bank)].map(([bank, some]) => row(bankName(visit, bank), added(some)))
  const states = [...Map.groupBy(parts, ({ state }) => state)].map(([state, some]) => row(say(`pay_is_${state}`), added(some)))
  return html`<div class="two">${table(say('pay_by_bank'), say('pay_bank_head'), [...banks, row(say('pay_all'), added(parts))])}${table(say('pay_by_state'), say('pay_state'), states)}</div>`
}

function columnsOf(visit: Visit): Column<Row>[] {
  const { say, count } = visit.reader
  return [
    { name: 'bank', label: say('pay_bank_head'), cell: ({ line }) => bankName(visit, line.bank) },
    {
      name: 'name',
      label: say('pay_name'),
      cell: ({ line, name }) => html`<a href="/console/people/${line.personId}">${name}</a>`,
    },
    { name: 'county', label: say('pay_county'), cell: ({ line }) => line.county },
    { name: 'days', label: say('pay_days'), cell: ({ line }) => count(line.days), right: true },
    { name: 'rate', label: say('pay_rate'), cell: ({ line }) => count(line.rateKes), right: true },
    { name: 'allowance', label: say('pay_allowance'), cell: ({ line }) => count(line.allowanceKes), right: true },
    { name: 'deduction', label: say('pay_deduction'), cell: ({ line }) => count(line.deductionKes), right: true },
    { name: 'total', label: say('pay_total'), cell: ({ line }) => count(line.totalKes), right: true },
    {
      name: 'state',
      label: say('pay_state'),
      cell: ({ line }) =>
        html`${say(`pay_is_${line.state}`)}${line.state === 'returned' ? html` <small>${reasonIn(visit, line.reason)}</small>` : ''}`,
    },
  ]
}

/** A reason that has words, or what the bank wrote. */
const reasonIn = ({ reader: { has, say } }: Visit, reason: string | null): string =>
  has(`pay_back_${reason}`) ? say(`pay_back_${reason}`) : (reason ?? '')
