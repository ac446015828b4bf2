import type { Actor, Scene } from './action.ts'
import type { App } from './app.ts'

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
  await tx
    .insert(tx.audit)
    .values({ id: tools.clock.id(), at, actor: name, via, action, subject, outcome, detail: detail ?? null })
}
