import { and, eq, lt, lte, sql } from 'drizzle-orm'
import { z } from 'zod'
import { type Actor, action, done, refused } from '../action.ts'
import type { App } from '../app.ts'
import { HOUR, MINUTE } from '../base/dates.ts'
import { tell } from '../sms/outbox.ts'
import { findHolder, holderOf } from './holder.ts'
import { pinFault } from './pin-rules.ts'

/** After so many wrong tries in all, how long nobody may try; after the last only an officer helps. */
const LOCKS = { 5: 30 * MINUTE, 7: 2 * HOUR, 9: 24 * HOUR } as const
const MOST_TRIES = 10

/** Whether a PIN was chosen yet: leads a person to choose one at the first step that needs it. */
export const pinState = action({
  who: 'account',
  input: z.object({}),
  refusals: ['none'],
  gives: [],
  reads: true,
  async apply(scene) {
    const { account } = await holderOf(scene)
    return account.pinHash === null ? refused('none') : done()
  },
})

type Tried = { found: 'right' | 'one_time' | 'wrong' | 'locked' | 'officer'; left: number }

/** Takes the PIN, or the one-time password from an SMS in its place (then a new PIN is chosen). */
export const pinCheck = action<{ pin: string }, Tried>({
  who: 'account',
  input: z.object({ pin: z.string() }),
  refusals: ['wrong', 'locked', 'officer', 'choose_new'],
  gives: ['signed', 'tries_left', 'proven'],
  gather: tryPin,
  async apply(scene, _, { found, left }) {
    const { tx } = scene
    if (found === 'wrong') return refused('wrong', { tries_left: left })
    if (found === 'locked' || found === 'officer') return refused(found)
    const { personId } = (await holderOf(scene)).account
    await tx.update(tx.accounts).set({ pinTries: 0, pinLockedUntil: 0 }).where(eq(tx.accounts.personId, personId))
    return found === 'right' ? done({ signed: true }) : refused('choose_new', { proven: true })
  },
})

/** A try is counted, durably, before anything is hashed: of 200 guesses at once five are looked at. */
async function tryPin(app: App, actor: Actor, { pin }: { pin: string }): Promise<Tried> {
  const at = app.clock.now()
  const account = await app.store.work(actor.msisdn ?? '', async (tx) => {
    const next = sql<number>`${tx.accounts.pinTries} + 1`
    const locks = Object.entries(LOCKS).map(([tries, ms]) => sql`when ${Number(tries)} then ${at + ms}`)
    const lockedUntil = sql<number>`case ${next} ${sql.join(locks, sql` `)} else ${tx.accounts.pinLockedUntil} end`
    const [counted] = await tx
      .update(tx.accounts)
      .set({ pinTries: next, pinLockedUntil: lockedUntil })
      .where(
        and(
          eq(tx.accounts.msisdn, actor.msisdn ?? ''),
          lt(tx.accounts.pinTries, MOST_TRIES),
          lte(tx.accounts.pinLockedUntil, at),
        ),
      )
      .returning()
    return counted ?? (await findHolder(tx, actor.msisdn))?.account.pinTries
  })
  if (account === undefined) return { found: 'wrong', left: 0 }
  if (typeof account === 'number') return { found: account >= MOST_TRIES ? 'officer' : 'locked', left: 0 }
  const oneTime = pin.length === 8
  const hash = oneTime ? account.passwordHash : account.pinHash
  const stale = oneTime && (account.passwordUntil === null || account.passwordUntil < at)
  const right = hash !== null && !stale && (await app.hasher.verify(pin, hash))
  const nextLock = [...Object.keys(LOCKS).map(Number), MOST_TRIES].find((tries) => tries >= account.pinTries) ?? MOST_TRIES
  return { found: right ? (oneTime ? 'one_time' : 'right') : 'wrong', left: nextLock - account.pinTries }
}

/** Chooses a PIN: the first one, or a new one after the one-time password (`proven`) or the old PIN (`signed`). */
export const pinChoose = action<{ pin: string; again: string; proven?: boolean | undefined }, string | undefined>({
  who: 'account',
  input: z.object({ pin: z.string(), again: z.string(), proven: z.boolean().optional() }),
  refusals: ['differ', 'weak', 'personal', 'pin_needed'],
  gives: ['signed', 'proven', 'has_pin'],
  sends: ['pin_chosen'],
  gather: (app, _actor, { pin, again }) => (pin === again ? app.hasher.hash(pin) : Promise.resolve(undefined)),
  async apply(scene, { pin, proven }, hash) {
    const { tx, actor, at, tools } = scene
    if (hash === undefined) return refused('differ')
    const { person, account, msisdn } = await holderOf(scene)
    if (account.pinHash !== null && !proven && !actor.signed) return refused('pin_needed')
    const nationalId = tools.keyring.open(`people.national_id:${person.id}`, person.nationalIdSealed)
    const fault = pinFault(pin, [msisdn, nationalId])
    if (fault) return refused(fault)
    await tx.update(tx.accounts).set({ pinHash: hash, pinTries: 0, pinLockedUntil: 0 }).where(eq(tx.accounts.personId, person.id))
    const dedupe = `pin:${person.id}:${at}`
    await tell(scene, {
      to: msisdn,
      person: person.id,
      message: 'pin_chosen',
      values: {},
      language: actor.language,
      class: 'reply',
      dedupe,
    })
    return done({ signed: true, proven: false, has_pin: true })
  },
})
