import { and, eq, gt, isNull, lt, lte, or, sql } from 'drizzle-orm'
import type { App } from '../app.ts'
import { MINUTE } from '../base/dates.ts'
import type { Tx } from '../store/store.ts'

export type Turns = {
  /** Takes the turn that `key` names, for `ttlMs` and as long as it is renewed; false where it was taken already, or somebody is at the task. */
  shouldRun(key: string, ttlMs: number): Promise<boolean>
  /** The turn that this process has in a task is over. */
  over(task: string): Promise<void>
}

/** Clocks of nodes that are further apart than this may give one moment twice; what is that far ahead is from before a clock was set back. */
const APART_MS = 2 * MINUTE
const ISO_LENGTH = '2026-11-02T07:00:00.000Z'.length

/**
 * Of all processes on one database one does a task at a time, and each moment of it once: a row holds the moment that was taken last, and
 * who is at it. They renew it while they work; whoever dies at it is followed by a later moment. node-cron names a moment `task:ISO time`.
 * `stopping`: no turn is taken any more.
 */
export function openTurns({ store, clock, log }: Pick<App, 'store' | 'clock' | 'log'>, stopping: AbortSignal): Turns {
  const me = clock.id()
  const working = new Map<string, { moment: number; done: AbortController; renewing: Promise<void> }>()

  const work = <T>(task: string, unit: (tx: Tx) => Promise<T>) => store.work(`turn:${task}`, unit)
  const nameOf = (task: string) => `task: ${task}`

  async function take(tx: Tx, task: string, moment: number, ttlMs: number): Promise<boolean> {
    const { leases } = tx
    const at = clock.now()
    const turn = { holder: me, fence: moment, until: at + ttlMs }
    const isNext = or(lt(leases.fence, moment), gt(leases.fence, moment + APART_MS))
    const nobody = or(isNull(leases.holder), lte(leases.until, at), gt(leases.until, at + ttlMs + APART_MS))
    const taken = await tx
      .insert(leases)
      .values({ name: nameOf(task), ...turn })
      .onConflictDoUpdate({ target: leases.name, set: turn, setWhere: sql`${isNext} and ${nobody}` })
      .returning({ name: leases.name })
    return taken.length > 0
  }

  const update = (task: string, moment: number, values: { until: number } | { holder: null }) =>
    work(task, async (tx) => {
      const { leases } = tx
      const mine = and(eq(leases.name, nameOf(task)), eq(leases.holder, me), eq(leases.fence, moment))
      await tx.update(leases).set(values).where(mine)
    })

  async function renew(task: string, moment: number, ttlMs: number, signal: AbortSignal) {
    for (;;) {
      await clock.sleep(ttlMs / 3, signal)
      if (signal.aborted) return
      await update(task, moment, { until: clock.now() + ttlMs }).catch((reason: unknown) =>
        log.error({ err: reason, task }, 'a turn could not be renewed'),
      )
    }
  }

  async function over(task: string): Promise<void> {
    const turn = working.get(task)
    if (!turn) return
    working.delete(task)
    turn.done.abort()
    await turn.renewing
    await update(task, turn.moment, { holder: null })
  }

  return {
    async shouldRun(key, ttlMs) {
      const [task, moment] = [key.slice(0, -ISO_LENGTH - 1), Date.parse(key.slice(-ISO_LENGTH))]
      if (stopping.aborted || !(await work(task, (tx) => take(tx, task, moment, ttlMs)))) return false
      const done = new AbortController()
      const renewing = renew(task, moment, ttlMs, AbortSignal.any([done.signal, stopping]))
      working.set(task, { moment, done, renewing })
      if (stopping.aborted) await over(task)
      return !stopping.aborted
    },
    over,
  }
}
