import { and, asc, between, eq, gte, inArray, isNotNull } from 'drizzle-orm'
import { metresBetween, onBall, type Position } from '../base/distance.ts'
import type { Read, Tx } from '../store/store.ts'
import type { Job } from './eligibility.ts'
import type { SeriesRules } from './rules.ts'

export type Station = Tx['stations']['$inferSelect']
type Looks = Pick<Read, 'select' | 'stations'>

/** Markers sit where the rules say; everybody else's small station sits at its host. */
export const areHosted = (rules: SeriesRules, { role }: Pick<Job, 'role'>): boolean =>
  role !== 'examiner' || rules.marking === undefined

const thresholdOf = ({ hosting_below = 0 }: SeriesRules) => hosting_below

/**
 * Which station each small one sits at: what the rules say, else the nearest on the map that is large enough; itself where there is none.
 * Of stations where somebody sits.
 */
export function hostsOf(
  stations: readonly Station[],
  rules: SeriesRules,
  positions: Positions = positionsOf(stations),
): Map<string, string> {
  const hosts = new Map<string, string>()
  const large = stations.filter(({ candidates }) => candidates >= thresholdOf(rules))
  const known = new Set(large.map(({ centreCode }) => centreCode))
  const nearest = nearestOf(large)
  for (const station of stations) {
    if (station.candidates >= thresholdOf(rules)) continue
    const said = rules.hosts?.[station.centreCode]
    const host = said !== undefined && known.has(said) ? said : nearest(positions(station))?.code
    if (host !== undefined) hosts.set(station.centreCode, host)
  }
  return hosts
}

/** The same of one station, for whoever asks inside a unit: only those near it are read. */
export async function hostOf(read: Looks, rules: SeriesRules, station: Station): Promise<string | undefined> {
  const { stations: s } = read
  const { centreCode, candidates } = station
  if (candidates === 0 || candidates >= thresholdOf(rules)) return undefined
  const isLarge = gte(s.candidates, Math.max(1, thresholdOf(rules)))
  const said = rules.hosts?.[centreCode]
  if (said !== undefined) {
    const known = await read
      .select({ code: s.centreCode })
      .from(s)
      .where(and(eq(s.centreCode, said), isLarge))
    if (known.length > 0) return said
  }
  const at = (await positionsFor(read, [station]))(station)
  for (const degrees of BANDS) {
    const band = between(s.latitude, at.latitude - degrees, at.latitude + degrees)
    const found = nearestOf(
      await read
        .select()
        .from(s)
        .where(and(isLarge, band, isNotNull(s.longitude))),
    )(at)
    if (found && found.metres <= degrees * METRES_A_DEGREE) return found.code
  }
  return undefined
}
/** Degrees of latitude to both sides, in turn; the last holds everything. */
const BANDS = [0.1, 1, 180]

type Near = { code: string; metres: number }

/** Looks along the latitude, outwards from a point, until the way north or south alone is further than the best so far. */
function nearestOf(large: readonly Station[]): (at: Position) => Near | undefined {
  const placed = large
    .flatMap(({ centreCode: code, latitude, longitude }) =>
      latitude === null || longitude === null ? [] : [{ code, at: { latitude, longitude } }],
    )
    .sort((a, b) => a.at.latitude - b.at.latitude || (a.code < b.code ? -1 : 1))
  const points = onBall(placed.map(({ at }) => at))
  return (at) => {
    const from = onBall([at])
    let best: Near | undefined
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
    return best
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

/** A station, or where somebody lives. */
export type Spot = Pick<Station, 'latitude' | 'longitude' | 'county' | 'subCounty'>
export type Positions = (spot: Spot) => Position

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

/** The same for some spots only: stations are read where one of these is not on the map. */
export async function positionsFor(read: Looks, spots: readonly Spot[]): Promise<Positions> {
  const counties = [
    ...new Set(spots.filter(({ latitude, longitude }) => latitude === null || longitude === null).map(({ county }) => county)),
  ]
  if (counties.length === 0) return positionsOf([])
  const { stations: s } = read
  // In one order, so that the middle of a county is the same to the last bit.
  const some = await read.select().from(s).where(inArray(s.county, counties)).orderBy(asc(s.centreCode))
  const isKnown = (county: string) =>
    some.some((each) => each.county === county && each.latitude !== null && each.longitude !== null)
  if (counties.every(isKnown)) return positionsOf(some)
  return positionsOf(await read.select().from(s).orderBy(asc(s.centreCode)))
}
