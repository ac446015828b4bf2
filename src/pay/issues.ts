import { and, eq, gte, inArray } from 'drizzle-orm'
import { acting, leaveTrace } from '../acting.ts'
import type { Actor, Scene } from '../action.ts'
import type { App } from '../app.ts'
import { addDays, nairobiDay } from '../base/dates.ts'
import { type RunKind, startRun } from '../runs/run.ts'
import { checkDuties } from './check.ts'
import { dutiesAfter } from './duties.ts'

/** The name of the work in the background that looks at every duty of a job before pay day. */
export const CHECK_RUN = 'pay.check'
const SLICE = 50

/** Begins to look at the duties of one job. `id` is the form's `once`: sent twice it is one run. Undefined for a job that nobody knows. */
export function askCheck(
  app: App,
  by: Actor,
  { job, county, id }: { job: string; county?: string | undefined; id?: string },
): Promise<string | undefined> {
  return acting<string | undefined>(app, by, 'pay.ask_check', `pay:${job}`, async (scene) => {
    const { tx } = scene
    const [known] = await tx.select({ code: tx.jobs.code }).from(tx.jobs).where(eq(tx.jobs.code, job))
    if (!known) return [undefined, { outcome: 'unknown_job' }]
    const run = await startRun(scene, { kind: CHECK_RUN, input: { job, county }, by: by.name, ...(id ? { id } : {}) })
    return [run, { outcome: 'done', detail: { run, job } }]
  })
}

export const checkRun: RunKind<{ job: string; county?: string }> = {
  async slice(scene, { job: code, county }, cursor) {
    const { tx } = scene
    const [job] = await tx.select().from(tx.jobs).where(eq(tx.jobs.code, code))
    if (!job) return { next: undefined, done: 0 }
    const duties = await dutiesAfter(scene, { job: code, county, after: cursor ?? '', most: SLICE })
    const { found, mended } = await checkDuties(scene, job, duties)
    if (found + mended > 0) await leaveTrace(scene, 'pay.check', { outcome: 'done', detail: { job: code, found, mended } })
    const next = duties.length === SLICE ? duties.at(-1)?.deployment.id : undefined
    return { next, done: duties.length, tally: { issues_found: found, issues_mended: mended } }
  },
}

/** So long after its last day a job is looked at every night while something stands in the way of anybody's pay. */
const LOOKED_AT_DAYS = 120

/** Looks again at every job that has something open, so that what people mended closes by the next morning. Gives how many jobs. */
export function recheck(app: App): Promise<number> {
  return app.store.work('pay:recheck', async (tx) => {
    const at = app.clock.now()
    const today = nairobiDay(at)
    const { jobs, payIssues } = tx
    const open = tx.select({ code: payIssues.jobCode }).from(payIssues).where(eq(payIssues.state, 'open'))
    const some = await tx
      .select({ code: jobs.code })
      .from(jobs)
      .where(and(inArray(jobs.code, open), gte(jobs.endsOn, addDays(today, -LOOKED_AT_DAYS))))
    for (const { code } of some)
      await startRun(
        { tx, at, tools: app },
        { kind: CHECK_RUN, input: { job: code }, by: 'system', id: `pay_check:${code}:${today}` },
      )
    return some.length
  })
}

export type Clearing = { deployment: string; kind: string }
/** `cleared`: how many were open and are not any more; the others were cleared or mended by somebody before. */
export type Cleared = { cleared: number; refused?: never } | { refused: 'no_reason' | 'outside' | 'account' }

/** Longest reason that the trail keeps. */
export const LONGEST_REASON = 200

/**
 * An officer says that what was found need not stand in the way, and why. `mine` says whether a county is their business. Without an account
 * nothing can be paid, so that this is never cleared. Whoever was taken on at the station is confirmed by it.
 */
export function clearIssues(
  app: App,
  by: Actor,
  { issues, reason, mine }: { issues: readonly Clearing[]; reason: string; mine(county: string): boolean },
): Promise<Cleared> {
  const why = reason.replace(/\s+/g, ' ').trim().slice(0, LONGEST_REASON)
  return acting<Cleared>(app, by, 'pay.clear', 'pay:clear', async (scene) => {
    if (why === '') return [{ refused: 'no_reason' }, { outcome: 'no_reason' }]
    if (issues.some(({ kind }) => kind === 'no_account')) return [{ refused: 'account' }, { outcome: 'account' }]
    const rows = await rowsOf(scene, issues)
    if (rows.some(({ county }) => !mine(county))) return [{ refused: 'outside' }, { outcome: 'outside' }]
    let cleared = 0
    for (const row of rows) {
      if (!(await clear(scene, row))) continue
      cleared++
      const detail = { deployment: row.deploymentId, kind: row.kind, reason: why }
      await leaveTrace(scene, 'pay.clear_one', { outcome: 'done', subject: row.personId, detail })
    }
    return [{ cleared }, { outcome: 'done', detail: { cleared, of: issues.length } }]
  })
}

async function rowsOf({ tx }: Scene, issues: readonly Clearing[]) {
  const { payIssues } = tx
  const ids = issues.map(({ deployment }) => deployment)
  const rows = await tx.select().from(payIssues).where(inArray(payIssues.deploymentId, ids))
  return rows.filter((row) => issues.some(({ deployment, kind }) => deployment === row.deploymentId && kind === row.kind))
}

async function clear({ tx, at, actor }: Scene, { deploymentId, kind }: { deploymentId: string; kind: string }): Promise<boolean> {
  const { payIssues, deployments } = tx
  const cleared = await tx
    .update(payIssues)
    .set({ state: 'cleared', clearedBy: actor.name, changedAt: at })
    .where(and(eq(payIssues.deploymentId, deploymentId), eq(payIssues.kind, kind), eq(payIssues.state, 'open')))
    .returning({ kind: payIssues.kind })
  if (cleared.length === 0) return false
  if (kind === 'no_deployment')
    await tx.update(deployments).set({ confirmedBy: actor.name }).where(eq(deployments.id, deploymentId))
  return true
}
