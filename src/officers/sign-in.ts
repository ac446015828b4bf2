import { and, eq, lt } from 'drizzle-orm'
import { Secret, TOTP } from 'otpauth'
import { acting, leaveTrace } from '../acting.ts'
import type { Actor, Scene } from '../action.ts'
import type { App } from '../app.ts'
import { countGuess, forgetGuesses } from '../security/guesses.ts'
import { endSessions } from '../security/web-sessions.ts'
import type { OfficerRow } from './officer.ts'

/** Hashed like any other, matched by nothing: an unknown username takes as long as a known one. */
const NOBODY = '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
const stranger: Actor = { via: 'console', name: 'stranger', signed: false, language: 'en' }
const asActor = ({ id }: Pick<OfficerRow, 'id'>): Actor => ({ ...stranger, name: `officer:${id}` })
const secretPlace = (id: string) => `officers.totp:${id}`

type Refused = { refused: 'wrong' | 'locked' | 'officer' }

/** Username and password, the first half of a login. A try is counted before anything is hashed; somebody unknown is answered alike. */
export async function signInOfficer(app: App, typed: { username: string; password: string }): Promise<{ id: string } | Refused> {
  const username = typed.username.trim().toLowerCase().slice(0, 60)
  const key = `officer:${username}`
  const at = app.clock.now()
  const { guess, officer } = await app.store.work(key, async (tx) => ({
    guess: await countGuess(tx, at, key),
    officer: (await tx.select().from(tx.officers).where(eq(tx.officers.username, username)))[0],
  }))
  if (!guess.allowed) return { refused: guess.why }
  const right = (await app.hasher.verify(typed.password, officer?.passwordHash ?? NOBODY)) && officer?.active === true
  const actor = officer ? asActor(officer) : stranger
  return acting<{ id: string } | Refused>(app, actor, 'console.password', key, async ({ tx }) => {
    if (!right || !officer) return [{ refused: 'wrong' }, { outcome: 'wrong', subject: officer?.id }]
    await forgetGuesses(tx, key)
    return [{ id: officer.id }, { outcome: 'done', subject: officer.id }]
  })
}

/** The second half: six digits of the officer's app. Each 30-second step is good once. */
export async function takeTotp(app: App, officerId: string, typed: string): Promise<'done' | 'wrong' | 'locked' | 'officer'> {
  const key = `totp:${officerId}`
  const at = app.clock.now()
  return app.store.work(key, async (tx) => {
    const scene: Scene = { tx, at, tools: app, actor: asActor({ id: officerId }) }
    const guess = await countGuess(tx, at, key)
    if (!guess.allowed) return guess.why
    const [officer] = await tx.select().from(tx.officers).where(eq(tx.officers.id, officerId))
    const step = officer && stepOf(app, officer, typed, at)
    const used =
      step === undefined
        ? []
        : await tx
            .update(tx.officers)
            .set({ totpStep: step, inviteIndex: null, inviteUntil: null })
            .where(and(eq(tx.officers.id, officerId), lt(tx.officers.totpStep, step)))
            .returning({ id: tx.officers.id })
    const outcome = used.length > 0 ? 'done' : 'wrong'
    if (outcome === 'done') await forgetGuesses(tx, key)
    await leaveTrace(scene, 'console.login', { outcome, subject: officerId })
    return outcome
  })
}

/** Which 30-second step the digits belong to, one before or after now at most; undefined where to none. */
function stepOf({ keyring }: App, officer: OfficerRow, typed: string, at: number): number | undefined {
  if (officer.totpSealed === null || !officer.active) return undefined
  const delta = totpOf(officer.username, keyring.open(secretPlace(officer.id), officer.totpSealed)).validate({
    token: typed.replace(/\D/g, ''),
    timestamp: at,
    window: 1,
  })
  return delta === null ? undefined : Math.floor(at / 30_000) + delta
}

const totpOf = (username: string, secret: string) =>
  new TOTP({ issuer: 'Wito', label: username, secret: Secret.fromBase32(secret) })

/** Sets what an officer begins with: names, a password, and a new TOTP secret, which counts once a first code of it was typed. */
export async function beginOfficer(
  app: App,
  officer: OfficerRow,
  chosen: { username: string; name: string; password: string },
): Promise<{ secret: string; uri: string } | 'taken'> {
  const hash = await app.hasher.hash(chosen.password)
  const secret = new Secret({ buffer: Uint8Array.from(app.clock.bytes(20)).buffer }).base32
  const { id } = officer
  const taken = await acting(app, asActor(officer), 'officers.begin', `officer:${id}`, async ({ tx }) => {
    const [other] = await tx.select({ id: tx.officers.id }).from(tx.officers).where(eq(tx.officers.username, chosen.username))
    if (other && other.id !== id) return [true, { outcome: 'taken', subject: id }]
    await tx
      .update(tx.officers)
      .set({
        username: chosen.username,
        name: chosen.name,
        passwordHash: hash,
        totpSealed: app.keyring.seal(secretPlace(id), secret),
        totpStep: 0,
      })
      .where(eq(tx.officers.id, id))
    await endSessions(tx, 'console', id)
    return [false, { outcome: 'done', subject: id }]
  })
  return taken ? 'taken' : { secret, uri: totpOf(chosen.username, secret).toString() }
}

/** The same secret again, for a page that is shown once more before the first code was right. */
export function totpUri({ keyring }: App, officer: OfficerRow): { secret: string; uri: string } | undefined {
  if (officer.totpSealed === null) return undefined
  const secret = keyring.open(secretPlace(officer.id), officer.totpSealed)
  return { secret, uri: totpOf(officer.username, secret).toString() }
}
