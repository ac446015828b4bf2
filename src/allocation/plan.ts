import { and, eq, inArray } from 'drizzle-orm'
import { acting, leaveTrace } from '../acting.ts'
import type { Actor, Scene } from '../action.ts'
import type { App } from '../app.ts'
import { Fault } from '../base/fault.ts'
import { type Uncounted, whyUncounted } from '../jobs/needs.ts'
import { versionedRules } from '../jobs/rules.ts'
import { type RunKind, startRun } from '../runs/run.ts'
import { once, type Read } from '../store/store.ts'
import { type Assigned, assign } from './assign.ts'
import { type Problem, readProblem } from './problem.ts'

export const PLAN_RUN = 'deployments.plan'
/** Rows written in one unit. */
const SLICE = 500

export type Plan = Read['plans']['$inferSelect']
/** Counts: `fresh` are those newly sent, `kept` those released before, wherever they are. And metres: of all new ways, of the worst one, and what the solver proves that no plan of its blocks can go below. */
export type PlanSummary = {
  places: number
  kept: number
  fresh: number
  filled: number
  empty: number
  chosen: number
  reserves: number
  metres: number
  worst: number
  bound: number
  warnings: number
  suspended: number
  unsuited: number
  busy: number
  answered: number
}

export type PlanRefused = 'unknown_job' | Uncounted
export type Made = { id: string; summary: PlanSummary; refused?: never } | { refused: PlanRefused }
type Input = { id: string; job: string }

/** Makes a plan for one job, to its end. Writes nothing but the plan itself. */
export async function makePlan(
  app: App,
  by: Actor,
  job: string,
  onProgress: (what: 'read' | 'assigned' | 'written', done: number) => void = () => undefined,
): Promise<Made> {
  const id = app.clock.id()
  const solution = await solutionOf(app, job, onProgress)
  if (solution.refused) return { refused: solution.refused }
  await beginPlan(app, by, { id, job })
  for (let from: number | undefined = 0; from !== undefined; ) {
    const start: number = from
    const slice = await app.store.work(`plan:${id}`, (tx) =>
      writeSlice({ tx, actor: by, at: app.clock.now(), tools: app }, id, solution, start),
    )
    from = slice.next
    onProgress('written', Math.min(from ?? solution.assigned.placed.length, solution.assigned.placed.length))
  }
  return { id, summary: summaryOf(solution) }
}

/** Puts a plan in line, as work in the background. `id` is the form's `once`: sent twice it is one plan. */
export function askPlan(app: App, by: Actor, { id, job }: Input): Promise<string | { refused: PlanRefused }> {
  return acting<string | { refused: PlanRefused }>(app, by, 'deployments.plan', `plan:${id}`, async (scene) => {
    const { tx } = scene
    const [known] = await tx.select().from(tx.jobs).where(eq(tx.jobs.code, job))
    if (!known) return [{ refused: 'unknown_job' }, { outcome: 'unknown_job' }]
    const { rules } = await versionedRules(tx, known.exam)
    const refused = whyUncounted(rules, known)
    if (refused) return [{ refused }, { outcome: refused }]
    await writePlan(scene, { id, job })
    const run = await startRun(scene, { kind: PLAN_RUN, input: { id, job }, by: by.name, id: `plan:${id}` })
    return [run, { outcome: 'done', detail: { plan: id, job } }]
  })
}

function beginPlan(app: App, by: Actor, input: Input): Promise<void> {
  return acting<void>(app, by, 'deployments.plan', `plan:${input.id}`, async (scene) => {
    await writePlan(scene, input)
    return [undefined, { outcome: 'done', detail: { plan: input.id, job: input.job } }]
  })
}

async function writePlan({ tx, at, actor }: Scene, { id, job }: Input): Promise<void> {
  const values = { id, jobCode: job, state: 'solving' as const, rulesVersion: 0, digest: '', summary: {}, by: actor.name }
  await tx
    .insert(tx.plans)
    .values({ ...values, at, changedAt: at })
    .onConflictDoNothing()
}

type Solution = { problem: Problem; assigned: Assigned; refused?: never }

async function solutionOf(
  app: App,
  job: string,
  onProgress: (what: 'read' | 'assigned', done: number) => void,
): Promise<Solution | { refused: PlanRefused }> {
  const problem = await readProblem(app, job, (people) => onProgress('read', people))
  if ('refused' in problem) return problem
  const assigned = await assign(problem, { onProgress: (people) => onProgress('assigned', people) })
  return { problem, assigned }
}

function summaryOf({ problem, assigned }: Solution): PlanSummary {
  const { placed, needs, reserves, metres, bound } = assigned
  const places = needs.reduce((sum, { need }) => sum + need, 0)
  const filled = needs.reduce((sum, row) => sum + row.filled, 0)
  return {
    places,
    kept: problem.kept.length,
    fresh: placed.filter(({ kind }) => kind === 'new').length,
    filled,
    empty: places - filled,
    chosen: problem.candidates.filter(({ reserve }) => !reserve).length,
    reserves: reserves.length,
    metres,
    worst: placed.reduce((worst, row) => Math.max(worst, row.kind === 'new' ? row.metres : 0), 0),
    bound: Math.round(bound),
    warnings: placed.filter(({ warning }) => warning === 'surname').length,
    ...problem.leftOut,
  }
}

