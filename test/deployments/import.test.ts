import { describe, expect, test } from 'vitest'
import { barsFrom, type Known } from '../../src/deployments/bars.ts'
import { checkDeployment, type DeploymentRow } from '../../src/deployments/check.ts'
import { applyDeployments, checkDeployments, importDeployments, type RawRow } from '../../src/deployments/import.ts'
import { publish } from '../../src/deployments/publish.ts'
import type { Job } from '../../src/jobs/eligibility.ts'
import type { SeriesRules } from '../../src/jobs/rules.ts'
import { lookAt } from '../../src/letters/letter.ts'
import type { Tx } from '../../src/store/store.ts'
import { buildTown, codeIn, idOf, onBothEngines, type Town } from '../letters/kit.ts'

const values = (n: number, changes: Partial<Record<keyof DeploymentRow, string>> = {}) => ({
  job_code: 'KCSE26INV',
  national_id: idOf(n),
  centre_code: '10101001',
  report_on: '2026-11-02',
  report_at: '',
  ...changes,
})

async function* fileOf(...rows: Record<string, string>[]): AsyncGenerator<RawRow> {
  for (const [n, row] of rows.entries()) yield { row: n + 2, values: row }
}

async function withPeople(count: number, job: Partial<Tx['jobs']['$inferInsert']> = {}): Promise<Town> {
  const town = await buildTown()
  await town.addJob('KCSE26INV', job)
  for (let n = 1; n <= count; n++) await town.addPerson(n)
  return town
}

const takenOf = async (town: Town) =>
  (await town.store.read.select({ taken: town.store.read.jobs.taken }).from(town.store.read.jobs))[0]?.taken

