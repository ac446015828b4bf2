import { join } from 'node:path'
import cron, { type Logger, type ScheduledTask } from 'node-cron'
import type { App } from './app.ts'
import { remindHeads } from './attendance/remind-heads.ts'
import { linkTrail } from './audit/chain.ts'
import { noteErased } from './backup/erased.ts'
import { backUp } from './backup/make.ts'
import { DAY } from './base/dates.ts'
import { sweepAnswers } from './deployments/silence.ts'
import { closeJobs } from './jobs/close.ts'
import { remind } from './jobs/remind.ts'
import { recheck } from './pay/issues.ts'
import { makeChanges } from './people/change-effect.ts'
import { sweepDocuments } from './people/documents.ts'
import { forgetLastWords } from './people/erase.ts'
import { forgetWhatIsOver, heldNumbers } from './people/forget.ts'
import { heldPeople } from './people/holds.ts'
import { fillNameCounties } from './people/name-words.ts'
import { readRetention } from './people/retention.ts'
import { openTurns } from './runs/turns.ts'
import { forgetLimits } from './security/limits.ts'
import { forgetSessions } from './security/web-sessions.ts'
import { sweepUploads } from './sheets/staged.ts'
import { sweepOutbox } from './sms/settle.ts'
import { expireSessions } from './ussd/expire.ts'
import { keepTraffic } from './ussd/traffic.ts'

type Task = { name: string; when: string; run(app: App): Promise<unknown> }

/**
 * What happens by the clock, in Nairobi's time. Sending is not here: the sender waits for work by itself. Each of these is harmless twice:
 * its units write down what was done, or guard what they change; that one process does it at a time saves work.
 */
export const TASKS: readonly Task[] = [
  { name: 'chain the audit trail', when: '* * * * *', run: linkTrail },
  { name: 'note who was erased', when: '* * * * *', run: noteErased },
  { name: 'sweep the outbox', when: '* * * * *', run: sweepOutbox },
  { name: 'see to letters without an answer', when: '* * * * *', run: sweepAnswers },
  { name: 'remind heads who have not marked', when: '* * * * *', run: remindHeads },
  { name: 'close jobs', when: '*/5 * * * *', run: closeJobs },
  { name: 'make changes that were agreed to', when: '*/5 * * * *', run: makeChanges },
  { name: 'count the traffic of yesterday', when: '7 * * * *', run: keepTraffic },
  { name: 'forget old sessions', when: '17 * * * *', run: forgetCalls },
  { name: 'forget limits', when: '23 * * * *', run: forgetLimits },
  { name: 'forget web sessions', when: '29 * * * *', run: forgetSessions },
  { name: 'forget whom an erasure was told', when: '37 * * * *', run: forgetLastWords },
  {
    name: 'throw away uploads',
    when: '41 * * * *',
    run: (app) => sweepUploads(app, readRetention(app.config).uploads.days * DAY),
  },
  { name: 'give old name words their county', when: '53 * * * *', run: fillNameCounties },
  { name: 'forget what is kept no longer', when: '20 3 * * *', run: forgetWhatIsOver },
  { name: 'throw away documents of nobody', when: '47 3 * * *', run: sweepDocuments },
  { name: 'look again at what stands before pay', when: '10 4 * * *', run: recheck },
  { name: 'remind of closing jobs', when: '0 9 * * *', run: remind },
  { name: 'back up', when: '30 2 * * *', run: nightlyBackup },
]

/** A process that died at a task is followed a minute later. */
const TURN_MS = 55_000

/** Throws a Fault where the schedule of what is kept cannot be read: better at the start than in the night. */
export function startSchedule(app: App, all: readonly Task[] = TASKS): { stop(): Promise<void> } {
  readRetention(app.config)
  const stopping = new AbortController()
  const turns = openTurns(app, stopping.signal)
  const running = new Set<Promise<unknown>>()
  const waitedFor = <T>(work: Promise<T>) => {
    running.add(work)
    return work.finally(() => running.delete(work))
  }
  const shouldRun = (key: string, ttlMs: number) => waitedFor(turns.shouldRun(key, ttlMs))
  const work = async ({ name, run }: Task) => {
    try {
      await run(app)
      app.log.debug({ task: name }, 'scheduled work done')
    } catch (reason) {
      app.log.error({ task: name, err: reason }, 'scheduled work failed')
    }
    await turns.over(name).catch((reason: unknown) => app.log.error({ task: name, err: reason }, 'a turn was not given back'))
  }
  const options = {
    timezone: 'Africa/Nairobi',
    noOverlap: true,
    distributed: true,
    distributedLease: TURN_MS,
    runCoordinator: { shouldRun },
    logger: loggerOf(app.log),
  }
  const tasks: ScheduledTask[] = all.map((task) =>
    cron.schedule(task.when, () => waitedFor(work(task)), { name: task.name, ...options }),
  )
  const watching = startAgainWhenSet(app.clock, tasks, stopping.signal)
  return {
    async stop() {
      stopping.abort()
      await watching
      for (const task of tasks) await task.destroy()
      await Promise.all(running)
    },
  }
}

function loggerOf(log: App['log']): Logger {
  const says =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string | Error, err?: Error): void =>
      log[level]({ err: err ?? (message instanceof Error ? message : undefined) }, String(message))
  return { debug: says('debug'), info: says('info'), warn: says('warn'), error: says('error') }
}

/** Calls, but for those of people under a legal hold. */
async function forgetCalls(app: App): Promise<number> {
  const { read } = app.store
  const but = await heldNumbers(read, await heldPeople(read))
  return expireSessions(app, { keptMs: readRetention(app.config).sessions.days * DAY, but: [...but] })
}

const WATCH_MS = 1_000
const SET_MS = 5_000

/** node-cron sleeps until a moment of the wall clock: where somebody sets that back by a day, it would sleep a day longer. */
async function startAgainWhenSet(clock: App['clock'], tasks: readonly ScheduledTask[], signal: AbortSignal): Promise<void> {
  const apart = () => clock.now() - clock.ticks()
  for (let before = apart(); !signal.aborted; before = apart()) {
    await clock.sleep(WATCH_MS, signal)
    if (signal.aborted || Math.abs(apart() - before) < SET_MS) continue
    for (const task of tasks) {
      await task.stop()
      await task.start()
    }
  }
}

/** PostgreSQL is backed up by its own tools; see the README. */
async function nightlyBackup(app: App): Promise<void> {
  const { databaseUrl } = app.config
  if (!databaseUrl.startsWith('file:')) return
  const stamp = new Date(app.clock.now()).toISOString().slice(0, 16).replaceAll(':', '')
  const { file, counts } = await backUp(app, join(app.config.dataFolder, 'backups'), stamp)
  app.log.info({ backup: file.split('/').pop(), people: counts.people }, 'backup proved')
}
