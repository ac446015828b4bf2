import { and, eq, gt, sql } from 'drizzle-orm'
import type { Scene } from '../action.ts'
import type { App } from '../app.ts'
import { MINUTE } from '../base/dates.ts'
import type { Msisdn } from '../base/msisdn.ts'
import { CODES } from '../security/limit-sizes.ts'
import { withinAll } from '../security/limits.ts'
import { tell } from '../sms/outbox.ts'

/** What a code by SMS is for; each has a code of its own at a time. */
export type Purpose = 'device' | 'bank' | 'phone_old' | 'phone_new'

const LIFE_MS = 10 * MINUTE
const TRIES = 5

const digestOf = ({ keyring }: Pick<App, 'keyring'>, personId: string, purpose: Purpose, code: string) =>
  keyring.digest('challenge', `${personId}\n${purpose}\n${code}`)

/** Sends six digits by SMS that are good for ten minutes; a later code takes the earlier one's place. False where too many were asked for. */
export async function sendCode(scene: Scene, to: { personId: string; msisdn: Msisdn; purpose: Purpose }): Promise<boolean> {
  const { tx, at, tools, actor } = scene
  const { personId, msisdn, purpose } = to
  if (!(await withinAll(tx, at, `code:${personId}`, CODES))) return false
  const code = Array.from({ length: 6 }, () => tools.clock.below(10)).join('')
  const values = { codeDigest: digestOf(tools, personId, purpose, code), triesLeft: TRIES, expiresAt: at + LIFE_MS }
  await tx
    .insert(tx.challenges)
    .values({ personId, purpose, ...values })
    .onConflictDoUpdate({ target: [tx.challenges.personId, tx.challenges.purpose], set: values })
  await tell(scene, {
    to: msisdn,
    person: personId,
    message: 'web_code',
    values: { code },
    language: actor.language,
    class: 'otp',
    dedupe: `code:${personId}:${purpose}:${tools.clock.id()}`,
  })
  return true
}

/** Takes a typed code, once: the try is counted in the same statement that looks it up. `over`: expired, used, or tried too often. */
export async function takeCode(
  { tx, at, tools }: Pick<Scene, 'tx' | 'at' | 'tools'>,
  personId: string,
  purpose: Purpose,
  typed: string,
): Promise<'right' | 'wrong' | 'over'> {
  const { challenges } = tx
  const mine = and(eq(challenges.personId, personId), eq(challenges.purpose, purpose))
  const [counted] = await tx
    .update(challenges)
    .set({ triesLeft: sql`${challenges.triesLeft} - 1` })
    .where(and(mine, gt(challenges.triesLeft, 0), gt(challenges.expiresAt, at)))
    .returning()
  if (!counted) return 'over'
  if (counted.codeDigest !== digestOf(tools, personId, purpose, typed.replace(/\D/g, '')))
    return counted.triesLeft > 0 ? 'wrong' : 'over'
  await tx.delete(challenges).where(mine)
  return 'right'
}
