import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Actor } from '../../src/action.ts'
import type { App } from '../../src/app.ts'
import { HOUR, MINUTE, nairobiDay, nairobiHour, startOfDay } from '../../src/base/dates.ts'
import { countiesOfRoll, type Group, someOf } from '../../src/broadcasts/audience.ts'
import { askBroadcast, COUNT_RUN, countRun, draftBroadcast, findDraft } from '../../src/broadcasts/draft.ts'
import { goesAt, keepsHours } from '../../src/broadcasts/hours.ts'
import { leftOf, resultsOf } from '../../src/broadcasts/results.ts'
import {
  BROADCAST_RUN,
  beginBroadcast,
  broadcastRun,
  stopBroadcast,
  TAKE_BACK_RUN,
  takeBackRun,
} from '../../src/broadcasts/send.ts'
import { measure, priceOf } from '../../src/broadcasts/text.ts'
import { decideOrder, digestOf } from '../../src/orders/order.ts'
import { applyRoll, rollRow } from '../../src/people/roll.ts'
import { stop } from '../../src/sms/report.ts'
import { type OpenDesk, openDesk } from '../kit/desk.ts'
import { operate } from '../kit/operator.ts'
import { finishRuns } from '../kit/runs.ts'

let open: OpenDesk
let app: App
beforeEach(async () => {
  open = await openDesk()
  app = open.app
})
afterEach(() => open.close())

const officer = (name: string): Actor => ({ via: 'console', name: `officer:${name}`, signed: false, language: 'en' })
const asker = officer('a')
const texts = { en: 'Rehearsal is on Friday.', sw: 'Mazoezi ni Ijumaa.' }
const people = () => app.store.read.select().from(app.store.read.people)
const bulk = () => app.store.read.select().from(app.store.read.outbox).where(eq(app.store.read.outbox.class, 'bulk'))
const kinds = { [COUNT_RUN]: countRun, [BROADCAST_RUN]: broadcastRun, [TAKE_BACK_RUN]: takeBackRun }

const work = (on: App = app) => finishRuns(on, kinds)
async function names(group: Group): Promise<string[]> {
  const { people: found } = await someOf(app.store.read, group, '', { look: 1000, most: 1000 })
  const all = new Map((await people()).map(({ id, fullName }) => [id, fullName.split(' ')[0] ?? '']))
  return found.map(({ id }) => all.get(id) ?? '').sort()
}
const speaks = (msisdn: string, language: 'en' | 'sw') =>
  app.store.work('language', (tx) => tx.insert(tx.subscribers).values({ msisdn, language }))

/** Written, counted and asked for. */
async function ask(group: Group = {}): Promise<string> {
  const id = await draftBroadcast(app, asker, { id: app.clock.id(), texts, group })
  await work()
  const asked = await askBroadcast(app, asker, { draft: id, group: 'everybody' })
  if ('refused' in asked) throw new Error(`refused: ${asked.refused}`)
  return asked.order
}
const orderOf = async (id: string) => {
  const [order] = await app.store.read.select().from(app.store.read.orders).where(eq(app.store.read.orders.id, id))
  if (!order) throw new Error('no order')
  return order
}
async function agree(id: string, by = officer('b')) {
  const { digest } = await orderOf(id)
  return app.store.work('agree', async (tx) => {
    const scene = { tx, actor: by, at: app.clock.now(), tools: app }
    const decided = await decideOrder(scene, { id, digest, yes: true })
    if ('order' in decided) await beginBroadcast(scene, decided.order)
    return decided
  })
}

