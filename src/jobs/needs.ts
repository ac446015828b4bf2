import type { Position } from '../base/distance.ts'
import { type Job, sameText } from './eligibility.ts'
import { areHosted, hostsOf, positionsOf, type Station } from './hosting.ts'
import type { SeriesRules } from './rules.ts'

/** So many people at one station, which stands at `at`; `hosts` are the small stations that sit there too. */
export type Need = { station: Station; at: Position; places: number; hosts: readonly string[] }
/**
 * `no_rule`: the rules of the series do not say how many of this role there are to be; `one_subject`: markers are counted by subject, and
 * the job does not name exactly one: whoever knows one of several would fill a place of another.
 */
export type Uncounted = 'no_rule' | 'one_subject'
export type Needs = { needs: Need[]; refused?: never } | { refused: Uncounted }

/**
 * How many people a job needs where. By candidates (200 for a supervisor, 20 for an invigilator), by station, or by subject at marking
 * centres, whichever the rules say of its role. A station below the threshold sits at its host: invigilators are counted for each
 * station by itself and all serve at the host; supervisors and those counted by station are the host's own. Pure; ordered by centre code.
 */
export function needsOf(stations: readonly Station[], rules: SeriesRules, job: Pick<Job, 'role' | 'county' | 'subjects'>): Needs {
  const refused = whyUncounted(rules, job)
  if (refused) return { refused }
  const marking = job.role === 'examiner' ? rules.marking : undefined
  const each = rules.candidates_per?.[job.role]
  const flat = rules.per_centre?.[job.role]
  const sitting = stations.filter(({ candidates }) => candidates > 0)
  const positions = positionsOf(stations)
  const hostOf = areHosted(rules, job) ? hostsOf(sitting, rules, positions) : new Map<string, string>()
  const hosted = new Map<string, Station[]>()
  for (const station of sitting) {
    const host = hostOf.get(station.centreCode)
    if (host !== undefined) hosted.set(host, [...(hosted.get(host) ?? []), station])
  }
  const perCandidates = ({ candidates }: Station) => (each === undefined ? 0 : Math.ceil(candidates / each))
  const placesAt = (station: Station): number => {
    if (marking !== undefined) return marking[station.centreCode]?.[job.subjects[0] ?? ''] ?? 0
    if (station.candidates === 0 || hostOf.has(station.centreCode)) return 0
    const guests = job.role === 'supervisor' ? [] : (hosted.get(station.centreCode) ?? [])
    return perCandidates(station) + guests.reduce((sum, guest) => sum + perCandidates(guest), 0) + (flat ?? 0)
  }
  const here = (station: Station) => job.county === null || sameText(job.county, station.county)
  const needs = stations
    .filter(here)
    .map((station) => ({
      station,
      at: positions(station),
      places: placesAt(station),
      hosts: (hosted.get(station.centreCode) ?? []).map(({ centreCode }) => centreCode),
    }))
    .filter(({ places }) => places > 0)
    .sort((a, b) => (a.station.centreCode < b.station.centreCode ? -1 : 1))
  return { needs }
}

/** Why the rules cannot say how many a job needs; undefined where they can. */
export function whyUncounted(rules: SeriesRules, { role, subjects }: Pick<Job, 'role' | 'subjects'>): Uncounted | undefined {
  if (role === 'examiner' && rules.marking !== undefined) return subjects.length === 1 ? undefined : 'one_subject'
  return rules.candidates_per?.[role] === undefined && rules.per_centre?.[role] === undefined ? 'no_rule' : undefined
}
