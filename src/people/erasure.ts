import { and, eq, inArray } from 'drizzle-orm'
import { acting } from '../acting.ts'
import type { Actor } from '../action.ts'
import type { App } from '../app.ts'
import { askOrder } from '../orders/order.ts'
import type { Read } from '../store/store.ts'

/** The wish to erase this person that waits for an officer: its order, and since when. */
async function openErasure(read: Read, personId: string): Promise<{ id: string; at: number } | undefined> {
  const { orders } = read
  const [order] = await read
    .select({ id: orders.id, at: orders.askedAt })
    .from(orders)
    .where(and(eq(orders.subject, personId), eq(orders.kind, 'erasure'), inArray(orders.state, ['asked', 'approved'])))
  return order
}

/** Whether this person's wish to be erased waits for an officer. */
export const erasureAsked = async ({ store: { read } }: App, personId: string): Promise<number | undefined> =>
  (await openErasure(read, personId))?.at

/**
 * Asks that everything about a person be erased; an officer answers within 14 days (Data Protection Act). Asked twice it is asked once;
 * refused before, it is asked anew. Gives the order.
 */
export function askErasure(app: App, actor: Actor, person: { id: string; county: string }, reason?: string): Promise<string> {
  const { id: subject, county } = person
  return acting(app, actor, 'people.ask_erasure', `erasure:${subject}`, async (scene) => {
    const { tx } = scene
    const open = await openErasure(tx, subject)
    if (open) return [open.id, { outcome: 'again', subject }]
    const [before] = await tx
      .select({ id: tx.orders.id })
      .from(tx.orders)
      .where(eq(tx.orders.id, `erasure:${subject}`))
    const id = before ? app.clock.id() : `erasure:${subject}`
    const input = reason === undefined ? {} : { reason }
    await askOrder(scene, { kind: 'erasure', subject, county, input, summary: {}, id })
    return [id, { outcome: 'done', subject, detail: { order: id } }]
  })
}
