import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { acting } from '../../src/acting.ts'
import type { Actor } from '../../src/action.ts'
import { HOUR, MINUTE } from '../../src/base/dates.ts'
import type { Msisdn } from '../../src/base/msisdn.ts'
import { orderKinds, orderRules } from '../../src/catalogue.ts'
import { hasRight, RIGHTS, type Right, ROLES } from '../../src/officers/roles.ts'
import { answerOrder } from '../../src/orders/decide.ts'
import { askOrder, type OrderKinds } from '../../src/orders/order.ts'
import { ORDER_KINDS } from '../../src/orders/overview.ts'
import { makeChanges } from '../../src/people/change-effect.ts'
import { beginChange, confirmChange, type Owner, openTicket, type Wanted } from '../../src/people/changes.ts'
import { readProfile } from '../../src/people/profile-fields.ts'
import { openDesk } from '../kit/desk.ts'
import { seatOfficers } from '../kit/officers.ts'
import { operate } from '../kit/operator.ts'
import { startPostgres, type TestPostgres } from '../kit/postgres.ts'
import { people } from '../kit/town.ts'
import { size, tried } from './row.ts'

const [OLD, NEW] = ['+254700000901' as Msisdn, '+254700000951' as Msisdn]
const officer = (name: string): Actor => ({ via: 'console', name: `officer:${name}`, signed: false, language: 'en' })
const CHANGES: Wanted[] = [
  {
    kind: 'bank',
    input: { bank_code: '02', branch_code: '001', account_number: '5566778899', account_name: 'Achieng Odera' },
  },
  { kind: 'phone', input: { to: NEW } },
]

test('nobody has a role that both asks and agrees, and every kind of order is carried out by a yes alone', () => {
  const asks = ['deploy', 'pay', 'broadcast', 'roll', 'jobs', 'decide'] as const satisfies Right[]
  for (const role of ROLES.filter((each) => hasRight(each, 'approve')))
    expect(asks.filter((right) => hasRight(role, right))).toEqual([])
  expect(RIGHTS.approve.length).toBeGreaterThan(0)
  expect(Object.keys(orderKinds).sort()).toEqual([...ORDER_KINDS].sort())
})

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres.stop())

