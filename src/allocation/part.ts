import { onBall } from '../base/distance.ts'
import type { Need } from '../jobs/needs.ts'
import type { Block } from './block.ts'
import type { Candidate } from './problem.ts'

/** A station's free places, by number. */
export type Open = { need: Need; seats: number[] }
type Group = { at: Candidate['at']; barred: number[]; members: Candidate[] }

/** Which need each station belongs to: its own, or its host's, where people from both work. */
export type Clusters = ReadonlyMap<string, readonly string[]>

export function clustersOf(needs: readonly Need[]): Clusters {
  const clusters = new Map<string, string[]>()
  for (const { station, hosts } of needs)
    for (const code of [station.centreCode, ...hosts]) clusters.set(code, [...(clusters.get(code) ?? []), station.centreCode])
  return clusters
}

export type Part = { opens: Open[]; groups: Group[]; block: Block; people: number }

/** A block for the solver: people who live at one place and are barred from the same stations are one group. */
export function partOf(all: readonly Open[], people: readonly Candidate[], clusters: Clusters, furthest: number): Part {
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

export function barredIn({ barred }: Candidate, clusters: Clusters, placeOf: ReadonlyMap<string, number>): number[] {
  const places = new Set<number>()
  for (const code of barred)
    for (const host of clusters.get(code) ?? []) {
      const place = placeOf.get(host)
      if (place !== undefined) places.add(place)
    }
  return [...places].sort((a, b) => a - b)
}
