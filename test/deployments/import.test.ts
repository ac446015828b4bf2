import { describe, expect, test } from 'vitest'
import { checkDeployment, type DeploymentRow, type Look } from '../../src/deployments/check.ts'
import { applyDeployments, checkDeployments, importDeployments, type RawRow } from '../../src/deployments/import.ts'
import { publish } from '../../src/deployments/publish.ts'
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
const look: Look = {
  job: { code: 'KCSE26INV', startsOn: '2026-11-02', endsOn: '2026-11-20' } as NonNullable<Look['job']>,
  rules: { years_since_served: 3, not_own_school: true, rehearsal_days_before: 3 },
  person: { id: 'p1', status: 'vetted', workstation: '10101002' },
  stationKnown: true,
  served: [],
  declared: [],
}
const served = (year: number, centreCode = '10101001') => ({ served: [{ year, centreCode }] })

describe('a row', () => {
  test.each<[string, Partial<DeploymentRow>, Partial<Look>, string[]]>([
    ['fits', {}, {}, []],
    ['on the rehearsal day', { report_on: '2026-10-30' }, {}, []],
    ['before it', { report_on: '2026-10-29' }, {}, ['report_on']],
    ['on the last day', { report_on: '2026-11-20' }, {}, []],
    ['after it', { report_on: '2026-11-21' }, {}, ['report_on']],
    ['at the own school', { centre_code: '10101002' }, {}, ['centre_code']],
    ['at the own school where the rules allow it', { centre_code: '10101002' }, { rules: {} }, []],
    ['where they served three years ago', {}, served(2023), ['centre_code']],
    ['where they served four years ago', {}, served(2022), []],
    ['where they serve this year too', {}, served(2026), []],
    ['elsewhere than they served', {}, served(2025, '10101003'), []],
    ['where they declared a relation', {}, { declared: ['10101001'] }, ['centre_code']],
    ['where they served, under a rule of two years', {}, { ...served(2023), rules: { years_since_served: 2 } }, []],
  ])('%s', (_, changes, known, columns) => {
    expect(checkDeployment({ ...row, ...changes }, { ...look, ...known }).map(({ column }) => column)).toEqual(columns)
  })
})