onBothEngines(() => {
  describe('importing', () => {
    test('makes drafts and successful applications, and doubles nothing the second time', async () => {
      const town = await withPeople(3, { places: 3 })
      const application = { reference: 'AAAAAAAA', jobCode: 'KCSE26INV', county: 'Kilele', subCounty: 'Mto', at: 0, changedAt: 0 }
      await town.work(async (tx) => {
        await tx.insert(tx.applications).values({ ...application, id: 'a1', personId: 'p1', status: 'received' })
      })
      const file = () => fileOf(values(1), values(2, { job_code: 'kcse26-inv', report_at: '06:30' }), values(3))
      expect(await importDeployments(town.app, file())).toEqual({ made: 3, changed: 0, same: 0, full: 0, busy: 0 })
      expect(await importDeployments(town.app, file())).toEqual({ made: 0, changed: 0, same: 3, full: 0, busy: 0 })
      const applications = await town.applications()
      expect(applications.map(({ status }) => status)).toEqual(['successful', 'successful', 'successful'])
      expect(applications.find(({ id }) => id === 'a1')?.reference).toBe('AAAAAAAA')
      expect(await takenOf(town)).toBe(3)
      expect(await town.texts(1)).toEqual([])
      const rows = await town.store.read.select().from(town.store.read.deployments)
      expect(rows.map(({ personId, status, reportAt }) => `${personId} ${status} ${reportAt}`).sort()).toEqual([
        'p1 draft 07:00',
        'p2 draft 06:30',
        'p3 draft 07:00',
      ])
    })

    test('is all or nothing, and names every fault by row and column', async () => {
      const town = await withPeople(3, { places: 1 })
      await town.work((tx) => tx.update(tx.people).set({ workstationCode: '10101002' }))
      await town.addPerson(4, { status: 'suspended' })
      const wrong = [
        values(1),
        values(1, { centre_code: '10101003' }),
        values(2, { job_code: 'NOSUCH', centre_code: '99999999' }),
        values(77, { report_on: '2026-12-01' }),
        values(3, { centre_code: '10101002' }),
        values(4),
        values(2, { national_id: 'abc', report_on: '2026-02-30', report_at: '25:00', centre_code: '1' }),
        { ...values(2), notes: 'x' },
        values(2),
      ]
      const outcome = await importDeployments(town.app, fileOf(...wrong))
      const bad = 'bad' in outcome ? outcome.bad : []
      expect(bad.map(({ row, column }) => `${row} ${column}`)).toEqual([
        '3 national_id',
        '4 job_code',
        '4 centre_code',
        '5 national_id',
        '5 report_on',
        '6 centre_code',
        '7 national_id',
        '8 national_id',
        '8 centre_code',
        '8 report_on',
        '8 report_at',
        '9 notes',
        '10 job_code',
      ])
      expect(JSON.stringify(bad)).not.toMatch(/3100\d{4}/)
      expect(await town.applications()).toEqual([])
      expect(await town.store.read.select().from(town.store.read.deployments)).toEqual([])
    })

    test('a changed centre makes a draft again, and publishing it a new letter', async () => {
      const town = await withPeople(1)
      await importDeployments(town.app, fileOf(values(1)))
      await publish(town.app)
      await town.ask(1, 'deployments.accept')
      const old = codeIn((await town.texts(1))[0])
      expect(await importDeployments(town.app, fileOf(values(1)))).toMatchObject({ same: 1 })
      expect(await importDeployments(town.app, fileOf(values(1, { centre_code: '10101003' })))).toMatchObject({ changed: 1 })
      const [draft] = await town.store.read.select().from(town.store.read.deployments)
      expect(draft).toMatchObject({ status: 'draft', letterVersion: 1 })
      expect(await publish(town.app)).toEqual({ released: 1, held: 0 })
      expect(await lookAt(town.app, old)).toEqual({ refused: 'replaced' })
      const fresh = (await town.texts(1)).at(-1)
      expect(fresh).toContain('Ziwa Boys')
      expect(await lookAt(town.app, codeIn(fresh))).toHaveProperty('open')
      expect(await takenOf(town)).toBe(1)
    })

    test('leaves a declined deployment declined, and its place free for another', async () => {
      const town = await withPeople(2, { places: 1 })
      await importDeployments(town.app, fileOf(values(1)))
      await publish(town.app)
      await town.ask(1, 'deployments.decline', { reason: 'unwell' })
      expect(await takenOf(town)).toBe(0)
      expect(await town.applications()).toMatchObject([{ status: 'withdrawn' }])
      expect(await importDeployments(town.app, fileOf(values(1)))).toMatchObject({ same: 1 })
      expect(await publish(town.app)).toEqual({ released: 0, held: 0 })
      expect(await importDeployments(town.app, fileOf(values(2)))).toMatchObject({ made: 1 })
      expect(await takenOf(town)).toBe(1)
    })

    test('never gives out more places than there are, whoever else decides meanwhile', async () => {
      const town = await withPeople(3, { places: 3 })
      const { planned } = await checkDeployments(town.app, fileOf(values(1), values(2)))
      await town.work((tx) => tx.update(tx.jobs).set({ taken: 2 }))
      expect(await applyDeployments(town.app, planned)).toEqual({ made: 1, changed: 0, same: 0, full: 1, busy: 0 })
      expect(await takenOf(town)).toBe(3)
      expect(await town.applications()).toHaveLength(1)
      expect(await importDeployments(town.app, fileOf(values(3)))).toMatchObject({ bad: [{ row: 2, column: 'job_code' }] })
    })
  })
})

onBothEngines(() => {
  test('nobody gets a second duty on the same days, by whatever file or at whatever moment', async () => {
    const town = await buildTown()
    await town.addPerson(1)
    for (const code of ['KCSE26INV', 'KCSE26SUP', 'KCSE26EXM'])
      await town.addJob(code, code === 'KCSE26EXM' ? { startsOn: '2026-12-01', endsOn: '2026-12-20' } : {})
    const at = (job_code: string, report_on = '2026-11-02') => fileOf({ ...values(1), job_code, report_on })
    const both = await Promise.all(['KCSE26INV', 'KCSE26SUP'].map((code) => importDeployments(town.app, at(code))))
    expect(both.map((each) => ('bad' in each ? 'bad' : `${each.made} ${each.busy}`)).sort()).toEqual(['0 1', '1 0'])
    expect(await importDeployments(town.app, at('KCSE26EXM', '2026-12-01'))).toMatchObject({ made: 1, busy: 0 })
  })
})

