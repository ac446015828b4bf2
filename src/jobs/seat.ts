import { and, asc, eq, isNotNull, sql } from 'drizzle-orm'
import type { Scene } from '../action.ts'
import type { Tx } from '../store/store.ts'

/** One place of one job at one station; `seat` counts from 1. */
export type Seat = { jobCode: string; centreCode: string; seat: number }

/** What `deployments.held` says while somebody has the place: a unique key, so that no two people ever do. */
export const heldKey = ({ jobCode, centreCode, seat }: Seat): string => `${jobCode}:${centreCode}:${seat}`

/** The lowest place that nobody holds. Whoever else looks for one at this station waits until this unit has ended. */
export async function freeSeat(tx: Tx, jobCode: string, centreCode: string): Promise<number> {
  await lockStation(tx, centreCode)
  const { deployments: d } = tx
  const held = await tx
    .select({ seat: d.seat })
    .from(d)
    .where(and(eq(d.jobCode, jobCode), eq(d.centreCode, centreCode), isNotNull(d.held)))
    .orderBy(asc(d.seat))
  return lowestFree(held)
}

/** The lowest number from 1 that none of these has; `held` in the order of their numbers. */
export function lowestFree(held: readonly { seat: number | null }[]): number {
  let free = 1
  for (const { seat } of held) if (seat === free) free++
  return free
}

/** The lowest place that nobody holds and that is offered to nobody: whoever comes besides takes no place that waits for a reserve. */
export async function newSeat(tx: Tx, jobCode: string, centreCode: string): Promise<number> {
  await lockStation(tx, centreCode)
  const { deployments: d, openings: o } = tx
  const held = await tx
    .select({ seat: d.seat })
    .from(d)
    .where(and(eq(d.jobCode, jobCode), eq(d.centreCode, centreCode), isNotNull(d.held)))
  const open = await tx
    .select({ seat: o.seat })
    .from(o)
    .where(and(eq(o.jobCode, jobCode), eq(o.centreCode, centreCode), eq(o.state, 'open')))
  return lowestFree([...held, ...open].sort((a, b) => (a.seat ?? 0) - (b.seat ?? 0)))
}

/** What a deployment's `calendar` is to be: its day is one of the job's as they stand now. */
export const calendarOf = ({ jobs }: Pick<Tx, 'jobs'>, jobCode: string) =>
  sql<number>`(select ${jobs.calendar} from ${jobs} where ${eq(jobs.code, jobCode)})`

/** Whether the job's days are still those of `calendar`; then nobody puts it on others before this unit has ended. */
export async function holdsCalendar(tx: Tx, jobCode: string, calendar: number): Promise<boolean> {
  const { jobs } = tx
  const same = await tx
    .update(jobs)
    .set({ calendar })
    .where(and(eq(jobs.code, jobCode), eq(jobs.calendar, calendar)))
    .returning({ code: jobs.code })
  return same.length > 0
}

/** Whether nobody holds this place, as in {@link freeSeat}. */
export async function isFree(tx: Tx, seat: Seat): Promise<boolean> {
  await lockStation(tx, seat.centreCode)
  const holders = await tx
    .select({ id: tx.deployments.id })
    .from(tx.deployments)
    .where(eq(tx.deployments.held, heldKey(seat)))
  return holders.length === 0
}

/** Gives a deployment a place at its station again: the one it had, where that is free, else the lowest that is. */
export async function holdSeat({ tx }: Pick<Scene, 'tx'>, id: string): Promise<void> {
  const { deployments: d } = tx
  const [held] = await tx
    .select({ jobCode: d.jobCode, centreCode: d.centreCode, seat: d.seat, held: d.held })
    .from(d)
    .where(eq(d.id, id))
  if (!held || held.held !== null) return
  const { jobCode, centreCode } = held
  const own = held.seat !== null && (await isFree(tx, { jobCode, centreCode, seat: held.seat })) ? held.seat : undefined
  const seat = own ?? (await freeSeat(tx, jobCode, centreCode))
  await tx
    .update(d)
    .set({ seat, held: heldKey({ jobCode, centreCode, seat }) })
    .where(eq(d.id, id))
}

/** A row that is written to itself belongs to this unit until it ends, on both engines. */
async function lockStation(tx: Tx, centreCode: string): Promise<void> {
  const { stations: s } = tx
  await tx
    .update(s)
    .set({ candidates: sql`${s.candidates}` })
    .where(eq(s.centreCode, centreCode))
}

/** The same for a person: nobody else gives them a duty before this unit has ended. */
export async function lockPerson(tx: Tx, personId: string): Promise<void> {
  const { people } = tx
  await tx
    .update(people)
    .set({ at: sql`${people.at}` })
    .where(eq(people.id, personId))
}
