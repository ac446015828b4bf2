import { Worker } from 'node:worker_threads'
import { Fault } from '../base/fault.ts'
import { checkedHeader, type SheetRow } from './csv.ts'
import type { XlsxAnswer, XlsxAsk } from './xlsx-worker.ts'

const MOST_UNPACKED = 100 * 1024 * 1024
/** More goes as CSV, which is read line by line. */
export const MOST_XLSX_ROWS = 100_000
const PATIENCE_MS = 30_000
const MEMORY_MB = 512

const WORDS = {
  broken: 'this is not an Excel file that can be read; save it as .xlsx or as CSV',
  too_big: 'this Excel file is too big; save it as CSV',
  too_many_rows: `this Excel file has more than ${MOST_XLSX_ROWS} rows; save it as CSV`,
}

/**
 * The rows of the first sheet of an XLSX file, as `readCsv` gives them. Read in a thread with bounds on memory and time, and only after
 * the zip was found to be no bigger than it says. Throws a Fault `bad_file` with one sentence.
 */
export async function* readXlsx(path: string, columns: readonly string[], needed: readonly string[]): AsyncGenerator<SheetRow> {
  const answer = await inWorker({ path, mostUnpacked: MOST_UNPACKED, mostRows: MOST_XLSX_ROWS })
  if ('refused' in answer) throw new Fault('bad_file', WORDS[answer.refused])
  const [first, ...rows] = answer.rows
  if (!first) throw new Fault('bad_file', 'this file is empty')
  const header = checkedHeader(first, columns, needed)
  for (const [place, row] of rows.entries()) {
    if (row.every((cell) => cell === '')) continue
    const cells = Object.fromEntries(header.map((name, column) => [name, row[column] ?? '']))
    const blank = Object.fromEntries(columns.map((column) => [column, '']))
    yield { line: place + 2, values: { ...blank, ...cells }, uneven: row.slice(header.length).some((cell) => cell !== '') }
  }
}

/** A thread that dies, of whatever, was given a file that is too big. */
function inWorker(workerData: XlsxAsk): Promise<XlsxAnswer> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('./xlsx-worker.ts', import.meta.url), {
      workerData,
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    })
    const late = setTimeout(() => void worker.terminate(), PATIENCE_MS)
    worker.on('message', resolve)
    worker.on('error', () => resolve({ refused: 'too_big' }))
    worker.on('exit', () => {
      clearTimeout(late)
      resolve({ refused: 'too_big' })
    })
  })
}
