import { and, eq, exists, inArray, not, or, type SQL } from 'drizzle-orm'
import { html, raw } from 'hono/html'
import { acting } from '../acting.ts'
import { maskMsisdn, readMsisdn } from '../base/msisdn.ts'
import { asTyped, measure } from '../broadcasts/text.ts'
import { inCountiesOf, type Officer, officerActor } from '../officers/officer.ts'
import { bodyOf, type Letterbox, settleSms, waitingSms } from '../sms/inbox.ts'
import type { Read } from '../store/store.ts'
import { param } from '../web/face.ts'
import { area, problem } from '../web/fields.ts'
import type { Sent } from '../web/form.ts'
import type { Html } from '../web/layout.ts'
import { actorsIn } from './actors.ts'
import type { Console, Visit } from './console.ts'
import { textFault } from './message-text.ts'
import { messageWays } from './message-ways.ts'
import { longTable, onPage, PAGE_ROWS, tableQuery } from './table.ts'

/** The longest run of digits that a list shows: an ID, a PIN or a code is read only by whoever opens the message. */
const DIGITS = /\d{4,}/g
const BEGINNING = 60

/** `/console/messages/inbox`: SMS that no keyword fitted. A number of nobody on the roll is everybody's to answer. */
export function inboxPages({ face, app }: Console): void {
  const { read } = app.store
  const actorOf = (visit: Visit) => officerActor(visit.me, visit.reader.language)

  face.page('/messages/inbox', 'vet', async (visit) => {
    const { say, time } = visit.reader
    const query = tableQuery(visit, [], 'at')
    const after = query.after && ([Number(query.after[0]) || 0, query.after[1]] as const)
    const rows = await waitingSms(read, { where: mine(read, visit.me), after, most: PAGE_ROWS + 1 })
    const columns = [
      { name: 'at', label: say('inbox_at'), cell: (row: Letterbox) => time(row.at) },
      { name: 'number', label: say('people_phone'), cell: (row: Letterbox) => maskMsisdn(row.msisdn) },
      {
        name: 'text',
        label: say('inbox_text'),
        cell: (row: Letterbox) =>
          html`<a href="/console/messages/inbox/${encodeURIComponent(row.id)}">${beginning(bodyOf(app, row)) || say('inbox_empty')}</a>`,
      },
    ]
    const title = say('inbox_title')
    const body = html`<h1>${title}</h1>
${messageWays(visit)}
<p>${say('inbox_about')}</p>
${longTable(visit, query, { caption: say('inbox_caption'), columns, rows, keyOf: (row) => [String(row.at), row.id] })}`
    const people = await behind(onPage(rows).map(({ msisdn }) => msisdn))
    visit.show({ title, body, seen: { people: people.map(({ id }) => id), fields: ['masked_phone', 'message'] } })
  })

  face.page('/messages/inbox/:id', 'vet', async (visit) => showOne(visit, await smsOf(visit)))

  face.form('/messages/inbox/:id', 'vet', async (visit, form) => {
    const sms = await smsOf(visit)
    const text = asTyped(form.raw('text'))
    const size = measure(text, 1)
    if (form.get('count') !== '' || size.wrong !== undefined)
      return showOne(visit, sms, { text, size, asked: form.get('count') !== '' })
    await settle(visit, sms, { text, once: onceOf(form) })
  })

  face.form('/messages/inbox/:id/aside', 'vet', async (visit, form) => settle(visit, await smsOf(visit), { once: onceOf(form) }))

  async function settle(visit: Visit, sms: Letterbox, act: { text?: string; once: string }) {
    const person = await senderOf(sms.msisdn)
    const settled = await settleSms(app, actorOf(visit), { id: sms.id, person: person?.id, ...act })
    if (!('refused' in settled))
      return visit.go('/console/messages/inbox', act.text === undefined ? 'inbox_aside' : 'inbox_answered')
    await showOne(visit, await smsOf(visit), { text: act.text ?? '', refused: settled.refused }, 409)
  }

  async function smsOf(visit: Visit): Promise<Letterbox> {
    const { inbound } = read
    const [row] = await read
      .select()
      .from(inbound)
      .where(and(eq(inbound.id, param(visit, 'id')), mine(read, visit.me)))
    return row?.keyword === null ? row : visit.ctx.throw(404)
  }

  /** Undefined for a number of nobody, and for one that several share. */
  async function senderOf(msisdn: string) {
    const found = await behind([msisdn])
    return found.length === 1 ? found[0] : undefined
  }

  /** Whom these numbers may stand for: whoever has an account under one; only without one everybody whom the roll gives it. */
  async function behind(numbers: readonly string[]) {
    const { accounts, people } = read
    const holders = await read
      .select({ id: people.id, name: people.fullName, msisdn: accounts.msisdn })
      .from(accounts)
      .innerJoin(people, eq(people.id, accounts.personId))
      .where(inArray(accounts.msisdn, [...numbers]))
    const held = new Set(holders.map(({ msisdn }) => msisdn))
    const onRoll = await read
      .select({ id: people.id, name: people.fullName })
      .from(people)
      .where(
        inArray(
          people.msisdn,
          numbers.filter((each) => !held.has(each)),
        ),
      )
    return [...holders, ...onRoll]
  }

  async function showOne(
    visit: Visit,
    sms: Letterbox,
    tried: { text?: string; size?: ReturnType<typeof measure>; asked?: boolean; refused?: 'taken' | 'nobody' | 'unknown' } = {},
    status = tried.size?.wrong === undefined ? 200 : 422,
  ) {
    const { say, time } = visit.reader
    const person = await senderOf(sms.msisdn)
    await acting(app, actorOf(visit), 'inbox.look', `inbox:${sms.id}`, async () => [
      undefined,
      { outcome: 'done', subject: person?.id, detail: { message: sms.id } },
    ])
    const who = await actorsIn(read, visit.reader, [sms.answeredBy])
    const answered = sms.answeredAt !== null
    const title = say('inbox_one')
    const settledBy = { name: who(sms.answeredBy ?? ''), time: time(sms.answeredAt ?? 0) }
    const body = html`<h1>${title}</h1>
${messageWays(visit)}
${tried.refused === 'taken' ? problem('inbox', say('inbox_taken', settledBy)) : answered ? html`<p>${say('inbox_settled', settledBy)}</p>` : ''}
${tried.refused === 'nobody' ? problem('inbox', say('inbox_nobody')) : ''}
<dl><div><dt>${say('inbox_at')}</dt><dd>${time(sms.at)}</dd></div>
<div><dt>${say('inbox_from')}</dt><dd>${maskMsisdn(sms.msisdn)}${person ? html`, <a href="/console/people/${person.id}">${person.name}</a>` : html` <span class="soft">${say('inbox_stranger')}</span>`}</dd></div></dl>
<pre class="phone" tabindex="0" aria-label="${say('inbox_text')}">${bodyOf(app, sms) || say('inbox_empty')}</pre>
<p class="soft">${say('inbox_private')}</p>
${answered && tried.text === undefined ? '' : answered ? html`<p>${say('inbox_unsent')}</p><pre class="phone">${tried.text}</pre>` : forms(visit, sms, tried)}`
    visit.show({ title, body }, status)
  }

  function forms(
    visit: Visit,
    sms: Letterbox,
    { text = '', size, asked }: { text?: string; size?: ReturnType<typeof measure>; asked?: boolean },
  ): Html {
    const { say } = visit.reader
    const path = `/console/messages/inbox/${encodeURIComponent(sms.id)}`
    const aside = html`<form method="post" action="${path}/aside">${visit.hidden}<button class="second">${say('inbox_put_aside')}</button></form>`
    if (readMsisdn(sms.msisdn) === undefined) return html`<p>${say('inbox_nobody')}</p>${aside}`
    return html`<form method="post" action="${path}" class="narrow">${visit.hidden}
${area({ name: 'text', label: say('inbox_answer'), value: text, hint: say('inbox_answer_hint'), wrong: size && !asked ? textFault(visit, size) : undefined, more: raw(' required data-septets="160"') })}
${size && asked ? html`<p role="status">${textFault(visit, size) ?? say('septets_of', { count: 'septets' in size ? size.septets : 0, most: 160 })}</p>` : ''}
<div class="buttons"><button>${say('inbox_send')}</button><button class="second" name="count" value="1">${say('septets_count')}</button></div></form>
${aside}`
  }
}

/** It becomes a part of what makes the answer the same answer. */
const onceOf = (form: Sent): string => form.get('once').slice(0, 64)

function beginning(body: string): string {
  const text = body.replace(DIGITS, (digits) => '•'.repeat(Math.min(digits.length, 8))).replace(/\s+/g, ' ')
  return text.length > BEGINNING ? `${text.slice(0, BEGINNING)}..` : text
}

/** Written by somebody of the officer's counties, or by a number that nobody on the roll has. */
export function mine(read: Read, officer: Officer): SQL | undefined {
  const { inbound, people, accounts } = read
  const where = inCountiesOf(officer, people.homeCounty)
  if (where === undefined) return undefined
  const holds = (more?: SQL) =>
    exists(
      read
        .select({ id: people.id })
        .from(accounts)
        .innerJoin(people, eq(people.id, accounts.personId))
        .where(and(eq(accounts.msisdn, inbound.msisdn), more)),
    )
  const stands = (more?: SQL) =>
    exists(
      read
        .select({ id: people.id })
        .from(people)
        .where(and(eq(people.msisdn, inbound.msisdn), more)),
    )
  // Whoever has an account under the number stands for it; only without one the roll does.
  return or(holds(where), and(not(holds()), or(stands(where), not(stands()))))
}
