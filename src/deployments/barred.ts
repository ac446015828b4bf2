import { inArray } from 'drizzle-orm'
import type { Scene } from '../action.ts'
import { yearOf } from '../base/dates.ts'
import { metresBetween, onBall } from '../base/distance.ts'
import { areHosted, hostOf, positionsFor, type Spot, type Station } from '../jobs/hosting.ts'
import type { SeriesRules } from '../jobs/rules.ts'
import type { Read } from '../store/store.ts'
import { type Barred, barringCentres, barsFrom, type Known, type Terms } from './bars.ts'
import { knownOf, type Looks, whereabouts, workstationsOf } from './known.ts'

type Person = Read['people']['$inferSelect']
type Grounds = Looks & Pick<Read, 'stations'>

/**
 * Asks for some people at once what bars each of them from a station, see {@link barsFrom}; the stations are read when one of them is
 * asked about. `from`: the first day that they would be there.
 */
export async function openBars(
  { tx, tools }: Pick<Scene, 'tx' | 'tools'>,
  { station, ...terms }: Terms & { station: Station; from?: string },
  people: readonly Person[],
): Promise<(person: Person) => Promise<Barred[]>> {
  const known = await knownOf(tx, tools.keyring, terms, people)
  return async (person) => barsHere(tx, terms, station, person, known(person))
}

/** What bars somebody from a station, who is known already. */
export async function barsHere(read: Grounds, terms: Terms, station: Station, person: Person, known: Known): Promise<Barred[]> {
  const centres = barringCentres({ year: yearOf(terms.job.startsOn), rules: terms.rules }, known)
  const sitting = await sittingAt(read, terms, station, codesOf(centres))
  const { metres } = terms.rules.furthest_km === undefined ? { metres: 0 } : await wayTo(read, station, person, known)
  return barsFrom(terms, known, { sits: (code) => sitting.has(code), metres })
}

/** Metres from where somebody works to a station. Whose workstation is not on the map, and so not `sure`, is where a plan puts them, see `positionsOf`. */
export async function wayTo(
  read: Pick<Read, 'select' | 'stations'>,
  station: Spot,
  { homeCounty, homeSubCounty }: Person,
  { workstation }: Pick<Known, 'workstation'>,
): Promise<{ metres: number; sure: boolean }> {
  const [work] = await stationsOf(read, workstation === undefined ? [] : [workstation])
  const home = { county: homeCounty, subCounty: homeSubCounty, latitude: null, longitude: null }
  const position = await positionsFor(read, [station, work ?? home])
  const metres = metresBetween(onBall([position(work ?? home)]), 0, onBall([position(station)]), 0)
  return { metres, sure: work !== undefined && work.latitude !== null && work.longitude !== null }
}

/**
 * Who of these may not serve at a station, whatever the job: their own school, where they served too lately, what they declared. For
 * those who were chosen for a job already and are only moved with their station.
 */
export async function barredAt(
  { tx, tools }: Pick<Scene, 'tx' | 'tools'>,
  { station: { centreCode }, rules, year }: { station: Pick<Station, 'centreCode'>; rules: SeriesRules; year: number },
  people: readonly Person[],
): Promise<Set<string>> {
  const workstation = await workstationsOf(tx, tools.keyring, people)
  const where = await whereabouts(
    tx,
    { year, rules },
    people.map(({ id }) => id),
  )
  const barred = new Set<string>()
  for (const person of people) {
    const centres = barringCentres({ year, rules }, { ...where(person.id), workstation: workstation(person) })
    const sitting = await sittingAt(tx, { rules }, { centreCode }, codesOf(centres))
    if (sitting.size > 0) barred.add(person.id)
  }
  return barred
}

const codesOf = (centres: readonly { centreCode: string }[]): string[] => [
  ...new Set(centres.map(({ centreCode }) => centreCode)),
]

/** Which of these centres sit at a station: itself, and whom it hosts. */
async function sittingAt(
  read: Pick<Read, 'select' | 'stations'>,
  { rules, job }: { rules: SeriesRules; job?: Terms['job'] },
  { centreCode }: Pick<Station, 'centreCode'>,
  codes: readonly string[],
): Promise<Set<string>> {
  const here = new Set(codes.filter((code) => code === centreCode))
  if (job && !areHosted(rules, job)) return here
  const others = await stationsOf(
    read,
    codes.filter((code) => code !== centreCode),
  )
  for (const other of others) if ((await hostOf(read, rules, other)) === centreCode) here.add(other.centreCode)
  return here
}

async function stationsOf(read: Pick<Read, 'select' | 'stations'>, codes: readonly string[]): Promise<Station[]> {
  if (codes.length === 0) return []
  return read
    .select()
    .from(read.stations)
    .where(inArray(read.stations.centreCode, [...codes]))
}
