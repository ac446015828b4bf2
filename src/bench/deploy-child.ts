import { createHash } from 'node:crypto'
import { asc, eq } from 'drizzle-orm'
import { assign } from '../allocation/assign.ts'
import { makePlan } from '../allocation/plan.ts'
import { readProblem } from '../allocation/problem.ts'
import { systemClock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { readConfig } from '../config.ts'
import { openApp } from '../open.ts'
import { JOB } from './exam.ts'
import { greedy } from './greedy.ts'

/** What one measured plan comes to: seconds by the clock and of both processors, megabytes at the most, and metres. */
export type Measure = {
  seconds: number
  cpu: number
  megabytes: number
  places: number
  filled: number
  mean: number
  worst: number
  bound: number
  metres: number
  greedy: { filled: number; mean: number; worst: number; seconds: number }
  /** Made a second time from the same input: whether everybody goes to the same place. */
  same: boolean
}

type Row = { personId: string; centreCode: string; seat: number }
/** Who goes where, by person. */
const digestOf = (rows: readonly Row[]) =>
  rows
    .reduce((hash, { personId, centreCode, seat }) => hash.update(`${personId} ${centreCode} ${seat}\n`), createHash('sha256'))
    .digest('hex')

// The plan is made in a process of its own, so that its memory is its own.
const { app, close } = await openApp(readConfig())
const from = systemClock.ticks()
const made = await makePlan(app, { via: 'cli', name: 'bench', signed: false, language: 'en' }, JOB, (what, done) => {
  process.stderr.write(`${what} ${done}\n`)
})
const seconds = (systemClock.ticks() - from) / 1_000
const { user, system } = process.cpuUsage()
const megabytes = process.resourceUsage().maxRSS / 1_024
if (made.refused) throw new Fault('bad_settings', `the benchmark's own job is refused: ${made.refused}`)
const { summary } = made
const problem = await readProblem(app, JOB)
if ('refused' in problem) throw new Fault('bad_settings', "the benchmark's own job is gone")
const start = systemClock.ticks()
const simple = greedy(problem)
const greedySeconds = (systemClock.ticks() - start) / 1_000
const again = await assign(problem)
const { placements: p } = app.store.read
const written = await app.store.read.select().from(p).where(eq(p.planId, made.id)).orderBy(asc(p.personId))
await close()
const measure: Measure = {
  seconds,
  cpu: (user + system) / 1_000_000,
  megabytes,
  places: summary.places,
  filled: summary.filled,
  mean: summary.metres / Math.max(1, summary.fresh),
  worst: summary.worst,
  bound: summary.bound,
  metres: summary.metres,
  greedy: { ...simple, mean: simple.metres / Math.max(1, simple.filled), seconds: greedySeconds },
  same: digestOf(again.placed) === digestOf(written),
}
process.stdout.write(JSON.stringify(measure))
