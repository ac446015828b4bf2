import { createHash } from 'node:crypto'
import { eq } from 'drizzle-orm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { writeRules } from '../../src/jobs/rules.ts'
import { markSent } from '../../src/pay/approve.ts'
import { takeFile } from '../../src/pay/file.ts'
import { payeePlace } from '../../src/pay/payee.ts'
import { askList } from '../../src/pay/prepare.ts'
import { openPayee, sumsOf } from '../../src/pay/sum.ts'
import type { Mark } from '../../src/store/schema.ts'
import { onBothEngines } from '../letters/kit.ts'
import { AGREES, JOB, type Office, officer, openPayOffice, PREPARES } from './kit.ts'

const tamper = (office: Office, line: string, set: { totalKes?: number; account?: string; live?: null; listId?: string }) =>
  office.work(async (tx) => {
    const { account, ...rest } = set
    const sealed = account && office.app.keyring.seal(payeePlace(line), JSON.stringify({ account, name: 'X', branch: '' }))
    await tx
      .update(tx.payLines)
      .set({ ...rest, ...(sealed ? { payeeSealed: sealed } : {}) })
      .where(eq(tx.payLines.id, line))
  })

onBothEngines(() => {
  describe('a payment list', () => {
    test('holds everybody who may be paid, once, with what each is worth, and says what it was summed over', async () => {
      const office = await openPayOffice(60)
      await office.serve(61, { marks: ['absent', 'absent', 'absent', 'absent', 'absent'] })
      await office.serve(62, { profile: { account_name: 'Somebody Else' } })
      await office.serve(63, { profile: { bank_code: '00', account_number: '0712 345 678' } })
      await office.work((tx) =>
        tx
          .update(tx.deployments)
          .set({ status: 'released' })
          .where(eq(tx.deployments.id, office.id(1))),
      )
      expect(await office.prepare()).toEqual({ list: 'list-1' })
      const list = await office.list()
      expect(list).toMatchObject({ state: 'prepared', lines: 60, totalKes: 60 * 5 * 550, rulesVersion: 0, by: PREPARES.name })
      const lines = await office.lines('list-1')
      expect(new Set(lines.map(({ deploymentId }) => deploymentId)).size).toBe(60)
      expect(lines.map(({ personId }) => personId)).not.toContain('p1')
      expect(lines.find(({ personId }) => personId === 'p63')).toMatchObject({ bank: 'mpesa', days: 5, totalKes: 2_750 })
      const inOrder = lines.toSorted((a, b) => (a.bank === b.bank ? (a.id < b.id ? -1 : 1) : a.bank < b.bank ? -1 : 1))
      const told = inOrder.map((l) => `${l.id},${l.bank},${openPayee(office.app.keyring, l).account},${l.totalKes}\n`).join('')
      expect(list?.controlSum).toBe(createHash('sha256').update(told).digest('hex'))
      expect(openPayee(office.app.keyring, inOrder.at(-1) as never)).toMatchObject({ account: '254712345678' })
      // Who was left out because of their account was told, and nobody is taken up twice.
      expect((await office.texts(62)).join()).toContain('The name on your account differs')
      expect(await office.run('pay:list-1')).toMatchObject({ state: 'done', tally: { pay_lines: 60, pay_held: 1 } })
      await office.prepare('list-2')
      expect(await office.list('list-2')).toMatchObject({ state: 'refused', lines: 0 })
      expect(await office.run('pay:list-2')).toMatchObject({ tally: { pay_lines: 0, pay_elsewhere: 60 } })
    })

    test('is not prepared before the job is over, nor for a job that nobody knows; sent twice it is one', async () => {
      const office = await openPayOffice(1)
      expect(await askList(office.app, PREPARES, { job: 'NOSUCH' })).toEqual({ refused: 'unknown_job' })
      office.goTo('2026-11-06', 23)
      expect(await office.prepare()).toEqual({ refused: 'not_over' })
      office.goTo('2026-11-07')
      await Promise.all([office.prepare(), office.prepare()])
      expect(await office.lines()).toHaveLength(1)
    })

    test('pays the rehearsal as any other day, unless the rules say that it is not', async () => {
      const office = await openPayOffice(2)
      const write = (pay_rehearsal?: boolean) =>
        office.work((tx) =>
          writeRules({ tx, at: office.at, actor: PREPARES }, 'KCSE2026', { rehearsal_days_before: 3, pay_rehearsal }),
        )
      await write()
      await office.mark(1, '2026-10-30', 'present')
      await office.prepare('list-1')
      const days = async (id: string) => (await office.lines(id)).map(({ personId, days: n }) => `${personId} ${n}`).sort()
      expect(await days('list-1')).toEqual(['p1 6', 'p2 5'])
      await office.answer('list-1', AGREES, false)
      await write(false)
      await office.prepare('list-2')
      expect(await days('list-2')).toEqual(['p1 5', 'p2 5'])
    })

    test('of one county takes nobody else', async () => {
      const office = await openPayOffice(1)
      await office.serve(2, { deployment: { county: 'Kwale' } })
      await office.prepare('list-1', 'Kwale')
      expect((await office.lines()).map(({ personId }) => personId)).toEqual(['p2'])
      const [order] = await office.store.read.select().from(office.store.read.orders)
      expect(order).toMatchObject({ kind: 'pay', county: 'Kwale', subject: 'list-1', summary: { lines: 1, total_kes: 2_750 } })
    })

    test('whoever was replaced on the way is paid for the days before; whoever never came is not', async () => {
      const office = await openPayOffice(55)
      await office.serve(56, { marks: ['present', 'late', 'absent'] })
      await office.serve(57, { marks: ['absent'] })
      const revoke = (n: number) =>
        office.work((tx) =>
          tx
            .update(tx.deployments)
            .set({ status: 'revoked' })
            .where(eq(tx.deployments.id, office.id(n))),
        )
      await revoke(56)
      await revoke(57)
      await office.prepare()
      const lines = await office.lines()
      expect(lines).toHaveLength(56)
      expect(lines.find(({ personId }) => personId === 'p56')).toMatchObject({ days: 2, totalKes: 1_100 })
      expect(await office.issues()).toEqual([])
    })

    test('the one who prepared it cannot approve it; another can; then it is sent', async () => {
      const office = await openPayOffice(2)
      await office.prepare()
      expect(await office.answer('list-1', PREPARES)).toBe('own')
      expect(await markSent(office.app, PREPARES, 'list-1')).toBe(false)
      expect(await office.answer('list-1', AGREES)).toBe('approved')
      expect(await office.answer('list-1', officer('c'))).toBe('over')
      expect((await office.lines()).map(({ state }) => state)).toEqual(['approved', 'approved'])
      expect(await office.giveUp('list-1')).toBe(false)
      expect(await markSent(office.app, PREPARES, 'list-1')).toBe(true)
      expect(await markSent(office.app, PREPARES, 'list-1')).toBe(false)
      expect((await office.lines()).map(({ state }) => state)).toEqual(['sent', 'sent'])
    })

    test.each([
      ['a sum', (o: Office, id: string) => tamper(o, id, { totalKes: 99_999 })],
      ['an account', (o: Office, id: string) => tamper(o, id, { account: '9999999999' })],
      ['a line taken off', (o: Office, id: string) => tamper(o, id, { listId: 'elsewhere' })],
    ])('%s that changed after it was prepared is seen: nobody approves it', async (_, change) => {
      const office = await openPayOffice(3)
      await office.prepare()
      const line = (await office.lines())[1]?.id ?? ''
      await change(office, line)
      expect(await office.answer('list-1', AGREES)).toBe('pay_changed')
      expect(await office.list()).toMatchObject({ state: 'prepared' })
      expect(await office.answer('list-1', AGREES, false)).toBe('refused')
    })

    test('what changed after it was approved is not handed out', async () => {
      const office = await openPayOffice(2)
      await office.prepare()
      expect(await takeFile(office.app, PREPARES, 'list-1', 'csv')).toEqual({ refused: 'not_approved' })
      await office.answer('list-1', AGREES)
      await tamper(office, (await office.lines())[0]?.id ?? '', { account: '9999999999' })
      expect(await takeFile(office.app, PREPARES, 'list-1', 'csv')).toEqual({ refused: 'changed' })
      expect((await office.audit()).at(-1)).toMatchObject({ action: 'pay.export', outcome: 'changed' })
    })

    test('refused or given up, everybody on it is free for the next', async () => {
      const office = await openPayOffice(2)
      await office.prepare()
      await office.answer('list-1', AGREES, false)
      expect(await office.list()).toMatchObject({ state: 'refused' })
      expect(await office.lines()).toMatchObject([
        { state: 'refused', live: null },
        { state: 'refused', live: null },
      ])
      await office.prepare('list-2')
      expect(await office.list('list-2')).toMatchObject({ state: 'prepared', lines: 2 })
      expect(await office.giveUp('list-2')).toBe(true)
      expect(await office.answer('list-2', AGREES)).toBe('over')
      await office.prepare('list-3')
      expect(await office.list('list-3')).toMatchObject({ state: 'prepared', lines: 2 })
    })

    test('given up while it is written, nothing of it holds anybody', async () => {
      const office = await openPayOffice(60)
      await askList(office.app, PREPARES, { job: JOB, id: 'list-1' })
      const [written, freed] = await Promise.all([office.finish(), office.giveUp('list-1')])
      expect([written, freed]).toEqual([undefined, true])
      expect((await office.lines()).filter(({ live }) => live !== null)).toEqual([])
      await office.prepare('list-2')
      expect(await office.list('list-2')).toMatchObject({ lines: 60 })
    })

    test('many lists prepared at once: no duty on two live lists, and together they hold everybody', async () => {
      const office = await openPayOffice(130)
      const ids = ['a', 'b', 'c', 'd'].map((each) => `list-${each}`)
      for (const id of ids) await askList(office.app, officer(id), { job: JOB, id })
      await Promise.all([office.finish(), office.finish()])
      const lines = await office.lines()
      expect(lines).toHaveLength(130)
      expect(new Set(lines.map(({ deploymentId }) => deploymentId)).size).toBe(130)
      for (const id of ids) {
        const mine = lines.filter(({ listId }) => listId === id)
        const sums = await sumsOf(office.store.read, office.app.keyring, id)
        expect(sums).toMatchObject({ lines: mine.length, totalKes: mine.length * 2_750 })
        expect(await office.list(id)).toMatchObject(mine.length === 0 ? { state: 'refused' } : { state: 'prepared', ...sums })
      }
    })
  })
})

