import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'
import { systemClock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { pgTables } from './kit-postgres.ts'
import { handle, type Store, type Tx } from './store.ts'

const MIGRATION_LOCK = 7_122_262
const MOST_TRIES = 4

/** Many writers. A unit first takes the lock of its key, so that a person's facts are taken one at a time here too. */
export async function openPostgres(url: string, onLost: (reason: unknown) => void = () => undefined): Promise<Store> {
  const pool = new pg.Pool({ connectionString: url, max: 10 })
  // An idle connection died; the next unit gets a new one.
  pool.on('error', onLost)
  // One that dies in the middle of a unit says so itself, and unheard it would end the process.
  pool.on('connect', (client) => client.on('error', onLost))
  try {
    await assertDurable(pool)
    await migrateAlone(pool)
  } catch (reason) {
    await pool.end()
    throw asFault(reason)
  }
  const db = drizzle(pool)
  return {
    work: (key, unit) => withRetry(() => inTransaction(pool, key, unit)),
    read: Object.assign(db, pgTables) as unknown as Store['read'],
    othersWrote: () => false,
    async ping() {
      await pool.query('select 1')
    },
    copyTo: () => Promise.reject(new Fault('bad_settings', 'back up PostgreSQL with pg_dump; see the README')),
    // Its own vacuum frees what was deleted.
    scrub: async () => undefined,
    close: () => pool.end(),
  }
}

/** Not drizzle's own transaction: where its `begin` fails, the connection never comes back to the pool, and ten such are all there are. */
async function inTransaction<T>(pool: pg.Pool, key: string, unit: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch((reason: unknown) => {
    throw asFault(reason, true)
  })
  let lost: Error | undefined
  const lose = (reason: Error) => {
    lost = reason
  }
  client.on('error', lose)
  try {
    await client.query('begin')
    await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [key])
    const { tx, end } = handle(on(client), pgTables)
    const value = await unit(tx).finally(end)
    // After an error that a unit caught, PostgreSQL answers this with a rollback, and without an error.
    const { command } = await client.query('commit')
    if (command !== 'COMMIT') throw new Fault('unit_misused', 'a unit of work went on after an error of the database')
    return value
  } catch (reason) {
    await client.query('rollback').catch(lose)
    throw asFault(reason, lost !== undefined)
  } finally {
    client.off('error', lose)
    client.release(lost)
  }
}

/** One handle a connection, so that what `once` has prepared there is found again by the next unit. */
const handles = new WeakMap<pg.PoolClient, ReturnType<typeof drizzle<Record<string, never>, pg.PoolClient>>>()
function on(client: pg.PoolClient) {
  const known = handles.get(client) ?? drizzle(client)
  handles.set(client, known)
  return known
}

/** What passes by itself is said as such, so that the doors answer it politely; anything else stays as it is. */
function asFault(reason: unknown, lost = false): unknown {
  if (reason instanceof Fault) return reason
  const state = sqlState(reason)
  if (state === '53100') return new Fault('storage_full', 'the disk of the database is full', reason)
  // Connection, resources, shutdown, and a leader that is none any more: https://www.postgresql.org/docs/current/errcodes-appendix.html
  const isAway = lost || /^(08|53|57P|25006$|ECONN|ENOTFOUND$|EAI_AGAIN$|ETIMEDOUT$)/.test(state)
  if (isAway) return new Fault('busy', 'the database cannot be reached', reason)
  return reason
}

/** Serialization failures and deadlocks are the engine asking for the same unit again, a little later and not all at once. */
async function withRetry<T>(run: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await run()
    } catch (reason) {
      const state = sqlState(reason)
      if (state !== '40001' && state !== '40P01') throw reason
      if (tried === MOST_TRIES) throw new Fault('busy', 'the database gave others the way each time', reason)
      await systemClock.sleep(tried * (5 + systemClock.below(20)))
    }
  }
}

function sqlState(reason: unknown): string {
  if (!(reason instanceof Error)) return ''
  if ('code' in reason) return String(reason.code)
  return sqlState(reason.cause)
}

/** What is acknowledged must be on disk: a server that is told not to wait for it would lose the last seconds with a power cut. */
async function assertDurable(pool: pg.Pool) {
  const { rows } = await pool.query<{ name: string }>(
    "select name from pg_settings where name in ('synchronous_commit', 'fsync') and setting = 'off'",
  )
  for (const { name } of rows)
    throw new Fault('bad_settings', `PostgreSQL runs with ${name} = off and would lose what was answered: set it to on`)
}

/** drizzle's migrate() takes no lock: two processes that start together would collide. */
async function migrateAlone(pool: pg.Pool) {
  const client = await pool.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK])
    await migrate(drizzle(client), { migrationsFolder: new URL('../../drizzle/postgres', import.meta.url).pathname })
  } finally {
    // The lock goes with its connection, also with one that died and could not be asked for it.
    client.release(true)
  }
}