describe('the group', () => {
  test('is everybody of the roll but the suspended, those without alerts, and numbers that sent STOP', async () => {
    expect(await names({})).toEqual(['Achieng', 'Baraka', 'Chebet', 'Esther', 'Faraji'])
    await operate(app, { account: { phone: '0700000901', national_id: '99100001', pin: '482915' } })
    await app.store.work('alerts', (tx) => tx.update(tx.accounts).set({ alerts: false }))
    await app.store.work('stop', (tx) => stop(tx, '+254700000902', app.clock.now()))
    expect(await names({})).toEqual(['Chebet', 'Esther', 'Faraji'])
  })

  test('is narrowed by place, account, language, application and deployment', async () => {
    await operate(app, { account: { phone: '0700000902', national_id: '99100002', pin: '482915' } })
    await speaks('+254700000905', 'sw')
    await operate(app, { deploy: { national_id: '99100005', job: 'KCSE26INV', centre: '42101002' } })
    const [esther] = (await people()).filter(({ fullName }) => fullName.startsWith('Esther'))
    expect(await names({ county: 'Kwale' })).toEqual(['Faraji'])
    expect(await names({ county: 'Kisumu', subCounty: 'Kisumu West' })).toEqual([])
    expect(await names({ account: 'yes' })).toEqual(['Baraka'])
    expect(await names({ account: 'no', language: 'sw' })).toEqual(['Esther'])
    expect(await names({ language: 'en' })).toEqual(['Achieng', 'Baraka', 'Chebet', 'Faraji'])
    expect(await names({ job: 'KCSE26INV' })).toEqual([esther?.fullName.split(' ')[0]])
    expect(await names({ job: 'KCSE26SUP' })).toEqual([])
    expect(await names({ application: 'successful' })).toEqual(['Esther'])
    expect(await names({ application: 'received' })).toEqual([])
    expect(await names({ job: 'KCSE26INV', deployment: 'draft' })).toEqual(['Esther'])
    expect(await names({ job: 'KCSE26INV', deployment: 'released' })).toEqual([])
    expect(await countiesOfRoll(app.store.read)).toEqual(['Kisumu', 'Kwale', 'Wajir'])
  })

  test('is met once each, however it is cut into looks', async () => {
    for (const [look, most] of [
      [1, 1],
      [2, 1],
      [3, 2],
      [1000, 1],
    ] as const) {
      const met: string[] = []
      for (let next: string | undefined = ''; next !== undefined; ) {
        const some = await someOf(app.store.read, { county: 'Kisumu' }, next, { look, most })
        met.push(...some.people.map(({ id }) => id))
        next = some.next
      }
      expect(met).toHaveLength(4)
      expect(new Set(met).size).toBe(4)
    }
  })
})

describe('what it takes', () => {
  test('is measured in septets and parts, and the first character that does not fit is named', () => {
    expect(measure('', 3)).toEqual({ wrong: 'empty' })
    expect(measure('a'.repeat(160), 1)).toEqual({ septets: 160, segments: 1 })
    expect(measure('a'.repeat(161), 1)).toEqual({ wrong: 'long', septets: 161, segments: 2 })
    expect(measure('€'.repeat(80), 1)).toEqual({ septets: 160, segments: 1 })
    expect(measure('Wanjirũ “hello”', 3)).toEqual({ wrong: 'stranger', stranger: 'ũ' })
    expect(measure('a'.repeat(460), 3)).toMatchObject({ wrong: 'long', segments: 4 })
    expect(priceOf({ en: 'a', sw: 'a'.repeat(161) }, { en: 3, sw: 2 })).toEqual({ people: 5, segments: 7, costKes: 5.6 })
  })

  test('is counted before it is asked for, and what was counted is what the second officer sees', async () => {
    await speaks('+254700000906', 'sw')
    const id = await draftBroadcast(app, asker, { id: app.clock.id(), texts, group: {} })
    expect(await askBroadcast(app, asker, { draft: id, group: 'all' })).toEqual({ refused: 'counting' })
    await work()
    expect((await findDraft(app, asker, id))?.people).toEqual({ en: 4, sw: 1 })
    expect(await findDraft(app, officer('b'), id)).toBeUndefined()
    expect(await askBroadcast(app, officer('b'), { draft: id, group: 'all' })).toEqual({ refused: 'unknown' })
    expect(await askBroadcast(app, asker, { draft: id, group: 'all' })).toEqual({ order: id })
    expect(await askBroadcast(app, asker, { draft: id, group: 'all' })).toEqual({ order: id })
    const order = await orderOf(id)
    expect(order).toMatchObject({ state: 'asked', summary: { people: 5, segments: 5, cost_kes: 4, text_sw: texts.sw } })
    expect(order.digest).not.toBe(digestOf({}))
    expect(await app.store.read.select().from(app.store.read.orders)).toHaveLength(1)
  })

  test('a group of nobody is not asked for', async () => {
    const id = await draftBroadcast(app, asker, { id: app.clock.id(), texts, group: { county: 'Lamu' } })
    await work()
    expect(await askBroadcast(app, asker, { draft: id, group: 'Lamu' })).toEqual({ refused: 'nobody' })
  })
})

