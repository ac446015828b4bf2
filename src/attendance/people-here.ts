import { and, asc, eq, gte, inArray, isNotNull } from 'drizzle-orm'
import { addDays, nairobiDay } from '../base/dates.ts'
import { isOnDuty } from '../deployments/days.ts'
import { seriesRules, usualRules } from '../jobs/rules.ts'
import type { Read } from '../store/store.ts'

/** A head may put right what was marked so many days ago; after that only an officer. */
export const MENDABLE_DAYS = 2

/** The days that a head may mark now, today first. */
export const headDays = (at: number): string[] => Array.from({ length: MENDABLE_DAYS + 1 }, (_, n) => addDays(nairobiDay(at), -n))

export type OnDuty = Awaited<ReturnType<typeof peopleHere>>[number]

/** Who is on duty at a station on a day, with the day's mark: those who hold a place, and whose answer is not no. By name. */
export async function peopleHere(
  read: Pick<Read, 'select' | 'deployments' | 'jobs' | 'people' | 'series' | 'attendance'>,
  centreCode: string,
  day: string,
) {
  const { deployments: d, jobs, people, series, attendance } = read
  const rows = await read
    .select({
      deployment: d,
      job: jobs,
      name: people.fullName,
      msisdn: people.msisdn,
      rules: series.rules,
      mark: attendance.mark,
      by: attendance.by,
      disputedAt: attendance.disputedAt,
      settledBy: attendance.settledBy,
    })
    .from(d)
    .innerJoin(jobs, eq(jobs.code, d.jobCode))
    .innerJoin(people, eq(people.id, d.personId))
    .leftJoin(series, eq(series.exam, jobs.exam))
    .leftJoin(attendance, and(eq(attendance.deploymentId, d.id), eq(attendance.day, day)))
    .where(
      and(eq(d.centreCode, centreCode), isNotNull(d.held), inArray(d.status, ['released', 'accepted']), gte(jobs.endsOn, day)),
    )
    .orderBy(asc(people.fullName), asc(d.id))
  return rows
    .map(({ rules, ...row }) => ({ ...row, rules: rules === null ? usualRules : seriesRules.parse(rules) }))
    .filter((row) => isOnDuty(row, day))
}
