import { and, eq, isNull, lt } from 'drizzle-orm'
import type { App } from '../app.ts'
import { nairobiDay } from '../base/dates.ts'

/** Closes the jobs whose last day has passed, once. Returns their codes. */
export function closeJobs({ store, clock }: Pick<App, 'store' | 'clock'>): Promise<string[]> {
  return store.work('close:jobs', async (tx) => {
    const at = clock.now()
    const closed = await tx
      .update(tx.jobs)
      .set({ closedAt: at, changedAt: at })
      .where(and(eq(tx.jobs.draft, false), isNull(tx.jobs.closedAt), lt(tx.jobs.closesOn, nairobiDay(at))))
      .returning({ code: tx.jobs.code })
    for (const { code } of closed)
      await tx
        .insert(tx.audit)
        .values({ id: clock.id(), at, actor: 'schedule', via: 'system', action: 'jobs.close', subject: code, outcome: 'done' })
    return closed.map(({ code }) => code)
  })
}
