import { eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../src/base/dates.ts'
import type { Fault } from '../../src/gateway/emulator/faults.ts'
import { MESSAGE_CLASSES, ruleOf } from '../../src/sms/classes.ts'
import { takeReport } from '../../src/sms/report.ts'
import { sweepOutbox } from '../../src/sms/settle.ts'
import type { MessageClass } from '../../src/store/schema.ts'
import { ASHA, number, openQueue } from './kit.ts'

const resent = new Set<MessageClass>(['otp', 'notice'])
const PAUSES = [1_000, 5_000, 30_000, 300_000]

test('the classes stand in the order in which their messages go; two of them send again what was perhaps sent', () => {
  expect(MESSAGE_CLASSES.map((name) => ruleOf(name).rank)).toEqual([0, 1, 2, 3])
  expect(new Set(MESSAGE_CLASSES.filter((name) => ruleOf(name).resendUnknownAfterMs !== undefined))).toEqual(resent)
})

const overloads: [MessageClass, Fault][] = [
  ...MESSAGE_CLASSES.map((kind): [MessageClass, Fault] => [kind, 'too-many']),
  ['otp', 'error-500'],
  ['notice', 'status-501'],
]
test.each(overloads)('%s, %s: tried again after its waits, and not for ever', async (kind, fault) => {
  const { app, write, sender, emulator, clock, row, taken } = await openQueue()
  const { tries, backoffMs } = ruleOf(kind)
  await emulator.fault(ASHA, fault)
  const id = await write(kind)
  const { idle } = sender()
  await idle()
  for (let n = 1; n < tries; n++) {
    const { status, tries: counted, dueAt, changedAt } = await row(id)
    const wait = backoffMs[Math.min(n, backoffMs.length) - 1] ?? 0
    expect({ status, counted, wait: dueAt - changedAt }).toEqual({ status: 'queued', counted: n, wait })
    clock.move(wait / 4)
    await idle()
    expect((await row(id)).tries).toBe(n)
    clock.move(wait)
    await idle()
  }
  expect(await row(id)).toMatchObject({ status: 'failed', tries })
  clock.move(HOUR / 2)
  await sweepOutbox(app)
  await idle()
  expect(await emulator.traffic()).toHaveLength(tries)
  expect(await taken()).toEqual([])
})

test('an overload that ends lets the message through', async () => {
  const { write, sender, emulator, clock, row, taken } = await openQueue()
  await emulator.fault(ASHA, 'too-many', 2)
  const id = await write('otp')
  const { idle } = sender()
  for (let n = 0; n < 3; n++) {
    await idle()
    clock.move(MINUTE)
  }
  expect(await row(id)).toMatchObject({ status: 'sent', tries: 3, providerId: expect.stringMatching(/^ATXid_/) })
  expect(await taken()).toHaveLength(1)
})

describe.each(['invalid-sender', 'wrong-key', 'no-balance'] as const)('%s is for the operator to mend', (fault) => {
  test('sending pauses, longer each time; no message is lost or used up; all go once it is mended', async () => {
    const { write, sender, emulator, rows, taken } = await openQueue()
    const numbers = Array.from({ length: 20 }, (_, n) => number(n))
    for (const to of numbers) {
      await emulator.fault(to, fault)
      await write('notice', to, `For ${to}`)
    }
    const { naps, idle } = sender()
    const pauses = () => naps.filter((ms) => PAUSES.includes(ms))
    await expect.poll(() => pauses().length, { timeout: 5_000 }).toBeGreaterThan(5)
    // What was on the wire together is one pause.
    expect(pauses().slice(0, 6)).toEqual([...PAUSES, 300_000, 300_000])
    expect(await taken()).toEqual([])
    await emulator.clearFaults()
    await idle()
    expect((await rows()).map(({ status, tries }) => ({ status, tries }))).toEqual(
      numbers.map(() => ({ status: 'sent', tries: 1 })),
    )
    expect((await taken()).sort()).toEqual(numbers.map((to) => `For ${to}`))
    // Then the next trouble begins with a short pause again.
    const before = pauses().length
    await emulator.fault(ASHA, fault)
    await write('otp')
    await expect.poll(() => pauses()[before]).toBe(1_000)
    await emulator.clearFaults()
    await idle()
  })
})

test('somebody whom the gateway lists as opted out gets no more job alerts, but letters', async () => {
  const { app, write, sender, emulator, row } = await openQueue()
  await emulator.fault(ASHA, 'blacklisted', 1)
  const [first, waiting] = [await write('reply'), await write('bulk')]
  const { idle } = sender({ lanes: 1 })
  await idle()
  expect(await row(first)).toMatchObject({ status: 'failed', reason: 'UserInBlacklist', tries: 1 })
  expect(await row(waiting)).toMatchObject({ status: 'queued', tries: 0 })
  expect(await write('bulk')).toBeUndefined()
  const letter = await write('notice')
  await idle()
  expect((await row(letter)).status).toBe('sent')
  const { read } = app.store
  const [subscriber] = await read.select().from(read.subscribers).where(eq(read.subscribers.msisdn, ASHA))
  expect(subscriber?.stoppedAt).toBeGreaterThan(0)
})

const lost: [MessageClass, Fault][] = [
  ...MESSAGE_CLASSES.map((kind): [MessageClass, Fault] => [kind, 'rubbish']),
  ['notice', 'reset'],
  ['reply', 'reset'],
  ['otp', 'hang'],
  ['bulk', 'hang'],
]
test.each(lost)('%s, %s: perhaps sent; sent once more only where that does no harm', async (kind, fault) => {
  const { app, write, sender, emulator, clock, row, taken } = await openQueue({ timeoutMs: 200 })
  await emulator.fault(ASHA, fault)
  const id = await write(kind)
  const { idle } = sender()
  await idle()
  expect(await row(id)).toMatchObject({ status: 'unknown', tries: 1, providerId: null })
  expect(await sweepOutbox(app)).toBe(0)
  const times = resent.has(kind) ? 2 : 1
  for (let minutes = 0; minutes < 40; minutes += 10) {
    clock.move(10 * MINUTE)
    await sweepOutbox(app)
    await idle()
  }
  expect(await taken()).toHaveLength(times)
  expect(await row(id)).toMatchObject({ status: 'unreported', tries: times })
})

test('tries that surely were not sent do not use up the one more of a letter that was then perhaps sent', async () => {
  const { app, write, sender, emulator, clock, row, taken } = await openQueue()
  await emulator.fault(ASHA, 'too-many', 1)
  const id = await write('notice')
  const { idle } = sender()
  await idle()
  await emulator.fault(ASHA, 'rubbish', 1)
  clock.move(MINUTE)
  await idle()
  expect(await row(id)).toMatchObject({ status: 'unknown', tries: 2, losses: 1 })
  clock.move(15 * MINUTE)
  await sweepOutbox(app)
  await idle()
  expect(await row(id)).toMatchObject({ status: 'sent', tries: 3 })
  expect(await taken()).toHaveLength(2)
})

test('a second send that is answered ends it', async () => {
  const { app, write, sender, emulator, clock, row, taken } = await openQueue()
  await emulator.fault(ASHA, 'rubbish', 1)
  const id = await write('otp')
  const { idle } = sender()
  await idle()
  clock.move(MINUTE)
  expect(await sweepOutbox(app)).toBe(1)
  await idle()
  expect(await row(id)).toMatchObject({ status: 'sent', tries: 2 })
  expect(await taken()).toHaveLength(2)
})

test.each(MESSAGE_CLASSES)(
  '%s: a report says what became of one that was perhaps sent, and nothing is sent again',
  async (kind) => {
    const { app, write, sender, emulator, clock, row } = await openQueue()
    await emulator.fault(ASHA, 'reset')
    const id = await write(kind)
    const { idle } = sender()
    await idle()
    const [taken] = await emulator.messages()
    await takeReport(app, { id: taken?.id, status: 'Success', phoneNumber: ASHA, networkCode: '63902' })
    expect((await row(id)).status).toBe('delivered')
    for (const wait of [MINUTE, 15 * MINUTE, HOUR, 3 * DAY]) {
      clock.move(wait)
      await sweepOutbox(app)
      await idle()
    }
    expect((await row(id)).status).toBe('delivered')
    expect(await emulator.messages()).toHaveLength(1)
  },
)

test("with two of one number perhaps sent, a report under an unknown id is no one message's", async () => {
  const { app, write, sender, emulator, rows } = await openQueue()
  await emulator.fault(ASHA, 'reset')
  await write('reply', ASHA, 'One')
  await write('reply', ASHA, 'Two')
  await sender().idle()
  const [taken] = await emulator.messages()
  await takeReport(app, { id: taken?.id, status: 'Success', phoneNumber: ASHA })
  expect((await rows()).map(({ status }) => status)).toEqual(['unknown', 'unknown'])
})

test('one that nobody reports counts as unreported after two days; a report that comes later still counts', async () => {
  const { app, write, sender, clock, row } = await openQueue()
  const id = await write('notice')
  await sender().idle()
  clock.move(2 * DAY - MINUTE)
  expect(await sweepOutbox(app)).toBe(0)
  clock.move(MINUTE)
  expect(await sweepOutbox(app)).toBe(1)
  expect((await row(id)).status).toBe('unreported')
  await takeReport(app, { id: (await row(id)).providerId, status: 'Success', phoneNumber: ASHA })
  expect((await row(id)).status).toBe('delivered')
})

test('an old queue after an outage: nothing is sent, all of it is marked', async () => {
  const { app, write, sender, emulator, clock, rows } = await openQueue()
  for (let n = 0; n < 60; n++) for (const kind of ['otp', 'reply', 'bulk', 'notice'] as const) await write(kind, number(n))
  clock.move(3 * DAY)
  const { idle } = sender()
  await idle()
  // Before any sweep: what is too old is not even claimed.
  expect((await rows()).filter(({ status, tries }) => status !== 'queued' || tries > 0)).toEqual([])
  expect(await sweepOutbox(app)).toBe(240)
  await idle()
  expect(await emulator.traffic()).toEqual([])
  expect(new Set((await rows()).map(({ status }) => status))).toEqual(new Set(['expired']))
})

test.each<[MessageClass, number]>([
  ['otp', HOUR],
  ['reply', HOUR],
  ['bulk', DAY],
  ['notice', 3 * DAY],
])('%s waits to be sent for %i ms and no longer', async (kind, life) => {
  const { app, write, sender, clock, row, taken } = await openQueue()
  const old = await write(kind, ASHA, 'Old')
  clock.move(MINUTE)
  const fresh = await write(kind, ASHA, 'Fresh')
  clock.move(life - MINUTE)
  await sender().idle()
  await sweepOutbox(app)
  expect(await taken()).toEqual(['Fresh'])
  expect([(await row(old)).status, (await row(fresh)).status]).toEqual(['expired', 'sent'])
})
