import { systemClock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import { nation } from '../crowd.ts'
import type { Figure, Work } from '../figure.ts'
import { play, way } from '../load.ts'
import { callersOf, nationOf } from '../nation.ts'
import { residentMb } from '../proc.ts'
import { startService } from '../service.ts'

const SESSIONS = 50_000
const FEW = nation(1_000)

export const start: Work = {
  about: 'from the start of the process to ready, empty and with a nation',
  async measure(run) {
    const figures: Figure[] = []
    for (const size of [nation(0), nation(run.people)]) {
      const settings = await nationOf(run, size)
      const pairs: { ours: number }[] = []
      // Once for nothing: what it needs is in the file cache then.
      for (let round = 0; round <= run.rounds; round++) {
        const from = systemClock.ticks()
        const service = await startService(settings)
        const took = systemClock.ticks() - from
        await service.stop()
        if (round > 0) pairs.push({ ours: took / 1_000 })
      }
      figures.push({
        work: `start to ready, ${size.people === 0 ? 'empty' : `${size.people.toLocaleString('en')} people`}`,
        reference: '',
        unit: 's',
        pairs,
        reach: { atMost: 1.5 },
      })
    }
    return figures
  },
}

export const sessions: Work = {
  about: 'memory with 50,000 open sessions',
  async measure(run) {
    const service = await startService(await nationOf(run, FEW))
    try {
      const { hops } = await play({
        url: `${service.url}/callbacks/bench/ussd`,
        connections: 100,
        calls: SESSIONS,
        seconds: 120,
        callers: callersOf(FEW).callers.map(({ number }) => ({ number, way: 0 })),
        ways: [way('home')],
        named: true,
      })
      if (hops < SESSIONS) throw new Fault('busy', `only ${hops} sessions were opened`)
      const megabytes = residentMb(service.pid)
      if (megabytes === 0) throw new Fault('busy', 'this machine does not tell how much memory a process has')
      return [
        {
          work: `memory with ${SESSIONS.toLocaleString('en')} open sessions`,
          reference: '',
          unit: 'MB',
          pairs: [{ ours: megabytes }],
          reach: { atMost: 250 },
        },
      ]
    } finally {
      await service.stop()
    }
  },
}
