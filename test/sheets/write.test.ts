import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inflateRawSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { readSheet } from '../../src/sheets/read.ts'
import { csvOf, xlsxOf } from '../../src/sheets/write.ts'
import { MOST_XLSX_ROWS } from '../../src/sheets/xlsx.ts'

const folder = mkdtempSync(join(tmpdir(), 'wito-write-'))
afterAll(() => rmSync(folder, { recursive: true }))

const HEAD = ['name', 'note']
const NASTY = [
  ['=HYPERLINK("http://x")', '+254'],
  ['-1', '@SUM(A1)'],
  ['\t=1', '\r=1'],
  ['＝SUM(A1)', '＠x'],
  ['Wanjirũ "Shiru", O\'Neil', 'two\nlines; and 日本\u0001'],
  ['', '007'],
  ['constructor', '__proto__'],
]
const SAFE = [
  [`'=HYPERLINK("http://x")`, "'+254"],
  ["'-1", "'@SUM(A1)"],
  ["' =1", "' =1"],
  ["'＝SUM(A1)", "'＠x"],
  ['Wanjirũ "Shiru", O\'Neil', 'two lines; and 日本'],
  ['', '007'],
  ['constructor', '__proto__'],
]

async function* pagesOf(...pages: string[][][]) {
  yield* pages
}

async function readBack(name: string, bytes: Buffer | string) {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  const rows: string[][] = []
  for await (const { values, uneven } of readSheet({ path, name }, HEAD, HEAD)) {
    expect(uneven).toBe(false)
    rows.push(HEAD.map((column) => values[column] ?? ''))
  }
  return rows
}

const textOf = async (parts: AsyncIterable<string>) => {
  let text = ''
  for await (const part of parts) text += part
  return text
}

/** One file of a zip, found by its directory. */
function partOf(zip: Buffer, name: string): string {
  const entry = zip.lastIndexOf(name) - 46
  const local = zip.readUInt32LE(entry + 42)
  const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
  const packed = zip.subarray(start, start + zip.readUInt32LE(entry + 20))
  return (zip.readUInt16LE(entry + 10) === 0 ? packed : inflateRawSync(packed)).toString()
}

test('CSV: read back, nothing in it is a formula, and every other text is as it was', async () => {
  const text = await textOf(csvOf(HEAD, pagesOf(NASTY.slice(0, 2), [], NASTY.slice(2))))
  expect(text.startsWith('\uFEFFname,note\r\n')).toBe(true)
  expect(await readBack('a.csv', text)).toEqual(SAFE)
})

test('CSV: a part is asked for only when the one before was taken', async () => {
  let given = 0
  const endless = async function* () {
    for (;;) {
      given++
      yield [['a', 'b']]
    }
  }
  const parts = csvOf(HEAD, endless())
  for (let n = 0; n < 4; n++) await parts.next()
  await parts.return(undefined)
  expect(given).toBe(3)
})

test('XLSX: read back the same; no cell is a formula, a number or a link', async () => {
  const bytes = await xlsxOf(HEAD, pagesOf(NASTY.slice(0, 2), NASTY.slice(2)))
  if (bytes === 'too_many_rows') throw new Error('these are few')
  expect(await readBack('a.xlsx', bytes)).toEqual(SAFE)
  const sheet = partOf(bytes, 'xl/worksheets/sheet1.xml')
  expect(sheet).toContain('<row')
  expect(sheet).not.toMatch(/<f[ >]|<hyperlink/i)
})

test('XLSX: an empty table is a header', async () => {
  const bytes = await xlsxOf(HEAD, pagesOf())
  expect(await readBack('b.xlsx', bytes as Buffer)).toEqual([])
})

test('XLSX: as many rows as are allowed, and a word for one more; what fails before does not stop the next', async () => {
  const page = Array.from({ length: 10_000 }, (_, n) => [`Mtu ${n}`, 'x'])
  const full = Array.from({ length: MOST_XLSX_ROWS / 10_000 }, () => page)
  const broken = async function* () {
    yield [['a', 'b']]
    throw new Error('the storage failed')
  }
  const [first, tooMany, failed] = await Promise.allSettled([
    xlsxOf(HEAD, pagesOf(...full)),
    xlsxOf(HEAD, pagesOf(...full, [['one', 'more']])),
    xlsxOf(HEAD, broken()),
  ])
  expect(first.status === 'fulfilled' && first.value.length).toBeGreaterThan(500_000)
  expect(tooMany).toMatchObject({ value: 'too_many_rows' })
  expect(failed).toMatchObject({ reason: expect.objectContaining({ message: 'the storage failed' }) })
  expect(await xlsxOf(HEAD, pagesOf())).toBeInstanceOf(Buffer)
}, 60_000)
