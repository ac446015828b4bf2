import { eq } from 'drizzle-orm'
import { z } from 'zod'
import { type Actor, action, done, refused } from '../action.ts'
import type { App } from '../app.ts'
import { countGuessOnce, forgetGuesses, sameTry } from '../security/guesses.ts'
import { tell } from '../sms/outbox.ts'
import { findHolder, holderOf } from './holder.ts'
import { pinFault } from './pin-rules.ts'

const keyOf = (msisdn: string) => `pin:${msisdn}`

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
    await forgetGuesses(tx, keyOf((await holderOf(scene)).msisdn))
    return found === 'right' ? done({ signed: true }) : refused('choose_new', { proven: true })
  },
})

/** A try is counted, durably, before anything is hashed: of 200 guesses at once five are looked at. */
async function tryPin(app: App, actor: Actor, { pin }: { pin: string }): Promise<Tried> {
  const at = app.clock.now()
  const msisdn = actor.msisdn ?? ''
  const { guess, account } = await app.store.work(msisdn, async (tx) => ({
    guess: await countGuessOnce(tx, at, keyOf(msisdn), sameTry(app, actor, pin)),
    account: (await findHolder(tx, msisdn))?.account,
  }))
  if (!guess.allowed) return { found: guess.why, left: 0 }
  const oneTime = pin.length === 8
  const stale = oneTime && (account?.oneTimeUntil ?? 0) < at
  const hash = oneTime ? account?.oneTimeHash : account?.pinHash
  const right = hash != null && !stale && (await app.hasher.verify(pin, hash))
  return { found: right ? (oneTime ? 'one_time' : 'right') : 'wrong', left: guess.left }
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
    // The one-time password that proved this was good once.
    const used = proven ? { oneTimeHash: null, oneTimeUntil: null } : {}
    await tx
      .update(tx.accounts)
      .set({ pinHash: hash, ...used })
      .where(eq(tx.accounts.personId, person.id))
    await forgetGuesses(tx, keyOf(msisdn))
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
