import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import type { Msisdn } from '../../base/msisdn.ts'
import { readConfig } from '../../config.ts'
import { openApp } from '../../open.ts'
import { write } from '../../sms/outbox.ts'
import { ranChild } from '../child.ts'
import { phoneOf } from '../crowd.ts'
import { type Emulator, startEmulator } from '../emulator.ts'
import type { Figure, Reach, Run, Work } from '../figure.ts'
import type { Posts } from '../post-child.ts'
import { inSlices } from '../rows.ts'
import { settingsFor } from '../service.ts'
import { turns } from '../turns.ts'

const SENDER = new URL('../outbox-child.ts', import.meta.url)
const LOOP = new URL('../post-child.ts', import.meta.url)
/** As many posts under way as the sender has lanes. */
const LANES = 32
/** What the emulator remembers. */
const MOST = 10_000
/** Messages for each second that a round should take, when nothing holds them back. */
const A_SECOND = 1_000
const CAP = 100
const UNCAPPED = 1_000_000

const textOf = (n: number) =>
  `Wito: your letter KCSE/INV/2026/${String(n).padStart(7, '0')} is ready. Dial *483*22262# and choose 3.`

/** The sender of a service with so many messages in its outbox, and nothing else to do. Gives when the emulator took each. */
async function sendOutbox(run: Pick<Run, 'scratch'>, emulator: Emulator, count: number, perSecond: number): Promise<number[]> {
  const home = join(run.scratch, 'outbox')
  rmSync(home, { recursive: true, force: true })
  const settings = { ...settingsFor(home), AT_URL: emulator.url }
  const { app, close } = await openApp(readConfig(settings))
  const at = systemClock.now()
  await inSlices(app.store, count, 500, (tx, n) => {
    const to = phoneOf(n) as Msisdn
    return write({ tx, at, tools: app }, { to, language: 'en', class: 'notice', dedupe: `bench:${n}` }, textOf(n))
  })
  await close()
  await ranChild(SENDER, { words: [String(perSecond)], env: settings })
  return whole(await emulator.times(), count)
}

/** The same posts without an outbox. */
async function postAll(emulator: Emulator, count: number): Promise<number[]> {
  const bodies = Array.from({ length: count }, (_, n) => {
    const form = { username: 'sandbox', to: phoneOf(n), message: textOf(n), from: '22262', bulkSMSMode: '1', enqueue: '0' }
    return new URLSearchParams(form).toString()
  })
  const headers = { apikey: 'stand-in', Accept: 'application/json', 'Content-Type': 'application/x-www-form-urlencoded' }
  const posts: Posts = { url: `${emulator.url}/version1/messaging`, underWay: LANES, headers, bodies }
  await ranChild(LOOP, { input: posts })
  return whole(await emulator.times(), count)
}

function whole(times: number[], count: number): number[] {
  if (times.length !== count) throw new Fault('busy', `the emulator took ${times.length} messages of ${count}`)
  return times
}

const secondsOf = (times: readonly number[]) => Math.max(1, (times.at(-1) ?? 0) - (times[0] ?? 0)) / 1_000

/** The most that came within any 1,000 ms. */
export function mostAtOnce(times: readonly number[]): number {
  let from = 0
  let most = 0
  times.forEach((time, n) => {
    while (time - (times[from] ?? time) >= 1_000) from++
    most = Math.max(most, n - from + 1)
  })
  return most
}

/** Messages a second once the first cap's worth is through: from the last of those to the last of all. */
export function overAll(times: readonly number[], cap: number): number {
  return ((times.length - cap) * 1_000) / Math.max(1, (times.at(-1) ?? 0) - (times[cap - 1] ?? 0))
}

export const outbox: Work = {
  about: 'SMS from the outbox to the emulator beside a loop of the same posts, and at the cap',
  async measure(run) {
    const emulator = await startEmulator()
    try {
      const many = (seconds: number) => Math.max(LANES, Math.min(MOST, Math.round(seconds * A_SECOND)))
      const ours = async (seconds: number) => many(seconds) / secondsOf(await sendOutbox(run, emulator, many(seconds), UNCAPPED))
      const theirs = async (seconds: number) => many(seconds) / secondsOf(await postAll(emulator, many(seconds)))
      const figures: Figure[] = [
        {
          work: 'outbox to the emulator',
          reference: `a loop of the same posts, ${LANES} under way`,
          unit: '/s',
          pairs: await turns(run, 'messages', ours, theirs),
          reach: { atLeast: 0.85 },
        },
      ]
      const capped: number[][] = []
      for (let round = 0; round < run.rounds; round++)
        capped.push(await sendOutbox(run, emulator, Math.round(CAP * (1 + Math.max(1, run.seconds))), CAP))
      const figure = (work: string, reach: Reach, of: (times: number[]) => number): Figure => ({
        work,
        reference: 'the cap',
        unit: '/s',
        pairs: capped.map((times) => ({ ours: of(times), theirs: CAP })),
        reach,
      })
      return [
        ...figures,
        figure('at a cap, the most in any 1,000 ms', { atMost: 1 }, mostAtOnce),
        figure('at a cap, over all', { atLeast: 0.98 }, (times) => overAll(times, CAP)),
      ]
    } finally {
      await emulator.stop()
    }
  },
}
