import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import writeXlsxFile, { type SheetData } from 'write-excel-file/node'
import { readSheet } from '../../src/sheets/read.ts'
import { dropStaged, keepReport, readReport, readStaged, stageRows, sweepUploads } from '../../src/sheets/staged.ts'
import { checkZip } from '../../src/sheets/zip.ts'
import { zipOf } from '../kit/bomb.ts'
import { openDesk } from '../kit/desk.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wito-sheets-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const COLUMNS = ['name', 'day', 'hour', 'number']
async function rowsOf(path: string) {
  const rows = []
  for await (const row of readSheet({ path, name: 'list.xlsx' }, COLUMNS, ['name'])) rows.push(row)
  return rows
}
async function workbook(rows: SheetData): Promise<string> {
  const path = join(folder, 'list.xlsx')
  await writeXlsxFile(rows).toFile(path)
  return path
}
const cell = (value: string | number) => ({ value })
const HEADER = COLUMNS.map(cell)

describe('a table in a file', () => {
  test('reads the same from XLSX as from CSV: days, hours, numbers, blanks', async () => {
    const path = await workbook([
      HEADER,
      [
        cell('=HYPERLINK("http://a")'),
        { value: new Date('2026-11-02T00:00:00Z'), type: Date, format: 'yyyy-mm-dd' },
        { value: 7 / 24, type: Number, format: 'hh:mm' },
        cell(712345678),
      ],
      [],
      [cell('Wanjirũ')],
    ])
    const csv = join(folder, 'list.csv')
    writeFileSync(csv, 'name,day,hour,number\n"=HYPERLINK(""http://a"")",2026-11-02,07:00,712345678\n\nWanjirũ,,,\n')
    expect(await rowsOf(path)).toEqual(await rowsOf(csv))
    expect((await rowsOf(path)).map(({ line }) => line)).toEqual([2, 4])
  })

  test.each([
    ['an unknown column', [[cell('name'), cell('colour')]], /unknown column 'colour'/],
    ['a missing column', [[cell('day')]], /'name' is missing/],
    ['a column twice', [[cell('name'), cell('name')]], /stands twice/],
  ])('%s is one sentence', async (_, rows, words) => {
    await expect(rowsOf(await workbook(rows))).rejects.toMatchObject({ code: 'bad_file', message: expect.stringMatching(words) })
  })

  test('a zip that is no workbook, a bomb and a liar are each one sentence, and the service lives on', async () => {
    const path = join(folder, 'list.xlsx')
    for (const [content, words] of [
      [Buffer.from('PK\u0003\u0004 nonsense'), /not an Excel file/],
      [zipOf(Buffer.alloc(200_000_000)), /too big/],
      [zipOf(Buffer.alloc(20_000_000), 1_000), /not an Excel file/],
    ] as const) {
      writeFileSync(path, content)
      await expect(rowsOf(path)).rejects.toMatchObject({ code: 'bad_file', message: expect.stringMatching(words) })
    }
  }, 60_000)

  test('the check of a zip believes a true directory and no other', () => {
    const content = Buffer.from('<row/>'.repeat(1_000))
    expect(checkZip(zipOf(content), 10_000)).toBeUndefined()
    expect(checkZip(zipOf(content), 5_999)).toBe('too_big')
    for (const says of [0, 5_999, 6_001])
      expect(checkZip(zipOf(content, says), 10_000), String(says)).toBe(says === 0 ? undefined : 'broken')
    expect(checkZip(zipOf(content).subarray(0, -30), 10_000)).toBe('broken')
    expect(checkZip(Buffer.alloc(0), 10_000)).toBe('broken')
  })
})

describe('rows that wait to be applied', () => {
  async function openStage() {
    const { app, clock, close } = await openDesk()
    onTestFinished(close)
    return { app, clock, uploads: join(app.config.dataFolder, 'uploads') }
  }

  test('are read back slice by slice in order, and none of them lies there in clear', async () => {
    const { app, uploads } = await openStage()
    const rows = Array.from({ length: 250 }, (_, n) => ({ id: `99100${n}`, name: `Wanjirũ ${n}` }))
    expect(await stageRows(app, 'one', rows)).toBe(250)
    const back: typeof rows = []
    const sizes: number[] = []
    for (let cursor: string | null | undefined = null; cursor !== undefined; ) {
      const slice: { rows: typeof rows; next: string | undefined } = await readStaged(app, 'one', cursor)
      back.push(...slice.rows)
      sizes.push(slice.rows.length)
      cursor = slice.next
    }
    expect(back).toEqual(rows)
    expect(sizes).toEqual([100, 100, 50])
    expect(readFileSync(join(uploads, 'one.rows'), 'utf8')).not.toMatch(/99100|Wanjir/)
  })

  test('have a report of their own; dropped, both are gone; a name that is a path is nobody', async () => {
    const { app, uploads } = await openStage()
    await stageRows(app, 'one', [])
    expect(await readStaged(app, 'one', null)).toEqual({ rows: [], next: undefined })
    await keepReport(app, 'one', { bad: ['Wanjirũ'] })
    expect(await readReport(app, 'one')).toEqual({ bad: ['Wanjirũ'] })
    expect(await readReport(app, '../one')).toBeUndefined()
    await dropStaged(app, 'one')
    expect(await readReport(app, 'one')).toBeUndefined()
    expect(readdirSync(uploads)).toEqual([])
  })

  test('are thrown away after a day, and not before', async () => {
    const { app, clock, uploads } = await openStage()
    for (const id of ['old', 'new']) await stageRows(app, id, [id])
    const past = (clock.now() - 25 * 3_600_000) / 1_000
    utimesSync(join(uploads, 'old.rows'), past, past)
    expect(await sweepUploads(app)).toBe(1)
    expect(readdirSync(uploads)).toEqual(['new.rows'])
  })
})
