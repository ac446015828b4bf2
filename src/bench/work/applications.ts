import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Actor } from '../../action.ts'
import type { App } from '../../app.ts'
import { systemClock } from '../../base/clock.ts'
import { addDays, nairobiDay } from '../../base/dates.ts'
import { Fault } from '../../base/fault.ts'
import type { Msisdn } from '../../base/msisdn.ts'
import { actions } from '../../catalogue.ts'
import { readConfig } from '../../config.ts'
import { openApp } from '../../open.ts'
import { performing } from '../../perform.ts'
import { inBatches } from '../../store/bulk.ts'
import { holderOf, nation, phoneOf } from '../crowd.ts'
import type { Work } from '../figure.ts'
import { nationOf } from '../nation.ts'
import { invigilators } from '../rows.ts'
import { settingsFor } from '../service.ts'

const AT_ONCE = 100
const MOST = 2_000

export const applications: Work = {
  about: 'people who apply, durably, beside bare inserts of the rows that come of it',
  async measure(run) {
    const people = Math.min(MOST, run.people)
    const filled = await nationOf({ ...run, folder: join(run.folder, 'applicants') }, { ...nation(people * 5), profiles: people })
    const folder = join(run.scratch, 'applying')
    const pairs: { ours: number; theirs: number }[] = []
    for (let round = 0; round <= run.rounds; round++) {
      // Nobody applies twice: each round begins with the nation as it was.
      rmSync(folder, { recursive: true, force: true })
      cpSync(homeOf(filled), folder, { recursive: true })
      const { app, close } = await openApp(readConfig(settingsFor(folder)))
      try {
        const ours = await applying(app, people, `BENCH${round}`)
        const theirs = inserting(people, join(folder, 'wito.db'))
        // The first is for warming up.
        if (round > 0) pairs.push({ ours, theirs })
        run.say(`  ${ours.toFixed(0)} applications and ${theirs.toFixed(0)} inserts of theirs a second`)
      } finally {
        await close()
      }
    }
    return [
      {
        work: `applications, ${AT_ONCE} at once`,
        reference: `bare inserts of the same rows, ${AT_ONCE} a commit`,
        unit: '/s',
        pairs,
        reach: { atLeast: 0.5 },
      },
    ]
  },
}

const homeOf = (settings: Record<string, string>) => (settings.DATABASE_URL ?? '').replace(/^file:/, '').replace(/\/[^/]+$/, '')

/** Everybody who may applies for a new job, a hundred of them at any moment. Applications a second. */
async function applying(app: App, people: number, code: string): Promise<number> {
  const today = nairobiDay(app.clock.now())
  const job = invigilators(code, 'BENCH2026', {
    opensOn: today,
    closesOn: addDays(today, 30),
    // Later than any exam of the demonstration: no duty stands in the way.
    startsOn: addDays(today, 400),
    endsOn: addDays(today, 410),
  })
  await app.store.work('bench', (tx) => tx.insert(tx.jobs).values(job))
  let next = 0
  const started = systemClock.ticks()
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < people) {
        const msisdn = phoneOf(holderOf(next++)) as Msisdn
        const actor: Actor = { via: 'ussd', name: `number:${msisdn.length}`, msisdn, signed: true, language: 'en' }
        const outcome = await performing(app, actions, msisdn, (_, perform) => perform('jobs.apply', actor, { code }))
        if (outcome.refused !== undefined) throw new Fault('bad_request', `an application was refused: ${outcome.refused}`)
      }
    }),
  )
  return (people * 1_000) / (systemClock.ticks() - started)
}

/** The same rows, taken as they stand now, put into tables with the same indexes that hold all the others. Applications a second. */
const inserting = (people: number, file: string): number =>
  inBatches(file, ['applications', 'outbox', 'audit'], { most: people, atOnce: AT_ONCE, ticks: systemClock.ticks })
