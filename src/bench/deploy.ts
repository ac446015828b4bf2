import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../config.ts'
import { openApp } from '../open.ts'
import { ranChild } from './child.ts'
import type { Measure } from './deploy-child.ts'
import { examOf, fillExam } from './exam.ts'
import { tableOf } from './measure.ts'
import { settingsFor } from './service.ts'

const CHILD = new URL('./deploy-child.ts', import.meta.url)

export type DeployTimes = Measure & { people: number; stations: number }

/** What a plan of the nation may take on two cores. */
const MOST_SECONDS = 60
const MOST_MEGABYTES = 1_024

/** What was promised of a plan and does not hold of this one, in words; nothing where all holds. */
export function brokenPromises({ people, seconds, megabytes, metres, bound, same }: DeployTimes): string[] {
  const broken = [
    seconds > MOST_SECONDS && `took ${seconds.toFixed(1)} s, more than ${MOST_SECONDS}`,
    megabytes > MOST_MEGABYTES && `took ${megabytes.toFixed(0)} MB, more than ${MOST_MEGABYTES}`,
    bound > metres && `has a bound of ${bound} m above its own ${metres} m`,
    !same && 'sends people elsewhere when it is made a second time',
  ]
  return broken.filter((each) => each !== false).map((each) => `the plan for ${people} people ${each}`)
}

/** Plans a made-up exam of each size, and compares it with the solver's bound and with a simple greedy plan of the same exam. */
export async function benchDeploy(sizes: readonly number[], say: (text: string) => void): Promise<DeployTimes[]> {
  const times: DeployTimes[] = []
  for (const people of sizes) {
    const folder = mkdtempSync(join(tmpdir(), 'wito-bench-'))
    try {
      const size = examOf(people)
      const { app, close } = await openApp(readConfig(settingsFor(folder)))
      say(`filling an exam of ${size.people} people and ${size.stations} stations`)
      await fillExam(app, size, (what, done) => done % 50_000 === 0 && say(`  ${what} ${done}`))
      await close()
      say('planning')
      const onSaid = (text: string) => {
        const last = text.trim().split('\n').at(-1) ?? ''
        if (/^(assigned|written) \d+$/.test(last)) say(`  ${last}`)
      }
      times.push({ ...size, ...(await ranChild<Measure>(CHILD, { env: settingsFor(folder), onSaid })) })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  return times
}

export function deployTable(times: readonly DeployTimes[]): string {
  const km = (metres: number) => (metres / 1_000).toFixed(1)
  return tableOf(
    [
      'people',
      'stations',
      'places',
      'filled',
      'seconds',
      'of CPU',
      'MB',
      'mean km',
      'worst km',
      'km to bound',
      'greedy mean',
      'worst',
      'filled',
      'mean to greedy',
      'same again',
    ],
    times.map((row) => [
      String(row.people),
      String(row.stations),
      String(row.places),
      String(row.filled),
      row.seconds.toFixed(1),
      row.cpu.toFixed(1),
      row.megabytes.toFixed(0),
      km(row.mean),
      km(row.worst),
      (row.metres / Math.max(1, row.bound)).toFixed(4),
      km(row.greedy.mean),
      km(row.greedy.worst),
      String(row.greedy.filled),
      (row.mean / Math.max(1, row.greedy.mean)).toFixed(2),
      row.same ? 'yes' : 'NO',
    ]),
  )
}
