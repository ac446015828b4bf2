import { and, eq, inArray } from 'drizzle-orm'
import { acting } from '../acting.ts'
import type { Actor } from '../action.ts'
import type { App } from '../app.ts'
import { askOrder } from '../orders/order.ts'

/** Whether this person's wish to be erased waits for an officer. */
export async function erasureAsked({ store: { read } }: App, personId: string): Promise<number | undefined> {
  const { orders } = read
  const [order] = await read
    .select({ at: orders.askedAt })
    .from(orders)
    .where(and(eq(orders.subject, personId), eq(orders.kind, 'erasure'), inArray(orders.state, ['asked', 'approved'])))
  return order?.at
}

/** Asks that everything about a person be erased; an officer answers within 14 days (Data Protection Act). Asked twice it is asked once. */
export async function askErasure(app: App, actor: Actor, person: { id: string; county: string }): Promise<void> {
  if ((await erasureAsked(app, person.id)) !== undefined) return
  await acting(app, actor, 'people.ask_erasure', `erasure:${person.id}`, async (scene) => {
    const { id, county } = person
    await askOrder(scene, { kind: 'erasure', subject: id, county, input: {}, summary: {}, id: `erasure:${id}` })
    return [undefined, { outcome: 'done', subject: id }]
  })
}
