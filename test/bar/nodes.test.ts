import { setTimeout as wait } from 'node:timers/promises'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { MINUTE } from '../../src/base/dates.ts'
import { Fault } from '../../src/base/fault.ts'
import type { Msisdn } from '../../src/base/msisdn.ts'
import { seatSomebody } from '../../src/deployments/place.ts'
import { takePlace } from '../../src/jobs/decide.ts'
import { openSender } from '../../src/sms/sender.ts'
import { sweepOutbox } from '../../src/sms/settle.ts'
import type { Tx } from '../../src/store/store.ts'
import { takeHop } from '../../src/ussd/hop.ts'
import { KEY } from '../gateway/kit.ts'
import { SECRETS } from '../kit/desk.ts'
import { openNodes } from '../kit/nodes.ts'
import { inDays, operate } from '../kit/operator.ts'
import { startPostgres, type TestPostgres } from '../kit/postgres.ts'
import { addPeople, people } from '../kit/town.ts'
import { number, openQueue } from '../sms/kit.ts'
import { most } from '../sms/most.ts'
import { type SendingNode, startSendingNode } from './nodes/start.ts'
import { size, tried } from './row.ts'

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres.stop())

const openTwo = async () => openNodes({ databaseUrl: await postgres.createDatabase() })

const JOB = 'KCSE26INV'

test('the last place goes to one of two who come at one moment, and no place has two holders', async (context) => {
  const { one, apps: nodes } = await openTwo()
  const places = size({ quick: 120, full: 8_500 })
  const seats = size({ quick: 30, full: 1_500 })
  const [job] = await one.app.store.read.select().from(one.app.store.read.jobs).where(eq(one.app.store.read.jobs.code, JOB))
  if (!job) throw new Error('the town has no such job')
  await one.app.store.work('races', async (tx) => {
    for (let n = 0; n < places; n += 100)
      await tx.insert(tx.jobs).values(
        Array.from({ length: Math.min(100, places - n) }, (_, k) => ({
          ...job,
          code: `R${n + k}`,
          codeKey: `R${n + k}`,
          places: 3,
          taken: 2,
        })),
      )
  })
  const inTurns = async (races: number, race: (n: number) => Promise<unknown>) => {
    let next = 0
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        while (next < races) await race(next++)
      }),
    )
  }
  const twice: string[] = []
  await inTurns(places, async (n) => {
    const got = await Promise.all(nodes.map(({ store }, who) => store.work(`officer ${who}`, (tx) => takePlace({ tx }, `R${n}`))))
    if (got.filter(Boolean).length !== 1) twice.push(`place R${n}: ${got.join(' ')}`)
  })
  await addPeople(
    one.app,
    Array.from({ length: 2 * seats }, (_, n) => ({
      ...people.baraka,
      national_id: String(98_000_000 + n),
      phone: `07119${String(n).padStart(5, '0')}`,
    })),
  )
  const everybody = (await one.app.store.read.select().from(one.app.store.read.people)).filter(({ msisdn }) =>
    msisdn.startsWith('+25471190'),
  )
  await inTurns(seats, async (n) => {
    const seat = n + 1
    const seating = {
      jobCode: JOB,
      centreCode: '42101001',
      reportOn: inDays(one.app, 60),
      reportAt: '07:00',
      origin: 'import',
      status: 'draft',
      seat,
    } as const
    const got = await Promise.allSettled(
      nodes.map((app, who) =>
        app.store.work(`seat ${n} ${who}`, (tx: Tx) => {
          const actor = { via: 'cli', name: 'operator:test', signed: false, language: 'en' } as const
          return seatSomebody(
            { tx, at: app.clock.now(), actor, tools: app },
            { ...seating, personId: everybody[2 * n + who]?.id ?? '' },
          )
        }),
      ),
    )
    const said = got.map((each) =>
      each.status === 'rejected' ? String(each.reason) : 'id' in each.value ? 'seated' : each.value.refused,
    )
    if (said.sort().join(' ') !== 'seated taken') twice.push(`seat ${seat}: ${said.join(' ')}`)
  })
  expect(twice).toEqual([])
  const { read } = one.app.store
  const held = (await read.select({ held: read.deployments.held }).from(read.deployments)).map((row) => row.held)
  expect(new Set(held).size).toBe(seats)
  expect(held).toHaveLength(seats)
  tried(context, `${places + seats} races of two nodes: ${places} for a last place, ${seats} for a seat; 0 booked twice`)
}, 300_000)

