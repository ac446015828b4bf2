import { and, eq, sql } from 'drizzle-orm'
import type { Scene } from '../action.ts'
import { Fault } from '../base/fault.ts'
import { newReference } from '../jobs/apply.ts'
import { takePlace } from '../jobs/decide.ts'
import { freeSeat, heldKey, isFree, lockPerson } from '../jobs/seat.ts'
import type { Tx } from '../store/store.ts'
import { isBusy } from './busy.ts'

/** A row that was checked: whom, for which job, where and when. `reportAt` is `HH:MM`. */
export type Planned = { row: number; personId: string; jobCode: string; centreCode: string; reportOn: string; reportAt: string }
/** `made`: a new draft; `changed`: another centre or time, so a draft again; `same`: nothing new; `full`: no place left, `busy`: another duty on these days; nothing written for either. */
export type Fate = 'made' | 'changed' | 'same' | 'full' | 'busy'

/** Writes one planned deployment, a new one under `id`. The application is successful from then on, and made where there was none; no SMS: the letter says it. */
export async function plan(
  scene: Scene,
  { row: _, ...planned }: Planned,
  id = scene.tools.clock.id(),
  by: Partial<Pick<Deployment, 'origin' | 'seat' | 'rulesVersion' | 'metres'>> = {},
): Promise<Fate> {
  const { tx, at } = scene
  const { deployments } = tx
  const { personId, jobCode, ...place } = planned
  const mine = and(eq(deployments.personId, personId), eq(deployments.jobCode, jobCode))
  const [before] = await tx.select().from(deployments).where(mine)
  // The same file again asks nobody a second time who said no.
  if (before && isAt(before, place)) return 'same'
  await lockPerson(tx, personId)
  if (await isBusy(tx, planned)) return 'busy'
  if (!(await makeSuccessful(scene, planned))) return 'full'
  const county = countyOf(tx, place.centreCode)
  const { rulesVersion, metres, origin = 'import' } = by
  const seat = await seatFor(tx, planned, by.seat, before)
  const held = { seat, held: heldKey({ jobCode, centreCode: place.centreCode, seat }) }
  const made = { rulesVersion: rulesVersion ?? null, metres: metres ?? null, origin, answerBy: null, ...held }
  if (before) {
    await tx
      .update(deployments)
      .set({ ...place, ...made, county, status: 'draft', reasonSealed: null, changedAt: at })
      .where(mine)
    return 'changed'
  }
  await tx.insert(deployments).values({ ...planned, ...made, county, id, status: 'draft', letterVersion: 0, changedAt: at })
  return 'made'
}

const isAt = (a: Place, b: Place) => a.centreCode === b.centreCode && a.reportOn === b.reportOn && a.reportAt === b.reportAt
const countyOf = ({ stations }: Tx, centreCode: string) =>
  sql<string>`(select ${stations.county} from ${stations} where ${eq(stations.centreCode, centreCode)})`
type Deployment = Tx['deployments']['$inferSelect']
/** At the same station it stays the same place. */
async function seatFor(
  tx: Tx,
  { jobCode, centreCode }: Omit<Planned, 'row'>,
  wanted: number | null | undefined,
  before?: Deployment,
) {
  const seat = wanted ?? (before?.centreCode === centreCode ? before.seat : null)
  if (seat === null) return freeSeat(tx, jobCode, centreCode)
  const key = heldKey({ jobCode, centreCode, seat })
  return before?.held === key || (await isFree(tx, { jobCode, centreCode, seat })) ? seat : freeSeat(tx, jobCode, centreCode)
}
type Place = Pick<Planned, 'centreCode' | 'reportOn' | 'reportAt'>

/** False where the job has no place left. */
export async function makeSuccessful(
  scene: Scene,
  { personId, jobCode }: { personId: string; jobCode: string },
): Promise<boolean> {
  const { tx, at, tools } = scene
  const { applications } = tx
  const mine = and(eq(applications.personId, personId), eq(applications.jobCode, jobCode))
  const [standing] = await tx.select().from(applications).where(mine)
  if (standing?.status === 'successful') return true
  if (!(await takePlace(scene, jobCode))) return false
  const [person] = await tx
    .select({ county: tx.people.homeCounty, subCounty: tx.people.homeSubCounty })
    .from(tx.people)
    .where(eq(tx.people.id, personId))
  if (!person) throw new Fault('storage_broken', 'a deployment was planned for nobody on the roll')
  for (let left = 4; left > 0 && !standing; left--) {
    const made = await tx
      .insert(applications)
      .values({
        id: tools.clock.id(),
        reference: newReference(tools.clock),
        personId,
        jobCode,
        ...person,
        status: 'successful',
        at,
        changedAt: at,
      })
      .onConflictDoNothing()
      .returning({ id: applications.id })
    if (made.length > 0) return true
  }
  await tx.update(applications).set({ status: 'successful', changedAt: at }).where(mine)
  return true
}
