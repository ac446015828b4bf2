import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { DAY } from '../../src/base/dates.ts'
import { type Msisdn, prefixOf } from '../../src/base/msisdn.ts'
import { actions, formats } from '../../src/catalogue.ts'
import type { SmsCaps } from '../../src/sms/caps.ts'
import { takeInbound } from '../../src/sms/inbound.ts'
import { boot } from '../kit/boot.ts'
import { startPostgres, type TestPostgres } from '../kit/postgres.ts'
import { openQueue, type Queue } from '../sms/kit.ts'
import { size, tried } from './row.ts'

const times = size({ quick: 1, full: 5, long: 40 })
/** Small, so that they are met: in each of five ranges more is asked for than it may have, and three of them fill the day. */
const SIZES = { number: 3, prefix: 10 * times, all: 30 * times }
const CAPS = Object.fromEntries(Object.entries(SIZES).map(([why, most]) => [why, { most, windowMs: DAY }])) as SmsCaps
const RANGES = 5
const EACH = 4
const MESSAGES = RANGES * 4 * times * EACH

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres.stop())

const shuffled = <T>(all: readonly T[]): T[] => {
  const left = [...all]
  return all.flatMap(() => left.splice(systemClock.below(left.length), 1))
}
const most = (counted: readonly string[]) =>
  Math.max(0, ...Object.values(Object.groupBy(counted, (each) => each)).map((some) => some?.length ?? 0))

describe.each([
  ['SQLite', () => Promise.resolve(undefined)],
  ['PostgreSQL', () => postgres.createDatabase()],
])('two processes on one database, %s', (engine, address) => {
  test('caps by number, range and day hold in whatever order messages come, and open again the next day', async (context) => {
    const databaseUrl = await address()
    const one = await openQueue(databaseUrl === undefined ? {} : { databaseUrl })
    const two = await openQueue({ databaseUrl: one.databaseUrl })
    const held: string[] = []
    const senders = [one, two].map((queue) =>
      queue.sender({ gateway: one.gateway, caps: CAPS, onHeldBack: (why) => void held.push(why) }),
    )
    const wanted = Array.from({ length: MESSAGES }, (_, n) => {
      const place = Math.floor(n / EACH)
      return `+25471${10 + (place % RANGES)}0${String(Math.floor(place / RANGES)).padStart(4, '0')}` as Msisdn
    })
    for (const queue of [one, two]) queue.toHour(9)
    for (const day of [1, 2]) {
      const before = (await one.emulator.messages()).length
      const heldBefore = held.length
      // Answers to SMS, and passwords: a stranger can bring about both.
      const ask = async (to: Msisdn, n: number) => {
        const queue = [one, two][systemClock.below(2)] as Queue
        if (n % 3 === 0) return queue.write('otp', to, 'A password', `day ${day}: ${n}`)
        const desk = { app: queue.app, actions, formats, keywords: queue.keywords }
        return takeInbound(desk, { id: `day ${day}: ${n}`, from: to, text: 'HELP', to: '22262' })
      }
      await Promise.all(shuffled(wanted).map(ask))
      await Promise.all(senders.map(({ idle }) => idle()))
      const sent = (await one.emulator.messages()).slice(before).map(({ to }) => to)
      expect(most(sent)).toBeLessThanOrEqual(SIZES.number)
      expect(most(sent.map(prefixOf))).toBeLessThanOrEqual(SIZES.prefix)
      // All that there is room for is sent, and no more.
      expect(sent.length).toBe(SIZES.all)
      expect(held.length - heldBefore).toBe(wanted.length - sent.length)
      for (const queue of [one, two]) queue.clock.move(DAY)
    }
    expect(new Set(held)).toEqual(new Set(['number', 'prefix', 'all']))
    const failed = (await one.rows()).filter(({ status }) => status === 'failed')
    expect(failed.map(({ reason }) => reason).sort()).toEqual(held.map((why) => `cap_${why}`).sort())
    tried(context, `${engine}: ${2 * MESSAGES} asked for on two days, ${SIZES.all} sent on each`)
  }, 120_000)
})

test('only Kenyan mobile numbers are answered, one of them 20 times an hour, and what is not answered is counted', async (context) => {
  const service = await boot({ CALLBACK_SECRETS: 'made-up-secret-made-up-secret' })
  try {
    let ids = 0
    const sms = async (from: string) => {
      const form = new URLSearchParams({ id: `in-${++ids}`, from, text: 'HELP', to: '22262' })
      const { status } = await fetch(`${service.url}/callbacks/made-up-secret-made-up-secret/sms`, { method: 'POST', body: form })
      expect(status, from).toBe(200)
    }
    const rest = () => Array.from({ length: 8 }, () => systemClock.below(10)).join('')
    const foreign = ['+447911', '+256772', '+25420', '+25490', '+88216', '+1900', '+25570', '0900', 'MPESA', '22262', '+254']
    const strangers = Array.from(
      { length: size({ quick: 60, full: 1_000 }) },
      (_, n) => `${foreign[n % foreign.length]}${rest()}`,
    )
    strangers.push('+447911123456', '+256772123456', '+254202345678', '+255712345678', '+12015550123', 'MPESA', '22262')
    const all = shuffled([...strangers, ...Array.from({ length: 30 }, () => '+254711999001'), '+254110999001'])
    const lane = async () => {
      for (let from = all.pop(); from !== undefined; from = all.pop()) await sms(from)
    }
    await Promise.all(Array.from({ length: 30 }, lane))
    const { read } = service.app.store
    const answered = (await read.select().from(read.outbox)).map(({ msisdn }) => msisdn)
    expect(answered.filter((to) => to === '+254711999001')).toHaveLength(20)
    expect([...new Set(answered)].sort()).toEqual(['+254110999001', '+254711999001'])
    const metrics = await (await fetch(`${service.url}/metrics`)).text()
    expect(metrics).toContain('wito_shed_total{why="sms_number"} 10')
    tried(context, `${strangers.length} SMS from elsewhere, none answered`)
  } finally {
    await service.close()
  }
}, 60_000)
