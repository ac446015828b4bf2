import { Command } from 'commander'
import { expect, test, vi } from 'vitest'
import type { DeployTimes } from '../../src/bench/deploy.ts'
import type { Figure } from '../../src/bench/figure.ts'
import { addBench } from '../../src/cli/commands/bench.ts'

const times = vi.hoisted((): DeployTimes[] => [])
vi.mock('../../src/bench/deploy.ts', async (actual) => ({
  ...(await actual<typeof import('../../src/bench/deploy.ts')>()),
  benchDeploy: () => Promise.resolve(times),
}))

const figures = vi.hoisted((): Figure[] => [])
vi.mock('../../src/bench/bench.ts', async (actual) => ({
  ...(await actual<typeof import('../../src/bench/bench.ts')>()),
  bench: () => Promise.resolve(figures),
}))
vi.mock('../../src/bench/effort.ts', async (actual) => ({
  ...(await actual<typeof import('../../src/bench/effort.ts')>()),
  effort: () => Promise.resolve([{ task: 'apply' }]),
}))

test('bench --json gives every figure with its sums, and the effort where everything is measured', async () => {
  const said: string[] = []
  const printed = vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0)
  figures.push({
    work: 'hop',
    reference: 'bare Koa',
    unit: '/s',
    reach: { atLeast: 0.7 },
    pairs: [
      { ours: 2, theirs: 4 },
      { ours: 3, theirs: 4 },
    ],
  })
  for (const words of [['--json'], ['hop', '--json']]) {
    const program = new Command()
    addBench(program)
    await program.parseAsync(['bench', ...words], { from: 'user' })
  }
  printed.mockRestore()
  const [all, one] = said.map((text) => JSON.parse(text) as unknown)
  const hop = { ...figures[0], ours: 2.5, theirs: 4, middle: 0.625, least: 0.5, greatest: 0.75, reached: false }
  expect(all).toEqual({ figures: [hop], effort: [{ task: 'apply' }] })
  expect(one).toEqual({ figures: [hop] })
})

test('bench deploy prints what it measured, and fails with what a plan promised and did not hold', async () => {
  const printed = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const bench = () => {
    const program = new Command()
    addBench(program)
    return program.parseAsync(['bench', 'deploy', '--json'], { from: 'user' })
  }
  const good: DeployTimes = {
    ...{
      people: 9,
      stations: 3,
      places: 9,
      filled: 9,
      seconds: 1,
      cpu: 1,
      megabytes: 99,
      mean: 1,
      worst: 1,
      metres: 9,
      bound: 9,
    },
    ...{ greedy: { filled: 9, mean: 2, worst: 2, seconds: 1 }, same: true },
  }
  times.push(good)
  await bench()
  times.push({ ...good, people: 12, seconds: 61 })
  await expect(bench()).rejects.toThrow('the plan for 12 people took 61.0 s, more than 60')
  expect(printed).toHaveBeenCalledTimes(2)
  printed.mockRestore()
})
