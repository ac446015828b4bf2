import { and, desc, eq, inArray, ne } from 'drizzle-orm'
import { acting } from '../acting.ts'
import type { Actor, Scene } from '../action.ts'
import type { App } from '../app.ts'
import { HOUR, nairobiDay, shortDay } from '../base/dates.ts'
import type { Msisdn } from '../base/msisdn.ts'
import { askOrder, cancelOrder, type Order, orderInput } from '../orders/order.ts'
import { type Message, tell } from '../sms/outbox.ts'
import type { Language } from '../store/schema.ts'
import type { Read, Tx } from '../store/store.ts'
import { type Purpose, sendCode, takeCode } from './challenge.ts'
import type { FieldName } from './profile-fields.ts'

/** What may be changed only with PIN, code, an officer's yes and three days in which its owner can object. */
export const CHANGES = ['bank', 'phone'] as const
export type ChangeKind = (typeof CHANGES)[number]
/** The four fields of a bank account, all of them. */
export type BankAccount = Partial<Record<FieldName, string>>
export type NewNumber = { to: Msisdn }
export type Wanted = { kind: 'bank'; input: BankAccount } | { kind: 'phone'; input: NewNumber }

/** Before that nothing counts, whoever agreed: time to object. */
export const WAIT_MS = 72 * HOUR
/** How long somebody may take from the PIN to the codes. */
const TICKET_MS = HOUR

/** Whose account it is. */
export type Owner = { id: string; msisdn: Msisdn; county: string }
/** A change whose PIN was right and whose codes are under way; `id` is that of the order to be. */
type Ticket = Wanted & { id: string; proven: Purpose[]; until: number }

const ticketPlace = (personId: string) => `change:${personId}`
const keyOf = (personId: string) => `change:${personId}`
const seal = (app: App, owner: Owner, ticket: Ticket) => app.keyring.seal(ticketPlace(owner.id), JSON.stringify(ticket))

/** Undefined where it is not ours, is another person's, or too old. */
export function openTicket(app: App, owner: Owner, sealed: string): Ticket | undefined {
  try {
    const ticket = JSON.parse(app.keyring.open(ticketPlace(owner.id), sealed)) as Ticket
    return ticket.until > app.clock.now() ? ticket : undefined
  } catch {
    // Altered, or sealed for somebody else: the same as none.
    return undefined
  }
}

/** Which codes are still to be typed, and the number that each went to. */
export function codesLeft(owner: Owner, ticket: Ticket): { purpose: Purpose; to: Msisdn }[] {
  const all: { purpose: Purpose; to: Msisdn }[] =
    ticket.kind === 'bank'
      ? [{ purpose: 'bank', to: owner.msisdn }]
      : [
          { purpose: 'phone_old', to: owner.msisdn },
          { purpose: 'phone_new', to: ticket.input.to },
        ]
  return all.filter(({ purpose }) => !ticket.proven.includes(purpose))
}

/** After the PIN: sends the codes and gives a sealed ticket, which the page carries to the next step. `codes`: too many were asked for. */
export async function beginChange(
  app: App,
  actor: Actor,
  owner: Owner,
  wanted: Wanted,
): Promise<{ ticket: string } | { refused: 'codes' }> {
  const ticket: Ticket = { ...wanted, id: app.clock.id(), proven: [], until: app.clock.now() + TICKET_MS }
  return (await sendCodes(app, actor, owner, ticket)) ? { ticket: seal(app, owner, ticket) } : { refused: 'codes' }
}

/** Sends again what is still to be typed. False where too many codes were asked for. */
export function sendCodes(app: App, actor: Actor, owner: Owner, ticket: Ticket): Promise<boolean> {
  return app.store.work(keyOf(owner.id), async (tx) => {
    for (const { purpose, to } of codesLeft(owner, ticket)) {
      const sent = await sendCode({ tx, at: app.clock.now(), tools: app, actor }, { personId: owner.id, msisdn: to, purpose })
      if (!sent) return false
    }
    return true
  })
}

export type Confirmed =
  | { order: string; refused?: never }
  /** `open`: another change of the kind waits; `taken`: the new number has an account of its own. */
  | { refused: 'open' | 'taken' }
  /** What was wrong with which code. The ticket remembers those that were right. */
  | { refused: 'codes'; ticket: string; wrong: Partial<Record<Purpose, 'wrong' | 'over'>> }

