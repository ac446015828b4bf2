import type { Problem } from '../allocation/problem.ts'
import { metresBetween, onBall } from '../base/distance.ts'

/** What a simple plan comes to: county by county, in the order of application, everybody takes the nearest place that is free and allowed. */
export function greedy({ needs, candidates, rules }: Problem): { filled: number; metres: number; worst: number } {
  const hosts = new Map<string, Set<string>>()
  for (const { station, hosts: guests } of needs) hosts.set(station.centreCode, new Set([station.centreCode, ...guests]))
  const result = { filled: 0, metres: 0, worst: 0 }
  const byCounty = Map.groupBy(needs, ({ station }) => station.county)
  const people = Map.groupBy(
    candidates.filter(({ reserve }) => !reserve),
    ({ county }) => county,
  )
  const furthest = (rules.furthest_km ?? Number.POSITIVE_INFINITY) * 1_000
  for (const [county, some] of byCounty) {
    const free = Int32Array.from(some, ({ places }) => places)
    const points = onBall(some.map(({ at }) => at))
    for (const { at, barred } of people.get(county) ?? []) {
      const from = onBall([at])
      let best = -1
      let way = furthest
      some.forEach(({ station }, place) => {
        if (free[place] === 0) return
        const metres = metresBetween(from, 0, points, place)
        if (metres >= way || barred.some((code) => hosts.get(station.centreCode)?.has(code))) return
        best = place
        way = metres
      })
      if (best < 0) continue
      free[best] = (free[best] as number) - 1
      result.filled++
      result.metres += way
      result.worst = Math.max(result.worst, way)
    }
  }
  return result
}
