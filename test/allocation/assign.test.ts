import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { assign, type Placed } from '../../src/allocation/assign.ts'
import { type Block, solveBlock } from '../../src/allocation/block.ts'
import { clustersOf, partOf } from '../../src/allocation/part.ts'
import type { Candidate, Problem } from '../../src/allocation/problem.ts'
import { openSolver } from '../../src/allocation/solver.ts'
import { metresBetween, onBall, type Position } from '../../src/base/distance.ts'
import type { SeriesRules } from '../../src/jobs/rules.ts'
import { type Person, problemOf } from './problem.ts'

// Solved here, not in a thread: hundreds of small plans, and no solver to load for each.
const highs = await openSolver()
vi.mock('../../src/allocation/solvers.ts', () => ({
  solveBlocks: (blocks: readonly Block[]) => Promise.resolve(blocks.map((block) => solveBlock(highs, block))),
}))

const at = (longitude: number, latitude = 0): Position => ({ latitude, longitude })
const where = (placed: readonly Placed[]) => Object.fromEntries(placed.map(({ personId, centreCode }) => [personId, centreCode]))
const reasons = ({ needs }: Awaited<ReturnType<typeof assign>>) =>
  Object.fromEntries(needs.map(({ centreCode, reason }) => [centreCode, reason]))

describe('places that a county could not fill', () => {
  test('go to those who may serve there, however many live nearer and may not', async () => {
    const codes = ['A1', 'A2']
    const places = codes.map((code, n) => ({ code, county: 'A', at: at(34 + n / 100) }))
    const barred = Array.from({ length: 40 }, (_, n) => ({ id: `b${n}`, county: 'B', at: at(34.1), barred: codes }))
    const may = [1, 2].map((n) => ({ id: `may${n}`, county: 'B', at: at(36 + n) }))
    const plan = await assign(problemOf(places, [...barred, ...may]))
    expect(plan.placed.map(({ personId }) => personId)).toEqual(['may1', 'may2'])
    expect(plan.bound).toBeCloseTo(plan.metres, 0)
  })

  test('look further where others need the neighbours more', async () => {
    const places = ['A0', 'A1', 'A2', 'A3'].map((code, n) => ({ code, county: 'A', at: at(34 + n / 1_000) }))
    const near = [1, 2, 3].map((n) => ({ id: `near${n}`, county: 'B', at: at(34.1) }))
    // They may serve at A0 alone, and are further from it than the three whom the other places would miss.
    const next = [1, 2, 3].map((n) => ({ id: `next${n}`, county: 'B', at: at(34.1 + n / 10), barred: ['A1', 'A2', 'A3'] }))
    const far = Array.from({ length: 9 }, (_, n) => ({ id: `far${n}`, county: 'B', at: at(39) }))
    const { placed } = await assign(problemOf(places, [...near, ...next, ...far]))
    expect(placed.map(({ personId }) => personId)).toEqual(['near1', 'near2', 'near3', 'next1'])
  })

  test('are filled together: no county takes the only one who could serve another, because its name comes first', async () => {
    const places = [
      { code: 'A1', county: 'A', at: at(34) },
      { code: 'B1', county: 'B', at: at(34.1) },
    ]
    // Both live with C. x lives nearer to both, and y may not serve at B1.
    const people = [
      { id: 'x', county: 'C', at: at(34.5) },
      { id: 'y', county: 'C', at: at(34.6), barred: ['B1'] },
    ]
    expect(where((await assign(problemOf(places, people))).placed)).toEqual({ x: 'B1', y: 'A1' })
  })

  test('stay empty for a reason that is true of everybody who was left', async () => {
    const places = [{ code: 'A1', county: 'A', at: at(34) }]
    const far = { id: 'far', county: 'B', at: at(36) }
    const near = { id: 'near', county: 'B', at: at(34.1), barred: ['A1'] }
    const reason = async (people: Person[], rules: SeriesRules = { within: 'nation', furthest_km: 50 }) =>
      reasons(await assign(problemOf(places, people, rules))).A1
    expect(await reason([far])).toBe('too_far')
    expect(await reason([far, near])).toBe('barred')
    expect(await reason([])).toBe('no_people')
    expect(await reason([{ ...near, reserve: true }])).toBe('no_people')
    expect(await reason([far], { within: 'county' })).toBe('no_people')
    expect(await reason([far], { within: 'nation' })).toBe(null)
  })

  test('are never filled by somebody from a centre that sits there, nor by whoever served where it is hosted', async () => {
    const places = [{ code: 'A1', county: 'A', at: at(34), hosts: ['A9'] }]
    const people = [
      { id: 'guest', county: 'A', at: at(34), barred: ['A9'] },
      { id: 'far', county: 'B', at: at(36) },
    ]
    expect(where((await assign(problemOf(places, people))).placed)).toEqual({ far: 'A1' })
    expect(reasons(await assign(problemOf(places, people, { within: 'county' })))).toEqual({ A1: 'barred' })
  })
})

