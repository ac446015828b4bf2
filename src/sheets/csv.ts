import { createReadStream, statSync } from 'node:fs'
import { pipeline } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import { Fault } from '../base/fault.ts'

/** One row of a table in a file: the line it ends on, and its cells by column, trimmed; `uneven` where it has more or fewer than the header. */
export type SheetRow = { line: number; values: Record<string, string>; uneven: boolean }
/** What is wrong in a file, in words for a clerk. `line` counts the header as 1. */
export type BadRow = { line: number; column: string; message: string }

const LONGEST_ROW = 64 * 1024

/**
 * Streams the rows of a CSV file: UTF-8 (with or without BOM), header row, columns in any order.
 * `columns` says which may stand there, `needed` which must; `name` is what people call the file. Throws a Fault `bad_file` with one sentence where the file itself is wrong.
 */
export async function* readCsv(
  file: string,
  columns: readonly string[],
  needed: readonly string[],
  name: string = file,
): AsyncGenerator<SheetRow> {
  assertReadable(file, name)
  const parser = parse({
    bom: true,
    info: true,
    trim: true,
    skip_empty_lines: true,
    max_record_size: LONGEST_ROW,
    encoding: 'utf8',
    // Counted below: a row that is uneven is one bad row, not the end of the file.
    relax_column_count: true,
  })
  const strict = new TextDecoder('utf-8', { fatal: true })
  const text = async function* (source: AsyncIterable<Buffer>) {
    for await (const chunk of source) yield strict.decode(chunk, { stream: true })
    yield strict.decode()
  }
  // What breaks on the way reaches the loop below through the parser itself.
  const rows = pipeline(createReadStream(file), text, parser, () => undefined) as typeof parser
  const empty: Record<string, string> = Object.fromEntries(columns.map((column) => [column, '']))
  let header: string[] | undefined
  try {
    for await (const { record, info } of rows as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      if (!header) {
        header = checkedHeader(record, columns, needed)
        continue
      }
      const values = { ...empty }
      for (const [place, name] of header.entries()) values[name] = record[place] ?? ''
      yield { line: info.lines, values, uneven: record.length !== header.length }
    }
    if (!header) throw new Fault('bad_file', `${name} is empty`)
  } catch (reason) {
    throw asFault(reason, name)
  }
}

function assertReadable(file: string, name: string) {
  const found = statSync(file, { throwIfNoEntry: false })
  if (!found) throw new Fault('bad_file', `there is no file ${name}`)
  if (!found.isFile()) throw new Fault('bad_file', `${name} is not a file`)
  if (found.size === 0) throw new Fault('bad_file', `${name} is empty`)
}

/** The names of the columns as they stand in the file. Throws a Fault `bad_file` where one is unknown, missing or there twice. */
export function checkedHeader(header: string[], columns: readonly string[], needed: readonly string[]): string[] {
  const names = header.map((name) => name.trim().toLowerCase())
  const quoted = (list: readonly string[]) => list.map((name) => `'${name}'`).join(', ')
  const unknown = names.filter((name) => !columns.includes(name))
  if (unknown.length > 0) throw new Fault('bad_file', `unknown column ${quoted(unknown)}; the columns are ${columns.join(', ')}`)
  const twice = names.filter((name, place) => names.indexOf(name) < place)
  if (twice.length > 0) throw new Fault('bad_file', `the column ${quoted(twice)} stands twice`)
  const missing = needed.filter((name) => !names.includes(name))
  if (missing.length > 0) throw new Fault('bad_file', `the column ${quoted(missing)} is missing`)
  return names
}

function asFault(reason: unknown, name: string): Fault {
  if (reason instanceof Fault) return reason
  if (reason instanceof TypeError && 'code' in reason && reason.code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
    return new Fault('bad_file', `${name} is not UTF-8 text; save it as 'CSV UTF-8'`)
  if (reason instanceof CsvError) return new Fault('bad_file', `${name}, line ${String(reason.lines ?? '?')}: ${plain(reason)}`)
  return new Fault('bad_file', `${name} cannot be read: ${reason instanceof Error ? reason.message : String(reason)}`, reason)
}

function plain({ code }: CsvError): string {
  if (code === 'CSV_MAX_RECORD_SIZE') return 'this row is far too long; is it a CSV file?'
  if (code === 'CSV_QUOTE_NOT_CLOSED') return 'a quote that opens here is never closed'
  return 'this row cannot be read; look at its quotes'
}
