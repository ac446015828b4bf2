import type { Command } from 'commander'
import { Fault } from '../../base/fault.ts'
import { bench as measured, WORKS } from '../../bench/bench.ts'
import { capacityTables } from '../../bench/capacity-paper.ts'
import { benchConsole, consoleTable } from '../../bench/console.ts'
import { nation } from '../../bench/crowd.ts'
import { benchDeploy, brokenPromises, deployTable } from '../../bench/deploy.ts'
import { brokenEfforts, effort, effortTable } from '../../bench/effort.ts'
import { figureTable, summed } from '../../bench/figure.ts'
import { print } from '../desk.ts'
import { wholeNumber } from './applications.ts'

type Options = {
  list?: boolean
  quick?: boolean
  rounds: number
  seconds: number
  people: number
  folder?: string
  json?: boolean
}

const sizes = (text: string): number[] => text.split(',').map(wholeNumber)

export function addBench(program: Command): void {
  const say = (text: string) => void process.stderr.write(`${text}\n`)
  const bench = program
    .command('bench [works...]')
    .description('measure on this machine, each figure as a ratio to a reference of the same run; without names, everything')
    .option('--list', 'name what can be measured')
    .option('--quick', 'one short round, and 20,000 people where it would be a million')
    .option('--rounds <n>', 'how often each pair is measured', wholeNumber, 5)
    .option('--seconds <n>', 'how long each time', wholeNumber, 5)
    .option('--people <n>', 'how many people the large database has, at most a million', wholeNumber, 1_000_000)
    .option('--folder <path>', 'where to keep the databases for the next time (5 GB)')
    .option('--json', 'the figures as JSON, and the effort where everything is measured')
    .addHelpText('after', '\nExample: wito bench hop many --rounds 3')
    .action(async (works: string[], options: Options) => {
      if (options.list) {
        print(
          Object.entries(WORKS)
            .map(([name, { about }]) => `${name.padEnd(14)}${about}`)
            .join('\n'),
        )
        return
      }
      const unknown = works.find((name) => !Object.hasOwn(WORKS, name))
      if (unknown !== undefined) throw new Fault('bad_request', `there is nothing to measure called '${unknown}'; see --list`)
      const size = options.quick ? { rounds: 1, seconds: 1, people: Math.min(options.people, 20_000) } : options
      const figures = await measured(works.length > 0 ? works : Object.keys(WORKS), {
        ...size,
        people: Math.min(size.people, 1_000_000),
        ...(options.folder === undefined ? {} : { folder: options.folder }),
        say,
      })
      // What a person pays in effort belongs beside what a machine does.
      const efforts = works.length === 0 ? await effort() : undefined
      if (options.json)
        print(JSON.stringify({ figures: figures.map((figure) => ({ ...figure, ...summed(figure) })), effort: efforts }))
      else print(efforts === undefined ? figureTable(figures) : `${figureTable(figures)}\n\n${effortTable(efforts)}`)
    })
  bench
    .command('effort')
    .description('what each task costs a person: hops, keys and SMS; fails where that is more than was promised')
    .option('--json', 'the rows as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const rows = await effort()
      print(json ? JSON.stringify(rows) : effortTable(rows))
      const broken = brokenEfforts(rows)
      if (broken.length > 0) throw new Fault('too_large', broken.join('; '))
    })
  bench
    .command('capacity')
    .description('what a morning of 400,000 and of 10,000,000 people needs, by the model of docs/capacity.md')
    .action(() => void print(capacityTables().join('\n\n')))
  bench
    .command('console')
    .description(
      'how long officers wait for a search and a table, with a nation in the database (some minutes, and 5 GB of disk)',
    )
    .option('--people <n>', 'how many people, at most a million', wholeNumber, 1_000_000)
    .option('--json', 'the result as one JSON object')
    .addHelpText('after', '\nExample: wito bench console --people 100000')
    .option('--folder <path>', 'where to keep the database for the next time')
    .action(async ({ people, folder, json }: { people: number; folder?: string; json?: boolean }) => {
      const times = await benchConsole(nation(Math.min(people, 1_000_000)), say, folder)
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
      const times = await benchDeploy(people, say)
      print(json ? JSON.stringify(times) : deployTable(times))
      const broken = times.flatMap(brokenPromises)
      if (broken.length > 0) throw new Fault('too_large', broken.join('; '))
    })
}
