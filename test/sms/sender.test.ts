import { eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { MINUTE } from '../../src/base/dates.ts'
import type { Msisdn } from '../../src/base/msisdn.ts'
import type { Gateway } from '../../src/gateway/gateway.ts'
import { sweepOutbox } from '../../src/sms/settle.ts'
import type { MessageClass } from '../../src/store/schema.ts'
import { ASHA, held, number, openQueue } from './kit.ts'

test('the try is counted and the lease set, durably, before anything goes on the wire', async () => {
  const { clock, gateway, write, sender, rows, row } = await openQueue()
  const seen: { status: string; tries: number; leased: boolean }[] = []
  const watched: Gateway = {
    async send(message) {
      // A connection of its own: what it reads is committed.
      const [{ status, tries, leaseUntil } = { status: 'none', tries: 0, leaseUntil: 0 }] = await rows()
      seen.push({ status, tries, leased: leaseUntil > clock.now() + MINUTE / 2 })
      return gateway.send(message)
    },
  }
  const id = await write('otp')
  await sender({ gateway: watched }).idle()
  expect(seen).toEqual([{ status: 'sending', tries: 1, leased: true }])
  expect(await row(id)).toMatchObject({ status: 'sent', tries: 1, cost: 'KES 0.8000' })
})

describe('a process that died with a message on the wire', () => {
  test.each<[MessageClass, number]>([
    ['otp', 2],
    ['reply', 1],
    ['notice', 2],
    ['bulk', 1],
  ])('%s: perhaps sent when its lease ran out, not before; in all sent %i times', async (kind, times) => {
    const { app, clock, gateway, write, sender, row, taken } = await openQueue()
    const dead = held(gateway)
    const id = await write(kind)
    sender({ gateway: dead.gateway, lanes: 1 })
    await dead.until(1)
    const next = sender()
    await next.idle()
    clock.move(MINUTE - 10_000)
    expect(await sweepOutbox(app)).toBe(0)
    expect((await row(id)).status).toBe('sending')
    clock.move(10_000)
    expect(await sweepOutbox(app)).toBe(1)
    expect(await row(id)).toMatchObject({ status: 'unknown', tries: 1, reason: 'its process stopped' })
    await next.idle()
    expect(await taken()).toHaveLength(1)
    for (const wait of [MINUTE, 15 * MINUTE, 15 * MINUTE]) {
      clock.move(wait)
      await sweepOutbox(app)
      await next.idle()
    }
    expect(await taken()).toHaveLength(times)
    expect(await row(id)).toMatchObject({ status: times === 2 ? 'sent' : 'unreported', tries: times })
  })

  test('one that only slept does not undo what another did since', async () => {
    const { app, clock, gateway, emulator, write, sender, row, taken } = await openQueue()
    const sleeper = held(gateway)
    // Its answer, when it wakes, will be that the message should be tried again.
    await emulator.fault(ASHA, 'too-many', 1)
    const id = await write('otp')
    const slept = sender({ gateway: sleeper.gateway, lanes: 1 })
    await sleeper.until(1)
    clock.move(MINUTE)
    await sweepOutbox(app)
    clock.move(MINUTE)
    await sweepOutbox(app)
    const other = held(gateway)
    const awake = sender({ gateway: other.gateway, lanes: 1 })
    await other.until(1)
    sleeper.letGo()
    await slept.idle()
    expect(await row(id)).toMatchObject({ status: 'sending', tries: 2 })
    other.letGo()
    await awake.idle()
    expect(await row(id)).toMatchObject({ status: 'sent', tries: 2 })
    clock.move(MINUTE)
    await Promise.all([slept.idle(), awake.idle()])
    expect(await taken()).toHaveLength(1)
  })

  test('one that only slept and was answered: the message is not sent a second time', async () => {
    const { app, clock, gateway, write, sender, row, taken } = await openQueue()
    const sleeper = held(gateway)
    const id = await write('otp')
    const slept = sender({ gateway: sleeper.gateway })
    await sleeper.until(1)
    clock.move(MINUTE)
    await sweepOutbox(app)
    sleeper.letGo()
    await slept.idle()
    expect(await row(id)).toMatchObject({ status: 'sent', tries: 1 })
    clock.move(MINUTE)
    await sweepOutbox(app)
    await slept.idle()
    expect(await taken()).toHaveLength(1)
  })
})

describe('order', () => {
  test('by class, and by age within it', async () => {
    const { write, sender, taken, clock } = await openQueue()
    for (const kind of ['bulk', 'notice', 'reply', 'otp'] as const)
      for (const n of [1, 2]) {
        await write(kind, number(n), `${kind} ${n}`)
        clock.move(1)
      }
    await sender({ lanes: 1 }).idle()
    expect(await taken()).toEqual(['otp 1', 'otp 2', 'reply 1', 'reply 2', 'notice 1', 'notice 2', 'bulk 1', 'bulk 2'])
  })

  test('a one-time password overtakes all but half a second of the job alerts that stand before it', async () => {
    const { write, sender, gateway, taken } = await openQueue()
    for (let n = 0; n < 60; n++) await write('bulk', number(n), `Alert ${n}`)
    let sent = 0
    const slow: Gateway = {
      async send(message) {
        if (++sent === 5) await write('otp', ASHA, 'Password')
        return gateway.send(message)
      },
    }
    await sender({ gateway: slow, perSecond: 40 }).idle()
    const order = await taken()
    expect(order).toHaveLength(61)
    // Those on the wire already, and one claim of half a second.
    expect(order.indexOf('Password')).toBeLessThanOrEqual(5 + 20 + 20)
  })
})

describe('hours, through a real gateway', () => {
  const all = ['otp', 'reply', 'notice', 'bulk']
  test.each<[hour: number, awake: string[]]>([
    [0.01, ['otp', 'reply']],
    [5.95, ['otp', 'reply']],
    [6.01, ['otp', 'reply', 'notice']],
    [6.95, ['otp', 'reply', 'notice']],
    [7.01, all],
    [18.95, all],
    [19.01, ['otp', 'reply', 'notice']],
    [19.95, ['otp', 'reply', 'notice']],
    [20.01, ['otp', 'reply']],
    [23.95, ['otp', 'reply']],
  ])('at %f in Nairobi: %s', async (hour, awake) => {
    const { write, sender, taken, toHour, rows } = await openQueue()
    toHour(hour)
    for (const kind of ['bulk', 'notice', 'reply', 'otp'] as const) await write(kind, ASHA, kind)
    await sender({ realGateway: true, lanes: 1 }).idle()
    expect(await taken()).toEqual(awake)
    const waiting = (await rows()).filter(({ status }) => status === 'queued')
    expect(waiting.map((row) => row.class).sort()).toEqual(all.filter((name) => !awake.includes(name)).sort())
    expect(waiting.filter(({ tries }) => tries > 0)).toEqual([])
  })

  test('what waited goes in the morning', async () => {
    const { write, sender, taken, toHour } = await openQueue()
    toHour(21)
    await write('bulk', ASHA, 'Alert')
    await write('notice', ASHA, 'Letter')
    const { idle } = sender({ realGateway: true })
    await idle()
    expect(await taken()).toEqual([])
    toHour(6.5)
    await idle()
    expect(await taken()).toEqual(['Letter'])
    toHour(7.5)
    await idle()
    expect(await taken()).toEqual(['Letter', 'Alert'])
  })

  test('with a stand-in nobody is woken', async () => {
    const { write, sender, taken, toHour } = await openQueue()
    toHour(23)
    for (const kind of ['otp', 'reply', 'notice', 'bulk'] as const) await write(kind, ASHA, kind)
    await sender({ lanes: 1 }).idle()
    expect(await taken()).toEqual(all)
  })
})

test('demonstration numbers are never handed to a real gateway', async () => {
  const { emulator, write, sender, row, taken, toHour } = await openQueue()
  toHour(12)
  const made = ['+254700000001', '+254700000500', '+254700000999'] as Msisdn[]
  const ids = await Promise.all(made.map((to) => write('otp', to, 'Made up')))
  const real = ['+254700001000', '+254700000000', '+254710000001'] as Msisdn[]
  for (const to of real) await write('otp', to, 'Real')
  await sender({ realGateway: true }).idle()
  expect(await taken()).toEqual(['Real', 'Real', 'Real'])
  const asked = (await emulator.traffic()).filter(({ from }) => from === 'application').map(({ msisdn }) => msisdn)
  expect(asked.sort()).toEqual([...real].sort())
  for (const id of ids) expect(await row(id)).toMatchObject({ status: 'failed', reason: 'demonstration' })
})

test('stopping gives back what was claimed and not sent, and finishes what is on the wire', async () => {
  const { app, gateway, write, sender, rows, taken } = await openQueue()
  for (let n = 0; n < 40; n++) await write('reply', number(n), `Answer ${n}`)
  const slow = held(gateway)
  // Ten at a time, so that the next ones are claimed and wait for their turn.
  const first = sender({ app, gateway: slow.gateway, perSecond: 10 })
  await slow.until(10)
  await expect.poll(async () => (await rows()).filter(({ status }) => status === 'sending').length).toBeGreaterThan(10)
  const stopped = first.stop()
  slow.letGo()
  await stopped
  const after = await rows()
  expect(after.filter(({ status }) => status === 'sent')).toHaveLength(10)
  const back = after.filter(({ status }) => status !== 'sent')
  expect(new Set(back.map(({ status, tries, leaseUntil }) => `${status} ${tries} ${leaseUntil}`))).toEqual(
    new Set(['queued 0 0']),
  )
  expect(await taken()).toHaveLength(10)
  // What did not leave takes no place under the caps of the day.
  const { limits } = app.store.read
  const counted = async () => (await app.store.read.select().from(limits).where(eq(limits.key, 'sms:all')))[0]?.count
  expect(await counted()).toBe(10)
  await sender().idle()
  expect(await counted()).toBe(40)
  expect((await taken()).sort()).toEqual(Array.from({ length: 40 }, (_, n) => `Answer ${n}`).sort())
})

test('what was accepted is told once, with its class and its segments', async () => {
  const { write, sender, emulator } = await openQueue()
  const told: string[] = []
  await emulator.fault(number(2), 'status-403')
  await write('otp')
  await write('notice', number(3), 'long '.repeat(60))
  await write('reply', number(2))
  await sender({ lanes: 1, onSent: ({ class: kind, segments }) => void told.push(`${kind} ${segments}`) }).idle()
  expect(told).toEqual(['otp 1', 'notice 2'])
})
