import { and, desc, eq, inArray, type SQL, sql } from 'drizzle-orm'
import type { Order } from '../orders/order.ts'
import type { Read } from '../store/store.ts'

const STATES: readonly Order['state'][] = ['asked', 'approved', 'refused', 'cancelled', 'done']

/** At most `most` broadcasts, the newest first, from after that time of asking and id. There are a few a week: they are put in order as they are. */
export async function broadcastsOf(
  read: Read,
  { where, after, most }: { where?: SQL | undefined; after?: readonly [at: number, id: string] | undefined; most: number },
): Promise<Order[]> {
  const { orders: o } = read
  const past = after && sql`(${o.askedAt}, ${o.id}) < (${after[0]}, ${after[1]})`
  return read
    .select()
    .from(o)
    .where(and(inArray(o.state, [...STATES]), eq(o.kind, 'broadcast'), where, past))
    .orderBy(desc(o.askedAt), desc(o.id))
    .limit(most)
}
