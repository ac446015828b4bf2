import { and, asc, eq } from 'drizzle-orm'
import { z } from 'zod'
import { action, done, refused, type Scene } from '../action.ts'
import { HOUR, MINUTE, nairobiDay, shortDay, startOfDay } from '../base/dates.ts'
import { dutyDays, isOnDuty } from '../deployments/days.ts'
import { type Duty, deploymentsOf } from '../deployments/mine.ts'
import { versionedRules } from '../jobs/rules.ts'
import { holderOf } from '../people/holder.ts'
import { countGuess, forgetGuesses } from '../security/guesses.ts'
import { isDayCode } from './day-code.ts'
import { type Attendance, writeMark } from './mark.ts'

/** The person's own duty; nobody reaches another's. */
async function dutyOf(scene: Scene, id: string): Promise<Duty | undefined> {
  const duties = await deploymentsOf(scene, (await holderOf(scene)).person.id)
  return duties.find(({ deployment }) => deployment.id === id && deployment.held !== null)
}

/** Milliseconds from midnight to an hour `HH:MM`. */
export const millisOf = (hour: string): number => Number(hour.slice(0, 2)) * HOUR + Number(hour.slice(3)) * MINUTE

/** The person says that they are there, with the code that is shown at the station today. Later than the rules allow it counts as late. */
export const attendanceCheckIn = action<{ deployment: string; code: string }>({
  who: 'account',
  input: z.object({ deployment: z.string(), code: z.string() }),
  refusals: ['none', 'not_today', 'wrong', 'locked', 'officer', 'settled'],
  gives: ['station', 'mark', 'tries_left'],
  async apply(scene, { deployment: id, code }) {
    const { tx, at, tools } = scene
    const duty = await dutyOf(scene, id)
    if (!duty) return refused('none')
    const { deployment, job, station } = duty
    const about = deployment.personId
    const { rules, version } = await versionedRules(tx, job.exam)
    const day = nairobiDay(at)
    if (!isOnDuty({ ...duty, rules }, day)) return refused('not_today', {}, about)
    const key = `day_code:${about}`
    const guess = await countGuess(tx, at, key)
    if (!guess.allowed) return refused(guess.why, {}, about)
    if (!isDayCode(tools, deployment.centreCode, day, code)) return refused('wrong', { tries_left: guess.left }, about)
    await forgetGuesses(tx, key)
    const late =
      rules.late_minutes !== undefined && at > startOfDay(day) + millisOf(deployment.reportAt) + rules.late_minutes * MINUTE
    const mark = late ? 'late' : 'present'
    if (!(await writeMark(scene, deployment, { day, mark, by: 'self', rulesVersion: version })))
      return refused('settled', {}, about)
    return done({ station: station.name, mark }, about)
  },
})

export type MarkedDay = { day: string; mark: Attendance['mark'] | undefined; disputed: boolean; settled: boolean }

/** Every day of a duty so far with its mark, the newest first. */
export async function marksOf(
  { tx, at }: Pick<Scene, 'tx' | 'at'>,
  duty: Pick<Duty, 'deployment' | 'job'>,
): Promise<MarkedDay[]> {
  const { attendance: a } = tx
  const { rules } = await versionedRules(tx, duty.job.exam)
  const rows = await tx.select().from(a).where(eq(a.deploymentId, duty.deployment.id)).orderBy(asc(a.day))
  const marks = new Map(rows.map((row) => [row.day, row]))
  const days = new Set([...dutyDays({ ...duty, rules }, nairobiDay(at)), ...marks.keys()])
  return [...days]
    .sort()
    .reverse()
    .map((day) => {
      const row = marks.get(day)
      return {
        day,
        mark: row?.mark,
        disputed: row?.disputedAt != null && row.settledBy === null,
        settled: row?.settledBy != null,
      }
    })
}

export const attendanceMine = action<{ deployment: string }>({
  who: 'account',
  input: z.object({ deployment: z.string() }),
  refusals: ['none'],
  gives: ['own_day', 'day', 'mark'],
  reads: true,
  async apply(scene, { deployment: id }) {
    const duty = await dutyOf(scene, id)
    const days = duty ? await marksOf(scene, duty) : []
    if (days.length === 0) return refused('none')
    return done({
      items: days.map(({ day, mark, disputed }) => ({
        own_day: day,
        day: shortDay(day),
        mark: disputed ? 'disputed' : (mark ?? 'none'),
      })),
    })
  },
})

/** The person says that a mark is wrong, in a few words; an officer settles it. A day without a mark can be disputed too. */
export const attendanceDispute = action<{ deployment: string; day: string; reason: string }>({
  who: 'pin',
  input: z.object({ deployment: z.string(), day: z.string(), reason: z.string().min(1) }),
  refusals: ['none', 'already'],
  gives: ['day'],
  async apply(scene, { deployment: id, day, reason }) {
    const { tx, at, tools } = scene
    const duty = await dutyOf(scene, id)
    const found = duty && (await marksOf(scene, duty)).find((each) => each.day === day)
    if (!duty || !found) return refused('none')
    const about = duty.deployment.personId
    if (found.disputed || found.settled) return refused('already', {}, about)
    const { jobCode, centreCode, county } = duty.deployment
    const disputeSealed = tools.keyring.seal(disputePlace(id, day), reason)
    const dispute = { disputedAt: at, disputeSealed, settledBy: null }
    const { attendance: a } = tx
    await tx
      .insert(a)
      .values({ deploymentId: id, day, jobCode, centreCode, county, mark: 'absent', by: 'self', at, ...dispute })
      .onConflictDoUpdate({ target: [a.deploymentId, a.day], set: dispute })
    return done({ day: shortDay(day) }, about)
  },
})

export const disputePlace = (deployment: string, day: string): string => `attendance.dispute:${deployment}:${day}`

/** What somebody wrote about one day's mark. */
export const disputeOf = (
  { keyring }: Pick<Scene['tools'], 'keyring'>,
  row: Pick<Attendance, 'deploymentId' | 'day' | 'disputeSealed'>,
) => (row.disputeSealed === null ? undefined : keyring.open(disputePlace(row.deploymentId, row.day), row.disputeSealed))

export const isMark = ({ attendance: a }: Pick<Scene['tx'], 'attendance'>, deployment: string, day: string) =>
  and(eq(a.deploymentId, deployment), eq(a.day, day))
