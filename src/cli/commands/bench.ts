import type { Command } from 'commander'
import { benchConsole, consoleTable } from '../../bench/console.ts'
import { nation } from '../../bench/crowd.ts'
import { print } from '../desk.ts'
import { wholeNumber } from './applications.ts'

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
}
