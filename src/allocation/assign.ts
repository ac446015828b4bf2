import { metresBetween, onBall } from '../base/distance.ts'
import type { Block, Solved } from './block.ts'
import type { Need } from './needs.ts'
import type { Candidate, Problem } from './problem.ts'
import { type SolveOptions, solveBlocks } from './solvers.ts'

export type Placed = {
  personId: string
  centreCode: string
  seat: number
  county: string
  metres: number
  kind: 'new' | 'kept'
  warning: Warning | null
}
/** `surname`: the same as the head's; `no_position`: nobody knows where the workstation is, so its sub-county's middle was taken. */
export type Warning = 'surname' | 'no_position'
/** Why places stay empty: nobody is left, those who are left may not serve there, or they are too far away. */
export type EmptyReason = 'no_people' | 'barred' | 'too_far'
export type Filled = { centreCode: string; county: string; need: number; filled: number; reason: EmptyReason | null }
export type Reserve = { personId: string; county: string; subCounty: string; rank: number }
/** Metres are sums of ways; `bound` is what no plan of the same blocks can go below. */
export type Assigned = { placed: Placed[]; needs: Filled[]; reserves: Reserve[]; metres: number; bound: number; blocks: number }

/** The furthest way in Kenya is some 1,100 km. */
const ANYWHERE = 2_000_000
/** Pairs of one block of leftovers: what a second of solving and some 50 MB hold. */
const MOST_PAIRS = 6_000_000
/** People looked at for each place that a county could not fill. */
const SPARE = 2

type Open = { need: Need; seats: number[]; place: number }
type Group = { at: Candidate['at']; barred: number[]; members: Candidate[] }

/**
 * Assigns people to places: county by county, each with the least way in all, proven; then, where the rules let people cross the border,
 * what a county could not fill from those whom the others did not need. The same problem gives the same plan.
 */
export async function assign(
  problem: Problem,
  { onProgress, ...options }: Omit<SolveOptions, 'onSolved'> & { onProgress?: (people: number, of: number) => void } = {},
): Promise<Assigned> {
  const opens = openPlaces(problem)
  const free = problem.candidates.filter(({ reserve }) => !reserve)
  const furthest = problem.rules.furthest_km === undefined ? ANYWHERE : problem.rules.furthest_km * 1_000
  const result: Assigned = { placed: keptOf(problem), needs: [], reserves: [], metres: 0, bound: 0, blocks: 0 }
  const taken = new Set<string>()
  const clusters = clustersOf(problem.needs)

  const solve = async (blocks: Part[], report: boolean) => {
    let done = 0
    const solved = await solveBlocks(
      blocks.map(({ block }) => block),
      {
        ...options,
        onSolved: (place) => {
          done += (blocks[place] as Part).people
          if (report) onProgress?.(done, free.length)
        },
      },
    )
    for (const [place, part] of blocks.entries()) take(part, solved[place] as Solved)
  }
  const take = ({ opens, groups, block }: Part, { flows, metres, bound }: Solved) => {
    const next = new Int32Array(groups.length)
    for (let at = 0; at < flows.length; at += 3) {
      const [i, j, people] = [flows[at] as number, flows[at + 1] as number, flows[at + 2] as number]
      const [group, open] = [groups[i] as Group, opens[j] as Open]
      const way = metresBetween(block.groupsAt, i, block.needsAt, j)
      for (let n = 0; n < people; n++) {
        const person = group.members[went(next, i)] as Candidate
        taken.add(person.id)
        result.placed.push(placedAt(problem, person, open, way))
      }
    }
    result.metres += metres
    result.bound += bound
    result.blocks++
  }

  const byCounty = new Map<string, { opens: Open[]; people: Candidate[] }>()
  const countyOf = (county: string) => {
    const held = byCounty.get(county) ?? { opens: [], people: [] }
    byCounty.set(county, held)
    return held
  }
  for (const open of opens) countyOf(open.need.station.county).opens.push(open)
  for (const person of free) countyOf(person.county).people.push(person)
  const names = [...byCounty.keys()].sort()
  const part = (opens: Open[], people: readonly Candidate[]) => partOf(opens, people, clusters, furthest)
  await solve(
    names.map((name) => countyOf(name)).map(({ opens, people }) => part(opens, people)),
    true,
  )

  if (problem.rules.within === 'nation')
    for (const name of names) {
      const empty = countyOf(name).opens.filter(({ seats }) => seats.length > 0)
      const over = free.filter(({ id }) => !taken.has(id))
      if (empty.length === 0 || over.length === 0) continue
      await solve([part(empty, nearest(over, empty))], false)
    }

  const over = problem.candidates.filter(({ id }) => !taken.has(id))
  const left = leftBy(over)
  result.needs = opens.map((open) => filledOf(open, left.get(open.need.station.county), furthest))
  result.reserves = reservesOf(problem, over)
  result.placed.sort((a, b) => (a.personId < b.personId ? -1 : 1))
  return result
}

/** Counts up, and gives what it was. */
function went(next: Int32Array, group: number): number {
  const before = next[group] as number
  next[group] = before + 1
  return before
}

/** Places that nobody holds yet, with their numbers. */
function openPlaces({ needs, kept }: Problem): Open[] {
  const held = new Map<string, Set<number>>()
  for (const { centreCode, seat } of kept) held.set(centreCode, (held.get(centreCode) ?? new Set()).add(seat))
  return needs.map((need, place) => {
    const gone = held.get(need.station.centreCode) ?? new Set()
    const seats: number[] = []
    for (let seat = 1; seats.length + gone.size < need.places; seat++) if (!gone.has(seat)) seats.push(seat)
    return { need, seats, place }
  })
}

