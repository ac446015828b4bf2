import { describe, expect, test } from 'vitest'
import { countPlaces, countStates, countUpTo, lettersOut, listDeployments, type Which } from '../../src/deployments/overview.ts'
import { publish } from '../../src/deployments/publish.ts'
import { downloadLetter } from '../../src/letters/letter.ts'
import { buildTown, codeIn, last4, onBothEngines } from '../letters/kit.ts'

const [INV, SUP] = ['KCSE26INV', 'KCSE26SUP']
const DAYS = ['2026-11-02', '2026-11-03', '2026-11-04']
const PLACES = [
  ['10101001', 'Kilele'],
  ['10101002', 'Mto'],
  ['10101003', 'Mto'],
] as const

/** Forty people: jobs, days and places in turn. */
async function openNation() {
  const town = await buildTown()
  for (const job of [INV, SUP]) await town.addJob(job)
  for (let n = 1; n <= 40; n++) {
    await town.addPerson(n)
    const [centreCode, county] = PLACES[n % 3] as (typeof PLACES)[number]
    const status = (['draft', 'released', 'accepted'] as const)[n % 5] ?? 'draft'
    await town.draft(n, n % 4 === 0 ? SUP : INV, { centreCode, county, reportOn: DAYS[n % 3] as string, status })
  }
  const rows = (await town.store.read.select().from(town.store.read.deployments)) as Row[]
  return { ...town, rows, read: town.store.read }
}
type Row = { id: string; jobCode: string; county: string; centreCode: string; reportOn: string; status: string }

const fits = (row: Row, { job, county, centre, from, to }: Omit<Which, 'status' | 'where'>) =>
  (job === undefined || row.jobCode === job) &&
  (county === undefined || row.county === county) &&
  (centre === undefined || row.centreCode === centre) &&
  (from === undefined || row.reportOn >= from) &&
  (to === undefined || row.reportOn <= to)

const FILTERS: Omit<Which, 'status' | 'where'>[] = [
  {},
  { job: INV },
  { county: 'Mto' },
  { centre: '10101002' },
  { job: INV, county: 'Mto' },
  { job: INV, centre: '10101003', county: 'Mto' },
  { from: '2026-11-03' },
  { to: '2026-11-02', job: INV },
  { county: 'Kilele', centre: '10101002' },
]

onBothEngines(() => {
  describe('looking at deployments', () => {
    test('every filter gives exactly its rows, page by page in both directions, and the counts agree', async () => {
      const { read, rows } = await openNation()
      for (const which of FILTERS) {
        const wanted = rows.filter((row) => row.status === 'draft' && fits(row, which)).map(({ id }) => id)
        for (const down of [false, true]) {
          const found: string[] = []
          for (let after: readonly [string, string] | undefined, more = true; more; ) {
            const page = await listDeployments(read, { ...which, status: 'draft' }, { after, down, limit: 3 })
            found.push(...page.map(({ id }) => id))
            const last = page.at(-1)
            after = last && [last.reportOn, last.id]
            more = page.length === 3
          }
          expect(found.toSorted(), JSON.stringify(which)).toEqual(wanted.toSorted())
          expect(new Set(found).size).toBe(found.length)
        }
        const counts = await countUpTo(read, which)
        expect(counts.draft).toBe(wanted.length)
        expect(await countStates(read, which)).toEqual(counts)
      }
    })

    test('the counties and the stations of one add up to all', async () => {
      const { read, rows } = await openNation()
      const sum = (places: Awaited<ReturnType<typeof countPlaces>>) =>
        places.reduce((all, { counts }) => all + Object.values(counts).reduce((a, b) => a + b, 0), 0)
      expect((await countPlaces(read, {})).map(({ key }) => key)).toEqual(['Kilele', 'Mto'])
      expect(sum(await countPlaces(read, {}))).toBe(rows.length)
      expect(sum(await countPlaces(read, { county: 'Mto', job: INV }))).toBe(
        rows.filter((row) => fits(row, { county: 'Mto', job: INV })).length,
      )
    })

    test('letters on their way are counted by how far their SMS came, and the opened ones once', async () => {
      const town = await buildTown()
      await town.addJob(INV)
      for (const n of [1, 2, 3]) {
        await town.addPerson(n)
        await town.draft(n, INV)
      }
      await publish(town.app)
      const { read } = town.store
      expect(await lettersOut(read, { job: INV })).toEqual({ texts: { queued: 3 }, opened: 0 })
      const code = codeIn((await town.texts(2))[0])
      for (let times = 2; times > 0; times--) await downloadLetter(town.app, code, last4(2))
      expect(await lettersOut(read, { job: INV })).toEqual({ texts: { queued: 3 }, opened: 1 })
      const [line] = (await listDeployments(read, { status: 'released' }, { after: undefined, down: false, limit: 9 })).filter(
        ({ personId }) => personId === 'p2',
      )
      expect({ ...line, downloads: Number(line?.downloads) }).toMatchObject({ text: 'queued', downloads: 2, version: 1 })
    })
  })
})
