import { metresBetween } from '../base/distance.ts'
import { furthestOf } from '../deployments/bars.ts'
import type { Need } from '../jobs/needs.ts'
import type { Solved } from './block.ts'
import { type EmptyReason, reasonsFor, solveLeftovers } from './leftovers.ts'
import { clustersOf, type Open, type Part, partOf } from './part.ts'
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
export type Filled = { centreCode: string; county: string; need: number; filled: number; reason: EmptyReason | null }
export type Reserve = { personId: string; county: string; subCounty: string; rank: number }
/** Metres are sums of ways; `bound` is what no plan of the same blocks can go below. */
export type Assigned = { placed: Placed[]; needs: Filled[]; reserves: Reserve[]; metres: number; bound: number; blocks: number }

/**
 * Assigns people to places: county by county, each with the least way in all, proven; then, where the rules let people cross the border,
 * what the counties could not fill, all of it at once, from those whom they did not need. The same problem gives the same plan.
 */
export async function assign(
  problem: Problem,
  { onProgress, ...options }: Omit<SolveOptions, 'onSolved'> & { onProgress?: (people: number, of: number) => void } = {},
): Promise<Assigned> {
  const opens = openPlaces(problem)
  const free = problem.candidates.filter(({ reserve }) => !reserve)
  const furthest = furthestOf(problem.rules)
  const result: Assigned = { placed: keptOf(problem), needs: [], reserves: [], metres: 0, bound: 0, blocks: 0 }
  const taken = new Set<string>()
  const clusters = clustersOf(problem.needs)

  const take = ({ opens, groups, block }: Part, { flows, metres, bound }: Solved) => {
    const next = new Int32Array(groups.length)
    for (let at = 0; at < flows.length; at += 3) {
      const [i, j, people] = [flows[at] as number, flows[at + 1] as number, flows[at + 2] as number]
      const [group, open] = [groups[i] as Part['groups'][number], opens[j] as Open]
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
  const parts = names.map(countyOf).map(({ opens, people }) => partOf(opens, people, clusters, furthest))
  let done = 0
  const onSolved = (place: number) => {
    done += parts[place]?.people ?? 0
    onProgress?.(done, free.length)
  }
  const solved = await solveBlocks(
    parts.map(({ block }) => block),
    { ...options, onSolved },
  )
  for (const [place, part] of parts.entries()) take(part, solved[place] as Solved)

  const isNational = problem.rules.within === 'nation'
  const left = () => free.filter(({ id }) => !taken.has(id))
  if (isNational) {
    const across = await solveLeftovers({ opens, people: left(), clusters, furthest }, options)
    if (across) take(across.part, across.solved)
  }

  const reasonOf = reasonsFor(left(), { furthest, isNational })
  result.needs = opens.map((open) => filledOf(open, reasonOf))
  const over = problem.candidates.filter(({ id }) => !taken.has(id))
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
  return needs.map((need) => {
    const gone = held.get(need.station.centreCode) ?? new Set()
    const seats: number[] = []
    for (let seat = 1; seats.length + gone.size < need.places; seat++) if (!gone.has(seat)) seats.push(seat)
    return { need, seats }
  })
}

function placedAt({ heads }: Problem, person: Candidate, { need, seats }: Open, metres: number): Placed {
  const { centreCode, county } = need.station
  const warning = warningOf({ ...person, head: heads.get(centreCode) })
  return { personId: person.id, centreCode, seat: seats.shift() as number, county, metres, kind: 'new', warning }
}

/** What an officer should look at; `head` and `surname` as `surnameOf` gives them. */
export function warningOf({ head, surname, sure }: { head: string | undefined; surname: string; sure: boolean }): Warning | null {
  return head !== undefined && head === surname ? 'surname' : sure ? null : 'no_position'
}

function keptOf({ kept, needs }: Problem): Placed[] {
  const counties = new Map(needs.map(({ station }) => [station.centreCode, station.county]))
  return kept.map((each) => ({ ...each, county: counties.get(each.centreCode) ?? '', kind: 'kept', warning: null }))
}

function filledOf({ need, seats }: Open, reasonOf: (need: Need) => EmptyReason): Filled {
  const { centreCode, county } = need.station
  const counts = { centreCode, county, need: need.places, filled: need.places - seats.length }
  return { ...counts, reason: seats.length === 0 ? null : reasonOf(need) }
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