test('whatever people did and whatever the rules say, lines add up to the list and no sum is negative', async () => {
  const anyMarks = fc.array(fc.constantFrom<Mark>('present', 'late', 'absent'), { minLength: 5, maxLength: 5 })
  const anyone = fc.record({
    marks: anyMarks,
    metres: fc.option(fc.integer({ min: 0, max: 90_000 })),
    bank: fc.constantFrom('01', '11', '68'),
  })
  const anyRules = fc.record({
    late_day: fc.constantFrom(0, 0.3, 0.5, 1),
    rates: fc.record({ invigilator: fc.integer({ min: 0, max: 2_000 }) }),
    allowances: fc.array(fc.record({ from_km: fc.integer({ min: 0, max: 80 }), kes: fc.integer({ min: 0, max: 3_000 }) })),
    deductions: fc.array(
      fc.record({ name: fc.constant('Some'), percent: fc.integer({ min: 0, max: 100 }), kes: fc.integer({ min: 0, max: 900 }) }),
    ),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(anyone, { minLength: 1, maxLength: 6 }), anyRules, async (all, rules) => {
      const office = await openPayOffice()
      await office.work((tx) => tx.insert(tx.series).values({ exam: 'KCSE2026', rules: { ...rules }, version: 7, at: 0 }))
      for (const [n, { marks, metres, bank }] of all.entries())
        await office.serve(n + 1, { marks, deployment: { metres }, profile: { bank_code: bank } })
      await office.prepare()
      const [list, lines] = [await office.list(), await office.lines()]
      expect(list?.totalKes).toBe(lines.reduce((sum, { totalKes }) => sum + totalKes, 0))
      expect(list?.lines).toBe(lines.length)
      expect(list?.rulesVersion).toBe(7)
      for (const line of lines) {
        for (const n of [line.totalKes, line.deductionKes, line.allowanceKes]) expect(n).toBeGreaterThanOrEqual(0)
        expect(line.days).toBeGreaterThan(0)
      }
    }),
    { numRuns: 12 },
  )
}, 60_000)
