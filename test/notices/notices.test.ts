import { eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { orderRules } from '../../src/catalogue.ts'
import { publish } from '../../src/deployments/publish.ts'
import { sweepAnswers } from '../../src/deployments/silence.ts'
import { type SeriesRules, usualRules } from '../../src/jobs/rules.ts'
import { askNotice, type Notice, previewNotice } from '../../src/notices/ask.ts'
import { NOTICE_RUN, noticeRun } from '../../src/notices/carry-out.ts'
import { leftOut, noticesOf, notReached, toldBy } from '../../src/notices/overview.ts'
import { answerOrder } from '../../src/orders/decide.ts'
import { buildExam, codeOf, type Exam, JOB, officer, type Spot } from '../allocation/kit.ts'
import { seatOfficers } from '../kit/officers.ts'
import { finishRuns } from '../kit/runs.ts'
import { onBothEngines } from '../letters/kit.ts'

const second = { ...officer, name: 'officer:2' }

/** Six people released, of whom one has accepted; one more only a draft. */
async function released(rules: SeriesRules = { ...usualRules, within: 'county' }) {
  const exam = await buildExam(rules)
  await seatOfficers(exam.app, officer, second)
  const spots: Spot[] = ['k1', 'k1', 'k2', 'k2', 'b1', 'b2']
  for (const [n, spot] of spots.entries()) await exam.choose(n + 1, spot)
  await exam.adopt((await exam.plan()).id)
  await publish(exam.app)
  await exam.ask(1, 'deployments.accept')
  await exam.addPerson(9)
  await exam.draft(9, JOB, { centreCode: codeOf('k3'), county: 'Kilele', seat: 9, held: `${JOB}:${codeOf('k3')}:9` })
  return exam
}

const run = (exam: Exam) => finishRuns(exam.app, { [NOTICE_RUN]: noticeRun })

async function carriedOut(exam: Exam, notice: Notice, id = 'n1') {
  expect(await askNotice(exam.app, officer, notice, id)).toEqual({ order: id })
  const { read } = exam.app.store
  const [order] = await read.select().from(read.orders).where(eq(read.orders.id, id))
  const answer = { id, digest: order?.digest ?? '', yes: true }
  expect(await answerOrder(exam.app, officer, orderRules, answer)).toEqual({ refused: 'own' })
  expect(await answerOrder(exam.app, second, orderRules, answer)).toMatchObject({ order: { id } })
  await run(exam)
  const [over] = await read
    .select()
    .from(read.runs)
    .where(eq(read.runs.id, `notice:${id}`))
  return over
}
const rowsOf = async (exam: Exam) => exam.app.store.read.select().from(exam.app.store.read.deployments)
const inForce = async (exam: Exam) => (await exam.letters()).filter(({ revokedAt }) => revokedAt === null)

onBothEngines(() => {
  describe('a notice', () => {
    test('of recalled letters: each holder gets a new letter and one SMS, the old ones are worth nothing, nobody else is told', async () => {
      const exam = await released()
      const before = await inForce(exam)
      const preview = await previewNotice(exam.app, { kind: 'recalled', job: JOB })
      expect(preview).toMatchObject({ people: 6, drafts: 1, county: null, texts: { en: { segments: 1 }, sw: { segments: 1 } } })
      const over = await carriedOut(exam, { kind: 'recalled', job: JOB })
      expect(over?.tally).toMatchObject({ told: 6, silent: 1, left_out: 0 })
      const now = await inForce(exam)
      expect(now).toHaveLength(6)
      expect(now.every(({ version }) => version === 2)).toBe(true)
      expect(now.map(({ deploymentId }) => deploymentId).sort()).toEqual(before.map(({ deploymentId }) => deploymentId).sort())
      expect((await exam.texts(1)).at(-1)).toMatch(/^New letter, old one is void: .*\/l\//)
      expect(await exam.texts(9)).toEqual([])
      // Who had accepted stands by it.
      expect((await rowsOf(exam)).filter(({ status }) => status === 'accepted')).toHaveLength(1)
      const county = await carriedOut(exam, { kind: 'recalled', job: JOB, county: 'Bonde' }, 'n2')
      expect(county?.tally).toMatchObject({ told: 2, silent: 0 })
      expect(await noticesOf(exam.app.store.read)).toHaveLength(2)
    })

    test('of a postponed exam: the job’s days and everybody’s move once, even where the process died in the middle', async () => {
      const exam = await released()
      const notice: Notice = { kind: 'postponed', job: JOB, days: 7 }
      await askNotice(exam.app, officer, notice, 'n1')
      const { read } = exam.app.store
      const [order] = await read.select().from(read.orders).where(eq(read.orders.id, 'n1'))
      await answerOrder(exam.app, second, orderRules, { id: 'n1', digest: order?.digest ?? '', yes: true })
      await run(exam)
      // As after a crash whose slice was written and whose run begins anew: nobody is moved or told twice.
      const told = (await exam.texts(1)).length
      await exam.work((tx) => tx.update(tx.runs).set({ state: 'waiting', cursor: null }).where(eq(tx.runs.id, 'notice:n1')))
      await exam.work((tx) => tx.delete(tx.deployments).where(eq(tx.deployments.personId, 'p9')))
      await run(exam)
      expect(await exam.texts(1)).toHaveLength(told)
      expect((await rowsOf(exam)).map(({ reportOn }) => reportOn)).toEqual(Array.from({ length: 6 }, () => '2026-11-09'))
      const [job] = await read.select().from(read.jobs).where(eq(read.jobs.code, JOB))
      expect(job).toMatchObject({ startsOn: '2026-11-09', endsOn: '2026-11-27' })
      expect((await exam.texts(1)).at(-1)).toMatch(/^Moved to 9\/11\/2026: /)
    })

    test('postponed onto another duty, whoever accepted is asked anew', async () => {
      const exam = await released()
      await exam.served(1, 'b1', '2026-11-25', 'OTHER26', 'released')
      const over = await carriedOut(exam, { kind: 'postponed', job: JOB, days: 7 })
      expect(over?.tally).toMatchObject({ asked_anew: 1 })
      expect((await rowsOf(exam)).find(({ personId, jobCode }) => personId === 'p1' && jobCode === JOB)?.status).toBe('released')
    })

    test('of people who go to another station: each takes a free place there; whoever may not serve there stays', async () => {
      const exam = await released()
      const at = (spot: Spot) => async () =>
        (await rowsOf(exam)).filter(({ centreCode, status }) => centreCode === codeOf(spot) && status !== 'draft')
      const from = await at('k2')()
      const workers = from.length
      await exam.work((tx) =>
        tx
          .insert(tx.declarations)
          .values({ personId: from[0]?.personId ?? '', centreCode: codeOf('k3'), why: 'relation', at: 0 }),
      )
      const over = await carriedOut(exam, { kind: 'moved', job: JOB, from: codeOf('k2'), to: codeOf('k3') })
      expect(over?.tally).toMatchObject({ told: workers - 1, left_out: 1 })
      const there = (await rowsOf(exam)).filter(({ centreCode }) => centreCode === codeOf('k3'))
      expect(new Set(there.map(({ held }) => held)).size).toBe(there.length)
      const moved = there.find(({ personId }) => personId === from[1]?.personId)
      expect((await exam.texts(Number(moved?.personId.slice(1)))).at(-1)).toMatch(/^New station Shule 20102001: /)
    })

    describe('and the places that are open', () => {
      /** Somebody at k2 has given up their place, and nobody is left in reserve; silence counts as no. */
      const RULES = { ...usualRules, within: 'county', answer_days: 3, reserve_hours: 12, silence: 'decline' } as const
      async function withOpenPlace() {
        const exam = await released(RULES)
        const [gone] = (await rowsOf(exam)).filter(
          ({ centreCode, status }) => centreCode === codeOf('k2') && status === 'released',
        )
        if (!gone) throw new Error('nobody is at k2')
        await exam.ask(Number(gone.personId.slice(1)), 'deployments.decline', { reason: 'ill' })
        return { exam, gone }
      }
      const reserve = async (exam: Exam, n: number) => {
        await exam.addPerson(n, { workstationCode: codeOf('k1'), homeCounty: 'Kilele', homeSubCounty: 'Mto' })
        await exam.work((tx) =>
          tx.insert(tx.reserves).values({
            jobCode: JOB,
            personId: `p${n}`,
            county: 'Kilele',
            subCounty: 'Mto',
            rank: n,
            state: 'waiting',
            changedAt: 0,
          }),
        )
      }
      const openings = async (exam: Exam) => exam.app.store.read.select().from(exam.app.store.read.openings)

      test('of a postponed exam are offered for the new day, whether they were open before or fell free in the middle', async () => {
        const { exam } = await withOpenPlace()
        await askNotice(exam.app, officer, { kind: 'postponed', job: JOB, days: 7 }, 'n1')
        const { read } = exam.app.store
        const [order] = await read.select().from(read.orders).where(eq(read.orders.id, 'n1'))
        await answerOrder(exam.app, second, orderRules, { id: 'n1', digest: order?.digest ?? '', yes: true })
        // Between the second officer's yes and the first letter: nobody is offered a day that is no longer.
        await reserve(exam, 30)
        await reserve(exam, 31)
        await sweepAnswers(exam.app)
        await exam.ask(5, 'deployments.decline', { reason: 'ill' })
        expect((await rowsOf(exam)).filter(({ origin }) => origin === 'reserve')).toEqual([])
        await run(exam)
        await sweepAnswers(exam.app)
        const offered = (await rowsOf(exam)).filter(({ origin }) => origin === 'reserve')
        expect(offered).toMatchObject([{ reportOn: '2026-11-09', personId: 'p30' }])
        expect(await exam.texts(30)).toHaveLength(1)
        expect((await rowsOf(exam)).filter(({ held }) => held).every(({ reportOn }) => reportOn === '2026-11-09')).toBe(true)
        // The same run again finds nobody to move a second time.
        await exam.work((tx) => tx.update(tx.runs).set({ state: 'waiting', cursor: null }).where(eq(tx.runs.id, 'notice:n1')))
        await run(exam)
        expect((await rowsOf(exam)).every(({ reportOn }) => reportOn <= '2026-11-09')).toBe(true)
        expect(await exam.texts(30)).toHaveLength(1)
      })

      test('of a station that moved are offered at the new one, on a place that nobody has; the plan needs them there', async () => {
        const { exam, gone } = await withOpenPlace()
        await exam.work((tx) => tx.update(tx.openings).set({ seat: 1 }).where(eq(tx.openings.id, gone.id)))
        const preview = await previewNotice(exam.app, { kind: 'moved', job: JOB, from: codeOf('k2'), to: codeOf('b1') })
        expect(preview).toMatchObject({ people: 1, places: 1 })
        const over = await carriedOut(exam, { kind: 'moved', job: JOB, from: codeOf('k2'), to: codeOf('b1') })
        expect(over?.tally).toMatchObject({ told: 1, places: 1 })
        const [opening] = await openings(exam)
        expect(opening).toMatchObject({ centreCode: codeOf('b1'), county: 'Bonde', state: 'open' })
        const seats = (await exam.held()).filter(({ centreCode }) => centreCode === codeOf('b1')).map(({ seat }) => seat)
        expect(new Set([...seats, opening?.seat]).size).toBe(seats.length + 1)
        await exam.addPerson(30, { workstationCode: codeOf('b2') })
        await exam.work((tx) =>
          tx.insert(tx.reserves).values({
            jobCode: JOB,
            personId: 'p30',
            county: 'Bonde',
            subCounty: 'Bonde',
            rank: 1,
            state: 'waiting',
            changedAt: 0,
          }),
        )
        await sweepAnswers(exam.app)
        expect((await exam.texts(30)).at(-1)).toContain(`Shule ${codeOf('b1')}`)
        const { read } = exam.app.store
        const needs = await read.select().from(read.planNeeds)
        expect(needs.find(({ centreCode }) => centreCode === codeOf('k2'))).toBeUndefined()
        expect(needs.find(({ centreCode }) => centreCode === codeOf('b1'))?.need).toBe(4)
      })
    })

    test('gives whoever is asked time to answer from the new letter on, and then silence counts', async () => {
      const exam = await released({ ...usualRules, within: 'county', answer_days: 3, silence: 'decline' })
      await exam.served(1, 'b1', '2026-11-25', 'OTHER26', 'released')
      exam.goTo('2026-10-04', 8)
      await carriedOut(exam, { kind: 'postponed', job: JOB, days: 7 })
      const waiting = (await rowsOf(exam)).filter(({ jobCode, status }) => jobCode === JOB && status === 'released')
      expect(waiting).toHaveLength(6)
      expect(new Set(waiting.map(({ answerBy }) => answerBy))).toEqual(new Set([exam.at + 3 * 86_400_000]))
      // The old deadline has passed, and nobody is too late.
      exam.goTo('2026-10-05')
      expect(await sweepAnswers(exam.app)).toMatchObject({ ended: 0 })
      expect(await exam.ask(2, 'deployments.accept')).toMatchObject({ done: {} })
      exam.goTo('2026-10-08')
      expect(await sweepAnswers(exam.app)).toMatchObject({ ended: 5 })
    })

    test('names whoever could not be moved, until they have another station', async () => {
      const exam = await released()
      const { read } = exam.app.store
      const [stays] = (await rowsOf(exam)).filter(({ centreCode }) => centreCode === codeOf('k2'))
      const personId = stays?.personId ?? ''
      await exam.work((tx) => tx.insert(tx.declarations).values({ personId, centreCode: codeOf('k3'), why: 'relation', at: 0 }))
      await carriedOut(exam, { kind: 'moved', job: JOB, from: codeOf('k2'), to: codeOf('k3') })
      expect(await leftOut(read, 'n1', { counties: [] })).toMatchObject([{ deploymentId: stays?.id, county: 'Kilele' }])
      expect(await leftOut(read, 'n1', { counties: ['Bonde'] })).toEqual([])
      exam.goTo('2026-10-03')
      expect((await notReached(read, 'n1', { at: exam.at, counties: [] })).map(({ personId: who }) => who)).not.toContain(
        personId,
      )
      await exam.work((tx) =>
        tx
          .update(tx.deployments)
          .set({ held: null })
          .where(eq(tx.deployments.id, stays?.id ?? '')),
      )
      expect(await leftOut(read, 'n1', { counties: [] })).toEqual([])
    })

    test('who has not received it after a day is named, narrowed to an officer’s counties', async () => {
      const exam = await released()
      await carriedOut(exam, { kind: 'recalled', job: JOB })
      const { read } = exam.app.store
      expect(await toldBy(read, 'n1', { counties: [] })).toEqual(new Map([['queued', 6]]))
      await exam.work(
        async (tx) => void (await tx.update(tx.outbox).set({ status: 'delivered' }).where(eq(tx.outbox.personId, 'p1'))),
      )
      await exam.work(
        async (tx) => void (await tx.update(tx.outbox).set({ status: 'failed' }).where(eq(tx.outbox.personId, 'p5'))),
      )
      expect(await notReached(read, 'n1', { at: exam.at, counties: [] })).toEqual([])
      exam.goTo('2026-10-02', 10)
      const late = await notReached(read, 'n1', { at: exam.at, counties: [] })
      expect(late).toHaveLength(5)
      expect(late.map(({ personId }) => personId)).not.toContain('p1')
      expect((await notReached(read, 'n1', { at: exam.at, counties: ['Bonde'] })).map(({ county }) => county)).toEqual([
        'Bonde',
        'Bonde',
      ])
      expect(
        await notReached(read, 'n1', { at: exam.at, counties: [], after: late[2]?.deploymentId ?? '', most: 1 }),
      ).toHaveLength(1)
    })

    test.each<[Notice, string]>([
      [{ kind: 'recalled', job: 'NOJOB' }, 'unknown_job'],
      [{ kind: 'postponed', job: JOB, days: 0 }, 'days'],
      [{ kind: 'postponed', job: JOB, days: 1_000 }, 'days'],
      [{ kind: 'moved', job: JOB, from: codeOf('k1'), to: '99999999' }, 'unknown_station'],
      [{ kind: 'moved', job: JOB, from: codeOf('k1'), to: codeOf('k1') }, 'same_station'],
      [{ kind: 'recalled', job: JOB, county: 'Nowhere' }, 'nobody'],
    ])('%j is refused: %s', async (notice, why) => {
      const exam = await released()
      expect(await askNotice(exam.app, officer, notice, 'n1')).toEqual({ refused: why })
      expect(await noticesOf(exam.app.store.read)).toEqual([])
    })
  })
})
