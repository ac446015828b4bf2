import { eq } from 'drizzle-orm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { publish } from '../../src/deployments/publish.ts'
import { sweepAnswers } from '../../src/deployments/silence.ts'
import { type SeriesRules, usualRules } from '../../src/jobs/rules.ts'
import { revoke } from '../../src/letters/operate.ts'
import { buildExam, codeOf, type Exam, JOB, type Spot } from '../allocation/kit.ts'
import { onBothEngines } from '../letters/kit.ts'

const RULES: SeriesRules = {
  ...usualRules,
  reserve_share: 2,
  within: 'county',
  answer_days: 3,
  reserve_hours: 12,
  remind_hours: 24,
  silence: 'decline',
}

/** Kilele's six places released to six people of nine; three wait in reserve. */
async function released(
  rules: SeriesRules = RULES,
  spots: readonly Spot[] = ['k1', 'k1', 'k2', 'k2', 'k3', 'k3', 'k1', 'k2', 'k3'],
): Promise<Exam> {
  const exam = await buildExam(rules)
  for (const [n, spot] of spots.entries()) await exam.choose(n + 1, spot)
  await exam.adopt((await exam.plan()).id)
  await publish(exam.app)
  return exam
}

const rows = async (exam: Exam) => exam.app.store.read.select().from(exam.app.store.read.deployments)
const openings = async (exam: Exam) => exam.app.store.read.select().from(exam.app.store.read.openings)
const numberIn = (personId: string) => Number(personId.slice(1))

/** What must hold after anything that anybody did. */
async function soundness(exam: Exam, places: number): Promise<string[]> {
  const faults: string[] = []
  const all = await rows(exam)
  const held = all.filter((row) => row.held !== null)
  const twice = (list: readonly string[]) => list.filter((each, n) => list.indexOf(each) !== n)
  for (const seat of twice(held.map(({ jobCode, centreCode, seat }) => `${jobCode} ${centreCode} ${seat}`)))
    faults.push(`two people hold ${seat}`)
  for (const person of twice(held.map(({ personId }) => personId))) faults.push(`${person} holds two places`)
  for (const { id, status, held: key } of all)
    if (['draft', 'released', 'accepted'].includes(status) !== (key !== null)) faults.push(`${id} is ${status} and holds ${key}`)
  if (held.length > places) faults.push(`${held.length} hold ${places} places`)
  const offers = all.map(({ offeredFrom }) => offeredFrom).filter((from) => from !== null)
  for (const from of twice(offers)) faults.push(`the place of ${from} was offered twice`)
  const letters = await exam.letters()
  for (const { id, status } of all) {
    const inForce = letters.filter((letter) => letter.deploymentId === id && letter.revokedAt === null).length
    if (inForce !== (status === 'released' || status === 'accepted' ? 1 : 0))
      faults.push(`${id}, ${status}, has ${inForce} letters`)
  }
  const open = (await openings(exam)).filter(({ state }) => state === 'open')
  const empty = all.filter(({ held: key, status }) => key === null && status === 'declined').length
  if (held.length + open.length > places)
    faults.push(`${held.length} held and ${open.length} open of ${places}, ${empty} gave up`)
  return faults
}

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

type Step = { do: 'accept' | 'decline' | 'revoke'; who: number } | { do: 'sweep' | 'plan' } | { do: 'wait'; hours: number }

/** Any order of answers, several at the same moment: the model is only what must never be. */
const steps = fc.array(
  fc.array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ do: fc.constantFrom('accept' as const, 'decline' as const), who: fc.integer({ min: 1, max: 9 }) }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('revoke' as const), who: fc.integer({ min: 1, max: 9 }) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('sweep' as const) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('plan' as const) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), hours: fc.integer({ min: 1, max: 40 }) }) },
    ),
    { minLength: 1, maxLength: 6 },
  ),
  { minLength: 1, maxLength: 6 },
)

async function take(exam: Exam, step: Step, clock: { hours: number }): Promise<void> {
  if (step.do === 'accept') await exam.ask(step.who, 'deployments.accept')
  else if (step.do === 'decline') await exam.ask(step.who, 'deployments.decline', { reason: 'no' })
  else if (step.do === 'revoke') {
    const row = (await rows(exam)).find(({ personId }) => personId === `p${step.who}`)
    if (row) await revoke(exam.app, { deployment: row.id, why: 'test' })
  } else if (step.do === 'sweep') await sweepAnswers(exam.app)
  else if (step.do === 'plan') {
    const made = await exam.plan()
    await exam.adopt(made.id)
    await publish(exam.app)
  } else if (step.do === 'wait') {
    clock.hours += step.hours
    exam.goTo('2026-10-01', 9 + clock.hours)
  }
}

const anyOrder = (runs: number) =>
  fc.assert(
    fc.asyncProperty(steps, async (waves) => {
      const exam = await released()
      const clock = { hours: 0 }
      for (const wave of waves) {
        await Promise.all(wave.map((step) => take(exam, step, clock)))
        expect(await soundness(exam, 6)).toEqual([])
      }
    }),
    { numRuns: runs },
  )

describe('no place is held by two people, and nobody holds two, whatever is answered in whatever order', () => {
  test('on SQLite', () => anyOrder(12), 120_000)
})
onBothEngines(() => {
  test('the same for a crowd that answers at one moment', async () => {
    const exam = await released()
    await Promise.all(
      Array.from({ length: 9 }, (_, n) => n + 1).flatMap((who) => [
        exam.ask(who, 'deployments.decline', { reason: 'no' }),
        exam.ask(who, 'deployments.accept'),
        exam.ask(who, 'deployments.decline', { reason: 'no' }),
        sweepAnswers(exam.app),
      ]),
    )
    expect(await soundness(exam, 6)).toEqual([])
  })
})