test('the same call at both nodes at one moment has one answer and one effect', async (context) => {
  const { one, desks } = await openTwo()
  const calls = size({ quick: 40, full: 600 })
  const differ: string[] = []
  for (let from = 0; from < calls; from += 10)
    await Promise.all(
      Array.from({ length: 10 }, async (_, k) => {
        const hop = { sessionId: `ATUid_${from + k}`, msisdn: number(from + k) as Msisdn, serviceCode: '*483*22262#' }
        for (const text of ['', '2', '2*2']) {
          const bodies = await Promise.all(
            [...desks, ...desks].map((desk) => takeHop(desk, { ...hop, text }).then(({ body }) => body, String)),
          )
          if (new Set(bodies).size !== 1) differ.push(bodies.join(' | '))
        }
      }),
    )
  expect(differ).toEqual([])
  const { read } = one.app.store
  expect((await read.select().from(read.audit)).filter(({ action }) => action === 'language.set')).toHaveLength(calls)
  tried(context, `${3 * calls} hops, each at two nodes at one moment: 0 answers differ, ${calls} effects`)
}, 300_000)

test('a PIN that reaches both nodes in the same step of a call is one try, in two calls it is two', async (context) => {
  const { one, desks } = await openTwo()
  const [phone, pin] = ['+254700000901' as Msisdn, '482917']
  await operate(one.app, { account: { phone, national_id: people.achieng.national_id, pin } })
  const { read } = one.app.store
  const tries = async () => (await read.select().from(read.guesses)).map((row) => row.tries)
  const rounds = size({ quick: 3, full: 40 })
  let calls = 0
  const ask = async (typed: string) => {
    const hop = { sessionId: `ATUid_pin_${++calls}`, msisdn: phone, serviceCode: '*483*22262#' }
    const all = [...desks, ...desks]
    // Dialled whole, so that nobody is asked whether to go on with the call before.
    const bodies = await Promise.all(all.map((desk) => takeHop(desk, { ...hop, text: `4*${typed}` }).then(({ body }) => body)))
    expect(new Set(bodies).size).toBe(1)
    return bodies[0]
  }
  for (let round = 0; round < rounds; round++) {
    for (let n = 1; n <= 4; n++) {
      await ask('830565')
      expect(await tries()).toEqual([n])
    }
    expect(await ask(pin)).toContain('My profile')
    expect(await tries()).toEqual([])
  }
  // The fifth locks, and then not even the right one is looked at, at either node.
  for (let n = 1; n <= 5; n++) await ask('830565')
  for (let n = 0; n < 2; n++) expect(await ask(pin)).not.toContain('My profile')
  expect(await tries()).toEqual([5])
  tried(context, `${calls} PINs, each at two nodes at one moment: counted once each`)
}, 300_000)

test('the node that sends is killed, the next one freezes and wakes again: never over the rate, every message once', async (context) => {
  const perSecond = 40
  const quick = { holdMs: 700, graceMs: 500 }
  // In full with the times of the service itself.
  const times = size({ quick: 0, full: 1 }) ? { holdMs: 5_000, graceMs: 11_000 } : quick
  const rounds = size({ quick: 1, full: 4 })
  // Fractions of a millisecond, so that rounding cannot hide a message too many, nor make one up.
  const clock = { ...systemClock, now: systemClock.ticks }
  const queue = await openQueue({ databaseUrl: await postgres.createDatabase(), emulator: { clock } })
  const environment = {
    DATABASE_URL: queue.databaseUrl,
    AT_URL: queue.url,
    AT_API_KEY: KEY,
    AT_USERNAME: 'wito',
    SMS_PER_SECOND: String(perSecond),
    ...SECRETS,
  }
  let written = 0
  const write = async (count: number) => {
    for (let n = 0; n < count; n++) await queue.write(n % 4 ? 'bulk' : 'otp', number(++written), `Message ${written}`)
  }
  const came = async () => (await queue.emulator.messages()).length
  // There is always more to send than is waited for.
  const more = async (count: number) => {
    const from = await came()
    await write(from + count + 3 * perSecond - written)
    await expect.poll(came, { timeout: 30_000, interval: 20 }).toBeGreaterThanOrEqual(from + count)
  }
  let nodes: SendingNode[] = []
  let takeovers = 0
  for (let round = 0; round < rounds; round++) {
    while (nodes.length < 3) nodes.push(await startSendingNode(environment, times))
    await more(30)
    const killed = await sendingNow(nodes)
    killed.signal('SIGKILL')
    nodes = nodes.filter((each) => each !== killed)
    await more(60)
    const frozen = await sendingNow(nodes)
    frozen.signal('SIGSTOP')
    await wait(50)
    // It wakes while another is sending as fast as it may.
    await more(1.5 * perSecond)
    frozen.signal('SIGCONT')
    await more(perSecond)
    takeovers += 2
  }
  const open = async () => (await queue.rows()).filter(({ status }) => ['queued', 'sending', 'unknown'].includes(status))
  const waiting = async () => (await open()).filter(({ status }) => status === 'queued').length
  await expect.poll(waiting, { timeout: 60_000 }).toBe(0)
  // What was on the wire of the dead: perhaps sent, then once more or never, as its class says.
  for (const minutes of [2, 2, 20, 20, 20]) {
    queue.clock.move(minutes * MINUTE)
    await sweepOutbox(queue.app)
    await expect.poll(waiting, { timeout: 60_000 }).toBe(0)
  }
  await expect.poll(async () => (await open()).length, { timeout: 20_000 }).toBe(0)
  const messages = await queue.emulator.messages()
  const copies = new Map<string, number>()
  for (const { text } of messages) copies.set(text, (copies.get(text) ?? 0) + 1)
  const doubled = (await queue.rows()).filter(({ dedupe }) => (copies.get(`Message ${dedupe.slice('test:'.length)}`) ?? 0) > 1)
  expect(doubled.filter((row) => row.class !== 'otp' || row.tries > 2)).toEqual([])
  const peak = most(messages.map(({ at }) => at))
  expect(peak).toBeLessThanOrEqual(perSecond)
  tried(
    context,
    `${messages.length} sends by turns of ${rounds * 2 + 1} nodes, ${takeovers} of them killed or frozen in the middle: at most ${peak} of ${perSecond} in any 1,000 ms, ${doubled.length} doubled, all of a class that may be`,
  )
}, 300_000)

