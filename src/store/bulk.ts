import Database from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { compiled } from './compiled.ts'
import { sqliteTables } from './schema.ts'
import { handle, type Store } from './store.ts'

/**
 * Fills an SQLite file that exists already and that nobody else has open, for measuring only: nothing waits for the disk, and the indexes
 * are made when all is in. Where the machine stops before `close` is over, the file is lost.
 */
export function openBulk(file: string): Pick<Store, 'work' | 'close'> {
  const connection = new Database(file, { fileMustExist: true })
  for (const pragma of ['journal_mode=OFF', 'synchronous=OFF', 'locking_mode=EXCLUSIVE', 'cache_size=-1000000'])
    connection.pragma(pragma)
  const indexes = connection
    .prepare("select name, sql from sqlite_master where type = 'index' and sql is not null order by name")
    .all() as { name: string; sql: string }[]
  connection.exec(indexes.map(({ name }) => `drop index "${name}"`).join(';'))
  const db = drizzle(connection)
  return {
    async work(_key, unit) {
      connection.exec('begin')
      const { tx, end } = handle(db, sqliteTables, (prepared) => compiled(connection, prepared))
      const value = await unit(tx).finally(end)
      connection.exec('commit')
      return value
    },
    async close() {
      connection.exec(indexes.map(({ sql }) => sql).join(';'))
      connection.pragma('synchronous=FULL')
      connection.pragma('journal_mode=DELETE')
      connection.close()
    },
  }
}

/**
 * Takes the newest `most` rows out of each table and puts them in again, `atOnce` of each to a durable commit, through prepared statements
 * and nothing else: what the same rows cost without a service. Rows of the first table a second.
 */
export function inBatches(
  file: string,
  tables: readonly string[],
  { most, atOnce, ticks }: { most: number; atOnce: number; ticks: () => number },
): number {
  const connection = new Database(file, { fileMustExist: true })
  connection.pragma('synchronous=FULL')
  connection.pragma('cache_size=-64000')
  const rowsOf = new Map(
    tables.map((table) => {
      const rows = connection.prepare<[number], unknown[]>(`select * from "${table}" order by rowid desc limit ?`).raw().all(most)
      connection.exec(`delete from "${table}" where rowid in (select rowid from "${table}" order by rowid desc limit ${most})`)
      const insert = connection.prepare(`insert into "${table}" values (${(rows[0] ?? []).map(() => '?').join(', ')})`)
      return [table, { rows, insert }] as const
    }),
  )
  connection.pragma('wal_checkpoint(TRUNCATE)')
  const started = ticks()
  for (let from = 0; from < most; from += atOnce) {
    connection.exec('begin immediate')
    for (const { rows, insert } of rowsOf.values()) for (const row of rows.slice(from, from + atOnce)) insert.run(...row)
    connection.exec('commit')
  }
  const took = ticks() - started
  connection.close()
  return (most * 1_000) / took
}
