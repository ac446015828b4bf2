import { expect, test } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../src/base/dates.ts'
import type { Fault } from '../../src/gateway/emulator/faults.ts'
import type { Gateway } from '../../src/gateway/gateway.ts'
import { MESSAGE_CLASSES, ruleOf } from '../../src/sms/classes.ts'
import { takeReport } from '../../src/sms/report.ts'
import { sweepOutbox } from '../../src/sms/settle.ts'
import type { MessageClass } from '../../src/store/schema.ts'
import { startApplication } from '../gateway/kit.ts'
import { type Chance, chanceOf } from '../kit/chance.ts'
import { number, openQueue } from '../sms/kit.ts'
import { size, tried } from './row.ts'

/** `answer`: what the gateway does with the send, so many times (always where nothing is said); `report`: what it reports. */
type Trouble = { answer?: Fault; times?: number; report?: Fault; sure?: 'taken' | 'once' }

/** `taken`: sooner or later it must be, whatever its class. `once`: taken at the first try, and a report says so: never again. */
const TROUBLES: readonly Trouble[] = [
  { sure: 'once' },
  { answer: 'too-many', times: 1, sure: 'taken' },
  { answer: 'error-500', times: 2, sure: 'taken' },
  { answer: 'status-501', times: 1, sure: 'taken' },
  { answer: 'too-many' },
  { answer: 'status-403' },
  { answer: 'hang', times: 1, sure: 'once' },
  { answer: 'reset', sure: 'once' },
  { answer: 'rubbish', sure: 'once' },
  { answer: 'hang', times: 1, report: 'no-report' },
  { answer: 'reset', report: 'no-report' },
  { answer: 'rubbish', report: 'no-report' },
  { answer: 'rubbish', report: 'failed-report', sure: 'once' },
  // An answer that says nothing, and nothing was taken.
  { answer: 'status-777', times: 1 },
  { report: 'no-report' },
  { report: 'duplicate-report', sure: 'once' },
  { report: 'reversed-reports', sure: 'once' },
]
const ENDS = ['delivered', 'failed', 'expired', 'unreported']
/** The emulator remembers a thousand faults. */
const AT_ONCE = 400

type Message = Trouble & { to: ReturnType<typeof number>; kind: MessageClass }

async function play(chance: Chance, plan: readonly Message[]) {
  const queue = await openQueue({ timeoutMs: 1_500 })
  const { app, clock, emulator } = queue
  const reports: Promise<void>[] = []
  const application = await startApplication(({ path, form }) => {
    if (path.endsWith('/delivery')) reports.push(takeReport(app, form))
    return {}
  })
  await emulator.setCallbacks(application.base)
  /** Whom nobody can say about: also where a busy machine was slower than the deadline. */
  const unsure = new Set<string>()
  const heard: Gateway = {
    async send(message) {
      const result = await queue.gateway.send(message)
      if (result.outcome === 'unknown') unsure.add(message.to)
      return result
    },
  }
  const { idle } = queue.sender({ gateway: heard, perSecond: 10_000 })
  for (let from = 0; from < plan.length; from += AT_ONCE) {
    await Promise.all(
      plan.slice(from, from + AT_ONCE).map(async ({ to, kind, answer, times, report }) => {
        if (answer) await emulator.fault(to, answer, times)
        if (report) await emulator.fault(to, report)
        await queue.write(kind, to, to)
      }),
    )
    await idle()
    // What is reported must come before time decides: a report takes some milliseconds, the clock is then moved by minutes.
    const sure = new Set(plan.slice(from, from + AT_ONCE).flatMap(({ to, sure }) => (sure === 'once' ? [to as string] : [])))
    const lost = async () => (await queue.rows()).filter(({ msisdn, status }) => sure.has(msisdn) && status === 'unknown').length
    await expect.poll(lost, { timeout: 10_000, interval: 20 }).toBe(0)
    for (const wait of [1, 1, 1 + chance.below(6), 16, 16, 31, 61]) {
      clock.move(wait * MINUTE)
      await sweepOutbox(app)
      await idle()
    }
    await emulator.clearFaults()
  }
  clock.move(3 * DAY + HOUR)
  await sweepOutbox(app)
  await Promise.all(reports)
  const times = new Map<string, number>()
  for (const text of await queue.taken()) times.set(text, (times.get(text) ?? 0) + 1)
  const rows = await queue.rows()
  return { times, unsure, rows: new Map(rows.map((row) => [row.msisdn as string, row])), reports: reports.length }
}

test('every message reaches an end, none that could be sent is lost, and only those are sent twice whose class allows it', async (context) => {
  const chance = chanceOf(7)
  const sends = size({ quick: 136, full: 10_000 })
  // The emulator keeps its newest 10,000 messages.
  const plan = Array.from({ length: sends }, (_, n): Message => {
    const trouble = n < TROUBLES.length * 4 ? (TROUBLES[n % TROUBLES.length] as Trouble) : chance.pick(TROUBLES)
    return { ...trouble, to: number(n), kind: MESSAGE_CLASSES[Math.floor(n / TROUBLES.length) % 4] as MessageClass }
  })
  const { times, unsure, rows, reports } = await play(chance, plan)
  const wrong: string[] = []
  let doubles = 0
  for (const { to, kind, sure, answer, report } of plan) {
    const [row, taken] = [rows.get(to), times.get(to) ?? 0]
    const resent = ruleOf(kind).resendUnknownAfterMs !== undefined
    const may = resent && sure !== 'once' ? 2 : 1
    const must = sure === 'once' || (resent && answer === 'status-777') || (sure && (resent || !unsure.has(to))) ? 1 : 0
    if (taken === 2) doubles++
    if (!row || !ENDS.includes(row.status) || taken > may || taken < must)
      wrong.push(`${kind}, ${answer} ${report}: ${row?.status}, taken ${taken} times of ${must} to ${may}`)
  }
  expect(wrong).toEqual([])
  // Else nothing was shown of the classes that send again.
  expect(doubles).toBeGreaterThan(0)
  tried(
    context,
    `${sends} sends through ${TROUBLES.length} troubles, ${reports} reports; 0 without an end, ${doubles} doubled, all of a class that may be`,
  )
}, 300_000)
