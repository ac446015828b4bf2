import { and, eq } from 'drizzle-orm'
import type { Scene } from '../action.ts'
import { calendarOf, freeSeat, heldKey, holdsCalendar, isFree, lockPerson } from '../jobs/seat.ts'
import type { Origin } from '../store/schema.ts'
import type { Tx } from '../store/store.ts'
import { isBusy } from './busy.ts'
import { makeSuccessful } from './successful.ts'

export type Deployment = Tx['deployments']['$inferSelect']

/** Whom, where and when. Days are `YYYY-MM-DD`, `reportAt` is `HH:MM`, `metres` from the workstation. */
export type Seating = {
  personId: string
  jobCode: string
  centreCode: string
  reportOn: string
  reportAt: string
  origin: Origin
  status: 'draft' | 'accepted'
  /** Which place; the lowest free one where it is not said. */
  seat?: number | undefined
  offeredFrom?: string
  rulesVersion?: number
  metres?: number
  /** The calendar of the job that `reportOn` was taken from; where the job was put on other days since, nobody is seated. */
  calendar?: number
}
/** `taken`: somebody holds the seat; `busy`: another duty on one of these days; `again`: the person has, or had, a duty of this job; `full`: the job has no place left; `moved`: it was put on other days. */
export type Seated = { id: string } | { refused: 'taken' | 'busy' | 'again' | 'full' | 'moved' }

/**
 * Gives somebody one place. What decides it is locked first, the person before the station, so that two who do it at the same moment
 * never give one place to two people, nor two places to one person.
 */
export async function seatSomebody(scene: Scene, { seat: wanted, ...seating }: Seating): Promise<Seated> {
  const { tx, at, tools } = scene
  const { personId, jobCode, centreCode } = seating
  await lockPerson(tx, personId)
  const [held] = await tx
    .select({ id: tx.deployments.id })
    .from(tx.deployments)
    .where(and(eq(tx.deployments.personId, personId), eq(tx.deployments.jobCode, jobCode)))
  if (held) return { refused: 'again' }
  if (await isBusy(tx, seating)) return { refused: 'busy' }
  const seat = wanted ?? (await freeSeat(tx, jobCode, centreCode))
  if (wanted !== undefined && !(await isFree(tx, { jobCode, centreCode, seat }))) return { refused: 'taken' }
  if (seating.calendar !== undefined && !(await holdsCalendar(tx, jobCode, seating.calendar))) return { refused: 'moved' }
  if (!(await makeSuccessful(scene, { personId, jobCode }))) return { refused: 'full' }
  const [station] = await tx
    .select({ county: tx.stations.county })
    .from(tx.stations)
    .where(eq(tx.stations.centreCode, centreCode))
  const id = tools.clock.id()
  await tx.insert(tx.deployments).values({
    ...seating,
    id,
    county: station?.county ?? '',
    seat,
    held: heldKey({ jobCode, centreCode, seat }),
    calendar: calendarOf(tx, jobCode),
    letterVersion: 0,
    changedAt: at,
  })
  return { id }
}
