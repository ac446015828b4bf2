import { and, asc, eq, gt, inArray, notExists } from 'drizzle-orm'
import { leaveTrace } from '../acting.ts'
import type { Scene } from '../action.ts'
import { addDays } from '../base/dates.ts'
import { barredAt } from '../deployments/barred.ts'
import { isBusy } from '../deployments/busy.ts'
import { yearOf } from '../deployments/check.ts'
import { metresOf } from '../deployments/offer.ts'
import { type SeriesRules, versionedRules } from '../jobs/rules.ts'
import { freeSeat, heldKey, lockPerson } from '../jobs/seat.ts'
import { issueLetter } from '../letters/issue.ts'
import { tellOfLetter } from '../letters/send.ts'
import { carryOut, type Order, orderInput } from '../orders/order.ts'
import { type RunKind, startRun } from '../runs/run.ts'
import type { Tx } from '../store/store.ts'
import { isMeant, type Notice, TOLD } from './ask.ts'

export const NOTICE_RUN = 'notices.carry_out'
const SLICE = 50

type Input = { id: string; notice: Notice }
type Deployment = Tx['deployments']['$inferSelect']

/** The second officer agreed. The days of a postponed job move here, once; its people follow slice by slice. */
export async function beginNotice(scene: Scene, order: Order): Promise<void> {
  const { tx, at, tools, actor } = scene
  const notice = orderInput<Notice>(tools, order)
  const { kind, job } = notice
  const county = kind === 'recalled' ? (notice.county ?? null) : order.county
  await tx.insert(tx.notices).values({ id: order.id, kind, jobCode: job, county, by: actor.name, at }).onConflictDoNothing()
  if (kind === 'postponed') {
    const [held] = await tx.select().from(tx.jobs).where(eq(tx.jobs.code, job))
    if (held) {
      const days = { startsOn: addDays(held.startsOn, notice.days), endsOn: addDays(held.endsOn, notice.days) }
      await tx
        .update(tx.jobs)
        .set({ ...days, changedAt: at })
        .where(eq(tx.jobs.code, job))
    }
  }
  const of = Number(order.summary.people ?? 0) + Number(order.summary.notice_drafts ?? 0)
  const run = await startRun(scene, {
    kind: NOTICE_RUN,
    input: { id: order.id, notice },
    of,
    by: actor.name,
    id: `notice:${order.id}`,
  })
  await carryOut(scene, order.id, run)
}

/** Everybody who is meant, 50 a unit: a restart neither repeats nor skips anyone, as whoever was done stands in the notice's own list. */
export const noticeRun: RunKind<Input> = {
  async slice(scene, { id, notice }, cursor) {
    const { tx, at } = scene
    const { deployments: d, noticePeople: done } = tx
    const [job] = await tx.select().from(tx.jobs).where(eq(tx.jobs.code, notice.job))
    if (!job) return { next: undefined, done: 0 }
    const { rules } = await versionedRules(tx, job.exam)
    const before = tx
      .select({ id: done.deploymentId })
      .from(done)
      .where(and(eq(done.noticeId, id), eq(done.deploymentId, d.id)))
    const rows = await tx
      .select()
      .from(d)
      .where(and(isMeant(tx, notice), inArray(d.status, ['draft', ...TOLD]), gt(d.id, cursor ?? ''), notExists(before)))
      .orderBy(asc(d.id))
      .limit(SLICE)
    const tally = { told: 0, silent: 0, left_out: 0, asked_anew: 0 }
    for (const row of rows) {
      const anew = await shift(scene, notice, row, { rules, startsOn: job.startsOn })
      if (anew === 'left_out') {
        tally.left_out++
        continue
      }
      if (anew) tally.asked_anew++
      if (!TOLD.includes(row.status)) {
        tally.silent++
        continue
      }
      const letter = await issueLetter(scene, row.id)
      await tellOfLetter(scene, letter, `letter_${notice.kind}`)
      const person = { noticeId: id, deploymentId: row.id, personId: row.personId, county: row.county }
      await tx
        .insert(done)
        .values({ ...person, message: `letter_ready:${letter.id}` })
        .onConflictDoNothing()
      tally.told++
    }
    const detail = { notice: id, ...tally }
    if (rows.length > 0) await leaveTrace({ ...scene, at }, 'notices.carry_out', { outcome: 'done', detail })
    return { next: rows.length === SLICE ? rows.at(-1)?.id : undefined, done: rows.length, tally }
  },
}

/** Moves what moves. True where somebody who had accepted is asked anew, as another duty is on the new days. */
async function shift(
  scene: Scene,
  notice: Notice,
  row: Deployment,
  { rules, startsOn }: { rules: SeriesRules; startsOn: string },
): Promise<boolean | 'left_out'> {
  if (notice.kind === 'recalled') return false
  return notice.kind === 'moved' ? move(scene, notice.to, row, { rules, startsOn }) : postpone(scene, notice.days, row)
}

async function postpone({ tx, at }: Scene, days: number, row: Deployment): Promise<boolean> {
  const { deployments: d } = tx
  await lockPerson(tx, row.personId)
  const reportOn = addDays(row.reportOn, days)
  const anew = row.status === 'accepted' && (await isBusy(tx, { ...row, reportOn }))
  await tx
    .update(d)
    .set({ reportOn, changedAt: at, ...(anew ? { status: 'released' as const } : {}) })
    .where(eq(d.id, row.id))
  return anew
}

/** Whoever may not serve at the new station stays where they are: an officer finds them another. */
async function move(
  scene: Scene,
  to: string,
  row: Deployment,
  { rules, startsOn }: { rules: SeriesRules; startsOn: string },
): Promise<false | 'left_out'> {
  const { tx, at } = scene
  const { deployments: d, stations, people } = tx
  const [station] = await tx.select().from(stations).where(eq(stations.centreCode, to))
  const [person] = await tx.select().from(people).where(eq(people.id, row.personId))
  if (!station || !person) return 'left_out'
  const barred = await barredAt(scene, { station, rules, year: yearOf(startsOn) }, [person])
  if (barred.size > 0) return 'left_out'
  const seat = await freeSeat(tx, row.jobCode, to)
  const held = heldKey({ jobCode: row.jobCode, centreCode: to, seat })
  const metres = (await metresOf(tx, person, station)) ?? null
  await tx.update(d).set({ centreCode: to, county: station.county, seat, held, metres, changedAt: at }).where(eq(d.id, row.id))
  return false
}
