import { eq, sql } from 'drizzle-orm'
import type { Actor } from '../action.ts'
import type { App } from '../app.ts'
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

/** Longer than anybody sends one and the same request again. */
const SAME_MS = 10 * MINUTE

/**
 * As `countGuess`, but one and the same try, named by `same`, is counted once however often and wherever it comes: a step of a call can
 * reach two nodes at one moment. The unit's key must be the same for all of them.
 */
export async function countGuessOnce(tx: Tx, at: number, key: string, same: string | undefined): Promise<Guess> {
  if (same === undefined) return countGuess(tx, at, key)
  const { limits } = tx
  const row = { key: `try:${same}`, until: at + SAME_MS }
  const [before] = await tx.select({ left: limits.count }).from(limits).where(eq(limits.key, row.key))
  if (before) return { allowed: true, left: before.left }
  const guess = await countGuess(tx, at, key)
  if (guess.allowed)
    await tx
      .insert(limits)
      .values({ ...row, count: guess.left })
      .onConflictDoNothing()
  return guess
}

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

/** What makes it the same try: the request, and the secret, for a request can hold several. */
export const sameTry = ({ keyring }: Pick<App, 'keyring'>, { request }: Actor, secret: string): string | undefined =>
  request && keyring.digest('try', `${request()}\n${secret}`)

/** The secret was right, was changed, or an officer unlocked it: the count begins anew. */
export async function forgetGuesses(tx: Tx, key: string): Promise<void> {
  await tx.delete(tx.guesses).where(eq(tx.guesses.key, key))
}
