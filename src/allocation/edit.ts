import { and, asc, eq, sql } from 'drizzle-orm'
import { acting, type Trace } from '../acting.ts'
import type { Actor, Scene } from '../action.ts'
import type { App } from '../app.ts'
import { barredAt } from '../deployments/barred.ts'
import { yearOf } from '../deployments/check.ts'
import { metresOf } from '../deployments/offer.ts'
import { suits } from '../jobs/eligibility.ts'
import { versionedRules } from '../jobs/rules.ts'
import { lowestFree } from '../jobs/seat.ts'
import { readProfile } from '../people/profile-fields.ts'
import type { Tx } from '../store/store.ts'

/** An officer's own choice in a plan that is not adopted yet: `to` a centre code, or out of the plan. */
export type Edit = { plan: string; personId: string; to: string | null }
export type Edited = 'done' | 'not_ready' | 'unknown' | 'kept' | 'not_chosen' | 'no_need' | 'full' | 'barred' | 'unsuited'

/**
 * Puts somebody into a free place of a plan, moves them there, or takes them out. Checked as the planner does: their own station, where
 * they served too lately, what they declared, what the job asks for. Once more with the same words it changes nothing.
 */
export function editPlan(app: App, by: Actor, edit: Edit): Promise<Edited> {
  return acting<Edited>(app, by, 'deployments.plan_edit', `plan:${edit.plan}`, async (scene) => {
    const outcome = await change(scene, edit)
    const trace: Trace = { outcome, subject: edit.personId, detail: { plan: edit.plan, ...(edit.to ? { to: edit.to } : {}) } }
    return [outcome, trace]
  })
}

async function change(scene: Scene, { plan: id, personId, to }: Edit): Promise<Edited> {
  const { tx } = scene
  const [plan] = await tx.select().from(tx.plans).where(eq(tx.plans.id, id))
  if (!plan) return 'unknown'
  if (plan.state !== 'ready') return 'not_ready'
  const [before] = await tx
    .select()
    .from(tx.placements)
    .where(mine(tx, id, personId))
  if (before?.kind === 'kept') return 'kept'
  if (before?.centreCode === to || (!before && to === null)) return 'done'
  if (to === null) {
    await takeOut(tx, id, before)
    return 'done'
  }
  const [need] = await tx
    .select()
    .from(tx.planNeeds)
    .where(and(eq(tx.planNeeds.planId, id), eq(tx.planNeeds.centreCode, to)))
  const [station] = await tx.select().from(tx.stations).where(eq(tx.stations.centreCode, to))
  if (!need || !station) return 'no_need'
  if (need.filled >= need.need) return 'full'
  const [found] = await tx
    .select({ person: tx.people, job: tx.jobs, status: tx.applications.status })
    .from(tx.applications)
    .innerJoin(tx.people, eq(tx.people.id, tx.applications.personId))
    .innerJoin(tx.jobs, eq(tx.jobs.code, tx.applications.jobCode))
    .where(and(eq(tx.applications.personId, personId), eq(tx.applications.jobCode, plan.jobCode)))
  if (found?.person.status !== 'vetted' || !['successful', 'reserve'].includes(found.status)) return 'not_chosen'
  const { person, job } = found
  const { rules } = await versionedRules(tx, job.exam)
  const barred = await barredAt(scene, { station, rules, year: yearOf(job.startsOn) }, [person])
  if (barred.size > 0) return 'barred'
  const { gender, teaching_level: level } = await readProfile(scene, personId)
  if (!suits(job, rules, { qualification: person.qualification, subjects: person.subjects, gender, level })) return 'unsuited'
  await takeOut(tx, id, before)
  const seat = await freePlace(tx, id, to)
  const metres = (await metresOf(tx, person, station)) ?? 0
  await tx
    .insert(tx.placements)
    .values({ planId: id, personId, centreCode: to, seat, county: station.county, metres, kind: 'hand', warning: null })
  await recount(tx, id, to, 1)
  return 'done'
}

type Placement = Tx['placements']['$inferSelect']
const mine = ({ placements: p }: Pick<Tx, 'placements'>, id: string, personId: string) =>
  and(eq(p.planId, id), eq(p.personId, personId))

async function takeOut(tx: Tx, id: string, before: Placement | undefined): Promise<void> {
  if (!before) return
  await tx.delete(tx.placements).where(mine(tx, id, before.personId))
  await recount(tx, id, before.centreCode, -1)
}

/** Keeps what the plan says of itself true: what is filled at the station, and in all. */
async function recount(tx: Tx, id: string, centreCode: string, by: 1 | -1): Promise<void> {
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
  const { filled = 0, fresh = 0, empty = 0 } = plan?.summary ?? {}
  await tx
    .update(plans)
    .set({ summary: { ...plan?.summary, filled: filled + by, fresh: fresh + by, empty: empty - by } })
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
