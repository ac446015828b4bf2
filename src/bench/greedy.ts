import type { Candidate, Problem } from '../allocation/problem.ts'
import { metresBetween, onBall } from '../base/distance.ts'
import type { Need } from '../jobs/needs.ts'

/**
 * What a simple plan comes to: county by county, in the order of application, everybody takes the nearest place that is free and allowed;
 * whoever found none looks across the border then, where the rules let the plan do so too.
 */
export function greedy({ needs, candidates, rules }: Problem): { filled: number; metres: number; worst: number } {
  const result = { filled: 0, metres: 0, worst: 0 }
  const free = Int32Array.from(needs, ({ places }) => places)
  const points = onBall(needs.map(({ at }) => at))
  const furthest = (rules.furthest_km ?? Number.POSITIVE_INFINITY) * 1_000
  const sits = needs.map(({ station, hosts }) => new Set([station.centreCode, ...hosts]))
  const takes = ({ at, barred }: Candidate, some: readonly number[]): boolean => {
    const from = onBall([at])
    let [best, way] = [-1, furthest]
    for (const place of some) {
      if (free[place] === 0) continue
      const metres = metresBetween(from, 0, points, place)
      if (metres >= way || barred.some((code) => sits[place]?.has(code))) continue
      best = place
      way = metres
    }
    if (best < 0) return false
    free[best] = (free[best] as number) - 1
    result.filled++
    result.metres += way
    result.worst = Math.max(result.worst, way)
    return true
  }
  const places = needs.map((_, place) => place)
  const byCounty = Map.groupBy(places, (place) => (needs[place] as Need).station.county)
  const people = candidates.filter(({ reserve }) => !reserve)
  const left = people.filter((person) => !takes(person, byCounty.get(person.county) ?? []))
  if (rules.within !== 'nation') return result
  const open = places.filter((place) => (free[place] as number) > 0)
  for (const person of left) takes(person, open)
  return result
}
