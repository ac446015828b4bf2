import { eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { remindHeads } from '../../src/attendance/remind-heads.ts'
import { byCounty, staffingOf } from '../../src/attendance/staffing.ts'
import { publish } from '../../src/deployments/publish.ts'
import { type SeriesRules, usualRules } from '../../src/jobs/rules.ts'
import { buildExam, codeOf, type Exam, JOB, type Spot } from '../allocation/kit.ts'
import { numberOf, onBothEngines } from '../letters/kit.ts'

const DAY = '2026-11-02'
const RULES: SeriesRules = { ...usualRules, within: 'county', reserve_share: 0 }
const HEADS: Record<Spot, number> = { k1: 91, k2: 92, k3: 93, b1: 94, b2: 95 }

/** Ten places at five stations; k1 and k3 have their two people, k2 nobody, b1 one, b2 nobody. All but k3 was marked by 07:10. */
async function morning(rules: SeriesRules = RULES): Promise<Exam> {
  const exam = await buildExam(rules)
  for (const [n, spot] of (['k2', 'k2', 'k2', 'k2', 'b2'] as const).entries()) await exam.choose(n + 1, spot)
  await exam.adopt((await exam.plan()).id)
  await publish(exam.app)
  for (const [spot, n] of Object.entries(HEADS))
    await exam.work((tx) =>
      tx.insert(tx.heads).values({ centreCode: codeOf(spot as Spot), name: `Head of ${spot}`, msisdn: numberOf(n), at: 0 }),
    )
  for (const { id, centreCode, county } of await exam.held())
    if (centreCode !== codeOf('k3'))
      await exam.work((tx) =>
        tx
          .insert(tx.attendance)
          .values({ deploymentId: id, day: DAY, jobCode: JOB, centreCode, county, mark: 'present', by: 'head', at: 0 }),
      )
  exam.goTo(DAY, 7.5)
  return exam
}
const gaps = async (exam: Exam, more: { county?: string; counties?: string[] } = {}) =>
  (await staffingOf(exam.app.store.read, { job: JOB, day: DAY, ...more })).map(
    ({ key, gap, empty, unmarked }) => `${key} ${gap} (${empty} empty, ${unmarked} unmarked)`,
  )

onBothEngines(() => {
  describe('at 07:30 on the day of the exam', () => {
    test('stations stand with their gaps first, whoever is there last; one that nobody was sent to is a gap', async () => {
      const exam = await morning()
      expect((await exam.held()).map(({ centreCode }) => centreCode).sort()).toEqual(
        [codeOf('k1'), codeOf('k1'), codeOf('k3'), codeOf('k3'), codeOf('b1')].sort(),
      )
      expect(await gaps(exam)).toEqual([
        `${codeOf('k2')} 2 (2 empty, 0 unmarked)`,
        `${codeOf('k3')} 2 (0 empty, 2 unmarked)`,
        `${codeOf('b2')} 2 (2 empty, 0 unmarked)`,
        `${codeOf('b1')} 1 (1 empty, 0 unmarked)`,
        `${codeOf('k1')} 0 (0 empty, 0 unmarked)`,
      ])
      expect(await gaps(exam, { county: 'Bonde' })).toHaveLength(2)
      expect(await gaps(exam, { counties: ['Bonde'] })).toHaveLength(2)
      const counties = byCounty(await staffingOf(exam.app.store.read, { job: JOB, day: DAY }))
      expect(counties).toMatchObject([
        { key: 'Kilele', expected: 6, present: 2, unmarked: 2, empty: 2, gap: 4 },
        { key: 'Bonde', expected: 4, present: 1, empty: 3, gap: 3 },
      ])
    })

    test('places that all said no to stay gaps, with a plan and without one', async () => {
      const exam = await morning()
      exam.goTo('2026-10-02')
      for (const { personId } of await exam.held())
        await exam.ask(Number(personId.slice(1)), 'deployments.decline', { reason: 'no' })
      expect(byCounty(await staffingOf(exam.app.store.read, { job: JOB, day: DAY }))).toMatchObject([
        { key: 'Kilele', expected: 6, gap: 6 },
        { key: 'Bonde', expected: 4, gap: 4 },
      ])
      // Without a plan it is the rules that say how many there are to be, and without those the open places.
      await exam.work((tx) => tx.update(tx.plans).set({ state: 'ready' }))
      expect(await gaps(exam, { county: 'Bonde' })).toHaveLength(2)
      await exam.work((tx) => tx.update(tx.series).set({ rules: {} }).where(eq(tx.series.exam, 'KCSE2026')))
      expect(await gaps(exam, { county: 'Bonde' })).toEqual([`${codeOf('b1')} 1 (1 empty, 0 unmarked)`])
    })
  })

  describe('a head who has not marked', () => {
    const at = (exam: Exam, hour: number, minute: number) => exam.goTo(DAY, hour + minute / 60)

    test('is reminded once, a quarter of an hour after the hour to report at, and nobody else is', async () => {
      const exam = await morning()
      at(exam, 7, 14)
      expect(await remindHeads(exam.app)).toBe(0)
      at(exam, 7, 15)
      expect(await remindHeads(exam.app)).toBe(1)
      expect(await exam.texts(HEADS.k3)).toEqual([
        expect.stringMatching(/^Shule 20102001: 2 of 2 not marked today\. Please dial \*483\*22262#, Station head/),
      ])
      for (const spot of ['k1', 'k2', 'b1', 'b2'] as const) expect(await exam.texts(HEADS[spot])).toEqual([])
      at(exam, 7, 45)
      expect(await remindHeads(exam.app)).toBe(0)
      // The next day begins anew: nobody was marked yet.
      exam.goTo('2026-11-03', 8)
      expect(await remindHeads(exam.app)).toBe(3)
    })

    test('only where the rules say so, and when', async () => {
      const { remind_heads_minutes: _, ...rest } = RULES
      const never = await morning(rest)
      expect(await remindHeads(never.app)).toBe(0)
      const late = await morning({ ...RULES, remind_heads_minutes: 40, report_at: '08:00' })
      at(late, 8, 39)
      expect(await remindHeads(late.app)).toBe(0)
      at(late, 8, 40)
      expect(await remindHeads(late.app)).toBe(1)
    })
  })
})
