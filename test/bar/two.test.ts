import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { acting, operator } from '../../src/acting.ts'
import type { Actor } from '../../src/action.ts'
import { HOUR, MINUTE } from '../../src/base/dates.ts'
import type { Msisdn } from '../../src/base/msisdn.ts'
import { orderKinds, orderRules } from '../../src/catalogue.ts'
import { confirmOfficer, seenOf } from '../../src/officers/confirm.ts'
import { newOfficer, reinviteOfficer } from '../../src/officers/manage.ts'
import { hasRight, RIGHTS, type Right, ROLES } from '../../src/officers/roles.ts'
import { answerOrder } from '../../src/orders/decide.ts'
import { askOrder, type OrderKinds } from '../../src/orders/order.ts'
import { ORDER_KINDS } from '../../src/orders/overview.ts'
import { makeChanges } from '../../src/people/change-effect.ts'
import { beginChange, confirmChange, type Owner, openTicket, type Wanted } from '../../src/people/changes.ts'
import { readProfile } from '../../src/people/profile-fields.ts'
import type { OfficerRole } from '../../src/store/schema.ts'
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

  test('who was let in by one administrator alone is nobody’s second', async (context) => {
    const { app, clock, read, orderOf } = await open()
    const rules = { ...orderRules, kinds: { keys: async () => undefined }, hindrances: {}, looks: {} }
    const held = async (id: string) =>
      (await read.select().from(read.officers).where(eq(read.officers.id, id)))[0] ?? expect.fail('there is no such officer')
    /** They open their link: whoever has it. */
    const begin = (id: string) =>
      app.store.work('begin', (tx) => tx.update(tx.officers).set({ inviteIndex: null }).where(eq(tx.officers.id, id)))
    const add = async (by: Actor, role: OfficerRole) => {
      const username = `${role}.${clock.id()}`
      const added = await newOfficer(app, by, { username, name: 'Made Up', role, counties: [] })
      if (added === 'taken') return expect.fail('the username is taken')
      await begin(added.id)
      return { id: added.id, actor: officer(added.id) }
    }
    const confirm = async (by: Actor, id: string) => confirmOfficer(app, by, { id, seen: seenOf(await held(id)) })
    let orders = 0
    const ask = async (by: Actor) => {
      clock.move(1)
      const id = `order ${++orders}`
      await acting(app, by, 'test.ask', id, async (scene) => [
        await askOrder(scene, { id, kind: 'keys', input: {}, summary: {} }),
        { outcome: 'done' },
      ])
      return id
    }
    const answer = async (by: Actor, id: string, yes = true) =>
      (await answerOrder(app, by, rules, { id, digest: (await orderOf(id)).digest, yes })).refused ?? 'decided'

    const [one, other] = [await add(operator, 'administrator'), await add(operator, 'administrator')]
    const [asks, agrees] = [await add(one.actor, 'officer'), await add(one.actor, 'approver')]
    const early = await ask(asks.actor)
    // Two links of one administrator are not two people, and a third administrator of theirs does not make them so.
    expect(await answer(agrees.actor, early)).toBe('unconfirmed')
    expect(await answer(agrees.actor, early, false)).toBe('unconfirmed')
    const third = await add(one.actor, 'administrator')
    for (const { id } of [asks, agrees, third]) {
      expect(await confirm(one.actor, id)).toBe('brought')
      expect(await confirm(third.actor, id)).toBe(id === third.id ? 'self' : 'unconfirmed')
    }
    expect(await confirm(asks.actor, agrees.id)).toBe('unknown')
    for (const { id } of [asks, agrees]) expect(await confirm(other.actor, id)).toBe('done')
    // It was asked for while nobody vouched for whoever asked: only a no is left to it.
    expect(await answer(agrees.actor, early)).toBe('asker_unconfirmed')
    expect(await answer(agrees.actor, early, false)).toBe('decided')
    expect(await answer(agrees.actor, await ask(asks.actor))).toBe('decided')
    // A new link is a new person, until somebody else has confirmed them.
    const waits = await ask(asks.actor)
    await reinviteOfficer(app, one.actor, { counties: [] }, agrees.id)
    expect(await confirm(other.actor, agrees.id)).toBe('not_begun')
    await begin(agrees.id)
    expect(await answer(agrees.actor, waits)).toBe('unconfirmed')
    expect(await confirm(one.actor, agrees.id)).toBe('brought')
    expect(await confirm(operator, agrees.id)).toBe('done')
    expect(await answer(agrees.actor, waits)).toBe('decided')
    expect(await answer(officer('nobody'), await ask(asks.actor))).toBe('unconfirmed')
    tried(context, `${engine}: ${orders} orders by officers whom one, nobody, and two had let in`)
  })

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
