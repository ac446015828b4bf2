import { readFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { readSheet } from 'read-excel-file/universal'
import { checkZip } from './zip.ts'

/** What the worker is given: the file, and how many bytes it may be once unpacked. */
export type XlsxAsk = { path: string; mostUnpacked: number; mostRows: number }
export type XlsxAnswer = { rows: string[][] } | { refused: 'broken' | 'too_big' | 'too_many_rows' }

const DAY_MS = 86_400_000

/** As the cell would stand in a CSV file: dates as `YYYY-MM-DD`, times of the day as `HH:MM`. */
function textOf(cell: unknown): string {
  if (cell === null || cell === undefined) return ''
  if (!(cell instanceof Date)) return String(cell).trim()
  const text = cell.toISOString()
  // A time without a day is kept by spreadsheets as a day of the year in which they begin to count.
  return cell.getTime() < Date.UTC(1900, 0, 2) || cell.getTime() % DAY_MS !== 0 ? text.slice(11, 16) : text.slice(0, 10)
}

async function read({ path, mostUnpacked, mostRows }: XlsxAsk): Promise<XlsxAnswer> {
  const file = readFileSync(path)
  const fault = checkZip(file, mostUnpacked)
  if (fault) return { refused: fault }
  try {
    const rows = await readSheet(file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer)
    if (rows.length > mostRows) return { refused: 'too_many_rows' }
    return { rows: rows.map((row) => row.map(textOf)) }
  } catch (reason) {
    // A zip that is no workbook, or one that its own program would not open.
    if (reason instanceof Error) return { refused: 'broken' }
    throw reason
  }
}

parentPort?.postMessage(await read(workerData as XlsxAsk))