describe.each([
  ['SQLite', () => Promise.resolve({})],
  ['PostgreSQL', async () => ({ databaseUrl: await postgres.createDatabase() })],
])('on %s', (engine, address) => {
  async function open() {
    const desk = await openDesk(await address())
    onTestFinished(desk.close)
    await seatOfficers(desk.app, ...['a', 'b', 'c', 'd'].map(officer))
    const { read } = desk.app.store
    const orderOf = async (id: string) =>
      (await read.select().from(read.orders).where(eq(read.orders.id, id)))[0] ?? expect.fail('there is no such order')
    return { ...desk, read, orderOf }
  }

  test('whoever asked cannot agree, nobody agrees to what they did not see, and of many who agree at once one does', async (context) => {
    const { app, orderOf } = await open()
    const begun: string[] = []
    const kinds = Object.fromEntries(
      ORDER_KINDS.map((kind) => [kind, async (_: unknown, { id }: { id: string }) => void begun.push(id)]),
    ) as OrderKinds
    const rules = { ...orderRules, kinds, refusals: {}, hindrances: {}, looks: {} }
    const rounds = size({ quick: 2, full: 10, long: 100 })
    let answers = 0
    for (const kind of ORDER_KINDS)
      for (let round = 0; round < rounds; round++) {
        const id = `${kind} ${round}`
        await acting(app, officer('a'), 'test.ask', id, async (scene) => [
          await askOrder(scene, { id, kind, subject: 'p1', input: { round }, summary: { people: round } }),
          { outcome: 'done' },
        ])
        const { digest } = await orderOf(id)
        const answer = async (by: string, seen = digest) => {
          answers++
          const decided = await answerOrder(app, officer(by), rules, { id, digest: seen, yes: true })
          return decided.refused ?? 'agreed'
        }
        const alone = await Promise.all([answer('a'), answer('a'), answer('b', 'what stood there before'), answer('a')])
        expect(alone, id).toEqual(['own', 'own', 'changed', 'own'])
        expect((await orderOf(id)).state, id).toBe('asked')
        const all = await Promise.all(['a', 'b', 'c', 'd', 'a', 'b'].map((by) => answer(by)))
        expect(all.filter((each) => each === 'agreed').length, id).toBe(1)
        expect(await orderOf(id), id).toMatchObject({ state: 'approved', askedBy: 'officer:a' })
        expect((await orderOf(id)).decidedBy, id).not.toBe('officer:a')
      }
    expect(new Set(begun).size).toBe(ORDER_KINDS.length * rounds)
    tried(context, `${engine}: ${answers} answers to ${ORDER_KINDS.length * rounds} orders of ${ORDER_KINDS.length} kinds`)
  }, 120_000)

  test.each(CHANGES)('a change of $kind needs an officer and three days, and both numbers are told', async (wanted) => {
    const { app, clock, texts, read, orderOf } = await open()
    await operate(app, { account: { phone: OLD, national_id: people.achieng.national_id, pin: '830564' } })
    const [account] = await read.select().from(read.accounts).where(eq(read.accounts.msisdn, OLD))
    const id = account?.personId ?? ''
    const owner: Owner = { id, msisdn: OLD, county: 'Kisumu' }
    const self: Actor = { via: 'web', name: `person:${id}`, msisdn: OLD, signed: true, language: 'en' }
    const begun = await beginChange(app, self, owner, wanted)
    const opened = (sealed: string) => openTicket(app, owner, sealed) ?? expect.fail('the ticket was not ours')
    let ticket = opened('ticket' in begun ? begun.ticket : '')
    const codes = new Map<string, string>()
    for (const to of [OLD, NEW]) codes.set(to, /^\d{6}/.exec((await texts(to)).at(-1) ?? '')?.[0] ?? '')
    // One code is not enough for a number: both phones must be in the same hands.
    if (wanted.kind === 'phone') {
      const half = await confirmChange(app, self, owner, ticket, () => codes.get(OLD) ?? '')
      ticket = opened(half.refused === 'codes' ? half.ticket : '')
    }
    const told = new Map<string, number>()
    for (const to of [OLD, NEW]) told.set(to, (await texts(to)).length)
    const asked = await confirmChange(app, self, owner, ticket, (purpose) => codes.get(purpose === 'phone_new' ? NEW : OLD) ?? '')
    expect(asked).toEqual({ order: ticket.id })
    const concerned = wanted.kind === 'phone' ? [OLD, NEW] : [OLD]
    for (const to of concerned) expect((await texts(to)).length, to).toBe((told.get(to) ?? 0) + 1)

    const counts = async () => {
      const [row] = await read.select().from(read.accounts).where(eq(read.accounts.personId, id))
      if (wanted.kind === 'phone') return row?.msisdn === NEW
      return (await app.store.work('look', (tx) => readProfile({ tx, tools: app }, id))).account_number === '5566778899'
    }
    const { digest, askedAt, effectAt } = await orderOf(ticket.id)
    expect(effectAt - askedAt).toBe(72 * HOUR)
    const answer = (by: Actor) => answerOrder(app, by, orderRules, { id: ticket.id, digest, yes: true })
    expect(await answer(self)).toEqual({ refused: 'own' })
    clock.move(73 * HOUR)
    await makeChanges(app)
    expect(await counts(), 'without an officer').toBe(false)
    clock.move(-73 * HOUR)
    expect(await answer(officer('b'))).toHaveProperty('order')
    clock.move(71 * HOUR + 50 * MINUTE)
    await makeChanges(app)
    expect(await counts(), 'before three days').toBe(false)
    clock.move(11 * MINUTE)
    await makeChanges(app)
    expect(await counts(), 'after three days').toBe(true)
    for (const to of concerned) expect((await texts(to)).length, to).toBe((told.get(to) ?? 0) + 2)
  })
})
