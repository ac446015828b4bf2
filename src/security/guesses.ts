import { eq, sql } from 'drizzle-orm'
import { HOUR, MINUTE } from '../base/dates.ts'
import type { Tx } from '../store/store.ts'

/** After so many wrong tries in all, how long nobody may try; after the last only an officer helps. */
const LOCKS = { 5: 30 * MINUTE, 7: 2 * HOUR, 9: 24 * HOUR } as const
const MOST_TRIES = 10
const STEPS = [...Object.keys(LOCKS).map(Number), MOST_TRIES]

/** Whether a secret may be looked at. `left`: tries before the next lock, this one counted. `until`: milliseconds since 1970. */
export type Guess =
  | { allowed: true; left: number }
  | { allowed: false; why: 'locked'; until: number }
  | { allowed: false; why: 'officer' }

/**
 * Counts one try at the secret called `key`, in the unit that is open, before anything is hashed: of 200 guesses at once five are looked at.
 * The same for a key that stands for nobody, so that a lock tells nothing.
 */
export async function countGuess(tx: Tx, at: number, key: string): Promise<Guess> {
  const { guesses } = tx
  const next = sql<number>`${guesses.tries} + 1`
  const locks = Object.entries(LOCKS).map(([tries, ms]) => sql`when ${Number(tries)} then ${at + ms}`)
  const [counted] = await tx
    .insert(guesses)
    .values({ key, tries: 1, lockedUntil: 0 })
    .onConflictDoUpdate({
      target: guesses.key,
      set: { tries: next, lockedUntil: sql`case ${next} ${sql.join(locks, sql` `)} else ${guesses.lockedUntil} end` },
      setWhere: sql`${guesses.tries} < ${MOST_TRIES} and ${guesses.lockedUntil} <= ${at}`,
    })
    .returning()
  if (counted) return { allowed: true, left: (STEPS.find((step) => step >= counted.tries) ?? MOST_TRIES) - counted.tries }
  const [standing] = await tx.select().from(guesses).where(eq(guesses.key, key))
  return !standing || standing.tries >= MOST_TRIES
    ? { allowed: false, why: 'officer' }
    : { allowed: false, why: 'locked', until: standing.lockedUntil }
}

/** The secret was right, was changed, or an officer unlocked it: the count begins anew. */
export async function forgetGuesses(tx: Tx, key: string): Promise<void> {
  await tx.delete(tx.guesses).where(eq(tx.guesses.key, key))
}
