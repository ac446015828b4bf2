import { eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { sweepAnswers } from '../../src/deployments/silence.ts'
import { codeOf, JOB } from '../allocation/kit.ts'
import { onBothEngines } from '../letters/kit.ts'
import { numberIn, openings, RULES, released, rows, soundness } from './kit.ts'

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
    })

    test('as yes, or as nothing', async () => {
      const yes = await released({ ...RULES, silence: 'accept' })
      yes.goTo('2026-10-05')
      expect(await sweepAnswers(yes.app)).toMatchObject({ accepted: 6, ended: 0 })
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
