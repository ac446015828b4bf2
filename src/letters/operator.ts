import type { Actor, Scene } from '../action.ts'
import type { App } from '../app.ts'

/** Whoever sits at the command line. */
const operator: Actor = { via: 'cli', name: 'operator', signed: false, language: 'en' }

/** What the audit trail keeps of one unit: never anything personal. */
export type Trace = { outcome: string; subject?: string | undefined; detail?: Record<string, string | number> }

/** Runs what an operator asked for as one unit that leaves one row in the audit trail, and gives what `unit` gave. */
export function operating<T>(app: App, action: string, key: string, unit: (scene: Scene) => Promise<[T, Trace]>): Promise<T> {
  return app.store.work(key, async (tx) => {
    const at = app.clock.now()
    const [result, { outcome, subject = null, detail = null }] = await unit({ tx, actor: operator, at, tools: app })
    const { name: actor, via } = operator
    await tx.insert(tx.audit).values({ id: app.clock.id(), at, actor, via, action, subject, outcome, detail })
    return result
  })
}
