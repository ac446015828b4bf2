import { and, eq } from 'drizzle-orm'
import { leaveTrace } from '../acting.ts'
import type { Actor, Scene } from '../action.ts'
import type { App } from '../app.ts'
import { type Msisdn, readMsisdn } from '../base/msisdn.ts'
import { countGuess, forgetGuesses } from '../security/guesses.ts'
import { endSessions } from '../security/web-sessions.ts'
import { tell } from '../sms/outbox.ts'
import type { Language } from '../store/schema.ts'
import { findHolder } from './holder.ts'
import { type PasswordFault, passwordFault } from './password-rules.ts'

const keyOf = (msisdn: string) => `password:${msisdn}`
/** Hashed like any other, matched by nothing: an unknown username takes as long as a known one. */
const NOBODY = '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'

/** `oneTime`: with the password from the SMS, which must be changed at once and has just proven the number. */
export type SignedIn =
  | { personId: string; msisdn: Msisdn; oneTime: boolean }
  | { refused: 'wrong' | 'locked' | 'officer' | 'suspended' }

/**
 * Username (a phone number in any form) and password. A try is counted, durably, before anything is hashed; somebody unknown is
 * counted, locked and answered like anybody else.
 */
export async function signIn(app: App, typed: { username: string; password: string; language: Language }): Promise<SignedIn> {
  const msisdn = readMsisdn(typed.username)
  if (msisdn === undefined) return { refused: 'wrong' }
  const at = app.clock.now()
  const { guess, holder } = await app.store.work(msisdn, async (tx) => ({
    guess: await countGuess(tx, at, keyOf(msisdn)),
    holder: await findHolder(tx, msisdn),
  }))
  if (!guess.allowed) return { refused: guess.why }
  const account = holder?.account
  const stale = (account?.oneTimeUntil ?? 0) < at
  const chosen = await app.hasher.verify(typed.password, account?.passwordHash ?? NOBODY)
  const oneTime = !chosen && (await app.hasher.verify(typed.password, (!stale && account?.oneTimeHash) || NOBODY))
  const actor: Actor = {
    via: 'web',
    name: holder ? `person:${holder.person.id}` : 'stranger',
    msisdn,
    signed: false,
    language: typed.language,
  }
  return app.store.work(msisdn, async (tx): Promise<SignedIn> => {
    const scene: Scene = { tx, actor, at, tools: app }
    const right = holder !== undefined && (chosen || oneTime)
    const outcome = !right ? 'wrong' : holder.person.status === 'suspended' ? 'suspended' : 'done'
    await leaveTrace(scene, 'portal.login', { outcome, subject: holder?.person.id })
    if (!right) return { refused: 'wrong' }
    await forgetGuesses(tx, keyOf(msisdn))
    if (outcome === 'suspended') return { refused: 'suspended' }
    return { personId: holder.person.id, msisdn, oneTime }
  })
}

/** Chooses the password for the portal; ends every other session and tells the person. `session` stays. */
export async function choosePassword(
  app: App,
  actor: Actor,
  { personId, password, session }: { personId: string; password: string; session: string | undefined },
): Promise<PasswordFault | 'done'> {
  const hash = await app.hasher.hash(password)
  return app.store.work(personId, async (tx) => {
    const at = app.clock.now()
    const scene: Scene = { tx, actor, at, tools: app }
    const [found] = await tx
      .select({ person: tx.people, account: tx.accounts })
      .from(tx.accounts)
      .innerJoin(tx.people, eq(tx.people.id, tx.accounts.personId))
      .where(eq(tx.accounts.personId, personId))
    if (!found) return 'common'
    const { person, account } = found
    const nationalId = app.keyring.open(`people.national_id:${personId}`, person.nationalIdSealed)
    const fault = passwordFault(password, [person.fullName, account.msisdn, account.msisdn.slice(4), nationalId])
    await leaveTrace(scene, 'portal.password', { outcome: fault ?? 'done', subject: personId })
    if (fault) return fault
    await tx
      .update(tx.accounts)
      .set({ passwordHash: hash, oneTimeHash: null, oneTimeUntil: null })
      .where(eq(tx.accounts.personId, personId))
    await endSessions(tx, 'portal', personId, session)
    await tell(scene, {
      to: account.msisdn as Msisdn,
      person: personId,
      message: 'password_chosen',
      values: {},
      language: actor.language,
      class: 'reply',
      dedupe: `password_chosen:${personId}:${at}`,
    })
    return 'done'
  })
}

/** Whether this browser has proven the person's number before. */
export async function isKnownDevice({ store: { read } }: App, personId: string, device: string): Promise<boolean> {
  const [known] = await read
    .select({ id: read.devices.id })
    .from(read.devices)
    .where(and(eq(read.devices.id, device), eq(read.devices.personId, personId)))
  return known !== undefined
}
