import { and, asc, eq, exists, gt, inArray, lt, notExists, or, sql } from 'drizzle-orm'
import { leaveTrace } from '../acting.ts'
import type { Scene } from '../action.ts'
import { addDays } from '../base/dates.ts'
import { Fault } from '../base/fault.ts'
import { patienceOf } from '../deployments/deadline.ts'
import { versionedRules } from '../jobs/rules.ts'
import { lockPerson } from '../jobs/seat.ts'
import { issueLetter } from '../letters/issue.ts'
import { tellOfLetter } from '../letters/send.ts'
import { carryOut, type Order, orderInput } from '../orders/order.ts'
import { type RunKind, startRun } from '../runs/run.ts'
import type { Tx } from '../store/store.ts'
import { isMeant, type Notice, TOLD } from './ask.ts'
import { moveNeeds, moveOpenings, movePerson } from './move.ts'
import { LEFT_OUT } from './overview.ts'
import { postpone } from './postpone.ts'

export const NOTICE_RUN = 'notices.carry_out'
const SLICE = 50

/** `calendar`: which number the job's days have from a postponement on. */
type Input = { id: string; notice: Notice; calendar?: number | undefined }
type Deployment = Tx['deployments']['$inferSelect']

/** The second officer agreed. The days of a postponed job move here, once; its people follow slice by slice. */
export async function beginNotice(scene: Scene, order: Order): Promise<void> {
  const { tx, at, tools, actor } = scene
  const notice = orderInput<Notice>(tools, order)
  const { kind, job } = notice
  const county = kind === 'recalled' ? (notice.county ?? null) : order.county
  await tx.insert(tx.notices).values({ id: order.id, kind, jobCode: job, county, by: actor.name, at }).onConflictDoNothing()
  const calendar = kind === 'postponed' ? await moveDays(scene, job, notice.days) : undefined
  if (kind === 'moved') await moveNeeds(scene, notice)
  const of = Number(order.summary.people ?? 0) + Number(order.summary.notice_drafts ?? 0)
  const input: Input = { id: order.id, notice, calendar }
  const run = await startRun(scene, { kind: NOTICE_RUN, input, of, by: actor.name, id: `notice:${order.id}` })
  await carryOut(scene, order.id, run)
}

async function moveDays({ tx, at }: Scene, code: string, days: number): Promise<number | undefined> {
  const { jobs } = tx
  const [held] = await tx.select().from(jobs).where(eq(jobs.code, code))
  if (!held) return undefined
  const [moved] = await tx
    .update(jobs)
    .set({
      startsOn: addDays(held.startsOn, days),
      endsOn: addDays(held.endsOn, days),
      calendar: sql`${jobs.calendar} + 1`,
      changedAt: at,
    })
    .where(eq(jobs.code, code))
    .returning({ calendar: jobs.calendar })
  return moved?.calendar
}

