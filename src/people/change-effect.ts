import { and, asc, eq, inArray, lte } from 'drizzle-orm'
import { leaveTrace } from '../acting.ts'
import type { Actor, Scene } from '../action.ts'
import type { App } from '../app.ts'
import type { Msisdn } from '../base/msisdn.ts'
import { carryOut, type Order, orderInput } from '../orders/order.ts'
import { forgetGuesses } from '../security/guesses.ts'
import { endSessions } from '../security/web-sessions.ts'
import { type BankAccount, CHANGES, isTaken, type NewNumber, numbersOf, tellBoth } from './changes.ts'
import { fieldsOf, writeField } from './profile-fields.ts'
import { simHold } from './sim-swap.ts'
import { guessKeysOf } from './standing.ts'

const clockwork: Actor = { via: 'system', name: 'schedule', signed: false, language: 'en' }
const AT_ONCE = 200

/** Why a change cannot be made (any more). */
export type Hindrance = 'no_account' | 'suspended' | 'taken' | 'sim'

/** What stands in the way of a change, for whoever is asked to agree to it and again when it comes to count. */
export async function changeHindrance(scene: Pick<Scene, 'tx' | 'tools' | 'at'>, order: Order): Promise<Hindrance | undefined> {
  const { tx, tools } = scene
  const holder = await holderOf(scene, order)
  if (!holder) return 'no_account'
  if (holder.status === 'suspended') return 'suspended'
  if (order.kind === 'bank') return (await simHold(tx, holder.msisdn, scene.at)) ? 'sim' : undefined
  return (await isTaken(tx, orderInput<NewNumber>(tools, order).to, holder.id)) ? 'taken' : undefined
}

/**
 * What an officer's yes sets going, and the clock again when the day has come: an approved change counts once its time is there,
 * exactly once; before that it waits. One that cannot be made any more is refused, and the person is told.
 */
export async function carryOutChange(scene: Scene, order: Order): Promise<void> {
  const why = await changeHindrance(scene, order)
  // An officer must see the person first: the change waits, and is not lost.
  if (why === 'sim') return
  if (why !== undefined) return dropChange(scene, order, why)
  const holder = await holderOf(scene, order)
  if (!holder || order.effectAt > scene.at || !(await carryOut(scene, order.id))) return
  const numbers = numbersOf(scene, order, holder.msisdn)
  if (order.kind === 'phone') await moveNumber(scene, holder, orderInput<NewNumber>(scene.tools, order).to)
  else {
    const account = orderInput<BankAccount>(scene.tools, order)
    for (const field of fieldsOf('bank')) await writeField(scene, holder.id, field, account[field] ?? '')
  }
  await leaveTrace(scene, `people.change_${order.kind}`, { outcome: 'done', subject: holder.id, detail: { order: order.id } })
  await tellBoth(scene, order, numbers, { message: `${order.kind}_changed`, class: 'notice' })
}

/** An officer said no, or stopped it: the person is told, on the new number too. */
export async function tellRefused(scene: Scene, order: Order): Promise<void> {
  const holder = await holderOf(scene, order)
  if (holder) await tellBoth(scene, order, numbersOf(scene, order, holder.msisdn), { message: 'change_refused', class: 'notice' })
}

/** Makes the approved changes whose day has come. Gives how many there were; throws when all were tried and some could not be. */
export async function makeChanges(app: App): Promise<number> {
  const { orders } = app.store.read
  const due = await app.store.read
    .select()
    .from(orders)
    .where(and(eq(orders.state, 'approved'), inArray(orders.kind, [...CHANGES]), lte(orders.effectAt, app.clock.now())))
    .orderBy(asc(orders.effectAt))
    .limit(AT_ONCE)
  const failed: unknown[] = []
  for (const order of due)
    await app.store
      .work(`change:${order.subject}`, (tx) => carryOutChange({ tx, actor: clockwork, at: app.clock.now(), tools: app }, order))
      .catch((reason: unknown) => failed.push(reason))
  if (failed.length > 0) throw new AggregateError(failed, 'some changes could not be made')
  return due.length
}

/** It was agreed to, but cannot be done any more. */
async function dropChange(scene: Scene, order: Order, why: Hindrance): Promise<void> {
  const { tx } = scene
  const [dropped] = await tx
    .update(tx.orders)
    .set({ state: 'refused' })
    .where(and(eq(tx.orders.id, order.id), eq(tx.orders.state, 'approved')))
    .returning({ id: tx.orders.id })
  if (!dropped) return
  await leaveTrace(scene, `people.change_${order.kind}`, { outcome: why, subject: order.subject, detail: { order: order.id } })
  const holder = await holderOf(scene, order)
  if (!holder) return
  // The number that somebody else has by now hears nothing of this.
  if (why === 'taken') await tellBoth(scene, order, { old: holder.msisdn }, { message: 'phone_taken', class: 'notice' })
  else await tellRefused(scene, order)
}

/** The account goes to the new number with its PIN and password; whatever the old number had opened is closed. */
async function moveNumber(scene: Scene, { id: personId, msisdn: from }: Holder, to: Msisdn): Promise<void> {
  const { tx, at } = scene
  const { accounts, people, subscribers, sessions, devices, challenges } = tx
  await tx.update(accounts).set({ msisdn: to, oneTimeHash: null, oneTimeUntil: null }).where(eq(accounts.personId, personId))
  await tx.update(people).set({ msisdn: to, at }).where(eq(people.id, personId))
  const [known] = await tx.select().from(subscribers).where(eq(subscribers.msisdn, from))
  // A number that we know already keeps what it chose for itself.
  if (known)
    await tx
      .insert(subscribers)
      .values({ ...known, msisdn: to })
      .onConflictDoNothing()
  await tx
    .update(sessions)
    .set({ open: false })
    .where(and(eq(sessions.msisdn, from), eq(sessions.open, true)))
  await tx.delete(devices).where(eq(devices.personId, personId))
  await tx.delete(challenges).where(eq(challenges.personId, personId))
  await endSessions(tx, 'portal', personId)
  for (const key of guessKeysOf(to)) await forgetGuesses(tx, key)
}

type Holder = { id: string; status: string; msisdn: Msisdn }
async function holderOf({ tx }: Pick<Scene, 'tx'>, order: Pick<Order, 'subject'>): Promise<Holder | undefined> {
  const { people, accounts } = tx
  const [holder] = await tx
    .select({ id: people.id, status: people.status, msisdn: accounts.msisdn })
    .from(accounts)
    .innerJoin(people, eq(people.id, accounts.personId))
    .where(eq(accounts.personId, order.subject ?? ''))
  return holder && { ...holder, msisdn: holder.msisdn as Msisdn }
}