/** The one of them that sends now. */
async function sendingNow(nodes: readonly SendingNode[]): Promise<SendingNode> {
  const before = nodes.map(({ sent }) => sent())
  for (;;) {
    await wait(20)
    const found = nodes.find(({ sent }, place) => sent() > (before[place] ?? 0))
    if (found) return found
  }
}

test('the server dies and comes back under load: what was acknowledged is there, and both nodes go on by themselves', async (context) => {
  const { one, apps: nodes, desks } = await openTwo()
  const crashes = size({ quick: 1, full: 6 })
  const acknowledged: string[] = []
  const odd: unknown[] = []
  let refused = 0
  let over = false
  let sent = 0
  const gateway = { send: async () => ({ outcome: 'accepted' as const, id: `ATXid_${++sent}`, cost: '' }) }
  const senders = nodes.map((app) => openSender({ app, gateway, perSecond: 1_000, realGateway: false }))
  for (const sender of senders) sender.start()
  const load = Array.from({ length: 16 }, async (_, lane) => {
    for (let n = 0; !over; n++) {
      const hop = { sessionId: `ATUid_${lane}_${n}`, msisdn: number(lane), serviceCode: '*483*22262#', text: '' }
      const desk = desks[lane % 2] as (typeof desks)[0]
      const kept = await takeHop(desk, hop).then(
        () => true,
        (reason: unknown) => {
          refused++
          // What the doors turn into a polite answer: 503, or an END that says busy.
          if (!(reason instanceof Fault && reason.code === 'busy')) odd.push(reason)
          return false
        },
      )
      if (kept) acknowledged.push(hop.sessionId)
      else await wait(20)
    }
  })
  const more = async (count: number) => {
    const from = acknowledged.length
    await expect.poll(() => acknowledged.length, { timeout: 30_000, interval: 20 }).toBeGreaterThan(from + count)
  }
  await more(50)
  for (let n = 0; n < crashes; n++) {
    await wait(7 * n)
    await postgres.crash()
    await wait(100)
    await postgres.restart()
    await more(50)
  }
  over = true
  await Promise.all(load)
  const { read } = one.app.store
  const there = new Set((await read.select({ id: read.sessions.id }).from(read.sessions)).map(({ id }) => id))
  expect(acknowledged.filter((id) => !there.has(id))).toEqual([])
  expect(odd.slice(0, 3)).toEqual([])
  // The senders, too: what is written now goes out.
  const queued = async () => (await read.select().from(read.outbox)).filter(({ status }) => status === 'queued').length
  await one.app.store.work('after', (tx) =>
    tx.insert(tx.outbox).values({
      id: 'after',
      dedupe: 'after',
      msisdn: number(1),
      class: 'bulk',
      rank: 3,
      bodySealed: one.app.keyring.seal('outbox.body:after', 'x'),
      segments: 1,
      status: 'queued',
      dueAt: 0,
      expiresAt: 9e12,
      leaseUntil: 0,
      tries: 0,
      createdAt: 0,
      changedAt: 0,
    }),
  )
  await expect.poll(queued, { timeout: 10_000 }).toBe(0)
  for (const sender of senders) await sender.stop()
  tried(
    context,
    `one server killed and recovered ${crashes} times under load (no replica: that is the row 'leader'); ${acknowledged.length} acknowledged, 0 lost, ${refused} politely refused`,
  )
}, 300_000)
