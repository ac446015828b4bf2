import { and, asc, eq, gt, inArray, lt } from 'drizzle-orm'
import { acting, leaveTrace } from '../acting.ts'
import type { Actor, Scene } from '../action.ts'
import type { App } from '../app.ts'
import { carryOut, type Order, orderInput } from '../orders/order.ts'
import { type RunKind, startRun, stopRun } from '../runs/run.ts'
import { ruleOf } from '../sms/classes.ts'
import { write } from '../sms/outbox.ts'
import { inNamed } from '../store/named.ts'
import { someOf } from './audience.ts'
import type { Draft } from './draft.ts'
import { goesAt } from './hours.ts'

/** The names of the work in the background: writing a broadcast into the outbox, and taking back what has not left. */
export const BROADCAST_RUN = 'messages.broadcast'
export const TAKE_BACK_RUN = 'messages.take_back'
const LOOK = 2_000
/** Written in one unit: hops go on in between. */
const AT_ONCE = 100
const LOOKED_BACK = 500

type Sending = Draft & { order: string }

export const broadcastRunOf = (order: string): string => `broadcast:${order}`
export const takeBackRunOf = (order: string): string => `take_back:${order}`

/** What makes a person's message of a broadcast the same message. */
const dedupeOf = (order: string, person: string) => `broadcast:${order}:${person}`
/** Between which all of them lie, in any order of letters: ids begin with 0 to f. */
export const dedupesOf = (order: string): { from: string; to: string } => ({
  from: `broadcast:${order}:`,
  to: `broadcast:${order}:g`,
})

/** The second officer agreed: writing begins when this unit is durable. */
export async function beginBroadcast(scene: Scene, order: Order): Promise<void> {
  const draft = orderInput<Draft>(scene.tools, order)
  const input: Sending = { ...draft, order: order.id }
  const of = Number(order.summary.people)
  const run = await startRun(scene, { kind: BROADCAST_RUN, input, of, by: scene.actor.name, id: broadcastRunOf(order.id) })
  await carryOut(scene, order.id, run)
}

/** Writes a message to everybody of the group as it is now, once each. In quiet hours they wait in the outbox until these are over. */
export const broadcastRun: RunKind<Sending> = {
  async slice(scene, { order, texts, group }, cursor) {
    const { tx, at, tools } = scene
    const [standing] = await tx.select({ state: tx.orders.state }).from(tx.orders).where(eq(tx.orders.id, order))
    // Stopped for good: going on would send again what was taken back.
    if (standing?.state !== 'done') return { next: undefined, done: 0 }
    const { people, next } = await someOf(tx, group, cursor ?? '', { look: LOOK, most: AT_ONCE })
    const written: string[] = []
    for (const { id, msisdn, language } of people) {
      const dedupe = dedupeOf(order, id)
      if (await write(scene, { to: msisdn, person: id, language, class: 'bulk', dedupe }, texts[language])) written.push(dedupe)
    }
    const dueAt = goesAt(tools.config, at)
    if (dueAt > at && written.length > 0)
      await tx
        .update(tx.outbox)
        .set({ dueAt, expiresAt: dueAt + ruleOf('bulk').lifeMs })
        .where(inArray(tx.outbox.dedupe, written))
    await leaveTrace(scene, 'broadcasts.write', { outcome: 'done', detail: { order, written: written.length } })
    return { next, done: people.length, tally: { written: written.length } }
  },
}

/**
 * Stops a broadcast for good: no more is written, and what stands in the outbox and has not left is taken back. False where it is not under
 * way (any more): it was never agreed to, or somebody stopped it before.
 */
export function stopBroadcast(app: App, by: Actor, order: string): Promise<boolean> {
  // The key of the run's slices: none of them is half done meanwhile.
  return acting(app, by, 'broadcasts.stop', `run:${broadcastRunOf(order)}`, async (scene) => {
    const { tx } = scene
    const [stopped] = await tx
      .update(tx.orders)
      .set({ state: 'cancelled' })
      .where(and(eq(tx.orders.id, order), eq(tx.orders.kind, 'broadcast'), eq(tx.orders.state, 'done')))
      .returning({ id: tx.orders.id })
    if (!stopped) return [false, { outcome: 'over', detail: { order } }]
    await stopRun(scene, broadcastRunOf(order))
    await startRun(scene, { kind: TAKE_BACK_RUN, input: { order }, by: by.name, id: takeBackRunOf(order) })
    return [true, { outcome: 'done', detail: { order } }]
  })
}

/** Takes back what waits. What is on the wire cannot be called back; should it return, it has expired and is not sent again. */
export const takeBackRun: RunKind<{ order: string }> = {
  async slice({ tx, at }, { order }, cursor) {
    const { outbox } = tx
    const { from, to } = dedupesOf(order)
    const rows = await tx
      .select({ id: outbox.id, dedupe: outbox.dedupe, status: outbox.status })
      .from(outbox)
      .where(and(gt(outbox.dedupe, cursor ?? from), lt(outbox.dedupe, to)))
      .orderBy(asc(outbox.dedupe))
      .limit(LOOKED_BACK)
    const idsOf = (status: (typeof rows)[number]['status']) => rows.filter((row) => row.status === status).map(({ id }) => id)
    const taken = await tx
      .update(outbox)
      .set({ status: 'expired', reason: 'stopped', expiresAt: at, changedAt: at })
      .where(and(inArray(outbox.id, idsOf('queued')), eq(inNamed(outbox.status), 'queued')))
      .returning({ id: outbox.id })
    await tx
      .update(outbox)
      .set({ expiresAt: at })
      .where(and(inArray(outbox.id, idsOf('sending')), eq(inNamed(outbox.status), 'sending')))
    const next = rows.length < LOOKED_BACK ? undefined : rows.at(-1)?.dedupe
    return { next, done: rows.length, tally: { taken_back: taken.length } }
  },
}
