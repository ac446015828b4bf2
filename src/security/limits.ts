import { and, asc, eq, gt, inArray, lte, sql } from 'drizzle-orm'
import type { App } from '../app.ts'
import { HOUR } from '../base/dates.ts'
import { BREATH_MS } from '../store/slices.ts'
import { once, type Tx } from '../store/store.ts'
import type { Limit } from './limit-sizes.ts'

/** Takes one place if it is free: whoever comes at the same moment finds it taken. */
const take = once<{ key: string; until: number; at: number }, { key: string }[]>('limit', (tx, hole) => {
  const { limits } = tx
  return tx
    .insert(limits)
    .values({ key: hole.key, count: 1, until: hole.until })
    .onConflictDoUpdate({ target: limits.key, set: { until: hole.until }, setWhere: lte(limits.until, hole.at) })
    .returning({ key: limits.key })
})

/**
 * Counts one use of `key`; whether it is still within `most` in the last `windowMs`. Every key has `most` places, and a use takes one
 * for a whole window: so never more than `most` in any window, wherever it begins. A refused use counts for nothing.
 * For a handful; more are counted by `countWithin`.
 */
export async function withinLimit(tx: Tx, at: number, key: string, { most, windowMs }: Limit): Promise<boolean> {
  const { limits } = tx
  const places = Array.from({ length: most }, (_, n) => `${key}:${n}`)
  const held = await tx
    .select({ key: limits.key })
    .from(limits)
    .where(and(inArray(limits.key, places), gt(limits.until, at)))
  const taken = new Set(held.map((row) => row.key))
  for (const place of places)
    if (!taken.has(place) && (await take(tx, { key: place, until: at + windowMs, at })).length > 0) return true
  return false
}

/** The same by the hour and by the day: both have to allow it. */
export async function withinAll(tx: Tx, at: number, key: string, limits: readonly Limit[]): Promise<boolean> {
  for (const limit of limits) if (!(await withinLimit(tx, at, `${key}:${limit.windowMs / HOUR}h`, limit))) return false
  return true
}

type Counting = { key: string; n: number; room: number; end: number; at: number; beyond: number }
const count = once<Counting, { until: number }[]>('count', (tx, hole) => {
  const { limits } = tx
  // Of an earlier window; or of one that a clock that ran ahead has left behind.
  const over = sql`(${limits.until} <= ${hole.at} or ${limits.until} > ${hole.beyond})`
  return tx
    .insert(limits)
    .values({ key: hole.key, count: hole.n, until: hole.end })
    .onConflictDoUpdate({
      target: limits.key,
      set: {
        count: sql`case when ${over} then ${hole.n} else ${limits.count} + ${hole.n} end`,
        until: sql`case when ${over} then ${hole.end} else ${limits.until} end`,
      },
      setWhere: sql`${over} or ${limits.count} <= ${hole.room}`,
    })
    .returning({ until: limits.until })
})

/**
 * Adds `n` uses of `key` to those of the minute, hour or day of Nairobi's clock that `at` lies in, and gives when that ends; undefined,
 * and nothing is added, where they would be more than `most`. One row and one statement however many there are; in return two windows
 * that touch may hold twice as many as one.
 */
export async function countWithin(
  tx: Tx,
  at: number,
  key: string,
  { most, windowMs }: Limit,
  n = 1,
): Promise<number | undefined> {
  if (n > most) return undefined
  const [row] = await count(tx, { key, n, room: most - n, end: endOfWindow(at, windowMs), at, beyond: at + 2 * windowMs })
  return row?.until
}

/** Takes back what was counted and did not happen, where its window is not over yet. */
export async function uncount(tx: Tx, at: number, key: string, { windowMs }: Limit): Promise<void> {
  const { limits } = tx
  const stands = and(eq(limits.key, key), gt(limits.until, at), lte(limits.until, at + 2 * windowMs), gt(limits.count, 0))
  await tx
    .update(limits)
    .set({ count: sql`${limits.count} - 1` })
    .where(stands)
}

export const endOfWindow = (at: number, windowMs: number): number =>
  (Math.floor((at + 3 * HOUR) / windowMs) + 1) * windowMs - 3 * HOUR

const AT_ONCE = 500

/** What is over is forgotten: a walk along the keys, a small unit for each page of them. */
export async function forgetLimits({ store, clock }: Pick<App, 'store' | 'clock'>): Promise<void> {
  const at = clock.now()
  const { limits } = store.read
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page: { key: string; until: number }[] = await store.read
      .select({ key: limits.key, until: limits.until })
      .from(limits)
      .where(gt(limits.key, after))
      .orderBy(asc(limits.key))
      .limit(AT_ONCE)
    const over = page.filter(({ until }) => until <= at).map(({ key }) => key)
    if (over.length > 0)
      await store.work('limits:forget', (tx) =>
        tx.delete(tx.limits).where(and(inArray(tx.limits.key, over), lte(tx.limits.until, at))),
      )
    await clock.sleep(BREATH_MS)
    after = page.length < AT_ONCE ? undefined : page.at(-1)?.key
  }
}
