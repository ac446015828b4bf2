import { parentPort } from 'node:worker_threads'
import writeExcel from 'write-excel-file/node'

/** What the worker is given, part by part: the header row, rows, and that this was all. It answers once, with the file's bytes. */
export type WriteAsk = { head: string[] } | { rows: string[][] } | { end: true }

type Cell = { value: string; type: StringConstructor; fontWeight?: 'bold' }
const sheet: Cell[][] = []
// The library looks every text up in a plain object, where words like `constructor` stand already: unless it ends in a space, such a
// text would make a workbook that no program opens.
const textOf = (value: string): Cell => ({ value: value in {} ? `${value} ` : value, type: String })
let widths: { width: number }[] = []

parentPort?.on('message', async (part: WriteAsk) => {
  if ('head' in part) {
    sheet.push(part.head.map((value) => ({ ...textOf(value), fontWeight: 'bold' })))
    widths = part.head.map((value) => ({ width: Math.max(16, value.length + 2) }))
  } else if ('rows' in part) for (const row of part.rows) sheet.push(row.map(textOf))
  else parentPort?.postMessage(await writeExcel(sheet, { columns: widths, stickyRowsCount: 1 }).toBuffer())
})
