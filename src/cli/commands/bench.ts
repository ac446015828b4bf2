import type { Command } from 'commander'
import { Fault } from '../../base/fault.ts'
import { benchConsole, consoleTable } from '../../bench/console.ts'
import { nation } from '../../bench/crowd.ts'
import { benchDeploy, brokenPromises, deployTable } from '../../bench/deploy.ts'
import { print } from '../desk.ts'
import { wholeNumber } from './applications.ts'

const sizes = (text: string): number[] => text.split(',').map(wholeNumber)

export function addBench(program: Command): void {
  const bench = program.command('bench').description('measure on this machine, against references of the same run')
  bench
    .command('console')
    .description(
      'how long officers wait for a search and a table, with a nation in the database (some minutes, and 2 GB of disk)',
    )
    .option('--people <n>', 'how many people, at most a million', wholeNumber, 1_000_000)
    .option('--json', 'the result as one JSON object')
    .addHelpText('after', '\nExample: wito bench console --people 100000')
    .action(async ({ people, json }: { people: number; json?: boolean }) => {
      const size = { ...nation(Math.min(people, 1_000_000)), messages: Math.min(people, 1_000_000) }
      const times = await benchConsole(size, (text) => void process.stderr.write(`${text}\n`))
      print(json ? JSON.stringify(times) : consoleTable(times))
    })
  bench
    .command('deploy')
    .description(
      'how long a national plan takes, how much memory, and how far it sends people, against the bound and a greedy plan; fails above 60 s, 1 GB or the bound, or when made again it differs',
    )
    .option('--people <n,…>', 'how many people, one exam each', sizes, [3_000, 30_000, 300_000])
    .option('--json', 'the result as one JSON object')
    .addHelpText('after', '\nExample: wito bench deploy --people 3000,30000')
    .action(async ({ people, json }: { people: number[]; json?: boolean }) => {
      const times = await benchDeploy(people, (text) => void process.stderr.write(`${text}\n`))
      print(json ? JSON.stringify(times) : deployTable(times))
      const broken = times.flatMap(brokenPromises)
      if (broken.length > 0) throw new Fault('too_large', broken.join('; '))
    })
}
