import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Block, solveBlock } from '../../src/allocation/block.ts'
import { openSolver } from '../../src/allocation/solver.ts'
import { metresBetween, onBall, type Position } from '../../src/base/distance.ts'
import { dice } from '../../src/demo/draw.ts'

const highs = await openSolver()
const near = fc.record({
  latitude: fc.double({ min: -1, max: 1, noNaN: true }),
  longitude: fc.double({ min: 36, max: 38, noNaN: true }),
})

/** Small enough to try every plan there is. */
const small = fc
  .record({
    people: fc.array(near, { minLength: 1, maxLength: 5 }),
    places: fc.array(fc.record({ at: near, need: fc.integer({ min: 1, max: 2 }) }), { minLength: 1, maxLength: 3 }),
    barred: fc.array(fc.tuple(fc.nat(4), fc.nat(2)), { maxLength: 5 }),
    furthest: fc.constantFrom(60_000, 10_000_000),
  })
  .map(({ people, places, barred, furthest }): Block => blockOf(people, places, barred, furthest))

/** Some more people than places, in 40 towns: a group that nobody is taken from is then priced above nothing now and then. */
function crowded(seed: number): Block {
  const { below } = dice(seed)
  const spot = () => ({ latitude: below(2_000) / 1_000 - 1, longitude: 36 + below(2_000) / 1_000 })
  const towns = Array.from({ length: 40 }, spot)
  const people = Array.from({ length: 300 }, () => towns[below(towns.length)] as Position)
  const places = Array.from({ length: 100 }, () => ({ at: spot(), need: 1 + below(8) }))
  const barred = people.flatMap((_, who) => [0, 1, 2].map(() => [who, below(places.length)] as const))
  return { ...blockOf(people, places, barred, 2_000_000), groups: Int32Array.from(people, () => 1 + below(3)) }
}

function blockOf(
  people: readonly Position[],
  places: readonly { at: Position; need: number }[],
  barred: readonly (readonly [number, number])[],
  furthest: number,
): Block {
  return {
    groups: new Int32Array(people.length).fill(1),
    groupsAt: onBall(people),
    barred: people.map((_, i) => barred.filter(([who, where]) => who === i && where < places.length).map(([, where]) => where)),
    needs: Int32Array.from(places, ({ need }) => need),
    needsAt: onBall(places.map(({ at }) => at)),
    furthest,
  }
}

/** Every plan there is: the most places filled, and the least metres of those that fill as many. */
function best({ groups, groupsAt, needs, needsAt, barred, furthest }: Block) {
  let found = { filled: 0, metres: 0 }
  const left = [...needs]
  const walk = (i: number, filled: number, metres: number) => {
    if (i === groups.length) {
      if (filled > found.filled || (filled === found.filled && metres < found.metres)) found = { filled, metres }
      return
    }
    walk(i + 1, filled, metres)
    left.forEach((free, j) => {
      const way = metresBetween(groupsAt, i, needsAt, j)
      if (free === 0 || barred[i]?.includes(j) || way > furthest) return
      left[j] = free - 1
      walk(i + 1, filled + 1, metres + way)
      left[j] = free
    })
  }
  walk(0, 0, 0)
  return found
}

describe('a block', () => {
  test('is filled as far as it can be, with the least way, and the bound says so', () => {
    fc.assert(
      fc.property(small, (block) => {
        const { filled, metres, bound } = solveBlock(highs, block)
        expect({ filled, metres }).toEqual(best(block))
        expect(bound).toBeCloseTo(metres, 0)
      }),
      { numRuns: 150 },
    )
  }, 60_000)

  test('sends nobody where they are barred, nobody too far, nobody twice, and fills no place twice; the same block gives the same plan', () => {
    fc.assert(
      fc.property(small, (block) => {
        const { flows } = solveBlock(highs, block)
        const went = new Int32Array(block.groups.length)
        const came = new Int32Array(block.needs.length)
        for (let at = 0; at < flows.length; at += 3) {
          const [i, j, people] = [...flows.slice(at, at + 3)] as [number, number, number]
          went[i] = (went[i] ?? 0) + people
          came[j] = (came[j] ?? 0) + people
          expect(block.barred[i]).not.toContain(j)
          expect(metresBetween(block.groupsAt, i, block.needsAt, j)).toBeLessThanOrEqual(block.furthest)
        }
        expect([...went].every((n, i) => n <= (block.groups[i] as number))).toBe(true)
        expect([...came].every((n, j) => n <= (block.needs[j] as number))).toBe(true)
        expect([...solveBlock(highs, block).flows]).toEqual([...flows])
      }),
      { numRuns: 100 },
    )
  }, 60_000)

  test('proves no more than is true: where there are more people than places the bound is never above the plan', () => {
    for (let seed = 1; seed <= 15; seed++) {
      const { metres, bound } = solveBlock(highs, crowded(seed))
      expect([seed, bound <= metres + 0.001, bound >= metres - 1]).toEqual([seed, true, true])
    }
  }, 60_000)

  test('finds pairs that were not offered at first: everybody lives in one town and the need is elsewhere', () => {
    // 40 centres stand nearer than the only one that people who are barred from all of those can serve.
    const town = { latitude: 0, longitude: 36 }
    const places = Array.from({ length: 41 }, (_, n) => ({ at: { latitude: 0.01 * (n + 1), longitude: 36 }, need: 1 }))
    const people = [town, town, town]
    const barred = people.flatMap((_, who) => Array.from({ length: 20 }, (_, where) => [who, where] as const))
    const { filled, metres, rounds } = solveBlock(highs, blockOf(people, places, barred, 10_000_000))
    const expected = [20, 21, 22].map((j) => metresBetween(onBall([town]), 0, onBall([(places[j] as { at: Position }).at]), 0))
    expect(filled).toBe(3)
    expect(metres).toBe(expected.reduce((sum, way) => sum + way, 0))
    expect(rounds).toBeGreaterThanOrEqual(1)
  })
})

test('metres are those of the map: one degree of latitude is 111.2 km, and Nairobi lies 440 km from Mombasa', () => {
  const ways = (a: Position, b: Position) => metresBetween(onBall([a]), 0, onBall([b]), 0)
  expect(ways({ latitude: 0, longitude: 36 }, { latitude: 1, longitude: 36 })).toBeCloseTo(111_195, -2)
  const mombasa = ways({ latitude: -1.2864, longitude: 36.8172 }, { latitude: -4.0435, longitude: 39.6682 })
  expect(mombasa).toBeGreaterThan(430_000)
  expect(mombasa).toBeLessThan(450_000)
})
