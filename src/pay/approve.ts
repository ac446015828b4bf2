import { and, eq, inArray } from 'drizzle-orm'
import { acting } from '../acting.ts'
import type { Actor, Scene } from '../action.ts'
import type { App } from '../app.ts'
import { cancelOrder, carryOut, type Order, orderInput } from '../orders/order.ts'
import { stopRun } from '../runs/run.ts'
import { type PayOrder, prepareRunOf } from './prepare.ts'
import { sumsOf } from './sum.ts'

/** What stands in the way of a yes: a line, an account or a sum is not what it was when the list was prepared. Looks at every line: slow. */
export async function payLook({ store, keyring }: App, order: Order): Promise<'pay_changed' | undefined> {
  const { list: id, controlSum } = orderInput<PayOrder>({ keyring }, order)
  const { read } = store
  const [list] = await read.select().from(read.paylists).where(eq(read.paylists.id, id))
  const now = await sumsOf(read, keyring, id)
  const same = now.controlSum === controlSum && now.lines === list?.lines && now.totalKes === list.totalKes
  return same ? undefined : 'pay_changed'
}

/** The same for what can be seen at once, in the unit of the yes. */
export async function payHindrance({ tx, tools }: Scene, order: Order): Promise<'pay_changed' | undefined> {
  const { list: id, controlSum } = orderInput<PayOrder>(tools, order)
  const [list] = await tx.select().from(tx.paylists).where(eq(tx.paylists.id, id))
  return list?.state === 'prepared' && list.controlSum === controlSum ? undefined : 'pay_changed'
}

/** The second officer agreed: the list may be taken to the banks. */
export async function approvePay(scene: Scene, order: Order): Promise<void> {
  const { list } = orderInput<PayOrder>(scene.tools, order)
  if (await moveList(scene, list, 'prepared', 'approved')) await carryOut(scene, order.id)
}

/** The second officer refused, or the first took it back: everybody on the list may be put on another. */
export async function refusePay(scene: Scene, order: Order): Promise<void> {
  await freeList(scene, orderInput<PayOrder>(scene.tools, order).list)
}

/** Marks that an approved list was handed to the banks; false where it is not approved (any more). */
export function markSent(app: App, by: Actor, list: string): Promise<boolean> {
  return acting(app, by, 'pay.sent', `paylist:${list}`, async (scene) => {
    const sent = await moveList(scene, list, 'approved', 'sent')
    return [sent, { outcome: sent ? 'done' : 'over', detail: { list } }]
  })
}

/** Gives up a list that nobody has approved, while it is being prepared or when it waits; false where it is too late. */
export function giveUp(app: App, by: Actor, list: string): Promise<boolean> {
  // The key of the run's slices: none of them is half done meanwhile.
  return acting(app, by, 'pay.give_up', `run:${prepareRunOf(list)}`, async (scene) => {
    await stopRun(scene, prepareRunOf(list))
    const freed = await freeList(scene, list)
    if (freed) await cancelOrder(scene, list)
    return [freed, { outcome: freed ? 'done' : 'over', detail: { list } }]
  })
}

/** One statement for the list, one for its lines: both or neither. */
async function moveList({ tx, at }: Scene, id: string, from: 'prepared' | 'approved', to: 'approved' | 'sent'): Promise<boolean> {
  const { paylists, payLines } = tx
  const moved = await tx
    .update(paylists)
    .set({ state: to, changedAt: at })
    .where(and(eq(paylists.id, id), eq(paylists.state, from)))
    .returning({ id: paylists.id })
  if (moved.length === 0) return false
  await tx
    .update(payLines)
    .set({ state: to, changedAt: at })
    .where(and(eq(payLines.listId, id), eq(payLines.state, from)))
  return true
}

async function freeList({ tx, at }: Scene, id: string): Promise<boolean> {
  const { paylists, payLines } = tx
  const freed = await tx
    .update(paylists)
    .set({ state: 'refused', changedAt: at })
    .where(and(eq(paylists.id, id), inArray(paylists.state, ['preparing', 'prepared'])))
    .returning({ id: paylists.id })
  if (freed.length === 0) return false
  await tx
    .update(payLines)
    .set({ state: 'refused', live: null, changedAt: at })
    .where(and(eq(payLines.listId, id), eq(payLines.state, 'prepared')))
  return true
}
