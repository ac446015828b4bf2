import { eq } from 'drizzle-orm'
import { acting } from '../acting.ts'
import type { Actor, Scene } from '../action.ts'
import type { App } from '../app.ts'
import { Fault } from '../base/fault.ts'
import type { Read } from '../store/store.ts'
import { cancelOrder, decideOrder, type Order, type OrderKind, type OrderKinds } from './order.ts'

export type OrderRules = {
  /** Whether somebody is one of two people by what they did at that time: not who is still to be confirmed as an officer. */
  counts: (from: Read, actor: string, at: number) => Promise<boolean>
  /** What a yes sets going. */
  kinds: OrderKinds
  /** What a no, or being stopped by somebody else, brings with it: the person is told. */
  refusals: OrderKinds
  /** What being taken back by whoever asked brings with it. */
  withdrawals: OrderKinds
  /** What stands in the way of a yes for now, as a code: the order goes on waiting. */
  hindrances: Readonly<Partial<Record<OrderKind, (scene: Scene, order: Order) => Promise<string | undefined>>>>
  /** The same where it takes long to see: looked at before the unit, so that nobody waits for it. */
  looks: Readonly<Partial<Record<OrderKind, (app: App, order: Order) => Promise<string | undefined>>>>
}

export type Decided =
  | { order: Order; refused?: never }
  | { refused: 'unknown' | 'own' | 'changed' | 'over' | Uncounted }
  | { refused: 'hindered'; why: string }

export type Uncounted = 'unconfirmed' | 'asker_unconfirmed'

/** Whether one of the two is missing: whoever answers does not count yet, or, for a yes, whoever asked did not when they asked. */
export async function uncounted(
  from: Read,
  { counts }: Pick<OrderRules, 'counts'>,
  { askedBy, askedAt }: Pick<Order, 'askedBy' | 'askedAt'>,
  { by, at, yes }: { by: string; at: number; yes: boolean },
): Promise<Uncounted | undefined> {
  if (!(await counts(from, by, at))) return 'unconfirmed'
  return yes && !(await counts(from, askedBy, askedAt)) ? 'asker_unconfirmed' : undefined
}

/** A second person's answer to exactly what was shown, and all that comes of it, in one unit with its audit row. */
export async function answerOrder(
  app: App,
  by: Actor,
  rules: OrderRules,
  { id, digest, yes }: { id: string; digest: string; yes: boolean },
): Promise<Decided> {
  const { read } = app.store
  const [seen] = await read.select().from(read.orders).where(eq(read.orders.id, id))
  const found = yes && seen?.state === 'asked' ? await rules.looks[seen.kind]?.(app, seen) : undefined
  return acting<Decided>(app, by, yes ? 'orders.agree' : 'orders.refuse', `order:${id}`, async (scene) => {
    const { tx, at } = scene
    const [standing] = await tx.select().from(tx.orders).where(eq(tx.orders.id, id))
    const trace = (outcome: string) => ({ outcome, ...about(id, standing) })
    const missing = standing && (await uncounted(tx, rules, standing, { by: by.name, at, yes }))
    if (missing) return [{ refused: missing }, trace(missing)]
    const waits = standing?.state === 'asked' && standing.askedBy !== by.name && standing.digest === digest
    const why = yes && waits ? (found ?? (await rules.hindrances[standing.kind]?.(scene, standing))) : undefined
    if (why !== undefined) return [{ refused: 'hindered', why }, trace(why)]
    const decided = await decideOrder(scene, { id, digest, yes })
    if ('refused' in decided) return [decided, trace(decided.refused)]
    const { order } = decided
    const begin = rules.kinds[order.kind]
    if (yes && !begin) throw new Fault('bad_settings', `nothing carries out an order of kind '${order.kind}'`)
    await (yes ? begin : rules.refusals[order.kind])?.(scene, order)
    return [{ order }, trace('done')]
  })
}

/** Takes an order back before it has taken effect; false where it is too late. Whoever did not ask for it themselves brings with it what a no does. */
export function takeBack(app: App, by: Actor, rules: Pick<OrderRules, 'refusals' | 'withdrawals'>, id: string): Promise<boolean> {
  return acting(app, by, 'orders.cancel', `order:${id}`, async (scene) => {
    const { tx } = scene
    const cancelled = await cancelOrder(scene, id)
    const [order] = await tx.select().from(tx.orders).where(eq(tx.orders.id, id))
    const follows = order?.askedBy === by.name ? rules.withdrawals : rules.refusals
    if (cancelled && order) await follows[order.kind]?.(scene, order)
    return [cancelled, { outcome: cancelled ? 'done' : 'over', ...about(id, order) }]
  })
}

const about = (id: string, order: Order | undefined) => ({
  subject: order?.subject,
  detail: { order: id, ...(order ? { kind: order.kind } : {}) },
})
