import { PAY_COLUMNS } from '../../src/pay/file.ts'
import { readSheet } from '../../src/sheets/read.ts'

/** A payment list as whoever opens the file sees it: the header and every row, cell by cell. */
export async function cellsIn(path: string, name: string): Promise<string[][]> {
  const rows: string[][] = [[...PAY_COLUMNS]]
  for await (const { values } of readSheet({ path, name }, PAY_COLUMNS, PAY_COLUMNS))
    rows.push(PAY_COLUMNS.map((column) => values[column] ?? ''))
  return rows
}