/** Which need each station belongs to: its own, or its host's, where people from both work. */
function clustersOf(needs: readonly Need[]): ReadonlyMap<string, readonly string[]> {
  const clusters = new Map<string, string[]>()
  for (const { station, hosts } of needs)
    for (const code of [station.centreCode, ...hosts]) clusters.set(code, [...(clusters.get(code) ?? []), station.centreCode])
  return clusters
}

type Part = { opens: Open[]; groups: Group[]; block: Block; people: number }

/** A block for the solver: people who live at one place and are barred from the same stations are one group. */
function partOf(
  all: readonly Open[],
  people: readonly Candidate[],
  clusters: ReadonlyMap<string, readonly string[]>,
  furthest: number,
): Part {
  const opens = all.filter(({ seats }) => seats.length > 0)
  const placeOf = new Map(opens.map(({ need }, place) => [need.station.centreCode, place]))
  const groups = new Map<string, Group>()
  for (const person of people) {
    const barred = barredIn(person, clusters, placeOf)
    const key = `${person.at.latitude} ${person.at.longitude} ${barred.join(' ')}`
    const group = groups.get(key) ?? { at: person.at, barred, members: [] }
    group.members.push(person)
    groups.set(key, group)
  }
  const list = [...groups.values()]
  const block: Block = {
    groups: Int32Array.from(list, ({ members }) => members.length),
    groupsAt: onBall(list.map(({ at }) => at)),
    barred: list.map(({ barred }) => barred),
    needs: Int32Array.from(opens, ({ seats }) => seats.length),
    needsAt: onBall(opens.map(({ need }) => need.at)),
    furthest,
  }
  return { opens, groups: list, block, people: people.length }
}

function barredIn(
  { barred }: Candidate,
  clusters: ReadonlyMap<string, readonly string[]>,
  placeOf: ReadonlyMap<string, number>,
): number[] {
  const places = new Set<number>()
  for (const code of barred)
    for (const host of clusters.get(code) ?? []) {
      const place = placeOf.get(host)
      if (place !== undefined) places.add(place)
    }
  return [...places].sort((a, b) => a - b)
}

function placedAt({ heads }: Problem, person: Candidate, { need, seats }: Open, metres: number): Placed {
  const { centreCode, county } = need.station
  const head = heads.get(centreCode)
  const warning = head !== undefined && head === person.surname ? 'surname' : person.sure ? null : 'no_position'
  return { personId: person.id, centreCode, seat: seats.shift() as number, county, metres, kind: 'new', warning }
}

function keptOf({ kept, needs }: Problem): Placed[] {
  const counties = new Map(needs.map(({ station }) => [station.centreCode, station.county]))
  return kept.map((each) => ({ ...each, county: counties.get(each.centreCode) ?? '', kind: 'kept', warning: null }))
}

/** Those who live nearest to any of these places, some more than there are places, and no more than one block holds. */
function nearest(people: readonly Candidate[], opens: readonly Open[]): Candidate[] {
  const places = opens.reduce((sum, { seats }) => sum + seats.length, 0)
  const most = Math.max(places, Math.min(places * SPARE, Math.floor(MOST_PAIRS / opens.length)))
  if (people.length <= most) return [...people]
  const middle = middleOf(opens)
  const [from, to] = [onBall(people.map(({ at }) => at)), onBall([middle])]
  return people
    .map((person, place) => ({ person, place, metres: metresBetween(from, place, to, 0) }))
    .sort((a, b) => a.metres - b.metres || a.place - b.place)
    .slice(0, most)
    .sort((a, b) => a.place - b.place)
    .map(({ person }) => person)
}

function middleOf(opens: readonly Open[]) {
  const sum = { latitude: 0, longitude: 0 }
  for (const { need } of opens) {
    sum.latitude += need.at.latitude / opens.length
    sum.longitude += need.at.longitude / opens.length
  }
  return sum
}

type Left = { people: Candidate[]; at: Float64Array }

/** Those who were chosen and went nowhere, by the county of their work. */
function leftBy(over: readonly Candidate[]): ReadonlyMap<string, Left> {
  const people = Map.groupBy(
    over.filter(({ reserve }) => !reserve),
    ({ county }) => county,
  )
  return new Map([...people].map(([county, some]) => [county, { people: some, at: onBall(some.map(({ at }) => at)) }]))
}

/** The plan fills all that can be filled, so whoever is left in the county could not come for one of these reasons. */
function filledOf({ need, seats }: Open, left: Left | undefined, furthest: number): Filled {
  const { centreCode, county } = need.station
  const counts = { centreCode, county, need: need.places, filled: need.places - seats.length }
  if (seats.length === 0) return { ...counts, reason: null }
  if (left === undefined) return { ...counts, reason: 'no_people' }
  const here = onBall([need.at])
  const near = left.people.some((_, place) => metresBetween(left.at, place, here, 0) <= furthest)
  return { ...counts, reason: near ? 'barred' : 'too_far' }
}

/** Each sub-county's list: those who were chosen and not needed, then those who were chosen as reserves, by the time they applied. */
function reservesOf({ needs, rules }: Problem, over: readonly Candidate[]): Reserve[] {
  const wanted = new Map<string, number>()
  const keyOf = ({ county, subCounty }: { county: string; subCounty: string }) => `${county}/${subCounty}`
  for (const { station, places } of needs) wanted.set(keyOf(station), (wanted.get(keyOf(station)) ?? 0) + places)
  const ranks = new Map<string, number>()
  return over.flatMap((person) => {
    const key = keyOf(person)
    const rank = (ranks.get(key) ?? 0) + 1
    if (rank > Math.ceil((wanted.get(key) ?? 0) * (rules.reserve_share ?? 0))) return []
    ranks.set(key, rank)
    return [{ personId: person.id, county: person.county, subCounty: person.subCounty, rank }]
  })
}
