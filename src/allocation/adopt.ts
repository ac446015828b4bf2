import { and, asc, eq, gt, inArray } from 'drizzle-orm'
import { acting, leaveTrace } from '../acting.ts'
import type { Actor, Scene } from '../action.ts'
import type { App } from '../app.ts'
import { seatSomebody } from '../deployments/place.ts'
import { type RunKind, startRun } from '../runs/run.ts'
import { inNamed } from '../store/named.ts'
import type { Tx } from '../store/store.ts'
import type { Plan } from './plan.ts'

export const ADOPT_RUN = 'deployments.adopt'
const SLICE = 50
const USUAL_HOUR = '07:00'

type Input = { plan: string }
export type AskedAdoption = { run: string } | { refused: 'unknown' | 'not_ready' | 'older' }

/**
 * Makes a plan's placements the drafts of its job, as work in the background: drafts of an earlier plan that it does not want are taken
 * away, what was released stays. Nobody is told: letters wait for two officers. `older`: another plan of the job was adopted since.
 */
export function adoptPlan(app: App, by: Actor, id: string): Promise<AskedAdoption> {
  return acting<AskedAdoption>(app, by, 'deployments.adopt', `plan:${id}`, async (scene) => {
    const { tx, at } = scene
    const [plan] = await tx.select().from(tx.plans).where(eq(tx.plans.id, id))
    if (!plan) return [{ refused: 'unknown' }, { outcome: 'unknown' }]
    const detail = { plan: id, job: plan.jobCode }
    const run = `adopt:${id}`
    if (plan.state === 'adopted') return [{ run }, { outcome: 'again', detail }]
    if (plan.state !== 'ready') return [{ refused: 'not_ready' }, { outcome: 'not_ready', detail }]
    if (await isOlder(tx, plan)) return [{ refused: 'older' }, { outcome: 'older', detail }]
    await tx.update(tx.plans).set({ state: 'adopted', changedAt: at }).where(eq(tx.plans.id, id))
    await startRun(scene, {
      kind: ADOPT_RUN,
      input: { plan: id },
      of: (plan.summary.fresh ?? 0) + (plan.summary.kept ?? 0),
      by: by.name,
      id: run,
    })
    return [{ run }, { outcome: 'done', detail }]
  })
}

/** A plan that was made before another one was adopted does not know what that one changed. */
async function isOlder(tx: Tx, { jobCode, at }: Plan): Promise<boolean> {
  const adopted = await tx
    .select({ changedAt: tx.plans.changedAt })
    .from(tx.plans)
    .where(and(eq(tx.plans.jobCode, jobCode), eq(tx.plans.state, 'adopted')))
  return adopted.some(({ changedAt }) => changedAt > at)
}

/** The cursor's first letter says which part it is in: old drafts go, new ones come, then the reserve lists. */
type Part = 'd' | 'p' | 'r'
type Done = { last: string | undefined; done: number; tally: Record<string, number> }

export const adoptRun: RunKind<Input> = {
  async slice(scene, { plan: id }, cursor) {
    const { tx } = scene
    const [plan] = await tx.select().from(tx.plans).where(eq(tx.plans.id, id))
    if (!plan) return { next: undefined, done: 0 }
    const part = (cursor?.[0] ?? 'd') as Part
    const after = cursor?.slice(1) ?? ''
    const { last, done, tally } = await parts[part](scene, plan, after)
    if (Object.values(tally).some((n) => n > 0))
      await leaveTrace(scene, 'deployments.adopt', { outcome: 'done', detail: { plan: id, ...tally } })
    const following = ({ d: 'p', p: 'r', r: undefined } as const)[part]
    return { next: last === undefined ? following : `${part}${last}`, done, tally }
  },
}

const parts: Record<Part, (scene: Scene, plan: Plan, after: string) => Promise<Done>> = {
  d: dropSlice,
  p: placeSlice,
  r: reserveSlice,
}

