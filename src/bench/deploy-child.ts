import { assign } from '../allocation/assign.ts'
import { makePlan } from '../allocation/plan.ts'
import { readProblem } from '../allocation/problem.ts'
import { systemClock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { readConfig } from '../config.ts'
import { openApp } from '../open.ts'
import { JOB } from './exam.ts'
import { greedy } from './greedy.ts'

/** What one measured plan comes to: seconds, megabytes at the most, and metres. */
export type Measure = {
  seconds: number
  megabytes: number
  places: number
  filled: number
  mean: number
  worst: number
  bound: number
  metres: number
  greedy: { filled: number; mean: number; worst: number; seconds: number }
  same: boolean
}

// The plan is made in a process of its own, so that its memory is its own.
const { app, close } = await openApp(readConfig())
const from = systemClock.ticks()
const made = await makePlan(app, { via: 'cli', name: 'bench', signed: false, language: 'en' }, JOB, (what, done) => {
  process.stderr.write(`${what} ${done}\n`)
})
const seconds = (systemClock.ticks() - from) / 1_000
const megabytes = process.resourceUsage().maxRSS / 1_024
if (made.refused) throw new Fault('bad_settings', `the benchmark's own job is refused: ${made.refused}`)
const { summary } = made
const problem = await readProblem(app, JOB)
if ('refused' in problem) throw new Fault('bad_settings', "the benchmark's own job is gone")
const start = systemClock.ticks()
const simple = greedy(problem)
const greedySeconds = (systemClock.ticks() - start) / 1_000
const again = await assign(problem)
await close()
const measure: Measure = {
  seconds,
  megabytes,
  places: summary.places,
  filled: summary.filled,
  mean: summary.metres / Math.max(1, summary.fresh),
  worst: summary.worst,
  bound: summary.bound,
  metres: summary.metres,
  greedy: { ...simple, mean: simple.metres / Math.max(1, simple.filled), seconds: greedySeconds },
  same: again.metres === summary.metres && again.placed.length === summary.filled,
}
process.stdout.write(JSON.stringify(measure))
