import { and, asc, count, desc, eq, gt, inArray, isNotNull, ne, sql } from 'drizzle-orm'
import { needsOf } from '../jobs/needs.ts'
import { versionedRules } from '../jobs/rules.ts'
import type { Read } from '../store/store.ts'
import type { Plan, PlanRefused } from './plan.ts'

/** What a job needs in a county (or sub-county), beside who is there for it. */
export type NeedLine = { key: string; stations: number; places: number; hosted: number; supply: Supply; held: number }
/** Applicants by where they stand; `held`: places that somebody has already. */
export type Supply = { received: number; nominated: number; successful: number; reserve: number }

const NOBODY: Supply = { received: 0, nominated: 0, successful: 0, reserve: 0 }

/** Needs of one job beside its supply, by county, or within one county by sub-county; or why no plan can be made. */
export async function needsAndSupply(read: Read, code: string, county?: string): Promise<NeedLine[] | PlanRefused> {
  const [job] = await read.select().from(read.jobs).where(eq(read.jobs.code, code))
  if (!job) return 'unknown_job'
  const { rules } = await versionedRules(read, job.exam)
  const stations = await read.select().from(read.stations)
  const found = needsOf(stations, rules, job)
  if (found.refused) return found.refused
  const keyOf = (at: { county: string; subCounty: string }) => (county === undefined ? at.county : at.subCounty)
  const lines = new Map<string, NeedLine>()
  const lineOf = (key: string) => {
    const line = lines.get(key) ?? { key, stations: 0, places: 0, hosted: 0, supply: { ...NOBODY }, held: 0 }
    lines.set(key, line)
    return line
  }
  for (const { station, places, hosts } of found.needs) {
    if (county !== undefined && station.county !== county) continue
    const line = lineOf(keyOf(station))
    line.stations++
    line.places += places
    line.hosted += hosts.length
  }
  for (const { key, status, n } of await supplyOf(read, code, county)) {
    const line = lineOf(key)
    if (status in NOBODY) line.supply[status as keyof Supply] = Number(n)
  }
  for (const { key, n } of await heldOf(read, code, county)) lineOf(key).held = Number(n)
  return [...lines.values()].sort((a, b) => a.key.localeCompare(b.key))
}

function supplyOf(read: Read, code: string, county: string | undefined) {
  const { applications: a } = read
  const key = county === undefined ? a.county : a.subCounty
  return read
    .select({ key, status: a.status, n: count() })
    .from(a)
    .where(and(eq(a.jobCode, code), county === undefined ? undefined : eq(a.county, county)))
    .groupBy(key, a.status)
}

function heldOf(read: Read, code: string, county: string | undefined) {
  const { deployments: d, stations: s } = read
  const key = county === undefined ? d.county : s.subCounty
  return read
    .select({ key, n: count() })
    .from(d)
    .innerJoin(s, eq(s.centreCode, d.centreCode))
    .where(and(eq(d.jobCode, code), isNotNull(d.held), county === undefined ? undefined : eq(d.county, county)))
    .groupBy(key)
}

/** A job's plans, the newest first. */
export const plansOf = (read: Read, code: string): Promise<Plan[]> =>
  read.select().from(read.plans).where(eq(read.plans.jobCode, code)).orderBy(desc(read.plans.at)).limit(50)

export async function planOf(read: Read, id: string): Promise<Plan | undefined> {
  const [plan] = await read.select().from(read.plans).where(eq(read.plans.id, id))
  return plan
}

/** A plan by county: what it needs, what is filled, and how many places are empty for which reason. */
export async function planByCounty(read: Read, id: string) {
  const { planNeeds: n } = read
  return read
    .select({ county: n.county, need: sql<number>`sum(${n.need})`, filled: sql<number>`sum(${n.filled})`, stations: count() })
    .from(n)
    .where(eq(n.planId, id))
    .groupBy(n.county)
    .orderBy(asc(n.county))
}

/** Why places of a plan stay empty. */
export async function emptyByReason(read: Read, id: string, county?: string) {
  const { planNeeds: n } = read
  return read
    .select({ reason: n.reason, places: sql<number>`sum(${n.need} - ${n.filled})`, stations: count() })
    .from(n)
    .where(and(eq(n.planId, id), isNotNull(n.reason), county === undefined ? undefined : eq(n.county, county)))
    .groupBy(n.reason)
}

/** Stations of one county in a plan, by centre code after `after`; `gaps`: only those with empty places. */
export function planStations(read: Read, id: string, county: string, { after = '', gaps = false, most = 50 } = {}) {
  const { planNeeds: n, stations: s } = read
  return read
    .select({ centreCode: n.centreCode, name: s.name, subCounty: s.subCounty, need: n.need, filled: n.filled, reason: n.reason })
    .from(n)
    .innerJoin(s, eq(s.centreCode, n.centreCode))
    .where(and(eq(n.planId, id), eq(n.county, county), gt(n.centreCode, after), gaps ? ne(n.need, n.filled) : undefined))
    .orderBy(asc(n.centreCode))
    .limit(most)
}

/** Who goes to one station in a plan, by place. */
export function planPeople(read: Read, id: string, centreCode: string) {
  const { placements: p, people } = read
  return read
    .select({ placement: p, name: people.fullName, workstation: people.workstationCode })
    .from(p)
    .innerJoin(people, eq(people.id, p.personId))
    .where(and(eq(p.planId, id), eq(p.centreCode, centreCode)))
    .orderBy(asc(p.seat))
}

/** Placements that an officer should look at, in some counties or all. */
export function warningsOf(read: Read, id: string, counties: readonly string[], most = 100) {
  const { placements: p, people, stations: s } = read
  return read
    .select({
      personId: p.personId,
      name: people.fullName,
      centreCode: p.centreCode,
      station: s.name,
      county: p.county,
      warning: p.warning,
    })
    .from(p)
    .innerJoin(people, eq(people.id, p.personId))
    .innerJoin(s, eq(s.centreCode, p.centreCode))
    .where(and(eq(p.planId, id), eq(p.warning, 'surname'), counties.length > 0 ? inArray(p.county, [...counties]) : undefined))
    .orderBy(asc(p.county), asc(p.personId))
    .limit(most)
}

/** A sub-county's reserve list in a plan, the first to be asked first. */
export function planReserves(read: Read, id: string, county: string) {
  const { planReserves: r, people } = read
  return read
    .select({ subCounty: r.subCounty, rank: r.rank, personId: r.personId, name: people.fullName })
    .from(r)
    .innerJoin(people, eq(people.id, r.personId))
    .where(and(eq(r.planId, id), eq(r.county, county)))
    .orderBy(asc(r.subCounty), asc(r.rank))
    .limit(500)
}
