import { metresBetween, onBall, type Position } from '../base/distance.ts'
import type { Tx } from '../store/store.ts'
import { type Job, sameText } from './eligibility.ts'
import type { SeriesRules } from './rules.ts'

export type Station = Tx['stations']['$inferSelect']
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
  const hostOf = marking === undefined ? hostsOf(sitting, rules) : new Map<string, string>()
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
  const positions = positionsOf(stations)
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

/** Which station each small one sits at: what the rules say, else the nearest that is large enough; itself where there is none. */
export function hostsOf(stations: readonly Station[], rules: SeriesRules): Map<string, string> {
  const hosts = new Map<string, string>()
  const threshold = rules.hosting_below ?? 0
  const large = stations.filter(({ candidates }) => candidates >= threshold)
  const known = new Set(large.map(({ centreCode }) => centreCode))
  const nearest = nearestOf(large, positionsOf(stations))
  for (const station of stations) {
    if (station.candidates >= threshold) continue
    const said = rules.hosts?.[station.centreCode]
    const host = said !== undefined && known.has(said) ? said : nearest(station)
    if (host !== undefined) hosts.set(station.centreCode, host)
  }
  return hosts
}

/** Looks along the latitude, outwards from the station, until the way north or south alone is further than the best so far. */
function nearestOf(large: readonly Station[], positions: Positions): (station: Station) => string | undefined {
  const placed = large
    .map((station) => ({ code: station.centreCode, at: positions(station) }))
    .sort((a, b) => a.at.latitude - b.at.latitude || (a.code < b.code ? -1 : 1))
  const points = onBall(placed.map(({ at }) => at))
  return (station) => {
    const at = positions(station)
    const from = onBall([at])
    let best: { code: string; metres: number } | undefined
    const look = (place: number): boolean => {
      const each = placed[place]
      if (!each || (best && Math.abs(each.at.latitude - at.latitude) * METRES_A_DEGREE > best.metres)) return false
      const metres = metresBetween(from, 0, points, place)
      if (!best || metres < best.metres || (metres === best.metres && each.code < best.code)) best = { code: each.code, metres }
      return true
    }
    const start = firstFrom(placed, at.latitude)
    let [north, south] = [start, start - 1]
    for (let more = true; more; ) {
      more = false
      if (look(north)) {
        north++
        more = true
      }
      if (look(south)) {
        south--
        more = true
      }
    }
    return best?.code
  }
}

/** A little less than a degree of latitude is long, so that rounding never hides a nearer one. */
const METRES_A_DEGREE = 111_000

function firstFrom(placed: readonly { at: Position }[], latitude: number): number {
  let [low, high] = [0, placed.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((placed[middle] as { at: Position }).at.latitude < latitude) low = middle + 1
    else high = middle
  }
  return low
}

export type Positions = (station: Pick<Station, 'latitude' | 'longitude' | 'county' | 'subCounty'>) => Position

/** Where a station stands; one without coordinates in the middle of its sub-county, else of its county, else of all. */
export function positionsOf(stations: readonly Station[]): Positions {
  const sums = new Map<string, { latitude: number; longitude: number; n: number }>()
  for (const { county, subCounty, latitude, longitude } of stations) {
    if (latitude === null || longitude === null) continue
    for (const key of [`${county}/${subCounty}`, county, '']) {
      const sum = sums.get(key) ?? { latitude: 0, longitude: 0, n: 0 }
      sum.latitude += latitude
      sum.longitude += longitude
      sum.n++
      sums.set(key, sum)
    }
  }
  return ({ county, subCounty, latitude, longitude }) => {
    if (latitude !== null && longitude !== null) return { latitude, longitude }
    const sum = sums.get(`${county}/${subCounty}`) ?? sums.get(county) ?? sums.get('')
    return sum ? { latitude: sum.latitude / sum.n, longitude: sum.longitude / sum.n } : { latitude: 0, longitude: 37 }
  }
}
