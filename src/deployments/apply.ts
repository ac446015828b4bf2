import { and, eq, sql } from 'drizzle-orm'
import type { Scene } from '../action.ts'
import { calendarOf, freeSeat, heldKey, isFree, lockPerson } from '../jobs/seat.ts'
import type { Tx } from '../store/store.ts'
import { isBusy } from './busy.ts'
import { metresOf } from './offer.ts'
import { makeSuccessful } from './successful.ts'

/** A row that was checked: whom, for which job, where and when. `reportAt` is `HH:MM`. */
export type Planned = { row: number; personId: string; jobCode: string; centreCode: string; reportOn: string; reportAt: string }
/** `made`: a new draft; `changed`: another centre or time, so a draft again; `same`: nothing new; `full`: no place left, `busy`: another duty on these days; nothing written for either. */
export type Fate = 'made' | 'changed' | 'same' | 'full' | 'busy'

/** Writes one planned deployment, a new one under `id`. The application is successful from then on, and made where there was none; no SMS: the letter says it. */
export async function plan(scene: Scene, { row: _, ...planned }: Planned, id = scene.tools.clock.id()): Promise<Fate> {
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
  const seat = await seatFor(tx, planned, before)
  const held = { seat, held: heldKey({ jobCode, centreCode: place.centreCode, seat }) }
  const made = {
    rulesVersion: null,
    metres: await wayOf(tx, planned),
    origin: 'import' as const,
    calendar: calendarOf(tx, jobCode),
    answerBy: null,
    ...held,
  }
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
async function seatFor(tx: Tx, { jobCode, centreCode }: Omit<Planned, 'row'>, before?: Deployment) {
  const seat = before?.centreCode === centreCode ? before.seat : null
  if (seat === null) return freeSeat(tx, jobCode, centreCode)
  const key = heldKey({ jobCode, centreCode, seat })
  return before?.held === key || (await isFree(tx, { jobCode, centreCode, seat })) ? seat : freeSeat(tx, jobCode, centreCode)
}
/** An allowance is paid by it, whoever chose the station. */
async function wayOf(tx: Tx, { personId, centreCode }: Omit<Planned, 'row'>): Promise<number | null> {
  const [station] = await tx.select().from(tx.stations).where(eq(tx.stations.centreCode, centreCode))
  if (!station || station.latitude === null) return null
  const [person] = await tx.select().from(tx.people).where(eq(tx.people.id, personId))
  return (person && (await metresOf(tx, person, station))) ?? null
}
type Place = Pick<Planned, 'centreCode' | 'reportOn' | 'reportAt'>