const row: DeploymentRow = {
  job_code: 'KCSE26INV',
  national_id: '31000001',
  centre_code: '10101001',
  report_on: '2026-11-02',
  report_at: '',
}
const job = { code: 'KCSE26INV', startsOn: '2026-11-02', endsOn: '2026-11-20', role: 'invigilator', subjects: [] as string[] }
const rules: SeriesRules = { years_since_served: 3, not_own_school: true, rehearsal_days_before: 3, furthest_km: 50 }
const known: Known = {
  ...{ suspended: false, busy: false, qualification: 'diploma', subjects: [], level: undefined, gender: undefined },
  ...{ workstation: '10101002', served: [], declared: [] },
}
const served = (year: number, centreCode = '10101001') => ({ served: [{ year, centreCode }] })
type Case = { known?: Partial<Known>; rules?: SeriesRules; job?: Partial<Job>; hosted?: string; metres?: number }

describe('a row', () => {
  test.each<[string, Partial<DeploymentRow>, Case, string[]]>([
    ['fits', {}, {}, []],
    ['on the rehearsal day', { report_on: '2026-10-30' }, {}, []],
    ['before it', { report_on: '2026-10-29' }, {}, ['day']],
    ['on the last day', { report_on: '2026-11-20' }, {}, []],
    ['after it', { report_on: '2026-11-21' }, {}, ['day']],
    ['at the own school', { centre_code: '10101002' }, {}, ['own_school']],
    ['at the own school where the rules allow it', { centre_code: '10101002' }, { rules: {} }, []],
    ['at the host of the own school', {}, { hosted: '10101002' }, ['own_school']],
    ['where they served three years ago', {}, { known: served(2023) }, ['served']],
    ['at the host of where they served', {}, { known: served(2024, '10101009'), hosted: '10101009' }, ['served']],
    ['where they served four years ago', {}, { known: served(2022) }, []],
    ['where they serve this year too', {}, { known: served(2026) }, []],
    ['elsewhere than they served', {}, { known: served(2025, '10101003') }, []],
    [
      'where they served last year, whatever the rules say',
      {},
      { known: served(2025), rules: { rehearsal_days_before: 3 } },
      ['served'],
    ],
    ['where they declared a relation', {}, { known: { declared: ['10101001'] } }, ['declared']],
    ['where they served, under a rule of two years', {}, { known: served(2023), rules: { years_since_served: 2 } }, []],
    ['of somebody who is suspended', {}, { known: { suspended: true } }, ['suspended']],
    ['too far away', {}, { metres: 50_001 }, ['too_far']],
    ['as far as anybody goes', {}, { metres: 50_000 }, []],
    ['below the job’s qualification', {}, { job: { minQualification: 'degree' } }, ['qualification']],
    ['of another subject', {}, { job: { subjects: ['physics'] } }, ['subject']],
    ['of another level', {}, { known: { level: 'primary' }, rules: { levels: ['secondary'] } }, ['level']],
    ['of nobody knows which level', {}, { rules: { levels: ['secondary'] } }, []],
    ['of a man, for women', {}, { known: { gender: 'male' }, rules: { gender: { KCSE26INV: 'female' } } }, ['gender']],
    ['of nobody knows whom, for women', {}, { rules: { gender: { KCSE26INV: 'female' } } }, ['gender']],
  ])('%s', (_, changes, { known: k, rules: r = rules, job: j, hosted, metres = 0 }, codes) => {
    const asked = { ...row, ...changes }
    const terms = { job: { ...job, ...j } as Job, rules: r }
    const person = { ...known, ...k }
    const bars = barsFrom(terms, person, { sits: (code) => code === asked.centre_code || code === hosted, metres })
    const status = person.suspended ? ('suspended' as const) : ('vetted' as const)
    const look = { ...terms, person: { id: 'p1', status }, stationKnown: true, bars }
    expect(checkDeployment(asked, look).map(({ code }) => code)).toEqual(codes)
  })
})
