import { eq } from 'drizzle-orm'
import { acting, leaveTrace } from '../acting.ts'
import type { Actor, Scene } from '../action.ts'
import type { App } from '../app.ts'
import { askOrder, carryOut, type Order, orderInput } from '../orders/order.ts'
import { type RunKind, startRun } from '../runs/run.ts'
import { countDrafts, releaseSlice, traceOf } from './publish.ts'

/** The name of the work in the background that releases what two people agreed to. */
export const RELEASE_RUN = 'deployments.publish'

/** What was agreed: the drafts of one job (at the stations of one county) as they stood then. One that is changed later waits for another order. */
type Release = { job: string; county?: string | undefined; before: number }

export type AskedRelease = { order: string } | { refused: 'unknown_job' | 'no_drafts' }

/** Asks that the drafts of one job be released: a second officer must agree. `id` is the form's `once`: sent twice it asks once. */
export function askRelease(
  app: App,
  by: Actor,
  { job, county, id }: { job: string; county?: string | undefined; id: string },
): Promise<AskedRelease> {
  return acting<AskedRelease>(app, by, 'deployments.ask_release', `release:${job}`, async (scene) => {
    const { tx, at } = scene
    const [known] = await tx.select({ code: tx.jobs.code }).from(tx.jobs).where(eq(tx.jobs.code, job))
    if (!known) return [{ refused: 'unknown_job' }, { outcome: 'unknown_job' }]
    const input: Release = { job, county, before: at }
    const drafts = await countDrafts(tx, input)
    if (drafts === 0) return [{ refused: 'no_drafts' }, { outcome: 'no_drafts', detail: { job } }]
    const summary = { job, drafts, ...(county === undefined ? {} : { county }) }
    const order = await askOrder(scene, { kind: 'publish', subject: job, county: county ?? null, input, summary, id })
    return [{ order }, { outcome: 'done', detail: { order, ...summary } }]
  })
}

/** The second officer agreed: the letters begin to go out when this unit is durable. */
export async function beginRelease(scene: Scene, order: Order): Promise<void> {
  const input = orderInput<Release>(scene.tools, order)
  const of = await countDrafts(scene.tx, input)
  const run = await startRun(scene, { kind: RELEASE_RUN, input, of, by: scene.actor.name, id: `release:${order.id}` })
  await carryOut(scene, order.id, run)
}

export const releaseRun: RunKind<Release> = {
  async slice(scene, drafts, cursor) {
    const slice = await releaseSlice(scene, drafts, cursor ?? '')
    const { released, held, next } = slice
    await leaveTrace(scene, 'deployments.publish', traceOf(slice, drafts.job))
    return { next, done: released + held, tally: { released, held } }
  },
}
