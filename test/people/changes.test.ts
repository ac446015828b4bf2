import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Actor } from '../../src/action.ts'
import { HOUR } from '../../src/base/dates.ts'
import type { Msisdn } from '../../src/base/msisdn.ts'
import { orderKinds } from '../../src/catalogue.ts'
import { decideOrder } from '../../src/orders/order.ts'
import { changeHindrance, makeChanges, tellRefused } from '../../src/people/change-effect.ts'
import {
  beginChange,
  type ChangeKind,
  cancelChange,
  confirmChange,
  type Owner,
  openChanges,
  openTicket,
  sendCodes,
  type Wanted,
} from '../../src/people/changes.ts'
import { readProfile } from '../../src/people/profile-fields.ts'
import { applyRoll, rollRow } from '../../src/people/roll.ts'
import { openDesk, session } from '../kit/desk.ts'
import { migratedDatabases } from '../kit/engines.ts'
import { operate } from '../kit/operator.ts'
import { startPostgres, type TestPostgres } from '../kit/postgres.ts'
import { people } from '../kit/town.ts'

const OLD = '+254700000901' as Msisdn
const NEW = '+254700000951' as Msisdn
const PIN = '830564'
const BANK: Wanted = {
  kind: 'bank',
  input: { bank_code: '02', branch_code: '001', account_number: '5566778899', account_name: 'Achieng Odera' },
}
const PHONE: Wanted = { kind: 'phone', input: { to: NEW } }
const officer: Actor = { via: 'console', name: 'officer:second', signed: false, language: 'en' }

let newAddress = (): Promise<string | undefined> => Promise.resolve(undefined)

/** Achieng, who has an account, and an office that decides what she asks for. */
async function openOffice() {
  const databaseUrl = await newAddress()
  const desk = await openDesk(databaseUrl === undefined ? {} : { databaseUrl })
  onTestFinished(desk.close)
  const { app, clock, texts } = desk
  const { read } = app.store
  await operate(app, { account: { phone: OLD, national_id: people.achieng.national_id, pin: PIN } })
  const accountOf = async (msisdn: string) => (await read.select().from(read.accounts).where(eq(read.accounts.msisdn, msisdn)))[0]
  const id = (await accountOf(OLD))?.personId ?? ''
  const owner: Owner = { id, msisdn: OLD, county: 'Kisumu' }
  const actor: Actor = { via: 'web', name: `person:${id}`, msisdn: OLD, signed: true, language: 'sw' }
  const codeTo = async (msisdn: string) =>
    (await texts(msisdn)).flatMap((text) => /^(\d{6}) (?:is your code|ni kodi)/.exec(text)?.[1] ?? []).at(-1) ?? ''

  async function begin(wanted: Wanted) {
    const begun = await beginChange(app, actor, owner, wanted)
    if ('refused' in begun) throw new Error('too many codes')
    return openTicket(app, owner, begun.ticket) ?? expect.fail('the ticket was not ours')
  }
  /** Types what came to each phone last. */
  const confirm = async (ticket: Awaited<ReturnType<typeof begin>>) => {
    const codes = { old: await codeTo(OLD), new: await codeTo(NEW) }
    return confirmChange(app, actor, owner, ticket, (purpose) => codes[purpose === 'phone_new' ? 'new' : 'old'])
  }
  const order = async (kind: ChangeKind) =>
    (await read.select().from(read.orders).where(eq(read.orders.subject, id))).find((each) => each.kind === kind) ??
    expect.fail('there is no order')

  return {
    ...desk,
    owner,
    actor,
    id,
    accountOf,
    begin,
    confirm,
    order,
    async ask(wanted: Wanted) {
      expect(await confirm(await begin(wanted))).toHaveProperty('order')
      return order(wanted.kind)
    },
    async decide(kind: ChangeKind, yes = true) {
      const { id: orderId, digest } = await order(kind)
      await app.store.work(`order:${orderId}`, async (tx) => {
        const scene = { tx, actor: officer, at: clock.now(), tools: app }
        const decided = await decideOrder(scene, { id: orderId, digest, yes })
        if ('refused' in decided) throw new Error(decided.refused)
        if (yes) await orderKinds[kind]?.(scene, decided.order)
        else await tellRefused(scene, decided.order)
      })
      return (await order(kind)).state
    },
    bank: () => app.store.work('look', async (tx) => (await readProfile({ tx, tools: app }, id)).account_number),
    acts: async (action: string) =>
      (await read.select().from(read.audit).where(eq(read.audit.action, action))).map(({ outcome, subject }) => {
        expect(subject).toBe(id)
        return outcome
      }),
    work: <T>(unit: Parameters<typeof app.store.work<T>>[1]) => app.store.work('test', unit),
  }
}

