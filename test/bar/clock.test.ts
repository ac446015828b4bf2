import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { DAY } from '../../src/base/dates.ts'
import type { Msisdn } from '../../src/base/msisdn.ts'
import { emulatorDesk } from '../../src/gateway/emulator/control.ts'
import { write } from '../../src/sms/outbox.ts'
import { sweepOutbox } from '../../src/sms/settle.ts'
import { type Booted, boot } from '../kit/boot.ts'
import { operate } from '../kit/operator.ts'
import { addPeople, people } from '../kit/town.ts'
import { movableWall } from '../kit/wall.ts'
import { number } from '../sms/kit.ts'
import { size, tried } from './row.ts'

const SECRET = 'test-test-test-test-test-test'
/** The promise, and what one look of the deadline's timer and a busy machine may add. */
const LATEST_MS = 8_000 + 1_000

let calls = 0
/** One hop over HTTP and how long its answer took; what is not answered in time is given up. */
async function hop({ url }: Booted, text = '', phoneNumber: string = number(1), sessionId = `ATUid_clock_${++calls}`) {
  const started = systemClock.ticks()
  const form = new URLSearchParams({ sessionId, phoneNumber, networkCode: '63902', serviceCode: '*483*22262#', text })
  const body = await fetch(`${url}/callbacks/${SECRET}/ussd`, {
    method: 'POST',
    body: form,
    signal: AbortSignal.timeout(LATEST_MS),
  }).then(
    (answer) => answer.text(),
    (reason: unknown) => `late: ${reason}`,
  )
  return { body, ms: systemClock.ticks() - started }
}

function expectPolite(answers: readonly { body: string; ms: number }[]): number {
  expect(answers.map(({ body }) => body).filter((body) => !/^(CON|END) \S/.test(body))).toEqual([])
  const slowest = Math.max(...answers.map(({ ms }) => ms))
  expect(slowest).toBeLessThan(LATEST_MS)
  return slowest
}

/** Takes every connection and never says a word. */
async function openBlackHole() {
  const held = new Set<Socket>()
  const server = createServer((socket) => void held.add(socket.on('error', () => undefined)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () => {
    for (const socket of held) socket.destroy()
    server.close()
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close }
}

const tell = ({ app }: Booted, to: Msisdn, dedupe: string) =>
  app.store.work(to, (tx) =>
    write({ tx, at: app.clock.now(), tools: app }, { to, language: 'en', class: 'otp', dedupe }, `Words ${dedupe}`),
  )

test('the gateway says nothing, hashing takes for ever, another process holds the storage: every call is answered in time', async (context) => {
  const hole = await openBlackHole()
  const service = await boot({ CALLBACK_SECRETS: SECRET, AT_API_KEY: 'made-up', AT_URL: hole.url })
  onTestFinished(async () => {
    hole.close()
    await service.close()
  })
  const { app, folder } = service
  const many = size({ quick: 8, full: 60 })
  const crowd = Array.from({ length: many }, (_, n) => ({ national_id: String(98_100_000 + n), phone: number(n) }))
  await addPeople(
    app,
    crowd.map((each) => ({ ...people.baraka, ...each })),
  )
  for (const each of crowd) await operate(app, { account: { ...each, pin: '482917', profile: 'none' } })
  // More than there are posts at once: every one of them hangs in the black hole.
  for (let n = 0; n < 40; n++) await tell(service, number(n), `hung ${n}`)
  app.hasher.verify = () => new Promise(() => undefined)
  const asking = crowd.map(({ phone }) => hop(service, '4*482917', phone))
  const { read } = app.store
  await expect.poll(async () => (await read.select().from(read.guesses)).length, { timeout: 6_000 }).toBe(many)
  const quick = await Promise.all(crowd.map(({ phone }) => hop(service, '', phone)))
  expect(quick.every(({ body }) => body.startsWith('CON'))).toBe(true)
  const holder = new Database(join(folder, 'wito.db'))
  try {
    holder.exec('begin immediate')
    const held = crowd.map(async ({ phone }, n) => {
      await wait((n * 1_500) / many)
      return hop(service, '', phone)
    })
    const slowest = expectPolite([...(await Promise.all(held)), ...(await Promise.all(asking))])
    tried(
      context,
      `${many} PINs that are never hashed, ${many} calls while the storage is held, 40 messages in a black hole: the slowest answer after ${(slowest / 1_000).toFixed(1)} s`,
    )
  } finally {
    holder.exec('rollback')
    holder.close()
  }
}, 60_000)

test('the wall clock is moved a day, forward and back: sending and scheduled work go on, and nothing is sent twice', async (context) => {
  const setWall = movableWall()
  const service = await boot({ CALLBACK_SECRETS: SECRET, SMS_PER_SECOND: '30' })
  onTestFinished(() => service.close())
  const { app } = service
  const { read } = app.store
  const leftOf = async (name: string) =>
    (await read.select().from(read.outbox)).filter(
      ({ dedupe, status }) => dedupe.startsWith(name) && ['queued', 'sending'].includes(status),
    ).length
  const rounds = size({ quick: 1, full: 3 })
  const answers: { body: string; ms: number }[] = []
  let written = 0
  let moves = 0
  const tellMany = async (name: string, count: number) => {
    for (let n = 0; n < count; n++) await tell(service, number(++written), `${name} ${n}`)
  }
  for (let round = 0; round < rounds; round++)
    for (const move of [DAY, -DAY, -DAY, DAY]) {
      // Some are on the wire and some wait for their turn when it happens.
      const name = `move ${++moves}`
      await tellMany(`before ${name}`, 40)
      setWall(move)
      await sweepOutbox(app)
      answers.push(await hop(service))
      await tellMany(`after ${name}`, 10)
      await expect.poll(() => leftOf(`after ${name}`), { timeout: 10_000 }).toBe(0)
      // Moved forward, those that waited look a day old, and nobody is told what is a day old.
      if (move < 0) await expect.poll(() => leftOf(`before ${name}`), { timeout: 10_000 }).toBe(0)
    }
  expectPolite(answers)
  await expect.poll(() => leftOf(''), { timeout: 10_000 }).toBe(0)
  const times = new Map<string, number>()
  for (const { text } of await emulatorDesk(service.gatewayUrl).messages()) times.set(text, (times.get(text) ?? 0) + 1)
  expect([...times].filter(([, count]) => count > 1)).toEqual([])
  const went = [...times.keys()].filter((text) => text.startsWith('Words after')).length
  expect(went).toBe(rounds * 40)

  // Scheduled work: five seconds before a full minute somebody sets the clock back by a day.
  setWall(55_000 - (Date.now() % 60_000))
  await app.store.work('old', async (tx) => {
    await tx.update(tx.outbox).set({ status: 'sent', changedAt: Date.now() - 9 * DAY })
  })
  setWall(-DAY)
  const unreported = async () => (await read.select().from(read.outbox)).filter(({ status }) => status === 'unreported').length
  await expect.poll(unreported, { timeout: 15_000 }).toBeGreaterThan(0)
  tried(context, `${rounds * 4} moves of the clock by a day: ${times.size} messages sent, 0 twice; scheduled work went on`)
}, 120_000)
