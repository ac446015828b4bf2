import { open } from 'node:fs/promises'
import { readCsv, type SheetRow } from './csv.ts'
import { readXlsx } from './xlsx.ts'

/**
 * The rows of a table in a file, CSV or XLSX by what it holds, not by its name. `name` is what people call it.
 * Throws a Fault `bad_file` with one sentence where the file itself is wrong.
 */
export async function* readSheet(
  { path, name }: { path: string; name: string },
  columns: readonly string[],
  needed: readonly string[],
): AsyncGenerator<SheetRow> {
  yield* (await isZip(path)) ? readXlsx(path, columns, needed) : readCsv(path, columns, needed, name)
}

async function isZip(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0)
    return bytesRead === 4 && buffer.readUInt32LE(0) === 0x04034b50
  } finally {
    await file.close()
  }
}
