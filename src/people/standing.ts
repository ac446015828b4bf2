import { and, eq } from 'drizzle-orm'
import { acting } from '../acting.ts'
import type { Actor } from '../action.ts'
import type { App } from '../app.ts'
import type { Msisdn } from '../base/msisdn.ts'
import { decidesAbout } from '../officers/officer.ts'
import { forgetGuesses } from '../security/guesses.ts'
import { endSessions } from '../security/web-sessions.ts'
import { tell } from '../sms/outbox.ts'
import { languageOf } from './language.ts'

/** Why an officer may suspend somebody: each has words for the officer; the person is told to ask the council. */
export const SUSPENSION_REASONS = ['conduct', 'identity', 'left_service', 'own_wish', 'other'] as const
export type SuspensionReason = (typeof SUSPENSION_REASONS)[number]

export type Stood = 'done' | 'stale' | 'sub_county'

/**
 * Suspends somebody of the roll, or takes that back, and tells them. `was` is what the officer saw: where somebody else changed it
 * meanwhile, nothing happens and `stale` comes back; `sub_county`: it is not for this officer to vet them. Their web sessions end at once; by phone they are told from the next dial on.
 */
export function setStanding(
  app: App,
  by: Actor,
  { id, was, reason }: { id: string; was: 'vetted' | 'suspended'; reason: SuspensionReason },
): Promise<Stood> {
  const to = was === 'vetted' ? 'suspended' : 'vetted'
  return acting<Stood>(app, by, to === 'suspended' ? 'people.suspend' : 'people.restore', id, async (scene) => {
    const { tx, at } = scene
    const [held] = await tx.select({ subCounty: tx.people.homeSubCounty }).from(tx.people).where(eq(tx.people.id, id))
    if (held && !(await decidesAbout(tx, by, held.subCounty))) return ['sub_county', { outcome: 'sub_county', subject: id }]
    const [person] = await tx
      .update(tx.people)
      .set({ status: to, at })
      .where(and(eq(tx.people.id, id), eq(tx.people.status, was)))
      .returning({ msisdn: tx.people.msisdn })
    if (!person) return ['stale', { outcome: 'stale', subject: id }]
    if (to === 'suspended') await endSessions(tx, 'portal', id)
    await tell(scene, {
      to: person.msisdn as Msisdn,
      person: id,
      message: `standing_${to === 'suspended' ? 'suspended' : 'restored'}`,
      values: {},
      language: await languageOf(scene, person.msisdn),
      class: 'notice',
      dedupe: `standing:${id}:${at}`,
    })
    return ['done', { outcome: 'done', subject: id, detail: { reason } }]
  })
}

/** Lets somebody try PIN and password again who was locked out. */
export function unlock(app: App, by: Actor, { id, msisdn }: { id: string; msisdn: string }): Promise<void> {
  return acting(app, by, 'people.unlock', msisdn, async ({ tx }) => {
    for (const key of guessKeysOf(msisdn)) await forgetGuesses(tx, key)
    return [undefined, { outcome: 'done', subject: id }]
  })
}

/** Under which names the tries at somebody's PIN and password are counted. */
export const guessKeysOf = (msisdn: string): [pin: string, password: string] => [`pin:${msisdn}`, `password:${msisdn}`]
