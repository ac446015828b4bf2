import { and, count, eq, inArray, sql } from 'drizzle-orm'
import type { ApplicationStatus } from '../store/schema.ts'
import type { Read, Tx } from '../store/store.ts'
import type { Job } from './eligibility.ts'
import { needsOf } from './needs.ts'
import type { SeriesRules } from './rules.ts'

type Place = { county: string; subCounty: string }
type Looks = Pick<Read, 'select' | 'stations' | 'applications'>

/** Who was nominated, whatever became of them after. */
const NOMINATED: ApplicationStatus[] = ['nominated', 'successful', 'reserve']

/** Of each `County/Sub-county`, undefined where no rule says how many of the job's role there are to be. */
type NeedBySubCounty = ReadonlyMap<string, number> | undefined

/**
 * How many people a sub-county may nominate for a job: what the rules say of it, else so many times what is needed at its stations;
 * undefined where no rule says. A small station's need is counted where its host stands, as in a plan.
 */
function quotaOf(job: Job, rules: SeriesRules, needs: NeedBySubCounty, { county, subCounty }: Place): number | undefined {
  const place = `${county}/${subCounty}`
  const said = rules.nominate?.[job.role]?.[place]
  if (said !== undefined || rules.nominate_share === undefined || needs === undefined) return said
  return Math.ceil((needs.get(place) ?? 0) * rules.nominate_share)
}

async function needsBySubCounty(read: Looks, job: Job, rules: SeriesRules): Promise<NeedBySubCounty> {
  if (rules.nominate_share === undefined) return undefined
  const found = needsOf(await read.select().from(read.stations), rules, job)
  if (found.refused) return undefined
  const sums = new Map<string, number>()
  for (const { station, places } of found.needs) {
    const place = `${station.county}/${station.subCounty}`
    sums.set(place, (sums.get(place) ?? 0) + places)
  }
  return sums
}

/** In one unit the stations do not change: fifty nominations work the needs of a job out once. */
const worked = new WeakMap<object, Map<string, Promise<NeedBySubCounty>>>()
function needsWithin(tx: Tx, job: Job, rules: SeriesRules): Promise<NeedBySubCounty> {
  const known = worked.get(tx) ?? new Map<string, Promise<NeedBySubCounty>>()
  worked.set(tx, known)
  const needs = known.get(job.code) ?? needsBySubCounty(tx, job, rules)
  known.set(job.code, needs)
  return needs
}

/** Whether one more may be nominated. Two who nominate at the same moment wait for each other: the last place is given once. */
export async function mayNominate(
  tx: Tx,
  job: Job,
  rules: SeriesRules,
  place: Place,
): Promise<{ quota?: number; full: boolean }> {
  const quota = quotaOf(job, rules, await needsWithin(tx, job, rules), place)
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
  const needs = await needsBySubCounty(read, job, rules)
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
      quota: quotaOf(job, rules, needs, { county, subCounty }),
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
