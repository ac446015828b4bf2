import type { Actor, Scene } from './action.ts'
import type { App } from './app.ts'
import { once } from './store/store.ts'

/** What the audit trail keeps of one unit: never anything personal. `subject` is the row it is about. */
export type Trace = {
  outcome: string
  subject?: string | null | undefined
  detail?: Record<string, string | number> | undefined
}

/** Whoever sits at the command line, where a command does not say who. */
export const operator: Actor = { via: 'cli', name: 'operator', signed: false, language: 'en' }

/** Runs what somebody asked for as one unit that leaves one row in the audit trail, and gives what `unit` gave. */
export function acting<T>(
  app: App,
  actor: Actor,
  action: string,
  key: string,
  unit: (scene: Scene) => Promise<[result: T, trace: Trace]>,
): Promise<T> {
  return app.store.work(key, async (tx) => {
    const scene: Scene = { tx, actor, at: app.clock.now(), tools: app }
    const [result, trace] = await unit(scene)
    await leaveTrace(scene, action, trace)
    return result
  })
}

/** One row of the audit trail, in the unit that is open. */
export async function leaveTrace(
  { tx, actor, at, tools }: Pick<Scene, 'tx' | 'actor' | 'at'> & { tools: Pick<App, 'clock'> },
  action: string,
  { outcome, subject = null, detail }: Trace,
): Promise<void> {
  const { name, via } = actor
  const row = { id: tools.clock.id(), at, actor: name, via, action, subject, outcome }
  await (detail === undefined ? writeBare(tx, row) : writeDetailed(tx, { ...row, detail }))
}

type Bare = { id: string; at: number; actor: string; via: string; action: string; subject: string | null; outcome: string }
const columns = (hole: { [K in keyof Bare]: never }) => ({
  id: hole.id,
  at: hole.at,
  actor: hole.actor,
  via: hole.via,
  action: hole.action,
  subject: hole.subject,
  outcome: hole.outcome,
})
// Two, as what fills a hole of JSON is written as JSON: nothing at all would become the word null.
const writeBare = once<Bare, unknown>('trace', (tx, hole) => tx.insert(tx.audit).values(columns(hole)))
const writeDetailed = once<Bare & { detail: Record<string, string | number> }, unknown>('trace_detail', (tx, hole) =>
  tx.insert(tx.audit).values({ ...columns(hole), detail: hole.detail }),
)