/** Everybody who is meant, 50 a unit: a restart neither repeats nor skips anyone, nor does somebody who gives up a place meanwhile. */
export const noticeRun: RunKind<Input> = {
  async slice(scene, input, cursor) {
    const { tx } = scene
    const { id, notice } = input
    const [job] = await tx.select().from(tx.jobs).where(eq(tx.jobs.code, notice.job))
    if (!job) return { next: undefined, done: 0 }
    const { rules } = await versionedRules(tx, job.exam)
    const tally = { told: 0, silent: 0, left_out: 0, asked_anew: 0, places: 0 }
    if (notice.kind === 'moved') tally.places += await moveOpenings(scene, notice)
    const rows = await nextRows(tx, input, cursor ?? '')
    for (const seen of rows) {
      const row = await asItIs(tx, seen)
      // Whoever gave the place up at this moment gets no new letter to it.
      if (!isHeld(row) && isHeld(seen) && notice.kind !== 'postponed') continue
      const to = await shift(scene, input, row, { rules, startsOn: job.startsOn })
      const person = { noticeId: id, deploymentId: row.id, personId: row.personId, county: row.county }
      if (to === 'left_out') {
        await tx
          .insert(tx.noticePeople)
          .values({ ...person, message: LEFT_OUT })
          .onConflictDoNothing()
        tally.left_out++
      } else if (!TOLD.includes(row.status)) {
        tally[row.status === 'draft' ? 'silent' : 'places']++
      } else {
        if (to.status !== row.status) tally.asked_anew++
        if (to.status === 'released') {
          // Whoever is asked has as long from the new letter on as from a first one.
          const patience = patienceOf(rules, { at: scene.at, offer: row.origin === 'reserve', reportOn: to.reportOn })
          await tx.update(tx.deployments).set(patience).where(eq(tx.deployments.id, row.id))
        }
        const letter = await issueLetter(scene, row.id)
        await tellOfLetter(scene, letter, `letter_${notice.kind}`)
        await tx
          .insert(tx.noticePeople)
          .values({ ...person, message: `letter_ready:${letter.id}` })
          .onConflictDoUpdate({
            target: [tx.noticePeople.noticeId, tx.noticePeople.deploymentId],
            set: { message: `letter_ready:${letter.id}` },
          })
        tally.told++
      }
    }
    if (rows.length > 0) await leaveTrace(scene, 'notices.carry_out', { outcome: 'done', detail: { notice: id, ...tally } })
    // Whoever was offered a place meanwhile may stand before the cursor: the last walk begins at the beginning and finds nobody more.
    const last = notice.kind === 'recalled' || (cursor ?? '') === '' ? undefined : ''
    return { next: rows.length === SLICE ? rows.at(-1)?.id : last, done: rows.length, tally }
  },
}

/** The next by id who are meant and were not seen to: of a postponement their calendar says so, of a move their station. */
async function nextRows(tx: Tx, { id, notice, calendar = 0 }: Input, after: string): Promise<Deployment[]> {
  const { deployments: d, noticePeople: p, openings: o } = tx
  const seen = tx
    .select({ id: p.deploymentId })
    .from(p)
    .where(and(eq(p.noticeId, id), eq(p.deploymentId, d.id)))
  const open = tx
    .select({ id: o.id })
    .from(o)
    .where(and(eq(o.id, d.id), eq(o.state, 'open')))
  const held = inArray(d.status, ['draft', ...TOLD])
  const which =
    notice.kind === 'recalled'
      ? and(held, gt(d.id, after), notExists(seen))
      : notice.kind === 'moved'
        ? and(held, notExists(seen))
        : and(or(held, exists(open)), lt(d.calendar, calendar))
  const rows = await tx
    .select()
    .from(d)
    .where(and(isMeant(tx, notice), which))
    .orderBy(asc(d.id))
    .limit(SLICE)
  if (notice.kind === 'postponed' && rows.some((row) => row.calendar < calendar - 1))
    throw new Fault('busy', 'an earlier postponement of this job is not finished: let it go on first')
  return rows
}

const isHeld = ({ status }: Deployment) => status === 'draft' || TOLD.includes(status)

/** A duty as it stands, written to itself: whoever answers, declines or ends it does so before this or after this unit, and sees its letter. */
async function asItIs(tx: Tx, seen: Deployment): Promise<Deployment> {
  const { deployments: d } = tx
  await lockPerson(tx, seen.personId)
  const [row] = await tx
    .update(d)
    .set({ changedAt: sql`${d.changedAt}` })
    .where(eq(d.id, seen.id))
    .returning()
  return row ?? seen
}

/** Moves what moves, and gives how somebody stands then. */
async function shift(
  scene: Scene,
  { notice, calendar = 0 }: Input,
  row: Deployment,
  by: Parameters<typeof movePerson>[3],
): Promise<Pick<Deployment, 'status' | 'reportOn'> | 'left_out'> {
  if (notice.kind === 'recalled') return row
  if (notice.kind === 'postponed') return postpone(scene, row, { days: notice.days, calendar })
  return (await movePerson(scene, notice, row, by)) ? row : 'left_out'
}
