import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { migrate } from 'drizzle-orm/better-sqlite3/migrator'
import { Client } from 'pg'
import { expect, test } from 'vitest'
import { startPostgres } from '../kit/postgres.ts'
import { type Disk, openDisk } from './disk/disk.ts'
import { expectKept, startWriter } from './disk/write.ts'
import { size, tried } from './row.ts'

const SQLITE = new URL('../../drizzle/sqlite', import.meta.url).pathname
const WITO = new URL('../../src/cli/wito.js', import.meta.url).pathname
const journalOf = (folder: string) =>
  JSON.parse(readFileSync(join(folder, 'meta/_journal.json'), 'utf8')) as { entries: { tag: string }[] }
const migrations = journalOf(SQLITE).entries.length

/** A database as the first migrations left it, with a unit in it as soon as there are tables. */
function databaseAt(home: string, stage: number): string {
  const folder = join(home, `stage-${stage}`)
  mkdirSync(folder)
  if (stage === 0) return folder
  const older = join(home, `migrations-${stage}`)
  cpSync(SQLITE, older, { recursive: true })
  const journal = journalOf(older)
  writeFileSync(join(older, 'meta/_journal.json'), JSON.stringify({ ...journal, entries: journal.entries.slice(0, stage) }))
  const database = new Database(join(folder, 'wito.db'))
  database.pragma('journal_mode=WAL')
  migrate(drizzle(database), { migrationsFolder: older })
  database.exec(`insert into counters (name, n) values ('unit:1', 1), ('sum', 1);
    insert into inbound (id, msisdn, body_sealed, at) values ('unit:1', 'm1', 'x', 1)`)
  database.close()
  return folder
}

function schemaOf(file: string) {
  const database = new Database(file, { readonly: true })
  const parts = database.prepare('select name, sql from sqlite_master order by name').all()
  const applied = database.prepare('select hash from __drizzle_migrations order by created_at').all()
  database.close()
  return { parts, applied }
}

/** Brings a copy of the database up to date in a process that dies in that call to the disk, if in any. Gives how many there were. */
async function bringUp(disk: Disk, stage: string, folder: string, killAt: number) {
  cpSync(stage, folder, { recursive: true })
  disk.begin()
  disk.set({ killAt })
  const writer = startWriter(disk)
  const done = await writer.write({ folder, from: 1, units: 0, lanes: 1 })
  const calls = disk.calls()
  await writer.stop()
  expect(done === undefined, `killed at ${killAt}`).toBe(killAt > 0)
  return calls
}

test('SQLite: killed inside any migration, a restart completes it', { timeout: 600_000 }, async (context) => {
  const disk = openDisk(context)
  try {
    const kills = size({ quick: 1, full: 17, long: 100 })
    for (let stage = 0; stage < migrations; stage++) {
      const before = databaseAt(disk.home, stage)
      const whole = join(disk.folder, `whole-${stage}`)
      const calls = await bringUp(disk, before, whole, 0)
      for (let n = 0; n < kills; n++) {
        const killAt = 1 + Math.floor(((n + 0.5) * calls) / kills)
        const folder = join(disk.folder, `killed-${stage}-${n}`)
        await bringUp(disk, before, folder, killAt)
        const again = join(disk.home, 'again')
        cpSync(folder, again, { recursive: true })
        await expectKept(again, stage === 0 ? [] : [1], `after ${stage} migrations, killed in call ${killAt} of ${calls}`, () =>
          expect(schemaOf(join(again, 'wito.db'))).toEqual(schemaOf(join(whole, 'wito.db'))),
        )
      }
    }
    tried(context, `${kills * migrations} kills inside ${migrations} migrations on SQLite, all completed by a restart`)
  } finally {
    disk.close()
  }
})

const HOLD = 42
/** Stops whoever changes the schema for the nth time, until the lock is let go. */
const holding = (n: number) => `create sequence steps; create function hold() returns event_trigger language plpgsql as $$
  begin if nextval('steps') = ${n} then perform pg_advisory_xact_lock(${HOLD}); end if; end $$;
  create event trigger hold on ddl_command_end execute function hold()`
const LET_GO = 'drop event trigger hold; drop function hold; drop sequence steps'
const SCHEMA = `select table_name, column_name, data_type, is_nullable, column_default from information_schema.columns
  where table_schema in ('public', 'drizzle') order by 1, 2`
const INDEXES = `select tablename, indexdef from pg_indexes where schemaname in ('public', 'drizzle') order by 1, 2`
const APPLIED = 'select hash from drizzle.__drizzle_migrations order by created_at'

test('PostgreSQL: killed inside the migrations, a restart completes them', { timeout: 600_000 }, async (context) => {
  const postgres = await startPostgres()
  const home = mkdtempSync(join(tmpdir(), 'wito-migration-'))
  const bring = (url: string) => {
    const keys = {
      CALLBACK_SECRETS: 'test',
      SECRET_KEYS: `a:${'A'.repeat(44)}`,
      INDEX_KEY: 'i'.repeat(32),
      PEPPER: 'p'.repeat(32),
    }
    const env = { ...process.env, ...keys, NODE_ENV: 'test', DATABASE_URL: url }
    return spawn(process.execPath, [WITO, 'migrate'], { env, cwd: home, stdio: ['ignore', 'ignore', 'inherit'] })
  }
  const ending = async (child: ChildProcess) => (await once(child, 'exit'))[0]
  const looking = async (url: string, queries: string[]) => {
    const client = new Client({ connectionString: url })
    await client.connect()
    const seen: unknown[] = []
    for (const query of queries) seen.push((await client.query(query)).rows)
    return { client, seen, close: () => client.end() }
  }
  try {
    const fresh = await postgres.createDatabase()
    const counting = await looking(fresh, [holding(-1)])
    expect(await ending(bring(fresh))).toBe(0)
    const [counted] = (await counting.client.query('select last_value n from steps')).rows
    const steps = Number(counted.n)
    await counting.client.query(LET_GO)
    await counting.close()
    const whole = await looking(fresh, [SCHEMA, INDEXES, APPLIED])
    await whole.close()

    const kills = size({ quick: 1, full: 6, long: 50 })
    for (let n = 0; n < kills; n++) {
      const step = 2 + Math.floor(((n + 0.5) * (steps - 2)) / kills)
      const url = await postgres.createDatabase()
      const { client, close } = await looking(url, [`select pg_advisory_lock(${HOLD})`, holding(step)])
      const child = bring(url)
      const ended = once(child, 'exit')
      const waits = "select 1 from pg_locks where locktype = 'advisory' and not granted"
      while ((await client.query(waits)).rowCount === 0) await wait(20)
      child.kill('SIGKILL')
      await ended
      await client.query(`select pg_advisory_unlock(${HOLD})`)
      // The server finds its client gone and undoes what was not committed.
      while (
        ((
          await client.query(
            "select 1 from pg_stat_activity where datname = current_database() and backend_type = 'client backend'",
          )
        ).rowCount ?? 0) > 1
      )
        await wait(20)
      await client.query(LET_GO)
      await close()
      expect(await ending(bring(url)), `a restart, killed in step ${step} of ${steps}`).toBe(0)
      const after = await looking(url, [SCHEMA, INDEXES, APPLIED])
      await after.close()
      expect(after.seen).toEqual(whole.seen)
    }
    tried(context, `${kills} kills inside the ${steps} steps of PostgreSQL's, all completed by a restart`)
  } finally {
    await postgres.stop()
    rmSync(home, { recursive: true, force: true })
  }
})
