import { and, count, eq, inArray, sql } from 'drizzle-orm'
import type { ApplicationStatus } from '../store/schema.ts'
import type { Read, Tx } from '../store/store.ts'
import type { Job } from './eligibility.ts'
import type { SeriesRules } from './rules.ts'

type Place = { county: string; subCounty: string }
type Looks = Pick<Read, 'select' | 'stations' | 'applications'>

/** Who was nominated, whatever became of them after. */
const NOMINATED: ApplicationStatus[] = ['nominated', 'successful', 'reserve']

/**
 * How many people a sub-county may nominate for a job: what the rules say of it, else so many times what its own stations need; undefined
 * where no rule says. Need is by station: ceil(candidates / ratio), no supervisor at a station that is hosted, so many at each station.
 */
export async function quotaOf(
  read: Looks,
  job: Job,
  rules: SeriesRules,
  { county, subCounty }: Place,
): Promise<number | undefined> {
  const said = rules.nominate?.[job.role]?.[`${county}/${subCounty}`]
  if (said !== undefined || rules.nominate_share === undefined) return said
  const { stations: s } = read
  const rows = await read
    .select({ candidates: s.candidates })
    .from(s)
    .where(and(eq(s.county, county), eq(s.subCounty, subCounty)))
  const need = rows.reduce((sum, { candidates }) => sum + needAt(candidates, rules, job.role), 0)
  return Math.ceil(need * rules.nominate_share)
}

function needAt(candidates: number, rules: SeriesRules, role: Job['role']): number {
  if (candidates === 0) return 0
  const isHosted = candidates < (rules.hosting_below ?? 0)
  const ratio = rules.candidates_per?.[role]
  const flat = isHosted ? 0 : (rules.per_centre?.[role] ?? 0)
  return flat + (ratio === undefined || (isHosted && role === 'supervisor') ? 0 : Math.ceil(candidates / ratio))
}

/** Whether one more may be nominated. Two who nominate at the same moment wait for each other: the last place is given once. */
export async function mayNominate(
  tx: Tx,
  job: Job,
  rules: SeriesRules,
  place: Place,
): Promise<{ quota?: number; full: boolean }> {
  const quota = await quotaOf(tx, job, rules, place)
  if (quota === undefined) return { full: false }
  // A row that is written to itself belongs to this unit until it ends.
  await tx
    .update(tx.jobs)
    .set({ taken: sql`${tx.jobs.taken}` })
    .where(eq(tx.jobs.code, job.code))
  return { quota, full: (await nominatedIn(tx, job.code, place)) >= quota }
}

async function nominatedIn(read: Looks, code: string, { county, subCounty }: Place): Promise<number> {
  const { applications: a } = read
  const [found] = await read
    .select({ n: count() })
    .from(a)
    .where(and(eq(a.jobCode, code), eq(a.county, county), eq(a.subCounty, subCounty), inArray(a.status, NOMINATED)))
  return Number(found?.n ?? 0)
}

/** Why an officer leaves somebody out; words stand in menus/words.yaml. */
export const LEFT_OUT = ['quota', 'served_recently', 'not_fit', 'documents', 'conduct', 'other'] as const
export type LeftOut = (typeof LEFT_OUT)[number]

/** A sub-county's nominations of one job beside its quota. */
export type NominationLine = Place & {
  applicants: number
  undecided: number
  nominated: number
  quota: number | undefined
  leftOut: Partial<Record<LeftOut | 'none', number>>
}

/** Nominations by sub-county of one county. */
export async function nominationsIn(read: Read, job: Job, rules: SeriesRules, county: string): Promise<NominationLine[]> {
  const { applications: a } = read
  const rows = await read
    .select({ subCounty: a.subCounty, status: a.status, leftOut: a.leftOut, n: count() })
    .from(a)
    .where(and(eq(a.jobCode, job.code), eq(a.county, county)))
    .groupBy(a.subCounty, a.status, a.leftOut)
  const lines = new Map<string, NominationLine>()
  for (const { subCounty, status, leftOut, n } of rows) {
    const line = lines.get(subCounty) ?? {
      county,
      subCounty,
      applicants: 0,
      undecided: 0,
      nominated: 0,
      quota: await quotaOf(read, job, rules, { county, subCounty }),
      leftOut: {},
    }
    lines.set(subCounty, line)
    const some = Number(n)
    if (status !== 'withdrawn') line.applicants += some
    if (status === 'received') line.undecided += some
    if (NOMINATED.includes(status)) line.nominated += some
    const why = LEFT_OUT.find((each) => each === leftOut) ?? 'none'
    if (status === 'unsuccessful') line.leftOut[why] = (line.leftOut[why] ?? 0) + some
  }
  return [...lines.values()].sort((one, other) => one.subCounty.localeCompare(other.subCounty))
}
