import Database from 'better-sqlite3'
import { type Column, getTableName } from 'drizzle-orm'
import { drizzle as onFile } from 'drizzle-orm/better-sqlite3'
import { drizzle as onServer } from 'drizzle-orm/node-postgres'
import { getTableConfig as postgresConfig } from 'drizzle-orm/pg-core'
import { getTableConfig as sqliteConfig } from 'drizzle-orm/sqlite-core'
import pg from 'pg'
import { systemClock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { pgTables } from './kit-postgres.ts'
import { sqliteTables, type Tables } from './schema.ts'
import type { Tx } from './store.ts'

/** One database of a move: nobody else writes to it, and it is in one transaction from its opening to its end. */
export type Side = {
  db: Pick<Tx, 'select' | 'insert'>
  tables: Tables
  /** The columns of a table's primary key, in its order. */
  keyOf(table: Tables['people']): Column[]
  /** Tells the engine how its tables are made up, so that it finds its way in what has just come. */
  analyze(): Promise<unknown>
  commit(): Promise<unknown>
  /** Undoes what was not committed. */
  close(): Promise<unknown>
}

/** How long a connection that was closed is still seen by the server. */
const LEAVING_MS = 2_000

/** Throws a Fault `busy` where somebody else has it open. */
export const openSide = (url: string): Promise<Side> =>
  url.startsWith('file:') ? openFile(url.slice('file:'.length)) : openServer(url)

/** A connection that locks the file for itself: no other process may even have it open. */
async function openFile(file: string): Promise<Side> {
  const connection = new Database(file, { fileMustExist: true, timeout: 100 })
  try {
    for (const pragma of ['locking_mode=EXCLUSIVE', 'synchronous=FULL', 'cache_size=-64000']) connection.pragma(pragma)
    connection.exec('begin immediate')
  } catch (reason) {
    connection.close()
    if (reason instanceof Database.SqliteError && reason.code.startsWith('SQLITE_BUSY'))
      throw new Fault('busy', `${file} is in use: stop the service, and whatever else has it open`, reason)
    throw reason
  }
  return {
    db: onFile(connection) as unknown as Side['db'],
    tables: sqliteTables,
    keyOf: (table) => {
      const { columns, primaryKeys } = sqliteConfig(table)
      return primaryKeys[0]?.columns ?? columns.filter(({ primary }) => primary)
    },
    analyze: async () => undefined,
    commit: async () => connection.exec('commit'),
    close: async () => connection.close(),
  }
}

/** A connection beside which there is no other one to this database, and whose locks let nobody write who comes later. */
async function openServer(url: string): Promise<Side> {
  const client = new pg.Client({ connectionString: url })
  let lost: Error | undefined
  client.on('error', (reason) => {
    lost = reason
  })
  try {
    await client.connect()
    await expectAlone(client)
    await client.query('begin isolation level repeatable read')
    const names = Object.values(pgTables).map((table) => `"${getTableName(table)}"`)
    // Before the first query: what it sees is what stood there when everybody else was shut out.
    await client.query(`lock table ${names.join(', ')} in share row exclusive mode`)
  } catch (reason) {
    await client.end()
    throw lost ? new Fault('busy', 'the database cannot be reached', lost) : reason
  }
  return {
    db: onServer(client) as unknown as Side['db'],
    tables: pgTables,
    keyOf: (table) => {
      const { columns, primaryKeys } = postgresConfig(table as never)
      return primaryKeys[0]?.columns ?? columns.filter(({ primary }) => primary)
    },
    analyze: () => client.query('analyze'),
    commit: () => client.query('commit'),
    close: () => client.end(),
  }
}

async function expectAlone(client: pg.Client): Promise<void> {
  const until = systemClock.ticks() + LEAVING_MS
  for (;;) {
    const { rows } = await client.query<{ others: number }>(
      `select count(*)::int as others from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and usename is not null
         and coalesce(backend_type, 'client backend') = 'client backend'`,
    )
    const others = rows[0]?.others ?? 0
    if (others === 0) return
    if (systemClock.ticks() > until)
      throw new Fault(
        'busy',
        `the database at the server is in use by ${others} others: stop the service, and whatever else has it open`,
      )
    await systemClock.sleep(100)
  }
}
