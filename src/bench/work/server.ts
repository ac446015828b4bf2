import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readConfig } from '../../config.ts'
import { openApp } from '../../open.ts'
import { startChild } from '../child.ts'
import { fillCrowd, nation } from '../crowd.ts'
import { median, type Work } from '../figure.ts'
import { onwards } from '../load.ts'
import { nationOf } from '../nation.ts'
import { cpuSeconds } from '../proc.ts'
import { type Measured, settingsFor, startService } from '../service.ts'
import { turns } from '../turns.ts'
import { loadOn } from './hop.ts'

const POSTGRES = new URL('../../../test/bench/postgres-child.ts', import.meta.url)
const FEW = nation(1_000)
const CONNECTIONS = 100

/** Hops of a service a second, and in `cpu` the microseconds of its own CPU for each. */
function hopsOf({ url, pid }: Measured, cpu: number[]): (seconds: number) => Promise<number> {
  const play = onwards(loadOn(`${url}/callbacks/bench/ussd`, FEW, CONNECTIONS))
  return async (seconds) => {
    const before = cpuSeconds(pid)
    const { hops, perSecond } = await play({ seconds })
    cpu.push(((cpuSeconds(pid) - before) * 1e6) / hops)
    return perSecond
  }
}

export const server: Work = {
  about: 'a durable USSD hop on PostgreSQL, on the same machine, beside itself on a file',
  async measure(run) {
    // It is a dependency of the tests alone, and stands with them.
    if (!existsSync(POSTGRES)) {
      run.say('left out: PostgreSQL comes with a checkout only')
      return []
    }
    const address = join(run.scratch, 'address')
    const isReady = async () => existsSync(address) && readFileSync(address, 'utf8') !== ''
    const postgres = await startChild([POSTGRES.pathname, address], { PATH: '/usr/bin:/bin' }, isReady)
    try {
      const settings = { ...settingsFor(run.scratch), DATABASE_URL: readFileSync(address, 'utf8') }
      const { app, close } = await openApp(readConfig(settings))
      await fillCrowd(app, FEW, () => undefined)
      await close()
      const onServer = await startService(settings)
      try {
        const onFile = await startService(await nationOf(run, FEW))
        try {
          const cpu = { ours: [] as number[], theirs: [] as number[] }
          const pairs = await turns(run, 'hops', hopsOf(onServer, cpu.ours), hopsOf(onFile, cpu.theirs))
          // The first of each was for warming up.
          const [ours, theirs] = [cpu.ours.slice(1), cpu.theirs.slice(1)]
          return [
            {
              work: `hop on PostgreSQL, ${CONNECTIONS} connections`,
              reference: 'itself on a file',
              unit: '/s',
              pairs,
              note: 'PostgreSQL has a part of the same cores',
            },
            {
              work: "the service's own CPU for it",
              reference: 'the same on a file',
              unit: 'µs',
              pairs: ours.map((each, round) => ({ ours: each, theirs: theirs[round] ?? 0 })),
              note: `${Math.round(1e6 / median(ours))} hops a second of a core that does nothing else, ${Math.round(1e6 / median(theirs))} on a file`,
            },
          ]
        } finally {
          await onFile.stop()
        }
      } finally {
        await onServer.stop()
      }
    } finally {
      await postgres.stop()
    }
  },
}
