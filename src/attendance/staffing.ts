import { and, asc, count, eq, gte, inArray, isNotNull, isNull, lte } from 'drizzle-orm'
import { addDays } from '../base/dates.ts'
import { type SeriesRules, versionedRules } from '../jobs/rules.ts'
import type { Read } from '../store/store.ts'

/** How a county or a station is staffed on one day: `expected` people hold a place there; `gap` are those who are not known to be there. */
export type StaffingLine = {
  key: string
  name: string
  expected: number
  present: number
  late: number
  absent: number
  unmarked: number
  gap: number
}

/** Jobs that are on duty on a day, by their code. */
export async function jobsOn(read: Read, day: string): Promise<{ code: string; title: string }[]> {
  const { jobs } = read
  const rows = await read
    .select({ code: jobs.code, title: jobs.title, exam: jobs.exam, startsOn: jobs.startsOn })
    .from(jobs)
    .where(and(gte(jobs.endsOn, day), lte(jobs.startsOn, addDays(day, 30))))
    .orderBy(asc(jobs.startsOn), asc(jobs.code))
  const on: { code: string; title: string }[] = []
  for (const { exam, startsOn, ...job } of rows) {
    const { rules } = await versionedRules(read, exam)
    if (day >= startsOn || day === rehearsal(rules, startsOn)) on.push(job)
  }
  return on
}

const rehearsal = ({ rehearsal_days_before }: SeriesRules, startsOn: string) =>
  rehearsal_days_before ? addDays(startsOn, -rehearsal_days_before) : undefined

/** Staffing of one job on one day, by county, or within a county by station: the largest gaps first. */
export async function staffingOf(
  read: Read,
  { job, day, county, counties = [] }: { job: string; day: string; county?: string; counties?: readonly string[] },
): Promise<StaffingLine[]> {
  const { deployments: d, attendance: a, stations: s, jobs } = read
  const [found] = await read.select({ startsOn: jobs.startsOn }).from(jobs).where(eq(jobs.code, job))
  if (!found) return []
  const key = county === undefined ? d.county : d.centreCode
  const mine = counties.length > 0 ? inArray(d.county, [...counties]) : undefined
  // At the rehearsal everybody is expected who begins on the first day; later everybody who has begun.
  const begun = lte(d.reportOn, day < found.startsOn ? found.startsOn : day)
  const rows = await read
    .select({ key, mark: a.mark, n: count() })
    .from(d)
    .leftJoin(a, and(eq(a.deploymentId, d.id), eq(a.day, day)))
    .where(
      and(
        eq(d.jobCode, job),
        isNotNull(d.held),
        inArray(d.status, ['released', 'accepted']),
        begun,
        mine,
        county === undefined ? undefined : eq(d.county, county),
      ),
    )
    .groupBy(key, a.mark)
  const names = county === undefined ? new Map<string, string>() : await namesOf(read, county)
  const lines = new Map<string, StaffingLine>()
  for (const { key: place, mark, n } of rows) {
    const line = lines.get(place) ?? {
      key: place,
      name: names.get(place) ?? place,
      expected: 0,
      present: 0,
      late: 0,
      absent: 0,
      unmarked: 0,
      gap: 0,
    }
    line.expected += Number(n)
    line[mark ?? 'unmarked'] += Number(n)
    line.gap = line.absent + line.unmarked
    lines.set(place, line)
  }
  return [...lines.values()].sort((one, other) => other.gap - one.gap || one.name.localeCompare(other.name))

  async function namesOf(from: Read, where: string): Promise<Map<string, string>> {
    const found = await from.select({ code: s.centreCode, name: s.name }).from(s).where(eq(s.county, where))
    return new Map(found.map(({ code, name }) => [code, name]))
  }
}

/** Marks that somebody disputes and nobody has settled, the oldest first. */
export function disputesOf(read: Read, counties: readonly string[], most = 50) {
  const { attendance: a, deployments: d, people, stations: s } = read
  return read
    .select({ attendance: a, name: people.fullName, personId: people.id, station: s.name })
    .from(a)
    .innerJoin(d, eq(d.id, a.deploymentId))
    .innerJoin(people, eq(people.id, d.personId))
    .innerJoin(s, eq(s.centreCode, a.centreCode))
    .where(and(isNull(a.settledBy), isNotNull(a.disputedAt), counties.length > 0 ? inArray(a.county, [...counties]) : undefined))
    .orderBy(asc(a.disputedAt), asc(a.deploymentId))
    .limit(most)
}
