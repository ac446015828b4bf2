import { setTimeout as wait } from 'node:timers/promises'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { Fault } from '../../src/base/fault.ts'
import type { Msisdn } from '../../src/base/msisdn.ts'
import { seatSomebody } from '../../src/deployments/place.ts'
import { takePlace } from '../../src/jobs/decide.ts'
import { openApp } from '../../src/open.ts'
import { openSender } from '../../src/sms/sender.ts'
import type { Tx } from '../../src/store/store.ts'
import { takeHop } from '../../src/ussd/hop.ts'
import { openDesk } from '../kit/desk.ts'
import { inDays } from '../kit/operator.ts'
import { startPostgres, type TestPostgres } from '../kit/postgres.ts'
import { addPeople, people } from '../kit/town.ts'
import { number, openQueue } from '../sms/kit.ts'
import { size, tried } from './row.ts'

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres.stop())

/** Two processes' worth of the service on one database: each has its own connections and its own memory. */
async function openNodes() {
  const one = await openDesk({ databaseUrl: await postgres.createDatabase() })
  const other = await openApp(one.app.config, undefined, one.clock)
  onTestFinished(async () => {
    await other.close()
    await one.close()
  })
  return {
    one,
    nodes: [one.app, other.app] as const,
    desks: [one.desk, { ...one.desk, app: other.app, menu: other.menu }] as const,
  }
}

const JOB = 'KCSE26INV'

test('the last place goes to one of two who come at one moment, and no place has two holders', async (context) => {
  const { one, nodes } = await openNodes()
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
  const { one, desks } = await openNodes()
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

test('two senders: every message is handed over once', async (context) => {
  const one = await openQueue({ databaseUrl: await postgres.createDatabase() })
  const two = await openQueue({ databaseUrl: one.databaseUrl })
  const messages = size({ quick: 120, full: 2_000 })
  const texts = Array.from({ length: messages }, (_, n) => `Message ${n}`)
  for (const [n, text] of texts.entries()) await one.write('notice', number(n), text)
  const by = [0, 0]
  const senders = [one, two].map((queue, place) =>
    queue.sender({ gateway: one.gateway, perSecond: 200, onSent: () => by.splice(place, 1, (by[place] ?? 0) + 1) }),
  )
  await Promise.all(senders.map(({ idle }) => idle()))
  expect((await one.taken()).sort()).toEqual([...texts].sort())
  for (const sent of by) expect(sent).toBeGreaterThan(0)
  tried(context, `${messages} messages, sent once each by two nodes (${by.join(' and ')})`)
}, 300_000)

test('the server dies and comes back under load: what was acknowledged is there, and both nodes go on by themselves', async (context) => {
  const { one, nodes, desks } = await openNodes()
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
