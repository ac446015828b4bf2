import { and, asc, eq, sql } from 'drizzle-orm'
import { acting, type Trace } from '../acting.ts'
import type { Actor, Scene } from '../action.ts'
import type { App } from '../app.ts'
import { barsHere, wayTo } from '../deployments/barred.ts'
import type { Bar } from '../deployments/bars.ts'
import { knownOf } from '../deployments/known.ts'
import { versionedRules } from '../jobs/rules.ts'
import { lowestFree } from '../jobs/seat.ts'
import type { Tx } from '../store/store.ts'
import { warningOf } from './assign.ts'
import { surnameOf } from './problem.ts'

/** An officer's own choice in a plan that is not adopted yet: `to` a centre code, or out of the plan. */
export type Edit = { plan: string; personId: string; to: string | null }
export type Edited =
  | 'done'
  | 'not_ready'
  | 'unknown'
  | 'kept'
  | 'not_chosen'
  | 'no_need'
  | 'full'
  | 'busy'
  | 'barred'
  | 'unsuited'
  | 'too_far'

const REFUSED: Record<Bar, Edited> = {
  suspended: 'not_chosen',
  busy: 'busy',
  qualification: 'unsuited',
  subject: 'unsuited',
  level: 'unsuited',
  gender: 'unsuited',
  own_school: 'barred',
  served: 'barred',
  declared: 'barred',
  too_far: 'too_far',
}

/**
 * Puts somebody into a free place of a plan, moves them there, or takes them out. Checked by the rules as they stand now and as the
 * planner does, see `barsFrom`; the trail says by which version. Once more with the same words it changes nothing.
 */
export function editPlan(app: App, by: Actor, edit: Edit): Promise<Edited> {
  return acting<Edited>(app, by, 'deployments.plan_edit', `plan:${edit.plan}`, async (scene) => {
    const { outcome, version } = await change(scene, edit)
    const { plan, personId: subject, to } = edit
    const trace: Trace = {
      outcome,
      subject,
      detail: { plan, ...(to ? { to } : {}), ...(version === undefined ? {} : { rules: version }) },
    }
    return [outcome, trace]
  })
}

/** `version`: of the rules, where they were asked. */
type Change = { outcome: Edited; version?: number }

async function change(scene: Scene, { plan: id, personId, to }: Edit): Promise<Change> {
  const { tx } = scene
  const [plan] = await tx.select().from(tx.plans).where(eq(tx.plans.id, id))
  if (!plan) return { outcome: 'unknown' }
  if (plan.state !== 'ready') return { outcome: 'not_ready' }
  const [before] = await tx
    .select()
    .from(tx.placements)
    .where(mine(tx, id, personId))
  if (before?.kind === 'kept') return { outcome: 'kept' }
  if (before?.centreCode === to || (!before && to === null)) return { outcome: 'done' }
  if (to === null) {
    await takeOut(tx, id, before)
    return { outcome: 'done' }
  }
  const [need] = await tx
    .select()
    .from(tx.planNeeds)
    .where(and(eq(tx.planNeeds.planId, id), eq(tx.planNeeds.centreCode, to)))
  const [station] = await tx.select().from(tx.stations).where(eq(tx.stations.centreCode, to))
  if (!need || !station) return { outcome: 'no_need' }
  if (need.filled >= need.need) return { outcome: 'full' }
  const [found] = await tx
    .select({ person: tx.people, job: tx.jobs, status: tx.applications.status })
    .from(tx.applications)
    .innerJoin(tx.people, eq(tx.people.id, tx.applications.personId))
    .innerJoin(tx.jobs, eq(tx.jobs.code, tx.applications.jobCode))
    .where(and(eq(tx.applications.personId, personId), eq(tx.applications.jobCode, plan.jobCode)))
  if (found?.person.status !== 'vetted' || !['successful', 'reserve'].includes(found.status)) return { outcome: 'not_chosen' }
  const { person, job } = found
  const { rules, version } = await versionedRules(tx, job.exam)
  const known = (await knownOf(tx, scene.tools.keyring, { job, rules }, [person]))(person)
  const [bar] = await barsHere(tx, { job, rules }, station, person, known)
  if (bar) return { outcome: REFUSED[bar.why], version }
  await takeOut(tx, id, before)
  const seat = await freePlace(tx, id, to)
  const { metres, sure } = await wayTo(tx, station, person, known)
  const [head] = await tx.select({ name: tx.heads.name }).from(tx.heads).where(eq(tx.heads.centreCode, to))
  const warning = warningOf({ head: head && surnameOf(head.name), surname: surnameOf(person.fullName), sure })
  const placement: Placement = {
    ...{ planId: id, personId, centreCode: to, seat, county: station.county, metres, kind: 'hand', warning },
  }
  await tx.insert(tx.placements).values(placement)
  await recount(tx, id, placement, 1)
  return { outcome: 'done', version }
}

type Placement = Tx['placements']['$inferSelect']
const mine = ({ placements: p }: Pick<Tx, 'placements'>, id: string, personId: string) =>
  and(eq(p.planId, id), eq(p.personId, personId))

async function takeOut(tx: Tx, id: string, before: Placement | undefined): Promise<void> {
  if (!before) return
  await tx.delete(tx.placements).where(mine(tx, id, before.personId))
  await recount(tx, id, before, -1)
}

/** Keeps what the plan says of itself true: what is filled at the station, and in all. */
async function recount(tx: Tx, id: string, { centreCode, warning }: Placement, by: 1 | -1): Promise<void> {
  const { planNeeds: n, plans } = tx
  const moved = await tx
    .update(n)
    .set({ filled: sql`${n.filled} + ${by}` })
    .where(and(eq(n.planId, id), eq(n.centreCode, centreCode)))
    .returning({ need: n.need, filled: n.filled, reason: n.reason })
  const reason = moved[0] && moved[0].filled >= moved[0].need ? null : (moved[0]?.reason ?? 'by_hand')
  await tx
    .update(n)
    .set({ reason })
    .where(and(eq(n.planId, id), eq(n.centreCode, centreCode)))
  const [plan] = await tx.select({ summary: plans.summary }).from(plans).where(eq(plans.id, id))
  const { filled = 0, fresh = 0, empty = 0, warnings = 0 } = plan?.summary ?? {}
  const counts = {
    filled: filled + by,
    fresh: fresh + by,
    empty: empty - by,
    warnings: warnings + (warning === 'surname' ? by : 0),
  }
  await tx
    .update(plans)
    .set({ summary: { ...plan?.summary, ...counts } })
    .where(eq(plans.id, id))
}

async function freePlace(tx: Tx, id: string, centreCode: string): Promise<number> {
  const { placements: p } = tx
  const held = await tx
    .select({ seat: p.seat })
    .from(p)
    .where(and(eq(p.planId, id), eq(p.centreCode, centreCode)))
    .orderBy(asc(p.seat))
  return lowestFree(held)
}