describe('sending', () => {
  test('begins with a second officer only, and writes one message each in their language', async () => {
    await speaks('+254700000906', 'sw')
    const id = await ask()
    expect(await agree(id, asker)).toEqual({ refused: 'own' })
    expect(await bulk()).toEqual([])
    await agree(id)
    expect(await agree(id, officer('c'))).toEqual({ refused: 'over' })
    await work()
    expect(await bulk()).toHaveLength(5)
    expect(await open.texts('+254700000906')).toEqual([texts.sw])
    expect(await open.texts('+254700000901')).toEqual([texts.en])
    expect(await resultsOf(app.store.read, id)).toEqual({ queued: 5 })
  })

  test('a run that is begun again from its beginning writes nothing twice', async () => {
    const id = await ask()
    await agree(id)
    await work()
    await app.store.work('again', (tx) =>
      tx.update(tx.runs).set({ state: 'waiting', cursor: null }).where(eq(tx.runs.kind, BROADCAST_RUN)),
    )
    await work()
    expect(await bulk()).toHaveLength(5)
  })

  test('stopping takes back what waits, lets nothing on the wire come back, and cannot be undone by going on', async () => {
    const id = await ask()
    await agree(id)
    await work()
    const [gone, onWire] = await bulk()
    await app.store.work('sent', async (tx) => {
      await tx
        .update(tx.outbox)
        .set({ status: 'delivered' })
        .where(eq(tx.outbox.id, gone?.id ?? ''))
      await tx
        .update(tx.outbox)
        .set({ status: 'sending' })
        .where(eq(tx.outbox.id, onWire?.id ?? ''))
    })
    expect(await stopBroadcast(app, asker, id)).toBe(true)
    expect(await stopBroadcast(app, asker, id)).toBe(false)
    await work()
    const results = await resultsOf(app.store.read, id)
    expect(results).toEqual({ delivered: 1, sending: 1, expired: 3 })
    expect(leftOf(results)).toBe(2)
    expect((await bulk()).filter(({ reason }) => reason === 'stopped')).toHaveLength(3)
    expect((await bulk()).find(({ status }) => status === 'sending')?.expiresAt).toBeLessThanOrEqual(app.clock.now())
    await app.store.work('go on', (tx) =>
      tx.update(tx.runs).set({ state: 'waiting', cursor: null }).where(eq(tx.runs.kind, BROADCAST_RUN)),
    )
    await work()
    expect(await bulk()).toHaveLength(5)
  })

  test('one that nobody agreed to is not stopped', async () => {
    expect(await stopBroadcast(app, asker, await ask())).toBe(false)
  })
})

describe('quiet hours', () => {
  const real = { production: false, gateway: { username: 'x', apiKey: 'x', url: undefined, senderId: undefined } }
  const day = startOfDay('2026-11-25')

  test('hold through a real gateway, and not with a stand-in on this machine', () => {
    const at = (url: string) => ({ ...real, gateway: { ...real.gateway, url } })
    expect(keepsHours(real)).toBe(true)
    expect(keepsHours(at('http://127.0.0.1:4000'))).toBe(false)
    expect(keepsHours(at('https://gateway.example'))).toBe(true)
    expect(keepsHours({ ...real, gateway: { ...real.gateway, apiKey: undefined } })).toBe(false)
  })

  test('end at seven, today or tomorrow', () => {
    expect(goesAt(real, day + 9 * HOUR)).toBe(day + 9 * HOUR)
    for (const [at, opens] of [
      [day + 2 * HOUR, day + 7 * HOUR],
      [day + 19 * HOUR, day + 31 * HOUR],
      [day + 23 * HOUR + 59 * MINUTE, day + 31 * HOUR],
    ] as const) {
      expect(goesAt(real, at)).toBeGreaterThanOrEqual(opens)
      expect(goesAt(real, at)).toBeLessThan(opens + MINUTE)
    }
  })

  test('what is written at night waits until the morning and lives a day from then', async () => {
    const id = await ask()
    await agree(id)
    const now = app.clock.now()
    open.clock.move(startOfDay(nairobiDay(now)) + 46 * HOUR - now)
    expect(nairobiHour(app.clock.now())).toBe(22)
    await work({ ...app, config: { ...app.config, ...real } })
    const rows = await bulk()
    expect(rows).toHaveLength(5)
    for (const { dueAt, expiresAt, createdAt } of rows) {
      expect(nairobiHour(dueAt)).toBe(7)
      expect(dueAt - createdAt).toBeGreaterThan(8 * HOUR)
      expect(expiresAt).toBe(dueAt + 24 * HOUR)
    }
  })
})

test('a large group is written in slices, each person once', async () => {
  const rows = Array.from({ length: 350 }, (_, place) =>
    rollRow.parse({
      national_id: String(98_000_000 + place),
      full_name: 'Made Up',
      phone: `+2547110${String(place).padStart(5, '0')}`,
      tsc_number: '',
      kra_pin: '',
      qualification: 'degree',
      subjects: '',
      home_county: 'Kwale',
      home_sub_county: 'Msambweni',
      workstation_code: '',
      status: 'vetted',
    }),
  )
  await app.store.work('roll', (tx) => applyRoll(tx, app, app.clock.now(), rows))
  await agree(await ask({ county: 'Kwale', subCounty: 'Msambweni' }))
  await work()
  const written = await bulk()
  expect(written).toHaveLength(350)
  expect(new Set(written.map(({ msisdn }) => msisdn)).size).toBe(350)
}, 30_000)
