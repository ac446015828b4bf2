import { sql } from 'drizzle-orm'
import { once, type Tx } from '../store/store.ts'

const count = once<{ key: string; until: number; at: number }, { count: number }[]>('limit', (tx, hole) => {
  const { limits } = tx
  const over = sql`${limits.until} <= ${hole.at}`
  return tx
    .insert(limits)
    .values({ key: hole.key, count: 1, until: hole.until })
    .onConflictDoUpdate({
      target: limits.key,
      set: {
        count: sql`case when ${over} then 1 else ${limits.count} + 1 end`,
        until: sql`case when ${over} then ${hole.until} else ${limits.until} end`,
      },
    })
    .returning({ count: limits.count })
})

/** Counts one use of `key` where it stands; whether it is still within `most` in a window of `windowMs` that began with the first. */
export async function withinLimit(tx: Tx, at: number, key: string, most: number, windowMs: number): Promise<boolean> {
  const [counted] = await count(tx, { key, until: at + windowMs, at })
  return (counted?.count ?? most + 1) <= most
}
