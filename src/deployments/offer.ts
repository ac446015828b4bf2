import { and, asc, eq, inArray } from 'drizzle-orm'
import { leaveTrace } from '../acting.ts'
import type { Scene } from '../action.ts'
import { addDays, nairobiDay } from '../base/dates.ts'
import { metresBetween, onBall } from '../base/distance.ts'
import { versionedRules } from '../jobs/rules.ts'
import type { Tx } from '../store/store.ts'
import { openBars } from './barred.ts'
import { type Deployment, seatSomebody } from './place.ts'
import { release } from './publish.ts'

export type Opening = Tx['openings']['$inferSelect']

/** Reserves of one list who are looked at before the next list is. */
const LOOK_AT = 25

/** Writes down that a place is free, and offers it at once. */
export async function openPlace(scene: Scene, ended: Deployment, why: Opening['why']): Promise<void> {
  const { tx, at } = scene
  const { id, jobCode, centreCode, county, seat } = ended
  if (seat === null) return
  const opening: Opening = { id, jobCode, centreCode, county, seat, why, state: 'open', at, changedAt: at }
  const opened = await tx
    .insert(tx.openings)
    .values(opening)
    // Somebody who was called up again may say no again.
    .onConflictDoUpdate({ target: tx.openings.id, set: { ...opening } })
    .returning({ id: tx.openings.id })
  if (opened.length > 0) await offerOpening(scene, opening)
}

/** Gives a free place to the best reserve who can take it, with a letter and a deadline. Undefined where nobody can: it stays open. */
export async function offerOpening(scene: Scene, opening: Opening): Promise<string | undefined> {
  const { tx, at, tools } = scene
  const { jobCode, centreCode, seat } = opening
  const [found] = await tx
    .select({ job: tx.jobs, station: tx.stations, before: tx.deployments })
    .from(tx.deployments)
    .innerJoin(tx.jobs, eq(tx.jobs.code, tx.deployments.jobCode))
    .innerJoin(tx.stations, eq(tx.stations.centreCode, centreCode))
    .where(eq(tx.deployments.id, opening.id))
  if (!found) return undefined
  const { job, station, before } = found
  // The exam was put on other days, and this place follows in a moment: it is tried again then.
  if (before.calendar !== job.calendar) return undefined
  const today = nairobiDay(at)
  // Whoever is asked today cannot have reported this morning.
  const reportOn = before.reportOn > today ? before.reportOn : addDays(today, 1)
  if (reportOn > job.endsOn) return closeOpening(scene, opening.id, 'closed')
  const { rules, version } = await versionedRules(tx, job.exam)
  for (const list of [eq(tx.reserves.subCounty, station.subCounty), undefined]) {
    const reserves = await tx
      .select({ person: tx.people, rank: tx.reserves.rank })
      .from(tx.reserves)
      .innerJoin(tx.people, eq(tx.people.id, tx.reserves.personId))
      .where(
        and(eq(tx.reserves.jobCode, jobCode), eq(tx.reserves.state, 'waiting'), eq(tx.reserves.county, station.county), list),
      )
      .orderBy(asc(tx.reserves.rank), asc(tx.reserves.personId))
      .limit(LOOK_AT)
    const barsOf = await openBars(
      scene,
      { job, rules, station, from: reportOn },
      reserves.map(({ person }) => person),
    )
    for (const { person } of reserves) {
      if ((await barsOf(person)).length > 0) continue
      const metres = await metresOf(tx, person, station)
      const seated = await seatSomebody(scene, {
        personId: person.id,
        jobCode,
        centreCode,
        reportOn,
        reportAt: before.reportAt,
        origin: 'reserve',
        status: 'draft',
        seat,
        offeredFrom: opening.id,
        calendar: before.calendar,
        rulesVersion: version,
        ...(metres === undefined ? {} : { metres }),
      })
      if ('id' in seated) {
        await tx
          .update(tx.reserves)
          .set({ state: 'offered', changedAt: at })
          .where(and(eq(tx.reserves.jobCode, jobCode), eq(tx.reserves.personId, person.id)))
        await release(scene, seated.id, true)
        await leaveTrace({ tx, at, tools, actor: { ...scene.actor, name: 'system' } }, 'deployments.offer', {
          outcome: 'done',
          subject: person.id,
          detail: { deployment: seated.id, instead_of: opening.id },
        })
        await closeOpening(scene, opening.id, 'offered')
        return seated.id
      }
      // Somebody else has it, or the job is full: no other reserve could take it either.
      if (seated.refused === 'taken') return closeOpening(scene, opening.id, 'closed')
      if (seated.refused === 'full' || seated.refused === 'moved') return undefined
    }
  }
  return undefined
}

async function closeOpening({ tx, at }: Scene, id: string, state: 'offered' | 'closed'): Promise<undefined> {
  await tx.update(tx.openings).set({ state, changedAt: at }).where(eq(tx.openings.id, id))
}

/** From the workstation to a station, as the crow flies; undefined where one of them is nowhere on the map. */
export async function metresOf(
  tx: Pick<Tx, 'select' | 'stations'>,
  { workstationCode }: Pick<Tx['people']['$inferSelect'], 'workstationCode'>,
  station: Pick<Tx['stations']['$inferSelect'], 'latitude' | 'longitude'>,
): Promise<number | undefined> {
  if (workstationCode === null) return undefined
  const [work] = await tx
    .select({ latitude: tx.stations.latitude, longitude: tx.stations.longitude })
    .from(tx.stations)
    .where(inArray(tx.stations.centreCode, [workstationCode]))
  const points = [work, station].flatMap((each) =>
    each && each.latitude !== null && each.longitude !== null ? [{ latitude: each.latitude, longitude: each.longitude }] : [],
  )
  return points.length === 2 ? metresBetween(onBall(points), 0, onBall(points), 1) : undefined
}
