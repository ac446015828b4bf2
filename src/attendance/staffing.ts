import { and, asc, count, desc, eq, gte, inArray, isNotNull, isNull, lte } from 'drizzle-orm'
import { addDays } from '../base/dates.ts'
import { needsOf } from '../jobs/needs.ts'
import { type SeriesRules, versionedRules } from '../jobs/rules.ts'
import type { Read } from '../store/store.ts'

/**
 * How a county or a station is staffed on one day: `expected` people are to be there; `empty` are places that nobody was told to fill, and
 * `gap` are all who are not known to be there.
 */
export type StaffingLine = {
  key: string
  name: string
  county: string
  expected: number
  present: number
  late: number
  absent: number
  unmarked: number
  empty: number
  gap: number
}

/** Jobs that are on duty on a day, by their code. */
export async function jobsOn(read: Read, day: string): Promise<{ code: string; title: string; exam: string }[]> {
  const { jobs } = read
  const rows = await read
    .select({ code: jobs.code, title: jobs.title, exam: jobs.exam, startsOn: jobs.startsOn })
    .from(jobs)
    .where(and(gte(jobs.endsOn, day), lte(jobs.startsOn, addDays(day, 30))))
    .orderBy(asc(jobs.startsOn), asc(jobs.code))
  const on: { code: string; title: string; exam: string }[] = []
  for (const { startsOn, ...job } of rows) {
    const { rules } = await versionedRules(read, job.exam)
    if (day >= startsOn || day === rehearsal(rules, startsOn)) on.push(job)
  }
  return on
}

const rehearsal = ({ rehearsal_days_before }: SeriesRules, startsOn: string) =>
  rehearsal_days_before ? addDays(startsOn, -rehearsal_days_before) : undefined

export type Asked = { job: string; day: string; county?: string; counties?: readonly string[] }

/** Stations summed up by their county: the largest gaps first. */
export function byCounty(stations: readonly StaffingLine[]): StaffingLine[] {
  const counties = new Map<string, StaffingLine>()
  for (const { county, ...station } of stations) {
    const line = counties.get(county) ?? lineOf(county, county, county)
    for (const column of COLUMNS) line[column] += station[column]
    counties.set(county, line)
  }
  return gapsFirst([...counties.values()])
}

/**
 * Staffing of one job on one day by station: the largest gaps first. A station is expected to have whom the adopted plan needs there (or,
 * where none was adopted, the rules), and no fewer than hold a place there or are to be offered one: one that nobody holds is a gap too.
 */
export async function staffingOf(read: Read, { job: code, day, county, counties = [] }: Asked): Promise<StaffingLine[]> {
  const { deployments: d, attendance: a, openings: o, stations: s, jobs } = read
  const [job] = await read.select().from(jobs).where(eq(jobs.code, code))
  if (!job) return []
  const within = (column: typeof d.county | typeof o.county | typeof s.county) =>
    and(counties.length > 0 ? inArray(column, [...counties]) : undefined, county === undefined ? undefined : eq(column, county))
  const lines = new Map<string, StaffingLine>()
  const places = await read.select({ code: s.centreCode, name: s.name, county: s.county }).from(s).where(within(s.county))
  for (const { code: key, name, county: where } of places) lines.set(key, lineOf(key, name, where))
  // At the rehearsal everybody is expected who begins on the first day; later everybody who has begun.
  const begun = lte(d.reportOn, day < job.startsOn ? job.startsOn : day)
  const told = inArray(d.status, ['released', 'accepted'])
  const people = await read
    .select({ key: d.centreCode, mark: a.mark, n: count() })
    .from(d)
    .leftJoin(a, and(eq(a.deploymentId, d.id), eq(a.day, day)))
    .where(and(eq(d.jobCode, code), isNotNull(d.held), told, begun, within(d.county)))
    .groupBy(d.centreCode, a.mark)
  for (const { key, mark, n } of people) {
    const line = lines.get(key)
    if (line) line[mark ?? 'unmarked'] += Number(n)
  }
  const open = await read
    .select({ key: o.centreCode, n: count() })
    .from(o)
    .where(and(eq(o.jobCode, code), eq(o.state, 'open'), within(o.county)))
    .groupBy(o.centreCode)
  for (const { key, n } of open) {
    const line = lines.get(key)
    if (line) line.empty += Number(n)
  }
  const needs = await needsAt(read, job)
  for (const line of lines.values()) {
    const there = line.present + line.late + line.absent + line.unmarked
    line.empty = Math.max(line.empty, (needs.get(line.key) ?? 0) - there)
    line.expected = there + line.empty
    line.gap = line.absent + line.unmarked + line.empty
  }
  return gapsFirst([...lines.values()].filter(({ expected }) => expected > 0))
}

const COLUMNS = ['expected', 'present', 'late', 'absent', 'unmarked', 'empty', 'gap'] as const
const lineOf = (key: string, name: string, county: string): StaffingLine => ({
  key,
  name,
  county,
  expected: 0,
  present: 0,
  late: 0,
  absent: 0,
  unmarked: 0,
  empty: 0,
  gap: 0,
})
const gapsFirst = (lines: StaffingLine[]): StaffingLine[] =>
  lines.sort((one, other) => other.gap - one.gap || one.name.localeCompare(other.name))

/** How many people each station is to have. */
async function needsAt(read: Read, job: Read['jobs']['$inferSelect']): Promise<Map<string, number>> {
  const { plans, planNeeds: n } = read
  const [plan] = await read
    .select({ id: plans.id })
    .from(plans)
    .where(and(eq(plans.jobCode, job.code), eq(plans.state, 'adopted')))
    .orderBy(desc(plans.changedAt))
    .limit(1)
  if (plan) {
    const rows = await read.select({ key: n.centreCode, need: n.need }).from(n).where(eq(n.planId, plan.id))
    return new Map(rows.map(({ key, need }) => [key, need]))
  }
  const { rules } = await versionedRules(read, job.exam)
  const found = needsOf(await read.select().from(read.stations), rules, job)
  return new Map((found.refused ? [] : found.needs).map(({ station, places }) => [station.centreCode, places]))
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
