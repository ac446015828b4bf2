import { eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import type { Actor } from '../../src/action.ts'
import { actions } from '../../src/catalogue.ts'
import { askDecideAll, DECIDE_RUN, decideRun, decideTicked } from '../../src/jobs/decide-many.ts'
import { nominationsIn } from '../../src/jobs/quota.ts'
import { type SeriesRules, usualRules, versionedRules, writeRules } from '../../src/jobs/rules.ts'
import { setStanding } from '../../src/people/standing.ts'
import { performing } from '../../src/perform.ts'
import { buildExam, type Exam, JOB, officer } from '../allocation/kit.ts'
import { finishRuns } from '../kit/runs.ts'
import { onBothEngines } from '../letters/kit.ts'

/** Nine people of Mto in Kilele who applied; its two stations need two each. */
async function applied(rules: SeriesRules): Promise<Exam> {
  const exam = await buildExam(rules)
  for (let n = 1; n <= 9; n++) await exam.choose(n, n % 2 === 0 ? 'k1' : 'k2')
  await exam.work((tx) => tx.update(tx.applications).set({ status: 'received' }))
  return exam
}
const decide = (exam: Exam, n: number, to: string, more: Record<string, unknown> = {}) =>
  performing(exam.app, actions, `decide:${n}`, (_, perform) =>
    perform('applications.decide', officer, { application: `a${n}-${JOB}`, to, ...more }),
  )
const standing = async (exam: Exam, n: number) => (await exam.applications()).find(({ id }) => id === `a${n}-${JOB}`)

onBothEngines(() => {
  describe('nominations', () => {
    test('keep to the quota: so many times the need of the sub-county, also when all are nominated at once', async () => {
      const exam = await applied({ ...usualRules, nominate_share: 1.5 })
      const outcomes = await Promise.all(Array.from({ length: 9 }, (_, n) => decide(exam, n + 1, 'nominated')))
      expect(outcomes.filter(({ refused }) => refused === undefined)).toHaveLength(6)
      expect(outcomes.filter(({ refused }) => refused === 'quota')).toHaveLength(3)
      // Whoever is chosen after was nominated all the same: no place falls free by it.
      const [first] = (await exam.applications()).filter(({ status }) => status === 'nominated')
      await decide(exam, Number(first?.id.slice(1).split('-')[0]), 'successful')
      const left = (await exam.applications()).find(({ status }) => status === 'received')
      expect((await decide(exam, Number(left?.id.slice(1).split('-')[0]), 'nominated')).refused).toBe('quota')
    })

    test('count a small station where it sits, as a plan does', async () => {
      const exam = await applied({ ...usualRules, nominate_share: 1 })
      // Of Ziwa, but the nearest that is large enough stands in Mto: Mto needs two, two and one for the guests; Ziwa two.
      await exam.work((tx) =>
        tx.insert(tx.stations).values({
          centreCode: '20102009',
          name: 'Shule ndogo',
          county: 'Kilele',
          subCounty: 'Ziwa',
          latitude: 0,
          longitude: 34.09,
          candidates: 9,
        }),
      )
      const { read } = exam.app.store
      const [job] = await read.select().from(read.jobs).where(eq(read.jobs.code, JOB))
      if (!job) throw new Error('no job')
      const { rules } = await versionedRules(read, job.exam)
      const [mto] = await nominationsIn(read, job, rules, 'Kilele')
      expect(mto).toMatchObject({ subCounty: 'Mto', quota: 5 })
      const needs = (await exam.plan()).summary
      expect(needs.places).toBe(11)
      const outcomes: (string | undefined)[] = []
      for (let n = 1; n <= 9; n++) outcomes.push((await decide(exam, n, 'nominated')).refused)
      expect(outcomes.filter((each) => each === undefined)).toHaveLength(5)
    })

    test('by a number that the rules say of a sub-county, or without a limit', async () => {
      const said = await applied({ ...usualRules, nominate: { invigilator: { 'Kilele/Mto': 1 } } })
      expect((await decide(said, 1, 'nominated')).refused).toBeUndefined()
      expect((await decide(said, 2, 'nominated')).refused).toBe('quota')
      const free = await applied(usualRules)
      for (let n = 1; n <= 9; n++) expect((await decide(free, n, 'nominated')).refused).toBeUndefined()
    })

    test('whoever is left out is told why, and every decision keeps the version of the rules', async () => {
      const exam = await applied({ ...usualRules, nominate_share: 1 })
      await decide(exam, 1, 'unsuccessful', { reason: 'documents' })
      expect(await standing(exam, 1)).toMatchObject({ status: 'unsuccessful', leftOut: 'documents', rulesVersion: 1 })
      expect((await exam.texts(1)).at(-1)).toContain('Why: your papers are not complete')
      await exam.write({ ...usualRules, nominate_share: 2 })
      await decide(exam, 2, 'nominated')
      expect(await standing(exam, 2)).toMatchObject({ rulesVersion: 2, leftOut: null })
      await decide(exam, 3, 'unsuccessful')
      expect((await exam.texts(3)).at(-1)).toContain('not successful this time')
      const { read } = exam.app.store
      const [job] = await read.select().from(read.jobs).where(eq(read.jobs.code, JOB))
      if (!job) throw new Error('no job')
      const { rules } = await versionedRules(read, job.exam)
      expect(await nominationsIn(read, job, rules, 'Kilele')).toEqual([
        {
          county: 'Kilele',
          subCounty: 'Mto',
          applicants: 9,
          undecided: 6,
          nominated: 1,
          quota: 8,
          leftOut: { documents: 1, none: 1 },
        },
      ])
    })
  })

  test('an officer of a sub-county vets and nominates only its own people, one by one, by the tick and all of a filter', async () => {
    const exam = await buildExam(usualRules)
    for (const [n, spot] of (['k1', 'k2', 'k3', 'k3'] as const).entries()) await exam.choose(n + 1, spot)
    await exam.work((tx) => tx.update(tx.applications).set({ status: 'received' }))
    const { app } = exam
    const [ziwa, county] = ['ziwa', 'county'].map((id): Actor => ({ ...officer, name: `officer:${id}` })) as [Actor, Actor]
    await exam.work(async (tx) => {
      for (const [id, subCounties] of [
        ['ziwa', ['Ziwa']],
        ['county', []],
      ] as const)
        await tx.insert(tx.officers).values({
          ...{ id, username: id, name: 'Made Up', role: 'officer', at: 0 },
          counties: ['Kilele'],
          subCounties: [...subCounties],
        })
    })
    const perform = (by: Actor, n: number, to: string) =>
      performing(app, actions, `decide:${n}`, (_, act) => act('applications.decide', by, { application: `a${n}-${JOB}`, to }))
    expect(await perform(ziwa, 1, 'nominated')).toMatchObject({ refused: 'sub_county' })
    expect(await perform(ziwa, 1, 'unsuccessful')).toMatchObject({ refused: 'sub_county' })
    expect(await standing(exam, 1)).toMatchObject({ status: 'received' })
    const ticked = (await exam.applications()).slice(0, 3).map(({ id, changedAt }) => ({ id, changedAt }))
    await decideTicked(app, ziwa, { to: 'nominated', ticked, counties: ['Kilele'], once: 't1' })
    const which = { job: JOB, status: 'received', counties: ['Kilele'], asOf: exam.at + 1 } as const
    await askDecideAll(app, ziwa, { to: 'nominated', which, of: 4, once: 'r1' })
    await finishRuns(app, { [DECIDE_RUN]: decideRun })
    const runs = await app.store.read.select().from(app.store.read.runs)
    expect(Object.fromEntries(runs.map(({ id, tally }) => [id, tally]))).toEqual({
      t1: { sub_county: 2, decided: 1 },
      r1: { sub_county: 2, decided: 1 },
    })
    expect((await exam.applications()).map(({ status, subCounty }) => `${subCounty} ${status}`).sort()).toEqual([
      'Mto received',
      'Mto received',
      'Ziwa nominated',
      'Ziwa nominated',
    ])
    expect(await setStanding(app, ziwa, { id: 'p1', was: 'vetted', reason: 'conduct' })).toBe('sub_county')
    expect(await setStanding(app, ziwa, { id: 'p3', was: 'vetted', reason: 'conduct' })).toBe('done')
    expect(await perform(county, 1, 'nominated')).toMatchObject({ done: {} })
  })

  test('every version of the rules is kept; the same rules again are no version', async () => {
    const exam = await buildExam(usualRules)
    const write = (rules: SeriesRules) => exam.work((tx) => writeRules({ tx, at: exam.at, actor: officer }, 'KCSE2026', rules))
    expect(await write(usualRules)).toBeUndefined()
    expect(await write({ ...usualRules, answer_days: 3 })).toBe(2)
    expect(await write(usualRules)).toBe(3)
    const { read } = exam.app.store
    const kept = await read.select().from(read.seriesVersions)
    expect(kept.map(({ version, rules }) => [version, (rules as SeriesRules).answer_days]).sort()).toEqual([
      [1, undefined],
      [2, 3],
      [3, undefined],
    ])
  })
})