const spot = fc.record({
  latitude: fc.double({ min: -1, max: 1, noNaN: true }),
  longitude: fc.double({ min: 36, max: 38, noNaN: true }),
})
/** An exam of three counties, with more people than places or fewer. */
const exam = fc
  .record({
    places: fc.array(fc.record({ at: spot, county: fc.constantFrom('A', 'B', 'C'), places: fc.integer({ min: 1, max: 3 }) }), {
      minLength: 2,
      maxLength: 8,
    }),
    people: fc.array(
      fc.record({ at: spot, county: fc.constantFrom('A', 'B', 'C', 'D'), no: fc.array(fc.nat(7), { maxLength: 3 }) }),
      { minLength: 2, maxLength: 25 },
    ),
    rules: fc.constantFrom<SeriesRules>({ within: 'nation' }, { within: 'county' }, { within: 'nation', furthest_km: 80 }),
  })
  .map(({ places, people, rules }) =>
    problemOf(
      places.map((place, n) => ({ ...place, code: `S${n}` })),
      people.map(({ no, ...person }, n) => ({ ...person, id: `p${n}`, barred: no.map((code) => `S${code}`) })),
      rules,
    ),
  )
const way = (from: Position, to: Position) => metresBetween(onBall([from]), 0, onBall([to]), 0)

/** What a plan promises: see 'fair' in docs/design.md. Gives what breaks it, in words. */
function unfair({ needs, candidates, rules }: Problem, { placed }: { placed: readonly Placed[] }): string[] {
  const furthest = (rules.furthest_km ?? 2_000) * 1_000
  const personOf = new Map(candidates.map((person) => [person.id, person]))
  const needOf = new Map(needs.map((need) => [need.station.centreCode, need]))
  const rows = placed.map(({ personId, centreCode, metres }) => {
    const [person, need] = [personOf.get(personId), needOf.get(centreCode)]
    if (!person || !need) throw new Error('nobody, or nowhere')
    // Those of a county are one block with its places, and all who cross a border are another.
    return { person, need, metres, block: person.county === need.station.county ? person.county : 'across' }
  })
  const may = (person: Candidate, need: (typeof needs)[number]) =>
    !person.barred.includes(need.station.centreCode) && way(person.at, need.at) <= furthest
  const unplaced = candidates.filter(({ id }) => !placed.some(({ personId }) => personId === id))
  const wrong: string[] = []
  for (const [n, a] of rows.entries()) {
    if (!may(a.person, a.need)) wrong.push(`${a.person.id} may not serve at ${a.need.station.centreCode}`)
    for (const b of rows.slice(n + 1)) {
      if (a.block !== b.block || !may(a.person, b.need) || !may(b.person, a.need)) continue
      const swapped = way(a.person.at, b.need.at) + way(b.person.at, a.need.at)
      if (swapped < a.metres + b.metres)
        wrong.push(`${a.person.id} and ${b.person.id} would do with less if they exchanged places`)
    }
    for (const other of unplaced) {
      const sameBlock = a.block === 'across' || a.block === other.county
      if (sameBlock && may(other, a.need) && way(other.at, a.need.at) < a.metres)
        wrong.push(`${a.person.id} goes further to ${a.need.station.centreCode} than ${other.id} would, who goes nowhere`)
    }
  }
  for (const need of needs) {
    const free = need.places - rows.filter((row) => row.need === need).length
    for (const other of unplaced)
      if (free > 0 && may(other, need) && (rules.within === 'nation' || other.county === need.station.county))
        wrong.push(`${need.station.centreCode} is empty, and ${other.id} could serve there`)
  }
  return wrong
}

describe('a plan is fair', () => {
  test('nobody would do better by an exchange, and no place is left to somebody from further away, nor empty', async () => {
    await fc.assert(
      fc.asyncProperty(exam, async (problem) => {
        const plan = await assign(problem)
        expect(unfair(problem, plan)).toEqual([])
        expect(plan.bound).toBeLessThanOrEqual(plan.metres + 0.001)
      }),
      { numRuns: 150 },
    )
  }, 60_000)

  test('across the borders it is as good as if everybody had been in one block from the start', async () => {
    const crossing = exam.map((problem) => ({
      ...problem,
      candidates: problem.candidates.map((person) => ({ ...person, county: 'D' })),
    }))
    await fc.assert(
      fc.asyncProperty(crossing, async (problem) => {
        const { placed, metres } = await assign({ ...problem, rules: { ...problem.rules, within: 'nation' } })
        const opens = problem.needs.map((need) => ({ need, seats: Array.from({ length: need.places }, (_, n) => n + 1) }))
        const furthest = (problem.rules.furthest_km ?? 2_000) * 1_000
        const { block } = partOf(opens, problem.candidates, clustersOf(problem.needs), furthest)
        const whole = solveBlock(highs, block)
        expect([placed.length, metres]).toEqual([whole.filled, whole.metres])
      }),
      { numRuns: 150 },
    )
  }, 60_000)
})
