import { and, desc, eq, sql } from 'drizzle-orm'
import type { Scene } from '../action.ts'
import { yearOf } from '../base/dates.ts'
import { barredAt } from '../deployments/barred.ts'
import { metresOf } from '../deployments/offer.ts'
import type { SeriesRules } from '../jobs/rules.ts'
import { heldKey, newSeat } from '../jobs/seat.ts'
import type { Tx } from '../store/store.ts'
import type { Notice } from './ask.ts'

type Move = Extract<Notice, { kind: 'moved' }>
type Deployment = Tx['deployments']['$inferSelect']

/** Gives somebody a place at the new station. False where they may not serve there: they stay, and an officer finds them another. */
export async function movePerson(
  scene: Scene,
  { to }: Move,
  row: Deployment,
  { rules, startsOn }: { rules: SeriesRules; startsOn: string },
): Promise<boolean> {
  const { tx, at } = scene
  const { deployments: d, people } = tx
  const station = await stationOf(tx, to)
  const [person] = await tx.select().from(people).where(eq(people.id, row.personId))
  if (!station || !person) return false
  const barred = await barredAt(scene, { station, rules, year: yearOf(startsOn) }, [person])
  if (barred.size > 0) return false
  const seat = await newSeat(tx, row.jobCode, to)
  const held = heldKey({ jobCode: row.jobCode, centreCode: to, seat })
  const metres = (await metresOf(tx, person, station)) ?? null
  await tx.update(d).set({ centreCode: to, county: station.county, seat, held, metres, changedAt: at }).where(eq(d.id, row.id))
  return true
}

/** Places that are open at the old station are open at the new one: nobody is asked to a station that is closed. Gives how many. */
export async function moveOpenings({ tx, at }: Scene, { job, from, to }: Move): Promise<number> {
  const { openings: o } = tx
  const station = await stationOf(tx, to)
  if (!station) return 0
  const open = await tx
    .select({ id: o.id })
    .from(o)
    .where(and(eq(o.state, 'open'), eq(o.jobCode, job), eq(o.centreCode, from)))
  for (const { id } of open) {
    const seat = await newSeat(tx, job, to)
    await tx.update(o).set({ centreCode: to, county: station.county, seat, changedAt: at }).where(eq(o.id, id))
  }
  return open.length
}

/** What the adopted plan needs at the old station is needed at the new one. */
export async function moveNeeds({ tx }: Scene, { job, from, to }: Move): Promise<void> {
  const { plans, planNeeds: n } = tx
  const [plan] = await tx
    .select({ id: plans.id })
    .from(plans)
    .where(and(eq(plans.jobCode, job), eq(plans.state, 'adopted')))
    .orderBy(desc(plans.changedAt))
    .limit(1)
  const station = await stationOf(tx, to)
  if (!plan || !station) return
  const [moved] = await tx
    .delete(n)
    .where(and(eq(n.planId, plan.id), eq(n.centreCode, from)))
    .returning()
  if (!moved) return
  const { need, filled } = moved
  await tx
    .insert(n)
    .values({ ...moved, centreCode: to, county: station.county })
    .onConflictDoUpdate({
      target: [n.planId, n.centreCode],
      set: { need: sql`${n.need} + ${need}`, filled: sql`${n.filled} + ${filled}` },
    })
}

async function stationOf({ stations, ...tx }: Tx, centreCode: string) {
  const [found] = await tx.select().from(stations).where(eq(stations.centreCode, centreCode))
  return found
}
