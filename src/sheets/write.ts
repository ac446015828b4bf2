import { Worker } from 'node:worker_threads'
import { stringify } from 'csv-stringify/sync'
import { Fault } from '../base/fault.ts'
import { safeCell } from './cells.ts'
import type { WriteAsk } from './write-worker.ts'
import { MOST_XLSX_ROWS } from './xlsx.ts'

/** A table as it is written: texts only, some rows at a time. */
export type Pages = AsyncIterable<readonly (readonly string[])[]>

const PATIENCE_MS = 60_000
const MEMORY_MB = 1024

/** Cells that no spreadsheet takes for a formula, without characters that a file of XML cannot hold. */
const safeRow = (row: readonly string[]): string[] =>
  row.map((cell) =>
    safeCell(cell)
      .replace(/\p{Cc}/gu, ' ')
      .toWellFormed(),
  )

/** The text of a CSV file, part by part: UTF-8 with a mark that tells Excel so, a header row, lines that end in CRLF. */
export async function* csvOf(head: readonly string[], pages: Pages): AsyncGenerator<string> {
  const lines = (rows: string[][]) => stringify(rows, { record_delimiter: 'windows' })
  yield `\uFEFF${lines([safeRow(head)])}`
  for await (const rows of pages) if (rows.length > 0) yield lines(rows.map(safeRow))
}

/** One workbook is written at a time: each takes much memory. */
let turn: Promise<unknown> = Promise.resolve()

/**
 * A workbook of one sheet, every cell a text; `too_many_rows` beyond {@link MOST_XLSX_ROWS}. Written in a thread with a bound on memory
 * and time: nobody else waits for it. Throws a Fault `busy` where the bound is met.
 */
export function xlsxOf(head: readonly string[], pages: Pages): Promise<Buffer | 'too_many_rows'> {
  const mine = turn.then(() => writeXlsx(head, pages))
  turn = mine.catch(() => undefined)
  return mine
}

async function writeXlsx(head: readonly string[], pages: Pages): Promise<Buffer | 'too_many_rows'> {
  const worker = new Worker(new URL('./write-worker.ts', import.meta.url), {
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
  })
  const written = new Promise<Uint8Array>((resolve, reject) => {
    worker.on('message', resolve)
    const broken = (reason?: unknown) => reject(new Fault('busy', 'a workbook could not be written', reason))
    worker.on('error', broken)
    worker.on('exit', () => broken())
  })
  // Heard at once, though it is awaited only when all rows are given.
  written.catch(() => undefined)
  const give = (part: WriteAsk) => worker.postMessage(part)
  try {
    give({ head: safeRow(head) })
    let n = 0
    for await (const rows of pages) {
      n += rows.length
      if (n > MOST_XLSX_ROWS) return 'too_many_rows'
      give({ rows: rows.map(safeRow) })
    }
    give({ end: true })
    const late = setTimeout(() => void worker.terminate(), PATIENCE_MS)
    return Buffer.from(await written.finally(() => clearTimeout(late)))
  } finally {
    await worker.terminate()
  }
}
