import { expect, test } from 'vitest'
import { benchDeploy, brokenPromises, type DeployTimes, deployTable } from '../../src/bench/deploy.ts'
import { greedy } from '../../src/bench/greedy.ts'
import { problemOf } from '../allocation/problem.ts'

test('the benchmark of plans fills a small exam, plans it in a process of its own, and compares it with bound and greedy plan', async () => {
  const [small] = await benchDeploy([600], () => undefined)
  expect(small).toMatchObject({ people: 600, same: true })
  // What the solver proved holds of what it found, and no simple plan fills more or goes less far.
  expect(small?.metres).toBeGreaterThanOrEqual((small?.bound ?? 0) - 1)
  expect(small?.metres).toBeLessThanOrEqual((small?.bound ?? 0) * 1.001 + 1)
  expect(small?.filled).toBeGreaterThanOrEqual(small?.greedy.filled ?? 0)
  expect(small && brokenPromises(small)).toEqual([])
  const table = deployTable(small ? [small] : [])
  expect(table.split('\n')).toHaveLength(3)
  expect(table).toContain('same again')
}, 60_000)

test('the benchmark names each promise that a plan breaks', () => {
  const good = { people: 9, seconds: 60, megabytes: 1_024, metres: 500, bound: 500, same: true } as DeployTimes
  const said = (changes: Partial<DeployTimes>) => brokenPromises({ ...good, ...changes })
  expect(said({})).toEqual([])
  expect(said({ seconds: 60.1 })).toEqual(['the plan for 9 people took 60.1 s, more than 60'])
  expect(said({ megabytes: 1_025 })).toEqual(['the plan for 9 people took 1025 MB, more than 1024'])
  expect(said({ bound: 501 })).toEqual(['the plan for 9 people has a bound of 501 m above its own 500 m'])
  expect(said({ same: false })).toEqual(['the plan for 9 people sends people elsewhere when it is made a second time'])
})

test('the greedy plan crosses a border where the plan may, so that both fill as much', () => {
  const places = [{ code: 'A1', county: 'A', at: { latitude: 0, longitude: 34 } }]
  const person = { id: 'p', county: 'B', at: { latitude: 0, longitude: 35 } }
  expect(greedy(problemOf(places, [person], { within: 'nation' })).filled).toBe(1)
  expect(greedy(problemOf(places, [person], { within: 'county' })).filled).toBe(0)
  expect(greedy(problemOf(places, [{ ...person, barred: ['A1'] }], { within: 'nation' })).filled).toBe(0)
})
