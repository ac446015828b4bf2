import { metresBetween, onBall } from '../base/distance.ts'
import type { Need } from '../jobs/needs.ts'
import { type Solved, smallest } from './block.ts'
import { barredIn, type Clusters, type Open, type Part, partOf } from './part.ts'
import type { Candidate } from './problem.ts'
import { type SolveOptions, solveBlocks } from './solvers.ts'

/** Why places stay empty: nobody is left, those who are left may not serve there, or they are too far away. */
export type EmptyReason = 'no_people' | 'barred' | 'too_far'

type Leftovers = { opens: readonly Open[]; people: readonly Candidate[]; clusters: Clusters; furthest: number }

/** People let in at once for each empty place, the nearest first. */
const A_PLACE = 3

/**
 * Fills what all counties left empty as one block. It begins with those who live nearest to each place and may serve there, and grows by
 * everybody who lives nearer to one than it is worth, until there is nobody: then it is the best that all leftovers together can do, and
 * the bound is proven for all of them, though most were never in the block.
 */
export async function solveLeftovers(
  { opens, people, clusters, furthest }: Leftovers,
  options: SolveOptions,
): Promise<{ part: Part; solved: Solved } | undefined> {
  const empty = opens.filter(({ seats }) => seats.length > 0)
  const letIn = openDoor({ opens: empty, people, clusters, furthest })
  let inside = letIn(new Float64Array(empty.length).fill(Number.POSITIVE_INFINITY))
  if (inside === undefined) return undefined
  for (;;) {
    const part: Part = partOf(empty, inside, clusters, furthest)
    const [solved] = await solveBlocks([part.block], options)
    if (!solved) return undefined
    const more = letIn(solved.worth)
    if (more === undefined) return { part, solved }
    inside = more
  }
}

/**
 * Whoever is let in stays. Asked with what each place is worth (metres), gives all who are inside then, in their order; undefined where
 * nobody came.
 */
function openDoor({ opens, people, clusters, furthest }: Leftovers): (worth: Float64Array) => Candidate[] | undefined {
  const [homes, places] = [onBall(people.map(({ at }) => at)), onBall(opens.map(({ need }) => need.at))]
  const placeOf = new Map(opens.map(({ need }, place) => [need.station.centreCode, place]))
  const barred = people.map((person) => barredIn(person, clusters, placeOf))
  const inside = new Uint8Array(people.length)
  return (worth) => {
    let came = 0
    opens.forEach(({ seats }, place) => {
      const nearer = (who: number) => {
        if (inside[who] === 1) return Number.POSITIVE_INFINITY
        const way = metresBetween(homes, who, places, place)
        const gains = way <= furthest && way < (worth[place] as number) - ROUNDING
        return gains && !barred[who]?.includes(place) ? way : Number.POSITIVE_INFINITY
      }
      for (const who of smallest(people.length, seats.length * A_PLACE, nearer)) {
        inside[who] = 1
        came++
      }
    })
    return came === 0 ? undefined : people.filter((_, who) => inside[who] === 1)
  }
}

/** Metres: a smaller gain is rounding. */
const ROUNDING = 1e-4

/** Why a place stayed empty, looking at everybody who was left: all that can be filled is filled, so none of them may serve there. */
export function reasonsFor(
  people: readonly Candidate[],
  { furthest, isNational }: { furthest: number; isNational: boolean },
): (need: Need) => EmptyReason {
  const byCounty = Map.groupBy(people, ({ county }) => (isNational ? '' : county))
  const homes = new Map([...byCounty].map(([county, some]) => [county, onBall(some.map(({ at }) => at))]))
  return ({ station: { county }, at }) => {
    const near = homes.get(isNational ? '' : county)
    if (near === undefined) return 'no_people'
    const here = onBall([at])
    for (let who = 0; who < near.length / 3; who++) if (metresBetween(near, who, here, 0) <= furthest) return 'barred'
    return 'too_far'
  }
}
