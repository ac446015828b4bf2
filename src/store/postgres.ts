import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'
import { Fault } from '../base/fault.ts'
import { pgTables, type Tables } from './schema.ts'
import { handle, type Store } from './store.ts'

const MIGRATION_LOCK = 7_122_262
const tables = pgTables as unknown as Tables

/** Many writers. A unit first takes the lock of its key, so that a person's facts are taken one at a time here too. */
export async function openPostgres(url: string, onLost: (reason: unknown) => void = () => undefined): Promise<Store> {
  const pool = new pg.Pool({ connectionString: url, max: 10 })
  // An idle connection died; the next unit gets a new one.
  pool.on('error', onLost)
  await migrateAlone(pool)
  const db = drizzle(pool)
  return {
    work: (key, unit) =>
      withRetry(() =>
        db.transaction(async (transaction) => {
          await transaction.execute(sql`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`)
          const { tx, end } = handle(transaction, tables)
          try {
            return await unit(tx)
          } finally {
            end()
          }
        }),
      ),
    read: Object.assign(db, tables) as unknown as Store['read'],
    async ping() {
      await pool.query('select 1')
    },
    copyTo: () => Promise.reject(new Fault('bad_settings', 'back up PostgreSQL with pg_dump; see the README')),
    // Its own vacuum frees what was deleted.
    scrub: async () => undefined,
    close: () => pool.end(),
  }
}

/** Serialization failures and deadlocks are the engine asking for the same unit again. */
async function withRetry<T>(run: () => Promise<T>): Promise<T> {
  for (let left = 3; ; left--) {
    try {
      return await run()
    } catch (reason) {
      const code = sqlState(reason)
      if (left > 0 && (code === '40001' || code === '40P01')) continue
      throw reason
    }
  }
}

function sqlState(reason: unknown): string {
  if (!(reason instanceof Error)) return ''
  if ('code' in reason) return String(reason.code)
  return sqlState(reason.cause)
}

/** drizzle's migrate() takes no lock: two processes that start together would collide. */
async function migrateAlone(pool: pg.Pool) {
  const client = await pool.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK])
    await migrate(drizzle(client), { migrationsFolder: new URL('../../drizzle/postgres', import.meta.url).pathname })
  } finally {
    await client.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK])
    client.release()
  }
}
