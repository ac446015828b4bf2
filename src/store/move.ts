import { createHash } from 'node:crypto'
import { asc, getTableColumns, getTableName, type SQL, sql } from 'drizzle-orm'
import { Fault } from '../base/fault.ts'
import { openStore } from './open.ts'
import type { Tables } from './schema.ts'
import { openSide, type Side } from './side.ts'

/** Rows of a table and their checksum: the same on every engine, in whatever order it gives them. */
export type Sum = { rows: number; sha256: string }
/** By the names of the tables in the database. */
export type Sums = Record<string, Sum>

type Name = keyof Tables
type Table = Tables['people']
type Row = Record<string, unknown>

/** With every column of the widest table still fewer values than one query may carry. */
const AT_ONCE = 400

/**
 * Copies every row of the database at `from` into the empty one at `to`, in slices by primary key, and reads them back. Either everything
 * has come and its checksums are those of the source, or the target is as empty as it was: both are one transaction, and a move that
 * ended badly begins anew. Nobody else may have either open: a row written meanwhile would stay behind.
 */
export async function moveStore(from: string, to: string, seen: (rows: number) => void): Promise<Sums> {
  // Both have the newest tables before anything is copied.
  for (const url of [from, to]) await (await openStore(url)).close()
  const source = await openSide(from)
  try {
    const target = await openSide(to)
    try {
      await expectEmpty(target)
      const put = openInserts(target)
      let copied = 0
      const sent = await sumsOf(source, async (name, rows) => {
        await put(name, rows)
        copied += rows.length
        seen(copied)
      })
      await target.analyze()
      const arrived = await sumsOf(target)
      const differ = Object.keys(sent).filter((table) => JSON.stringify(sent[table]) !== JSON.stringify(arrived[table]))
      if (differ.length > 0)
        throw new Fault('bad_file', `what arrived differs from what was sent, in ${differ.join(', ')}; the target is left empty`)
      await target.commit()
      return sent
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}

const namesOf = ({ tables }: Side) => Object.keys(tables) as Name[]

async function expectEmpty(side: Side): Promise<void> {
  const full: string[] = []
  for (const name of namesOf(side)) {
    const table = side.tables[name] as Table
    const [row] = await side.db.select().from(table).limit(1)
    if (row) full.push(getTableName(table))
  }
  if (full.length > 0) throw new Fault('bad_settings', `the target is not empty: there is something in ${full.join(', ')}`)
}

/** Reads every table whole; `take` gets each slice on the way. */
async function sumsOf(side: Side, take?: (name: Name, rows: Row[]) => Promise<void>): Promise<Sums> {
  const sums: Sums = {}
  for (const name of namesOf(side)) {
    const adding = openSum()
    for await (const rows of slicesOf(side, name)) {
      adding.add(rows)
      await take?.(name, rows)
    }
    sums[getTableName(side.tables[name])] = adding.sum()
  }
  return sums
}

/** All rows of a table in the engine's own order of their keys: engines sort texts differently. */
async function* slicesOf({ db, tables, keyOf }: Side, name: Name): AsyncGenerator<Row[]> {
  const table = tables[name] as Table
  const key = keyOf(table)
  const nameOf = new Map(Object.entries(getTableColumns(table)).map(([property, column]) => [column.name, property]))
  const list = (parts: SQL[]) => sql`(${sql.join(parts, sql`, `)})`
  for (let after: SQL | undefined; ; ) {
    const rows: Row[] = await db
      .select()
      .from(table)
      .where(after)
      .orderBy(...key.map((column) => asc(column)))
      .limit(AT_ONCE)
    const last = rows.at(-1)
    if (!last) return
    yield rows
    if (rows.length < AT_ONCE) return
    after = sql`${list(key.map((column) => sql`${column}`))} > ${list(key.map((column) => sql`${last[nameOf.get(column.name) ?? '']}`))}`
  }
}

type Prepared = { execute(values: Row): Promise<unknown> }

/** Whole slices go in by one query for each table, made once: made anew each time, the queries take longer than the rows. */
function openInserts({ db, tables }: Side) {
  const known = new Map<Name, Prepared>()
  const holeOf = (place: number, column: string) => `${place} ${column}`
  const made = (name: Name, rows: readonly Row[]) => {
    const holes = rows.map((row, place) =>
      Object.fromEntries(Object.keys(row).map((column) => [column, sql.placeholder(holeOf(place, column))])),
    )
    const built = db.insert(tables[name] as Table).values(holes as never) as unknown as { prepare(name: string): Prepared }
    return built.prepare(`move_${name}`)
  }
  return async (name: Name, rows: readonly Row[]): Promise<void> => {
    if (rows.length < AT_ONCE) return void (await db.insert(tables[name] as Table).values(rows as never))
    const query = known.get(name) ?? made(name, rows)
    known.set(name, query)
    const values: Row = {}
    for (const [place, row] of rows.entries())
      for (const [column, value] of Object.entries(row)) values[holeOf(place, column)] = value
    await query.execute(values)
  }
}

const WIDTH = 1n << 256n

/** The sum of the SHA-256 of all rows, so that their order does not matter and each of them does. */
function openSum() {
  let total = 0n
  let count = 0
  return {
    add(rows: readonly Row[]): void {
      for (const row of rows) total += BigInt(`0x${createHash('sha256').update(textOf(row)).digest('hex')}`)
      total %= WIDTH
      count += rows.length
    },
    sum: (): Sum => ({ rows: count, sha256: total.toString(16).padStart(64, '0') }),
  }
}

/** A row as one text, its columns in the order of the schema. */
const textOf = (row: Row): string => JSON.stringify(Object.values(row).map(sorted))

/** One engine keeps the names in an object as they came, the other sorts them its own way. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(sorted)
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]))
}
