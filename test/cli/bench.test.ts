import { Command } from 'commander'
import { expect, test, vi } from 'vitest'
import type { DeployTimes } from '../../src/bench/deploy.ts'
import { addBench } from '../../src/cli/commands/bench.ts'

const times = vi.hoisted((): DeployTimes[] => [])
vi.mock('../../src/bench/deploy.ts', async (actual) => ({
  ...(await actual<typeof import('../../src/bench/deploy.ts')>()),
  benchDeploy: () => Promise.resolve(times),
}))

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
