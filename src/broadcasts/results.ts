import { and, asc, count, gt, lt, max } from 'drizzle-orm'
import type { MessageStatus } from '../store/schema.ts'
import type { Read } from '../store/store.ts'
import { dedupesOf } from './send.ts'

export type Results = Partial<Record<MessageStatus, number>>

/** Counted in one query; between two of them others have the storage. */
const AT_ONCE = 4_000

/** How a broadcast's messages fared, by status: read along the index by which each is sent once. */
export async function resultsOf(read: Read, order: string): Promise<Results> {
  const { outbox } = read
  const { from, to } = dedupesOf(order)
  const results: Results = {}
  for (let after = from; ; ) {
    const part = read
      .select({ status: outbox.status, dedupe: outbox.dedupe })
      .from(outbox)
      .where(and(gt(outbox.dedupe, after), lt(outbox.dedupe, to)))
      .orderBy(asc(outbox.dedupe))
      .limit(AT_ONCE)
      .as('part')
    const rows = await read
      .select({ status: part.status, n: count(), last: max(part.dedupe) })
      .from(part)
      .groupBy(part.status)
    let n = 0
    for (const row of rows) {
      results[row.status] = (results[row.status] ?? 0) + Number(row.n)
      n += Number(row.n)
      if (row.last !== null && row.last > after) after = row.last
    }
    if (n < AT_ONCE) return results
  }
}

const HAVE_LEFT: readonly MessageStatus[] = ['sending', 'unknown', 'sent', 'unreported', 'delivered', 'failed']

/** How many of them were handed to the gateway, whatever became of them then. */
export const leftOf = (results: Results): number => HAVE_LEFT.reduce((sum, status) => sum + (results[status] ?? 0), 0)
