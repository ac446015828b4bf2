import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DAY, MINUTE } from '../../src/base/dates.ts'
import type { Fault } from '../../src/gateway/emulator/faults.ts'
import { MESSAGE_CLASSES } from '../../src/sms/classes.ts'
import { takeReport } from '../../src/sms/report.ts'
import { sweepOutbox } from '../../src/sms/settle.ts'
import type { MessageClass, MessageStatus } from '../../src/store/schema.ts'
import { startApplication } from '../gateway/kit.ts'
import { startPostgres, type TestPostgres } from '../kit/postgres.ts'
import { number, openQueue, type Queue } from './kit.ts'

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres.stop())

type Expected = { status: MessageStatus; taken: number }
const ends =
  (status: MessageStatus, taken = 1) =>
  (): Expected => ({ status, taken })
/** Perhaps sent, and nobody ever says: sent once more where that does no harm. */
const neverKnown = (kind: MessageClass): Expected => ({
  status: 'unreported',
  taken: kind === 'otp' || kind === 'notice' ? 2 : 1,
})

/** What goes wrong, how often (always where nothing is said), and how each class must end. */
const troubles: { faults: [Fault, times?: number][]; end: (kind: MessageClass) => Expected; quiet?: true }[] = [
  { faults: [], end: ends('delivered') },
  { faults: [['too-many', 1]], end: ends('delivered') },
  { faults: [['error-500', 2]], end: ends('delivered') },
  { faults: [['too-many']], end: ends('failed', 0) },
  { faults: [['status-502']], end: ends('failed', 0) },
  { faults: [['wrong-key', 1]], end: ends('delivered') },
  { faults: [['invalid-sender', 2]], end: ends('delivered') },
  { faults: [['status-403']], end: ends('failed', 0) },
  { faults: [['blacklisted']], end: ends('failed', 0) },
  // Perhaps sent, and a report says what became of it.
  { faults: [['rubbish']], end: ends('delivered') },
  { faults: [['reset']], end: ends('delivered') },
  { faults: [['hang', 1]], end: ends('delivered') },
  { faults: [['reset'], ['early-report']], end: ends('delivered') },
  { faults: [['rubbish'], ['failed-report']], end: ends('failed') },
  // Perhaps sent, and no report ever.
  { faults: [['rubbish'], ['no-report']], end: neverKnown, quiet: true },
  { faults: [['hang', 1], ['no-report']], end: neverKnown, quiet: true },
  // Answered, and strange reports.
  { faults: [['early-report']], end: ends('delivered') },
  { faults: [['duplicate-report']], end: ends('delivered') },
  { faults: [['reversed-reports']], end: ends('delivered') },
  { faults: [['unknown-status']], end: ends('unreported') },
  { faults: [['failed-report']], end: ends('failed') },
]
const planned = (rounds: number) =>
  Array.from({ length: rounds * 4 * troubles.length }, (_, n) => ({
    to: number(n),
    kind: MESSAGE_CLASSES[n % 4] as MessageClass,
    ...(troubles[Math.floor(n / 4) % troubles.length] as (typeof troubles)[number]),
  }))
type Plan = ReturnType<typeof planned>

describe.each([
  ['SQLite', planned(2), () => Promise.resolve(undefined)],
  ['PostgreSQL', planned(1), () => postgres.createDatabase()],
])('on %s', (_, plan, address) => {
  const open = async (options: Parameters<typeof openQueue>[0] = {}) => {
    const databaseUrl = await address()
    return openQueue({ ...options, ...(databaseUrl === undefined ? {} : { databaseUrl }) })
  }

  test(`${plan.length} messages through everything that goes wrong: each ends as it must, none is lost or doubled`, async () => {
    const queue = await open({ timeoutMs: 1_500 })
    const { app, clock, emulator } = queue
    const reports: Promise<void>[] = []
    const application = await startApplication(({ path, form }) => {
      if (path.endsWith('/delivery')) reports.push(takeReport(app, form))
      return {}
    })
    await emulator.setCallbacks(application.base)
    await Promise.all(
      plan.map(async ({ to, kind, faults }) => {
        for (const [fault, times] of faults) await emulator.fault(to, fault, times)
        await queue.write(kind, to, to)
      }),
    )
    const { idle } = queue.sender()
    await idle()
    const count = async (status: MessageStatus) => (await queue.rows()).filter((row) => row.status === status).length
    // The reports that come say what became of all but the quiet ones, before time says it.
    await expect.poll(() => count('unknown'), { timeout: 5_000 }).toBe(plan.filter(({ quiet }) => quiet).length)
    // In small steps, so that nothing that will be tried again grows too old between two of them.
    for (const minutes of [1, 1, 1, 6, 6, 16, 31, 61, 61, 61, 61, 61]) {
      clock.move(minutes * MINUTE)
      await sweepOutbox(app)
      await idle()
    }
    const unlisted = plan.filter(({ faults }) => faults.some(([fault]) => fault === 'unknown-status')).length
    await expect.poll(() => count('sent'), { timeout: 5_000 }).toBe(unlisted + resentOnce(plan))
    clock.move(3 * DAY)
    await sweepOutbox(app)
    await Promise.all(reports)
    await expectEnds(plan, queue)
  })

  test('two senders on one database: every message once, whoever takes it', async () => {
    const one = await open()
    const two = await openQueue({ databaseUrl: one.databaseUrl })
    const texts = Array.from({ length: 200 }, (_, n) => `Message ${n}`)
    for (const [n, text] of texts.entries()) await one.write(MESSAGE_CLASSES[n % 4] as MessageClass, number(n % 50), text)
    const sent: number[] = []
    const senders = [one, two].map((queue, place) =>
      queue.sender({ gateway: one.gateway, perSecond: 100, onSent: () => sent.push(place) }),
    )
    // Whoever has it gives it up in the middle, with some on the wire and some claimed.
    await expect.poll(() => sent.length, { timeout: 20_000, interval: 5 }).toBeGreaterThan(60)
    const [by = 0] = sent
    await senders[by]?.stop()
    await senders[1 - by]?.idle()
    expect((await one.taken()).sort()).toEqual([...texts].sort())
    expect((await one.rows()).filter(({ status, tries }) => status !== 'sent' || tries !== 1)).toEqual([])
    // Both took part: else nothing was shown.
    for (const place of [0, 1]) expect(sent.filter((by) => by === place).length).toBeGreaterThan(10)
    expect(await two.taken()).toEqual([])
  })
})

/** Those whose second send the gateway answers, and nobody reports. */
const resentOnce = (plan: Plan) =>
  plan.filter(({ quiet, kind, faults, end }) => quiet && faults[0]?.[1] === 1 && end(kind).taken === 2).length

async function expectEnds(plan: Plan, { rows, taken }: Queue) {
  const times = new Map<string, number>()
  for (const text of await taken()) times.set(text, (times.get(text) ?? 0) + 1)
  const statuses = new Map((await rows()).map(({ msisdn, status }) => [msisdn as string, status]))
  const found = plan.map(({ to, kind, faults }) => ({ kind, faults, status: statuses.get(to), taken: times.get(to) ?? 0 }))
  expect(found).toEqual(plan.map(({ kind, faults, end }) => ({ kind, faults, ...end(kind) })))
}
