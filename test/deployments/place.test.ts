import { eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { sweepAnswers } from '../../src/deployments/silence.ts'
import { codeOf, type Exam, JOB } from '../allocation/kit.ts'
import { onBothEngines } from '../letters/kit.ts'
import { numberIn, openings, RULES, released, rows, soundness } from './kit.ts'

/** What the trail says of somebody's silence. */
const traces = async (exam: Exam, personId: string) =>
  (await exam.audit())
    .filter(({ action, subject }) => action === 'deployments.silence' && subject === personId)
    .map(({ outcome, detail }) => ({ outcome, detail }))

onBothEngines(() => {
  describe('a place that is given up', () => {
    test('is offered at once to the first of the sub-county’s list, with a letter and a shorter deadline; officers see the chain', async () => {
      const exam = await released()
      const [first] = (await rows(exam)).filter(({ status }) => status === 'released')
      if (!first) throw new Error('nobody was released')
      expect(first.answerBy).toBe(exam.at + 3 * 86_400_000)
      expect(await exam.ask(numberIn(first.personId), 'deployments.decline', { reason: 'I am unwell' })).toMatchObject({
        done: {},
      })
      const next = (await rows(exam)).find(({ offeredFrom }) => offeredFrom === first.id)
      expect(next).toMatchObject({
        status: 'released',
        origin: 'reserve',
        centreCode: first.centreCode,
        seat: first.seat,
        rulesVersion: 1,
      })
      expect(next?.answerBy).toBe(exam.at + 12 * 3_600_000)
      expect(next?.metres).toBeGreaterThan(0)
      const texts = await exam.texts(numberIn(next?.personId ?? ''))
      expect(texts).toEqual([expect.stringMatching(/^Place: KCSE duty .*\/l\/.* ACCEPT by 1\/10\/2026 21:00$/)])
      expect(await openings(exam)).toMatchObject([{ id: first.id, why: 'declined', state: 'offered' }])
      const [reserve] = (await exam.app.store.read.select().from(exam.app.store.read.reserves)).filter(
        ({ personId }) => personId === next?.personId,
      )
      expect(reserve?.state).toBe('offered')
      expect(await soundness(exam, 6)).toEqual([])
    })

    test('goes down the list: no to no, and stays open when nobody is left; somebody new on the list is asked then', async () => {
      const exam = await released()
      const refuse = async () => {
        const waiting = (await rows(exam)).filter(
          ({ status, centreCode }) => status === 'released' && centreCode === codeOf('k1'),
        )
        for (const { personId } of waiting) await exam.ask(numberIn(personId), 'deployments.decline', { reason: 'no' })
      }
      for (let n = 0; n < 5; n++) await refuse()
      expect((await openings(exam)).filter(({ state }) => state === 'open')).toHaveLength(2)
      expect(await soundness(exam, 6)).toEqual([])
      await exam.addPerson(30, { workstationCode: codeOf('k3'), homeCounty: 'Kilele', homeSubCounty: 'Mto' })
      await exam.work((tx) =>
        tx
          .insert(tx.reserves)
          .values({ jobCode: JOB, personId: 'p30', county: 'Kilele', subCounty: 'Mto', rank: 9, state: 'waiting', changedAt: 0 }),
      )
      expect(await sweepAnswers(exam.app)).toMatchObject({ offered: 1 })
      expect(await exam.texts(30)).toHaveLength(1)
      expect(await soundness(exam, 6)).toEqual([])
    })

    test('is offered to its own sub-county’s list first, then to the other lists of the county, the first of each first', async () => {
      const exam = await released()
      await exam.work((tx) => tx.delete(tx.reserves))
      const lists = { 30: ['Ziwa', 1], 31: ['Mto', 7], 32: ['Mto', 2], 33: ['Ziwa', 5] } as const
      for (const [n, [subCounty, rank]] of Object.entries(lists)) {
        await exam.addPerson(Number(n), { workstationCode: codeOf('k1'), homeCounty: 'Kilele', homeSubCounty: subCounty })
        const row = { jobCode: JOB, personId: `p${n}`, county: 'Kilele', subCounty, rank, state: 'waiting' as const }
        await exam.work((tx) => tx.insert(tx.reserves).values({ ...row, changedAt: 0 }))
      }
      // k2 stands in Mto.
      const place = (await rows(exam)).find(({ centreCode }) => centreCode === codeOf('k2'))
      const asked: string[] = []
      for (let holder = place; holder !== undefined; ) {
        const { id, personId } = holder
        await exam.ask(numberIn(personId), 'deployments.decline', { reason: 'no' })
        holder = (await rows(exam)).find(({ offeredFrom }) => offeredFrom === id)
        if (holder) asked.push(holder.personId)
      }
      expect(asked).toEqual(['p32', 'p31', 'p30', 'p33'])
    })

    test('never goes to somebody who may not serve there, has another duty, or is suspended', async () => {
      const exam = await released(RULES, ['k2', 'k2', 'k1', 'k1', 'k1', 'k1', 'k1'])
      const reserves = (await exam.app.store.read.select().from(exam.app.store.read.reserves)).sort((a, b) => a.rank - b.rank)
      expect(reserves).toHaveLength(1)
      const held = (await rows(exam)).filter(({ centreCode, status }) => centreCode === codeOf('k1') && status === 'released')
      // Whoever works at k1 cannot take a place of k1; the only reserve does.
      await exam.ask(numberIn(held[0]?.personId ?? ''), 'deployments.decline', { reason: 'no' })
      expect(await openings(exam)).toMatchObject([{ state: 'open' }])
      const elsewhere = (await rows(exam)).find(({ centreCode, status }) => centreCode === codeOf('k2') && status === 'released')
      await exam.work((tx) =>
        tx
          .update(tx.people)
          .set({ status: 'suspended' })
          .where(eq(tx.people.id, reserves[0]?.personId ?? '')),
      )
      await exam.ask(numberIn(elsewhere?.personId ?? ''), 'deployments.decline', { reason: 'no' })
      expect((await openings(exam)).every(({ state }) => state === 'open')).toBe(true)
      await exam.work((tx) => tx.update(tx.people).set({ status: 'vetted' }))
      await exam.served(numberIn(reserves[0]?.personId ?? ''), 'b1', '2026-11-10', 'OTHER26', 'released')
      expect(await sweepAnswers(exam.app)).toMatchObject({ offered: 0 })
      await exam.work((tx) =>
        tx.update(tx.deployments).set({ held: null, status: 'declined' }).where(eq(tx.deployments.jobCode, 'OTHER26')),
      )
      expect(await sweepAnswers(exam.app)).toMatchObject({ offered: 1 })
    })
  })

  describe('silence', () => {
    test('is reminded of once, then counts as the rule says: as no, and the next is asked', async () => {
      const exam = await released()
      exam.goTo('2026-10-03', 8)
      expect(await sweepAnswers(exam.app)).toMatchObject({ reminded: 0 })
      exam.goTo('2026-10-03', 12)
      expect(await sweepAnswers(exam.app)).toMatchObject({ reminded: 6, ended: 0 })
      expect(await sweepAnswers(exam.app)).toMatchObject({ reminded: 0 })
      const reminded = (await exam.texts(1))
        .concat(await exam.texts(2))
        .filter((text) => text.startsWith('Please answer by 4/10/2026 09:00'))
      expect(reminded.length).toBeGreaterThan(0)
      exam.goTo('2026-10-04', 10)
      const late = (await rows(exam)).find(({ status }) => status === 'released')
      expect(await exam.ask(numberIn(late?.personId ?? ''), 'deployments.accept')).toMatchObject({ refused: 'too_late' })
      // Three reserves take three of the six places; the others stay open.
      expect(await sweepAnswers(exam.app)).toMatchObject({ ended: 6 })
      expect((await openings(exam)).map(({ state, why }) => `${why} ${state}`).sort()).toEqual([
        ...Array.from({ length: 3 }, () => 'silent offered'),
        ...Array.from({ length: 3 }, () => 'silent open'),
      ])
      expect(await soundness(exam, 6)).toEqual([])
      // Whoever lost a place that way is told, and the trail says by which rules.
      const lapsed = numberIn(late?.personId ?? '')
      expect((await exam.texts(lapsed)).at(-1)).toMatch(/^No answer came in time/)
      expect(await traces(exam, `p${lapsed}`)).toEqual([{ outcome: 'declined', detail: { deployment: late?.id, rules: 1 } }])
      expect(await sweepAnswers(exam.app)).toMatchObject({ ended: 0 })
      expect((await exam.texts(lapsed)).filter((text) => text.startsWith('No answer came in time'))).toHaveLength(1)
    })

    test('is reminded of at half time where there is less time than the rules remind before', async () => {
      const exam = await released({ ...RULES, reserve_hours: 20, remind_hours: 24 })
      const [first] = (await rows(exam)).filter(({ status }) => status === 'released')
      // Long after the reminders of those who have three days: these count for themselves.
      exam.goTo('2026-10-03', 12)
      expect(await sweepAnswers(exam.app)).toMatchObject({ reminded: 6 })
      await exam.ask(numberIn(first?.personId ?? ''), 'deployments.decline', { reason: 'no' })
      const next = (await rows(exam)).find(({ offeredFrom }) => offeredFrom === first?.id)
      exam.goTo('2026-10-03', 21)
      expect(await sweepAnswers(exam.app)).toMatchObject({ reminded: 0 })
      exam.goTo('2026-10-03', 22)
      expect(await sweepAnswers(exam.app)).toMatchObject({ reminded: 1 })
      expect((await exam.texts(numberIn(next?.personId ?? ''))).at(-1)).toMatch(/^Please answer by 4\/10\/2026 08:00/)
      expect(await sweepAnswers(exam.app)).toMatchObject({ reminded: 0 })
    })

    test('is not reminded of after an answer, nor after the deadline, nor where no rule says so', async () => {
      const exam = await released()
      const [first, second] = (await rows(exam)).filter(({ status }) => status === 'released')
      await exam.ask(numberIn(first?.personId ?? ''), 'deployments.accept')
      exam.goTo('2026-10-04', 10)
      expect(await sweepAnswers(exam.app)).toMatchObject({ reminded: 0, ended: 5 })
      expect(await exam.texts(numberIn(second?.personId ?? ''))).not.toContainEqual(expect.stringMatching(/^Please answer/))
      const { silence: _s, ...patient } = RULES
      const late = await released(patient)
      late.goTo('2026-10-04', 10)
      expect(await sweepAnswers(late.app)).toMatchObject({ reminded: 0, ended: 0 })
      const { remind_hours: _, ...quiet } = RULES
      const silent = await released(quiet)
      silent.goTo('2026-10-04', 8)
      expect(await sweepAnswers(silent.app)).toMatchObject({ reminded: 0 })
    })

    test('as yes, or as nothing', async () => {
      const yes = await released({ ...RULES, silence: 'accept' })
      yes.goTo('2026-10-05')
      expect(await sweepAnswers(yes.app)).toMatchObject({ accepted: 6, ended: 0 })
      for (const { id, personId } of await rows(yes)) {
        expect((await yes.texts(numberIn(personId))).at(-1)).toMatch(/^You accepted/)
        expect(await traces(yes, personId)).toEqual([{ outcome: 'accepted', detail: { deployment: id, rules: 1 } }])
      }
      expect((await rows(yes)).every(({ status }) => status === 'accepted')).toBe(true)
      const { silence: _, ...rest } = RULES
      const nothing = await released(rest)
      nothing.goTo('2026-10-05')
      expect(await sweepAnswers(nothing.app)).toMatchObject({ accepted: 0, ended: 0 })
      expect((await rows(nothing)).every(({ status }) => status === 'released')).toBe(true)
      // With another version of the rules what has passed already counts as it says.
      await nothing.write(RULES)
      expect(await sweepAnswers(nothing.app)).toMatchObject({ ended: 6 })
      expect(await sweepAnswers(nothing.app)).toMatchObject({ ended: 0 })
    })
  })
})
