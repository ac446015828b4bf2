import { eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { actions } from '../../src/catalogue.ts'
import { nominationsIn } from '../../src/jobs/quota.ts'
import { type SeriesRules, usualRules, versionedRules, writeRules } from '../../src/jobs/rules.ts'
import { performing } from '../../src/perform.ts'
import { buildExam, type Exam, JOB, officer } from '../allocation/kit.ts'
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
