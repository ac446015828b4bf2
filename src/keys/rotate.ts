import { eq } from 'drizzle-orm'
import { acting } from '../acting.ts'
import type { Actor, Scene } from '../action.ts'
import type { App } from '../app.ts'
import { askOrder, carryOut, type Order } from '../orders/order.ts'
import { resealDocuments } from '../people/documents.ts'
import { type RunKind, type Slice, startRun } from '../runs/run.ts'
import { resealProof } from './proof.ts'
import { putSealed, rowsToReseal, SEALED } from './sealed.ts'

/** The name of the work in the background that seals everything anew. */
export const ROTATE_RUN = 'keys.rotate'

/** Values a unit: some ten milliseconds, so that hops go on in between. */
const AT_ONCE = 100

type Cursor = { column: number; after?: readonly [string, string] | undefined }

/** Asks that everything be sealed anew with the newest key of SECRET_KEYS; another officer or operator must agree. `one_key`: there is no older one. */
export function askRotation(app: App, by: Actor, id: string): Promise<{ order: string } | { refused: 'one_key' }> {
  const { newest, ids } = app.keyring
  return acting<{ order: string } | { refused: 'one_key' }>(app, by, 'keys.ask_rotation', 'keys', async (scene) => {
    if (ids.sealing.length < 2) return [{ refused: 'one_key' }, { outcome: 'one_key' }]
    const summary = { newest, older: ids.sealing.slice(1).join(', ') }
    const order = await askOrder(scene, { kind: 'keys', input: { newest }, summary, id })
    return [{ order }, { outcome: 'done', detail: { order, ...summary } }]
  })
}

/** The second person agreed: the work begins when this unit is durable. */
export async function beginRotation(scene: Scene, order: Order): Promise<void> {
  const run = await startRun(scene, { kind: ROTATE_RUN, input: {}, by: scene.actor.name, id: `keys:${order.id}` })
  await carryOut(scene, order.id, run)
}

export const rotateRun: RunKind<Record<string, never>> = {
  async slice(scene, _, cursor): Promise<Slice> {
    const at: Cursor = cursor === null ? { column: 0 } : (JSON.parse(cursor) as Cursor)
    const sealed = SEALED[at.column]
    if (!sealed) return { next: undefined, done: await resealProof(scene) }
    const { tx, tools } = scene
    const rows = await rowsToReseal(tx, sealed, tools.keyring.newest, at.after, AT_ONCE)
    let done = 0
    for (const row of rows)
      if (await putSealed(tx, sealed, row, tools.keyring.seal(row.place, tools.keyring.open(row.place, row.sealed)))) done++
    const last = rows.at(-1)
    const next: Cursor =
      last && rows.length === AT_ONCE ? { column: at.column, after: [last.a, last.b] } : { column: at.column + 1 }
    return { next: JSON.stringify(next), done, tally: { values: done } }
  },
  // Files are no rows: they follow when all rows are done, and again if that breaks off, for a file that is done is passed over.
  over: async (app) => void (await resealDocuments(app)),
}

/** How the last rotation stands; undefined where there was none. */
export async function rotationRun({ store: { read } }: Pick<App, 'store'>) {
  const runs = await read.select().from(read.runs).where(eq(read.runs.kind, ROTATE_RUN))
  return runs.sort((a, b) => b.at - a.at)[0]
}
