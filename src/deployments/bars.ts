import { yearOf } from '../base/dates.ts'
import { type Job, type Suited, unsuited } from '../jobs/eligibility.ts'
import type { SeriesRules } from '../jobs/rules.ts'

/**
 * What keeps somebody from a duty. The first six wherever they would be sent, the others from one station: their own school, one where
 * they served too lately or that they declared (or one that hosts such a school), one too far away.
 */
export type Bar =
  | 'suspended'
  | 'busy'
  | 'qualification'
  | 'subject'
  | 'level'
  | 'gender'
  | 'own_school'
  | 'served'
  | 'declared'
  | 'too_far'
/** `year`: when they served. */
export type Barred = { why: Bar; year?: number }

/** What is known of somebody. `busy`: another duty on a day of the job; `workstation`: as vetted, else as typed. */
export type Known = Suited & {
  suspended: boolean
  busy: boolean
  workstation: string | undefined
  served: readonly { centreCode: string; year: number }[]
  declared: readonly string[]
}
export type Terms = { job: Job; rules: SeriesRules }

/** What bars somebody wherever they would be sent. Pure. */
export function barsAnywhere({ job, rules }: Terms, known: Known): Bar[] {
  const bars: Bar[] = []
  if (known.suspended) bars.push('suspended')
  if (known.busy) bars.push('busy')
  return [...bars, ...unsuited(job, rules, known)]
}

type Where = Pick<Known, 'workstation' | 'served' | 'declared'>

/** Stations that bar somebody from themselves, and from where they are hosted. `year` is the exam's. Pure. */
export function barringCentres(
  { year, rules }: { year: number; rules: SeriesRules },
  { workstation, served, declared }: Where,
): (Barred & { centreCode: string })[] {
  const own = rules.not_own_school && workstation !== undefined ? [workstation] : []
  const from = firstYear(year, rules)
  return [
    ...own.map((centreCode) => ({ centreCode, why: 'own_school' as const })),
    ...declared.map((centreCode) => ({ centreCode, why: 'declared' as const })),
    ...served.filter((each) => each.year < year && each.year >= from).map((each) => ({ ...each, why: 'served' as const })),
  ]
}

/** Whoever served from this year on does not serve at the same station again: last year's in any case, whatever the rules say. */
export const firstYear = (year: number, { years_since_served = 0 }: SeriesRules): number => year - Math.max(1, years_since_served)

/** The furthest way in Kenya is some 1,100 km. */
const ANYWHERE = 2_000_000

/** Metres. */
export const furthestOf = ({ furthest_km }: SeriesRules): number => (furthest_km === undefined ? ANYWHERE : furthest_km * 1_000)

/**
 * All that bars somebody from a station, the first first: this is what a plan, an officer's hand, an offer to a reserve, a file and a head
 * in the morning ask alike. `sits`: whether a centre sits at that station, by itself or hosted; `metres`: the way there. Pure.
 */
export function barsFrom(terms: Terms, known: Known, { sits, metres }: Here): Barred[] {
  const centres = barringCentres({ year: yearOf(terms.job.startsOn), rules: terms.rules }, known)
  return [
    ...barsAnywhere(terms, known).map((why) => ({ why })),
    ...centres.filter(({ centreCode }) => sits(centreCode)).map(({ centreCode: _, ...barred }) => barred),
    ...(metres > furthestOf(terms.rules) ? [{ why: 'too_far' as const }] : []),
  ]
}
export type Here = { sits: (centreCode: string) => boolean; metres: number }