/** Writes the next rows: placements, then needs, then reserves; with the last ones the plan is ready. */
async function writeSlice(scene: Scene, id: string, solution: Solution, from: number): Promise<{ next: number | undefined }> {
  const { tx, at } = scene
  const { placed, needs, reserves } = solution.assigned
  const rows = [placed.length, needs.length, reserves.length] as const
  const to = from + SLICE
  const part = <T>(list: readonly T[], before: number) => list.slice(Math.max(0, from - before), Math.max(0, to - before))
  for (const row of part(placed, 0)) await intoPlacements(tx, { planId: id, ...row })
  for (const row of part(needs, rows[0])) await intoNeeds(tx, { planId: id, ...row })
  for (const row of part(reserves, rows[0] + rows[1])) await intoReserves(tx, { planId: id, ...row })
  if (to < rows[0] + rows[1] + rows[2]) return { next: to }
  const { rulesVersion, digest } = solution.problem
  await tx
    .update(tx.plans)
    .set({ state: 'ready', rulesVersion, digest, summary: summaryOf(solution), changedAt: at })
    .where(eq(tx.plans.id, id))
  return { next: undefined }
}

type Row<T extends 'placements' | 'planNeeds' | 'planReserves'> = Required<Read[T]['$inferInsert']>
const intoPlacements = once<Row<'placements'>, unknown>('placement', (tx, hole) =>
  tx.insert(tx.placements).values({
    planId: hole.planId,
    personId: hole.personId,
    centreCode: hole.centreCode,
    seat: hole.seat,
    county: hole.county,
    metres: hole.metres,
    kind: hole.kind,
    warning: hole.warning,
  }),
)
const intoNeeds = once<Row<'planNeeds'>, unknown>('plan_need', (tx, hole) =>
  tx.insert(tx.planNeeds).values({
    planId: hole.planId,
    centreCode: hole.centreCode,
    county: hole.county,
    need: hole.need,
    filled: hole.filled,
    reason: hole.reason,
  }),
)
const intoReserves = once<Row<'planReserves'>, unknown>('plan_reserve', (tx, hole) =>
  tx.insert(tx.planReserves).values({
    planId: hole.planId,
    personId: hole.personId,
    county: hole.county,
    subCounty: hole.subCounty,
    rank: hole.rank,
  }),
)

/** Plans that this process is making. `attempt` stands in the cursor, so that rows of a process that is gone are never counted as ours. */
type Making = { attempt: string; solution: Promise<Solution | { refused: PlanRefused }>; people: number; told: number }
const underway = new Map<string, Making>()
/** A slice is written at least so often, so that its lease holds and progress shows. */
const BREATH_MS = 1_000

type Facts = { attempt: string; solution: Solution | undefined; people: number }

/** First solved, outside any unit and in threads; then written, slice by slice. After a restart it is solved again and written from the start. */
export const planRun: RunKind<Input, Facts> = {
  async gather(app, { id, job }, cursor) {
    const making = underway.get(id) ?? (await beginMaking(app, { id, job }, cursor))
    const waited = app.clock.sleep(BREATH_MS).then(() => undefined)
    const solution = await Promise.race([making.solution, waited]).catch((reason: unknown) => {
      underway.delete(id)
      throw reason
    })
    if (solution?.refused) {
      underway.delete(id)
      throw new Fault('not_found', `no plan can be made: ${solution.refused}`)
    }
    const people = making.people - making.told
    making.told = making.people
    return { attempt: making.attempt, solution, people }
  },
  async slice(scene, { id }, cursor, { attempt, solution, people }) {
    if (!solution) return { next: attempt, done: people }
    const [held, row] = cursor?.split('/') ?? []
    const { next } = await writeSlice(scene, id, solution, held === attempt && row !== undefined ? Number(row) : 0)
    if (next !== undefined) return { next: `${attempt}/${next}`, done: people }
    const { places, filled, empty } = summaryOf(solution)
    await leaveTrace(scene, 'deployments.planned', { outcome: 'done', detail: { plan: id, places, filled, empty } })
    return { next: undefined, done: people, tally: { filled, empty } }
  },
  over(_, { id }) {
    underway.delete(id)
    return Promise.resolve()
  },
}

async function beginMaking(app: App, { id, job }: Input, cursor: string | null): Promise<Making> {
  if (cursor !== null) await clearPlan(app, id)
  const none = Promise.resolve({ refused: 'unknown_job' } as const)
  const making: Making = { attempt: app.clock.id(), solution: none, people: 0, told: 0 }
  making.solution = solutionOf(app, job, (what, people) => {
    if (what === 'assigned') making.people = people
  })
  underway.set(id, making)
  return making
}

async function clearPlan({ store }: App, id: string): Promise<void> {
  for (const table of ['placements', 'planNeeds', 'planReserves'] as const)
    for (let gone = SLICE; gone === SLICE; )
      gone = await store.work(`plan:${id}`, async (tx) => {
        const t = tx[table] as (typeof tx)['placements']
        const key = table === 'planNeeds' ? (tx.planNeeds.centreCode as never) : t.personId
        const some = tx.select({ key }).from(t).where(eq(t.planId, id)).limit(SLICE)
        const rows = await tx
          .delete(t)
          .where(and(eq(t.planId, id), inArray(key, some)))
          .returning({ id: t.planId })
        return rows.length
      })
}
