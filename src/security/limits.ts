import { and, gt, inArray, lte } from 'drizzle-orm'
import type { App } from '../app.ts'
import { once, type Tx } from '../store/store.ts'

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
 */
export async function withinLimit(tx: Tx, at: number, key: string, most: number, windowMs: number): Promise<boolean> {
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

/** Places that are free again are forgotten. */
export async function forgetLimits({ store, clock }: Pick<App, 'store' | 'clock'>): Promise<void> {
  await store.work('limits:forget', async (tx) => {
    await tx.delete(tx.limits).where(lte(tx.limits.until, clock.now()))
  })
}