/** Drafts of an earlier plan that nobody was told of, and that this one does not have as they are. */
async function dropSlice({ tx }: Scene, plan: Plan, after: string): Promise<Done> {
  const { deployments: d, placements: p } = tx
  const rows = await tx
    .select({ id: d.id, centreCode: d.centreCode, seat: d.seat, wanted: p.centreCode, wantedSeat: p.seat })
    .from(d)
    .leftJoin(p, and(eq(p.planId, plan.id), eq(p.personId, d.personId)))
    .where(and(eq(d.jobCode, plan.jobCode), eq(d.status, 'draft'), eq(d.origin, 'plan'), eq(d.letterVersion, 0), gt(d.id, after)))
    .orderBy(asc(d.id))
    .limit(SLICE)
  const gone = rows.filter((row) => row.centreCode !== row.wanted || row.seat !== row.wantedSeat).map(({ id }) => id)
  if (gone.length > 0) await tx.delete(d).where(and(inArray(d.id, gone), eq(inNamed(d.status), 'draft'), eq(d.letterVersion, 0)))
  return { last: rows.length === SLICE ? rows.at(-1)?.id : undefined, done: 0, tally: { dropped: gone.length } }
}

async function placeSlice(scene: Scene, plan: Plan, after: string): Promise<Done> {
  const { tx } = scene
  const { placements: p, jobs } = tx
  const [job] = await tx.select().from(jobs).where(eq(jobs.code, plan.jobCode))
  const rows = await tx
    .select()
    .from(p)
    .where(and(eq(p.planId, plan.id), gt(p.personId, after)))
    .orderBy(asc(p.personId))
    .limit(SLICE)
  const tally = { made: 0, same: 0, taken: 0, busy: 0, full: 0 }
  const reportAt = (await hourOf(tx, plan)) ?? USUAL_HOUR
  for (const { personId, centreCode, seat, metres, kind } of rows) {
    if (!job || kind === 'kept') continue
    const seated = await seatSomebody(scene, {
      personId,
      jobCode: plan.jobCode,
      centreCode,
      seat,
      metres,
      reportOn: job.startsOn,
      reportAt,
      origin: 'plan',
      status: 'draft',
      rulesVersion: plan.rulesVersion,
    })
    if ('id' in seated) tally.made++
    else if (seated.refused === 'again') tally.same++
    // Since the plan was made somebody else got the place, or the person another duty: an officer sees the count.
    else if (seated.refused !== 'moved') tally[seated.refused]++
  }
  return { last: rows.length === SLICE ? rows.at(-1)?.personId : undefined, done: rows.length, tally }
}

async function hourOf(tx: Tx, { jobCode, rulesVersion }: Plan): Promise<string | undefined> {
  const { seriesVersions: v, jobs } = tx
  const [held] = await tx
    .select({ rules: v.rules })
    .from(v)
    .innerJoin(jobs, eq(jobs.exam, v.exam))
    .where(and(eq(jobs.code, jobCode), eq(v.version, rulesVersion)))
  return (held?.rules as { report_at?: string } | undefined)?.report_at
}

/** The lists of the plan take the place of those before; who was asked already stays asked. */
async function reserveSlice({ tx, at }: Scene, plan: Plan, after: string): Promise<Done> {
  const { planReserves: p, reserves } = tx
  const { jobCode } = plan
  if (after === '') await tx.delete(reserves).where(and(eq(reserves.jobCode, jobCode), eq(reserves.state, 'waiting')))
  const rows = await tx
    .select()
    .from(p)
    .where(and(eq(p.planId, plan.id), gt(p.personId, after)))
    .orderBy(asc(p.personId))
    .limit(SLICE * 4)
  if (rows.length > 0)
    await tx
      .insert(reserves)
      .values(
        rows.map(({ personId, county, subCounty, rank }) => ({
          jobCode,
          personId,
          county,
          subCounty,
          rank,
          state: 'waiting' as const,
          changedAt: at,
        })),
      )
      .onConflictDoNothing()
  return {
    last: rows.length === SLICE * 4 ? rows.at(-1)?.personId : undefined,
    done: 0,
    tally: { reserves: rows.length },
  }
}