/** With the codes: asks an officer, and tells both numbers what was asked and when it counts. The same ticket twice asks once. */
export function confirmChange(
  app: App,
  actor: Actor,
  owner: Owner,
  ticket: Ticket,
  typed: (purpose: Purpose) => string,
): Promise<Confirmed> {
  const { id: order, kind, input } = ticket
  return acting<Confirmed>(app, actor, `people.ask_${kind}`, keyOf(owner.id), async (scene) => {
    const { tx, at } = scene
    const ended = (result: Confirmed, outcome: string): [Confirmed, { outcome: string; subject: string }] => [
      result,
      { outcome, subject: owner.id },
    ]
    const [same] = await tx.select({ id: tx.orders.id }).from(tx.orders).where(eq(tx.orders.id, order))
    if (same) return ended({ order }, 'again')
    if ((await openChanges(tx, owner.id)).some((open) => open.kind === kind)) return ended({ refused: 'open' }, 'open')
    const proven = [...ticket.proven]
    const wrong: Partial<Record<Purpose, 'wrong' | 'over'>> = {}
    for (const { purpose } of codesLeft(owner, ticket)) {
      const taken = await takeCode(scene, owner.id, purpose, typed(purpose))
      if (taken === 'right') proven.push(purpose)
      else wrong[purpose] = taken
    }
    if (Object.keys(wrong).length > 0)
      return ended({ refused: 'codes', ticket: seal(app, owner, { ...ticket, proven }), wrong }, 'code')
    if (kind === 'phone' && (await isTaken(tx, input.to, owner.id))) return ended({ refused: 'taken' }, 'taken')
    const effectAt = at + WAIT_MS
    const { id: subject, county } = owner
    await askOrder(scene, { id: order, kind, subject, county, input, summary: {}, effectAt })
    const numbers = { old: owner.msisdn, ...(kind === 'phone' ? { new: input.to } : {}) }
    const values = { effect: shortDay(nairobiDay(effectAt)) }
    await tellBoth(scene, { id: order, subject, kind }, numbers, { message: 'change_asked', values, class: 'reply' })
    return ended({ order }, 'done')
  })
}

/** Whether another person's account holds this number. */
export async function isTaken(tx: Read, msisdn: string, personId: string): Promise<boolean> {
  const { accounts } = tx
  const [other] = await tx
    .select({ id: accounts.personId })
    .from(accounts)
    .where(and(eq(accounts.msisdn, msisdn), ne(accounts.personId, personId)))
  return other !== undefined
}

export type OpenChange = Pick<Order, 'id' | 'state' | 'effectAt'> & { kind: ChangeKind }

/** The changes that wait for an officer, or for their day. */
export async function openChanges(read: Read, personId: string): Promise<OpenChange[]> {
  const { orders } = read
  const { id, kind, state, effectAt } = orders
  const rows = await read
    .select({ id, kind, state, effectAt })
    .from(orders)
    .where(and(eq(orders.subject, personId), inArray(kind, [...CHANGES]), inArray(state, ['asked', 'approved'])))
    .orderBy(desc(orders.askedAt))
  return rows as OpenChange[]
}

/** Whoever asked takes it back. False where it is too late, or there was none. */
export function cancelChange(app: App, actor: Actor, owner: Owner, kind: ChangeKind): Promise<boolean> {
  return acting<boolean>(app, actor, `people.cancel_${kind}`, keyOf(owner.id), async (scene) => {
    const { tx } = scene
    const open = (await openChanges(tx, owner.id)).find((each) => each.kind === kind)
    const cancelled = open !== undefined && (await cancelOrder(scene, open.id))
    if (cancelled) {
      const [order] = await tx.select().from(tx.orders).where(eq(tx.orders.id, open.id))
      if (order)
        await tellBoth(scene, order, numbersOf(scene, order, owner.msisdn), { message: 'change_cancelled', class: 'reply' })
    }
    return [cancelled, { outcome: cancelled ? 'done' : 'over', subject: owner.id }]
  })
}

type Numbers = { old: Msisdn; new?: Msisdn }

/** The number of the account, and the other one that a change of number is about. */
export function numbersOf({ tools }: Pick<Scene, 'tools'>, order: Order, old: Msisdn): Numbers {
  return order.kind === 'phone' ? { old, new: orderInput<NewNumber>(tools, order).to } : { old }
}

/** Tells what became of a change: the number on file, and the new one where there is one, each in its language and once. */
export async function tellBoth(
  scene: Scene,
  order: Pick<Order, 'id' | 'subject' | 'kind'>,
  numbers: Numbers,
  { message, values = {}, class: kind }: Pick<Message, 'message' | 'class'> & { values?: Message['values'] },
): Promise<void> {
  const own = await languageIn(scene.tx, numbers.old, scene.actor.via === 'web' ? scene.actor.language : 'en')
  for (const to of [numbers.old, ...(numbers.new ? [numbers.new] : [])])
    await tell(scene, {
      to,
      ...(order.subject ? { person: order.subject } : {}),
      message: to === numbers.old ? message : `${message}_new`,
      values: { ...values, change: order.kind },
      language: await languageIn(scene.tx, to, own),
      class: kind,
      dedupe: `${message}:${order.id}:${to === numbers.old ? 'old' : 'new'}`,
    })
}

async function languageIn(tx: Tx, msisdn: string, otherwise: Language): Promise<Language> {
  const { subscribers } = tx
  const [row] = await tx.select({ language: subscribers.language }).from(subscribers).where(eq(subscribers.msisdn, msisdn))
  return row?.language ?? otherwise
}
