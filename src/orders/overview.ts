import { and, asc, desc, eq, gt, lt, or, type SQL } from 'drizzle-orm'
import type { Read } from '../store/store.ts'
import type { Order, OrderKind } from './order.ts'

export const ORDER_KINDS: readonly OrderKind[] = ['publish', 'broadcast', 'bank', 'phone', 'erasure', 'pay', 'notice', 'keys']
export const DECIDED: readonly Order['state'][] = ['approved', 'refused', 'cancelled', 'done']

/**
 * A page of orders by the time they were asked for, from whatever stands in `after` on. Each state and kind is a walk of its own along
 * their index, and the walks are merged: however many there are, no more than a page of each is read.
 */
export async function ordersOf(
  read: Read,
  {
    states,
    kinds,
    where,
    down = false,
    after,
    most,
  }: {
    states: readonly Order['state'][]
    kinds: readonly OrderKind[]
    where?: SQL | undefined
    down?: boolean
    after?: readonly [at: number, id: string] | undefined
    most: number
  },
): Promise<Order[]> {
  const { orders } = read
  const [beyond, way] = down ? [lt, desc] : [gt, asc]
  const past = after && or(beyond(orders.askedAt, after[0]), and(eq(orders.askedAt, after[0]), beyond(orders.id, after[1])))
  const walks = states.flatMap((state) =>
    kinds.map((kind) =>
      read
        .select()
        .from(orders)
        .where(and(eq(orders.state, state), eq(orders.kind, kind), where, past))
        .orderBy(way(orders.askedAt), way(orders.id))
        .limit(most),
    ),
  )
  const found = (await Promise.all(walks)).flat()
  const turn = down ? -1 : 1
  return found.sort((a, b) => turn * (a.askedAt - b.askedAt || (a.id < b.id ? -1 : 1))).slice(0, most)
}
