import { and, eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { clearIssues, recheck } from '../../src/pay/issues.ts'
import { segments } from '../../src/text/segments.ts'
import { onBothEngines } from '../letters/kit.ts'
import { DAYS, JOB, type Office, openPayOffice, PREPARES } from './kit.ts'

const open = async (office: Office, n: number) =>
  (await office.issues(n))
    .filter(({ state }) => state === 'open')
    .map(({ kind }) => kind)
    .sort()
const clear = (office: Office, n: number, kind: string, reason = 'seen the paper', mine = (_: string) => true) =>
  clearIssues(office.app, PREPARES, { issues: [{ deployment: office.id(n), kind }], reason, mine })

onBothEngines(() => {
  describe('before pay day', () => {
    test('finds each kind, tells each person what to mend in one segment, and whoever is all right hears nothing', async () => {
      const office = await openPayOffice(1)
      await office.serve(2, { profile: { account_name: 'Somebody Else' } })
      await office.serve(3, { person: { tscNumberSealed: null }, profile: { tsc_number: 'NONE' } })
      await office.serve(4, { person: { nationalIdSealed: 'v1.t1.broken.broken.broken' } })
      await office.serve(5, { profile: { account_number: undefined } })
      await office.serve(6, { marks: ['present', 'late', undefined, 'present', 'absent'] })
      await office.serve(7, { deployment: { origin: 'spot' } })
      await office.serve(8)
      await office.mark(8, DAYS[1] as string, 'absent', { disputedAt: office.at - 5 })
      await office.serve(9, { profile: { bank_code: '00', account_number: '12345678' } })
      await office.serve(10, { profile: { bank_code: '00', account_number: '0712345678', account_name: 'Number10 Otieno' } })
      await office.serve(11, { person: { tscNumberSealed: null }, profile: { tsc_number: '123456' } })
      await office.check()
      const found = await Promise.all(Array.from({ length: 11 }, (_, n) => open(office, n + 1)))
      expect(found).toEqual([
        [],
        ['name'],
        ['no_tsc'],
        ['no_id'],
        ['no_account'],
        ['unmarked'],
        ['no_deployment'],
        ['disputed'],
        ['no_account'],
        ['name'],
        [],
      ])
      for (let n = 1; n <= 11; n++) {
        const texts = await office.texts(n)
        expect(texts).toHaveLength(found[n - 1]?.length ?? 0)
        for (const text of texts) expect(segments(text)).toMatchObject({ encoding: 'GSM-7', count: 1 })
      }
      expect((await office.texts(2))[0]).toContain('The name on your account differs from your ID')
      // Looked at again: the same rows, no second SMS.
      await office.check()
      expect(await office.issues()).toHaveLength(9)
      expect(await office.texts(2)).toHaveLength(1)
    })

    test('a driver needs no TSC number', async () => {
      const office = await openPayOffice()
      await office.work((tx) => tx.update(tx.jobs).set({ role: 'driver' }).where(eq(tx.jobs.code, JOB)))
      await office.serve(1, { person: { tscNumberSealed: null } })
      await office.check()
      expect(await office.issues()).toEqual([])
    })

    test('days count up to yesterday and from the day somebody came; a rest day only where others served', async () => {
      const office = await openPayOffice()
      await office.work((tx) => tx.update(tx.jobs).set({ endsOn: '2026-11-10' }).where(eq(tx.jobs.code, JOB)))
      await office.serve(1, { marks: ['present', 'present', 'present', 'present', 'present'] })
      await office.serve(2, {
        deployment: { reportOn: '2026-11-05' },
        marks: [undefined, undefined, undefined, 'present', 'late'],
      })
      // Monday the 9th: neither it nor the weekend is missing.
      await office.check()
      expect([await open(office, 1), await open(office, 2)]).toEqual([[], []])
      await office.serve(3, { marks: ['present', 'present', 'present', 'present', 'present', 'present'] })
      await office.check()
      expect([await open(office, 1), await open(office, 2), await open(office, 3)]).toEqual([['unmarked'], ['unmarked'], []])
      office.goTo('2026-11-10')
      await office.check()
      expect(await open(office, 3)).toEqual(['unmarked'])
    })

    test('what is mended closes by itself, and is told anew when it is wrong again', async () => {
      const office = await openPayOffice()
      await office.serve(1, { profile: { account_name: 'Somebody Else' } })
      await office.check()
      office.goTo('2026-11-10')
      await office.profile(1, { account_name: 'OTIENO ACHIENG' })
      await office.check()
      expect(await office.issues(1)).toMatchObject([{ kind: 'name', state: 'mended' }])
      office.goTo('2026-11-11')
      await office.profile(1, { account_name: 'Another Name' })
      await office.check()
      expect(await open(office, 1)).toEqual(['name'])
      expect(await office.texts(1)).toHaveLength(2)
    })

    test('every night jobs with something open are looked at again, once', async () => {
      const office = await openPayOffice(1)
      expect(await recheck(office.app)).toBe(0)
      await office.serve(2, { profile: { account_name: 'Somebody Else' } })
      await office.check()
      await office.profile(2, { account_name: 'Otieno Achieng' })
      expect([await recheck(office.app), await recheck(office.app)]).toEqual([1, 1])
      await office.finish()
      expect(await office.issues(2)).toMatchObject([{ state: 'mended' }])
      expect((await office.store.read.select().from(office.store.read.runs)).filter(({ by }) => by === 'system')).toHaveLength(1)
      expect(await recheck(office.app)).toBe(0)
      await office.profile(2, { account_name: 'Somebody Else' })
      office.goTo('2027-05-01')
      await office.check()
      expect(await recheck(office.app)).toBe(0)
    })

    test('an officer clears with a reason that the trail keeps; it stays cleared until something newer is wrong', async () => {
      const office = await openPayOffice()
      await office.serve(1, { profile: { account_name: 'A. Otieno' } })
      await office.check()
      expect(await clear(office, 1, 'name', '  ')).toEqual({ refused: 'no_reason' })
      expect(await clear(office, 1, 'name', 'seen', () => false)).toEqual({ refused: 'outside' })
      expect(await open(office, 1)).toEqual(['name'])
      office.goTo('2026-11-09', 10)
      expect(await clear(office, 1, 'name', 'seen the bank card')).toEqual({ cleared: 1 })
      expect(await clear(office, 1, 'name')).toEqual({ cleared: 0 })
      await office.check()
      expect(await office.issues(1)).toMatchObject([{ state: 'cleared', clearedBy: PREPARES.name }])
      const kept = (await office.audit()).filter(({ action }) => action === 'pay.clear_one')
      expect(kept).toMatchObject([
        { subject: 'p1', actor: PREPARES.name, detail: { kind: 'name', reason: 'seen the bank card' } },
      ])
      office.goTo('2026-11-10')
      await office.profile(1, { account_name: 'Quite Another' })
      await office.check()
      expect(await open(office, 1)).toEqual(['name'])
    })

    test('whoever was taken on at the station is confirmed by clearing; without an account nothing is cleared', async () => {
      const office = await openPayOffice()
      await office.serve(1, { deployment: { origin: 'spot' }, profile: { account_number: undefined } })
      await office.check()
      expect(await open(office, 1)).toEqual(['no_account', 'no_deployment'])
      expect(await clear(office, 1, 'no_account')).toEqual({ refused: 'account' })
      expect(await clear(office, 1, 'no_deployment')).toEqual({ cleared: 1 })
      expect((await office.deployment(office.id(1)))?.confirmedBy).toBe(PREPARES.name)
      await office.check()
      expect(await open(office, 1)).toEqual(['no_account'])
    })

    test('a dispute that is settled stands in nobody’s way', async () => {
      const office = await openPayOffice(1)
      await office.mark(1, DAYS[0] as string, 'absent', { disputedAt: office.at })
      await office.check()
      expect(await open(office, 1)).toEqual(['disputed'])
      await office.work((tx) =>
        tx
          .update(tx.attendance)
          .set({ mark: 'present', settledBy: 'officer:x' })
          .where(and(eq(tx.attendance.deploymentId, office.id(1)), eq(tx.attendance.day, DAYS[0] as string))),
      )
      await office.check()
      expect(await open(office, 1)).toEqual([])
    })
  })
})
