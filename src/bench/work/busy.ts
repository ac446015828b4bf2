import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { and, count, eq, lte } from 'drizzle-orm'
import type { App } from '../../app.ts'
import { systemClock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import type { Msisdn } from '../../base/msisdn.ts'
import { readConfig } from '../../config.ts'
import { openApp } from '../../open.ts'
import { write } from '../../sms/outbox.ts'
import { nation } from '../crowd.ts'
import { startEmulator } from '../emulator.ts'
import type { Work } from '../figure.ts'
import { issued, type Letter } from '../issued.ts'
import { type Loaded, onwards } from '../load.ts'
import { nationOf } from '../nation.ts'
import { writeRoll } from '../roll-rows.ts'
import { inSlices } from '../rows.ts'
import { startService, WITO } from '../service.ts'
import { loadOn } from './hop.ts'

const SIZE = nation(30_000)
const LETTERS = 10_000
const MESSAGES = 30_000
const CONNECTIONS = 50
/** A command that starts and reads its file is a moment of its own: looked at so long at a time, and not counted. */
const BEGINNING_S = 3
const LONGEST_BEGINNING_S = 60
/** So many that every thread has drawn one: the first letters of a process are a moment of their own, too. */
const FIRST_LETTERS = 40
/** More rows than are taken in while it is looked at, and other people each time. */
const ROLL = 60_000

export const busy: Work = {
  about: 'how long hops take while letters render, SMS leave and a roll is imported',
  async measure(run) {
    const settings = await nationOf({ ...run, folder: run.scratch }, SIZE)
    const emulator = await startEmulator()
    const roll = join(run.scratch, 'roll.csv')
    const { app, close } = await openApp(readConfig(settings))
    let service: Awaited<ReturnType<typeof startService>> | undefined
    try {
      run.say('  issuing letters')
      const letters = await issued(app, LETTERS)
      // As docs/running.md says for such a day: what answers and what sends are processes of their own.
      service = await startService({ ...settings, AT_URL: emulator.url, SMS_PER_SECOND: '300', WEB_CONCURRENCY: '2' })
      run.say('  sending what the letters brought')
      while ((await waiting(app)) > 0) await systemClock.sleep(200)
      run.say('  drawing the first letters')
      await fetchLetters(service.url, letters.splice(0, FIRST_LETTERS))
      const play = onwards(loadOn(`${service.url}/callbacks/bench/ussd`, SIZE, CONNECTIONS))
      await play({ seconds: 2 })
      const most = await play({ seconds: run.seconds })
      const half = { seconds: Math.max(5, run.seconds), perSecond: Math.floor(most.perSecond / 2) }
      run.say(`  ${most.perSecond.toFixed(0)} hops/s at most`)
      const pairs: { alone: Loaded; under: Loaded }[] = []
      for (let round = 0; round < run.rounds; round++) {
        await writeRoll(roll, ROLL, 300_000 + (round % 10) * ROLL)
        const alone = await play(half)
        const rest = await meanwhile(app, service.url, letters, { ...settings, ROLL: roll })
        let done = ''
        const measured = async () => {
          const beginning = [await play({ ...half, seconds: BEGINNING_S })]
          while (!(await rest.isImporting())) {
            if (beginning.length * BEGINNING_S >= LONGEST_BEGINNING_S) throw new Fault('busy', 'the import puts in no rows')
            beginning.push(await play({ ...half, seconds: BEGINNING_S }))
          }
          return { beginning, under: await play(half) }
        }
        const { beginning, under } = await measured().finally(async () => {
          done = await rest.stop()
        })
        const within = (...loaded: Loaded[]) => loaded.map(({ p99 }) => `${p99.toFixed(0)} ms`).join(', ')
        run.say(`  99 % within ${within(alone)} alone, ${within(...beginning)} as it began, then ${within(under)}; ${done}`)
        pairs.push({ alone, under })
      }
      return [
        {
          work: 'hop at half of capacity, 99 %, while letters, SMS and a roll',
          reference: 'itself alone',
          unit: 'ms',
          pairs: pairs.map(({ alone, under }) => ({ ours: under.p99, theirs: alone.p99 })),
          reach: { atMost: 3 },
        },
        {
          work: 'the slowest of those hops',
          reference: '',
          unit: 'ms',
          pairs: pairs.map(({ under }) => ({ ours: under.worst })),
          reach: { atMost: 250 },
        },
      ]
    } finally {
      await service?.stop()
      await close()
      await emulator.stop()
    }
  },
}

/** Everything else that a service does on such a day, until it is stopped; says how far each came. Throws a Fault where one of them had come to its end: then hops were alone again. */
async function meanwhile(app: App, url: string, letters: Letter[], { ROLL: roll = '', ...settings }: Record<string, string>) {
  await fillOutbox(app, Math.max(0, MESSAGES - (await waiting(app))))
  const before = await peopleIn(app)
  const importing = spawn(process.execPath, [WITO, 'import', 'roll', roll], { env: settings, stdio: 'ignore' })
  const imported = new Promise<void>((resolve) => importing.once('exit', () => resolve()))
  let over = false
  const queued = await waiting(app)
  const fetching = fetchLetters(url, letters, () => over)
  return {
    isImporting: async () => (await peopleIn(app)) > before,
    async stop(): Promise<string> {
      over = true
      const { exitCode } = importing
      importing.kill('SIGKILL')
      await imported
      const rendered = await fetching
      const left = await waiting(app)
      const rows = (await peopleIn(app)) - before
      const sent = queued - left
      if (exitCode !== null) throw new Fault('busy', `the import ended before the hops did, with ${exitCode}`)
      if (letters.length === 0) throw new Fault('busy', `${LETTERS} letters did not last: ask for fewer rounds`)
      if (rendered === 0) throw new Fault('busy', 'no letter was rendered')
      if (left === 0) throw new Fault('busy', `${MESSAGES} SMS did not last`)
      if (sent <= 0) throw new Fault('busy', 'no SMS left')
      return `${rendered} letters were rendered, ${sent} SMS left and ${rows} rows of a roll came in`
    },
  }
}

/** Eight people at a time open theirs, each once, until it is over. Gives how many came; one that does not come whole is a Fault. */
async function fetchLetters(url: string, letters: Letter[], isOver = () => false): Promise<number> {
  let rendered = 0
  const lane = async () => {
    for (let letter = letters.pop(); letter && !isOver(); letter = letters.pop()) {
      const answer = await fetch(`${url}/l/${letter.code}`, {
        method: 'POST',
        body: new URLSearchParams({ id_last4: letter.last4 }),
      })
      const bytes = Buffer.from(await answer.arrayBuffer())
      if (!answer.ok || !bytes.subarray(0, 5).equals(Buffer.from('%PDF-')))
        throw new Fault('busy', `a letter was answered with ${answer.status}`)
      rendered++
    }
  }
  await Promise.all(Array.from({ length: 8 }, lane))
  return rendered
}

async function peopleIn({ store: { read } }: App): Promise<number> {
  const [found] = await read.select({ people: count() }).from(read.people)
  return found?.people ?? 0
}

/** Messages that may leave now: the stand-in fails for some numbers on purpose, and theirs wait for another try. */
async function waiting({ store: { read }, clock }: App): Promise<number> {
  const { outbox } = read
  const due = and(eq(outbox.status, 'queued'), lte(outbox.dueAt, clock.now()))
  return (await read.select({ id: outbox.id }).from(outbox).where(due)).length
}

const fillOutbox = (app: App, many: number): Promise<void> =>
  inSlices(app.store, many, 500, (tx, n) => {
    const to = `+254711${String(n).padStart(6, '0')}` as Msisdn
    const scene = { tx, at: app.clock.now(), tools: app }
    const message = { to, language: 'en', class: 'notice', dedupe: app.clock.id() } as const
    return write(scene, message, 'A made-up message of the usual length, for measuring only.')
  })