function everyRule() {
  describe('asking', () => {
    test('keeps what is asked sealed, sums up nothing personal, and tells both numbers at once', async () => {
      const office = await openOffice()
      const order = await office.ask(PHONE)
      expect(order).toMatchObject({
        state: 'asked',
        subject: office.id,
        county: 'Kisumu',
        summary: {},
        askedBy: `person:${office.id}`,
      })
      expect(order.effectAt - order.askedAt).toBe(72 * HOUR)
      expect(JSON.stringify(order)).not.toContain(NEW.slice(1))
      expect((await office.texts(OLD)).at(-1)).toMatch(/Kuna ombi la kubadilisha nambari ya simu/)
      expect((await office.texts(NEW)).at(-1)).toMatch(/itachukua nafasi/)
      expect(await office.acts('people.ask_phone')).toEqual(['done'])
    })

    test('twice with one ticket, and at once, asks once; another of the kind waits its turn; the other kind does not', async () => {
      const office = await openOffice()
      const ticket = await office.begin(BANK)
      const results = await Promise.all([office.confirm(ticket), office.confirm(ticket)])
      expect(results).toEqual([{ order: ticket.id }, { order: ticket.id }])
      expect(await office.confirm(await office.begin(BANK))).toEqual({ refused: 'open' })
      await office.ask(PHONE)
      expect(await office.app.store.read.select().from(office.app.store.read.orders)).toHaveLength(2)
    })

    test('a ticket is good for its owner only, for an hour, and cannot be altered', async () => {
      const { app, owner, actor, clock } = await openOffice()
      const begun = await beginChange(app, actor, owner, BANK)
      const sealed = 'ticket' in begun ? begun.ticket : ''
      expect(openTicket(app, { ...owner, id: 'another' }, sealed)).toBeUndefined()
      expect(openTicket(app, owner, `${sealed.slice(0, -1)}${sealed.endsWith('A') ? 'Q' : 'A'}`)).toBeUndefined()
      expect(openTicket(app, owner, sealed)).toMatchObject({ kind: 'bank', proven: [] })
      clock.move(HOUR)
      expect(openTicket(app, owner, sealed)).toBeUndefined()
    })

    test('a code is wrong five times at most, good once, for ten minutes, and not sent without end', async () => {
      const { app, owner, actor, begin, confirm, clock } = await openOffice()
      const ticket = await begin(BANK)
      for (let left = 4; left >= 0; left--)
        expect(await confirmChange(app, actor, owner, ticket, () => 'none')).toMatchObject({
          refused: 'codes',
          wrong: { bank: left > 0 ? 'wrong' : 'over' },
        })
      expect(await confirm(ticket)).toMatchObject({ wrong: { bank: 'over' } })
      expect(await sendCodes(app, actor, owner, ticket)).toBe(true)
      clock.move(11 * 60_000)
      expect(await confirm(ticket)).toMatchObject({ wrong: { bank: 'over' } })
      for (let sent = 2; sent < 5; sent++) expect(await sendCodes(app, actor, owner, ticket)).toBe(true)
      expect(await sendCodes(app, actor, owner, ticket)).toBe(false)
      expect(await beginChange(app, actor, owner, BANK)).toEqual({ refused: 'codes' })
    })

    test('can be taken back, also after the officer agreed; nothing happens then', async () => {
      const office = await openOffice()
      const { app, actor, owner, clock } = office
      expect(await cancelChange(app, actor, owner, 'bank')).toBe(false)
      await office.ask(BANK)
      expect(await office.decide('bank')).toBe('approved')
      expect(await cancelChange(app, actor, owner, 'bank')).toBe(true)
      expect(await cancelChange(app, actor, owner, 'bank')).toBe(false)
      expect((await office.texts(OLD)).at(-1)).toMatch(/limefutwa/)
      expect(await openChanges(app.store.read, owner.id)).toEqual([])
      clock.move(80 * HOUR)
      expect(await makeChanges(app)).toBe(0)
      expect(await office.bank()).toBe('1100223344')
    })
  })

  describe('a bank account', () => {
    test('counts when three days are over and an officer agreed, once, however many clocks come at once', async () => {
      const office = await openOffice()
      const { app, clock } = office
      await office.ask(BANK)
      clock.move(73 * HOUR)
      expect(await makeChanges(app)).toBe(0)
      expect(await office.bank()).toBe('1100223344')
      clock.move(-10 * HOUR)
      expect(await office.decide('bank')).toBe('approved')
      await makeChanges(app)
      expect(await office.bank()).toBe('1100223344')
      clock.move(10 * HOUR)
      await Promise.all([makeChanges(app), makeChanges(app), makeChanges(app)])
      expect(await office.bank()).toBe('5566778899')
      expect((await office.order('bank')).state).toBe('done')
      expect(await office.acts('people.change_bank')).toEqual(['done'])
      expect((await office.texts(OLD)).filter((text) => /new bank account counts/.test(text))).toHaveLength(1)
    })

    test('agreed to late counts at once', async () => {
      const office = await openOffice()
      await office.ask(BANK)
      office.clock.move(100 * HOUR)
      expect(await office.decide('bank')).toBe('done')
      expect(await office.bank()).toBe('5566778899')
    })

    test('refused stays as it was, and the person is told', async () => {
      const office = await openOffice()
      await office.ask(BANK)
      expect(await office.decide('bank', false)).toBe('refused')
      expect((await office.texts(OLD)).at(-1)).toMatch(/bank account was not agreed to/)
      office.clock.move(80 * HOUR)
      await makeChanges(office.app)
      expect(await office.bank()).toBe('1100223344')
    })

    test('of somebody who was suspended meanwhile does not change', async () => {
      const office = await openOffice()
      await office.ask(BANK)
      await office.decide('bank')
      const { id } = office
      await office.work((tx) => tx.update(tx.people).set({ status: 'suspended' }).where(eq(tx.people.id, id)))
      office.clock.move(73 * HOUR)
      await Promise.all([makeChanges(office.app), makeChanges(office.app)])
      expect(await office.bank()).toBe('1100223344')
      expect((await office.order('bank')).state).toBe('refused')
      expect(await office.acts('people.change_bank')).toEqual(['suspended'])
    })
  })

  describe('a phone number', () => {
    test('moves the account with its PIN, closes what the old one had open, and keeps what the new one prefers', async () => {
      const office = await openOffice()
      const { app, clock, id } = office
      const { read } = app.store
      await office.ask(PHONE)
      await office.decide('phone')
      clock.move(73 * HOUR)
      const call = session(office.desk, OLD)
      await call.dial()
      const base = { personId: id, label: 'x', at: 0, seenAt: 0 }
      const live = { face: 'portal', stage: 'in', device: 'x', startedAt: 0, seenAt: 0, expiresAt: clock.now() + HOUR } as const
      await office.work(async (tx) => {
        await tx.insert(tx.devices).values([
          { id: 'mine', ...base },
          { id: 'other', ...base, personId: 'another' },
        ])
        await tx.insert(tx.webSessions).values([
          { id: 'mine', holder: id, ...live },
          { id: 'other', holder: 'another', ...live },
        ])
        await tx.insert(tx.subscribers).values({ msisdn: NEW, language: 'sw', stoppedAt: 5 }).onConflictDoNothing()
        await tx
          .update(tx.accounts)
          .set({ oneTimeHash: 'x', oneTimeUntil: clock.now() + HOUR })
          .where(eq(tx.accounts.personId, id))
      })
      const before = await office.accountOf(OLD)
      await Promise.all([makeChanges(app), makeChanges(app)])
      expect(await office.accountOf(OLD)).toBeUndefined()
      expect(await office.accountOf(NEW)).toEqual({ ...before, msisdn: NEW, oneTimeHash: null, oneTimeUntil: null })
      expect((await read.select().from(read.people).where(eq(read.people.id, id)))[0]?.msisdn).toBe(NEW)
      expect((await read.select().from(read.devices)).map((row) => row.id)).toEqual(['other'])
      expect((await read.select().from(read.webSessions)).map((row) => row.id)).toEqual(['other'])
      expect((await read.select().from(read.subscribers)).find(({ msisdn }) => msisdn === NEW)).toMatchObject({
        language: 'sw',
        stoppedAt: 5,
      })
      expect(await call.type('3')).toMatch(/^END/)
      expect((await office.texts(OLD)).filter((text) => /moved to your new number/.test(text))).toHaveLength(1)
      expect((await office.texts(NEW)).filter((text) => /Hii sasa ndiyo nambari/.test(text))).toHaveLength(1)
      expect(await office.acts('people.change_phone')).toEqual(['done'])
      // The old number is a stranger's now; the new one opens the account.
      expect(await session(office.desk, OLD).dial()).toContain('Create account')
      expect((await session(office.desk, NEW).dial()).toLowerCase()).toContain('achieng')
    })

    test('stays where a roll still has the old one', async () => {
      const office = await openOffice()
      const { app, clock } = office
      await office.ask(PHONE)
      await office.decide('phone')
      clock.move(73 * HOUR)
      await makeChanges(app)
      const row = rollRow.parse({
        ...people.achieng,
        tsc_number: '900001',
        kra_pin: 'A009910001Z',
        qualification: 'degree',
        subjects: 'mathematics',
        home_sub_county: 'Kisumu East',
        workstation_code: '42101001',
        status: 'vetted',
      })
      expect(await office.work((tx) => applyRoll(tx, app, clock.now(), [row]))).toMatchObject({ kept: 1, changed: 1 })
      const { read } = app.store
      expect((await read.select().from(read.people).where(eq(read.people.id, office.id)))[0]?.msisdn).toBe(NEW)
      expect((await office.accountOf(NEW))?.personId).toBe(office.id)
    })

    test('that got an account of its own meanwhile is refused: at the day, and at the yes', async () => {
      const office = await openOffice()
      const { app, clock } = office
      const order = await office.ask(PHONE)
      await office.decide('phone')
      await operate(app, { account: { phone: '+254700000902', national_id: people.baraka.national_id, pin: PIN } })
      await office.work((tx) => tx.update(tx.accounts).set({ msisdn: NEW }).where(eq(tx.accounts.msisdn, '+254700000902')))
      clock.move(73 * HOUR)
      expect(await office.work((tx) => changeHindrance({ tx, tools: app, at: clock.now() }, order))).toBe('taken')
      const told = (await office.texts(NEW)).length
      await Promise.all([makeChanges(app), makeChanges(app)])
      expect(await office.order('phone')).toMatchObject({ state: 'refused', decidedBy: 'officer:second' })
      expect((await office.texts(OLD)).filter((text) => /has an account of its own/.test(text))).toHaveLength(1)
      // Whose number it is by now hears nothing of it.
      expect(await office.texts(NEW)).toHaveLength(told)
      expect((await office.accountOf(OLD))?.personId).toBe(office.id)
      expect(await office.confirm(await office.begin(PHONE))).toEqual({ refused: 'taken' })
    })
  })
}

describe('on SQLite', everyRule)
describe('on PostgreSQL', () => {
  let postgres: TestPostgres
  beforeAll(async () => {
    postgres = await startPostgres()
    newAddress = await migratedDatabases(postgres)
  }, 60_000)
  afterAll(() => postgres.stop())
  everyRule()
})
