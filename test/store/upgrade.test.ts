import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { drizzle as onSqlite } from 'drizzle-orm/better-sqlite3'
import { migrate as migrateSqlite } from 'drizzle-orm/better-sqlite3/migrator'
import { drizzle as onPostgres } from 'drizzle-orm/node-postgres'
import { migrate as migratePostgres } from 'drizzle-orm/node-postgres/migrator'
import { Client } from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { counts } from '../../src/officers/confirm.ts'
import { openStore } from '../../src/store/open.ts'
import { startPostgres } from '../kit/postgres.ts'

type Engine = 'sqlite' | 'postgres'
const OFFICER = `insert into officers (id, username, name, role, counties, active, at) values ('old', 'old', 'Zawadi', 'approver', '[]', `

/** A folder of the test's own, with the migrations of an engine before the one of that name. */
function before(engine: Engine, name: string): { home: string; older: string } {
  const home = mkdtempSync(join(tmpdir(), 'wito-upgrade-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  const older = join(home, 'older')
  cpSync(new URL(`../../drizzle/${engine}`, import.meta.url).pathname, older, { recursive: true })
  const file = join(older, 'meta/_journal.json')
  const journal = JSON.parse(readFileSync(file, 'utf8')) as { entries: { tag: string }[] }
  const place = journal.entries.findIndex(({ tag }) => tag.endsWith(`_${name}`))
  expect(place).toBeGreaterThan(0)
  writeFileSync(file, JSON.stringify({ ...journal, entries: journal.entries.slice(0, place) }))
  return { home, older }
}

const olderDatabase: Record<Engine, () => Promise<string>> = {
  async sqlite() {
    const { home, older } = before('sqlite', 'confirmed')
    const file = join(home, 'wito.db')
    const database = new Database(file)
    database.pragma('journal_mode=WAL')
    migrateSqlite(onSqlite(database), { migrationsFolder: older })
    database.exec(`${OFFICER} 1, 1000)`)
    database.close()
    return `file:${file}`
  },
  async postgres() {
    const { older } = before('postgres', 'confirmed')
    const postgres = await startPostgres()
    onTestFinished(() => postgres.stop())
    const address = await postgres.createDatabase()
    const client = new Client(address)
    await client.connect()
    await migratePostgres(onPostgres(client), { migrationsFolder: older })
    await client.query(`${OFFICER} true, 1000)`)
    await client.end()
    return address
  },
}

test.each(['sqlite', 'postgres'] as const)(
  'on %s, whoever was an officer before anybody confirmed still counts',
  async (engine) => {
    const store = await openStore(await olderDatabase[engine]())
    try {
      const [row] = await store.read.select().from(store.read.officers)
      expect(row).toMatchObject({ id: 'old', confirmedAt: 1000, broughtIn: [] })
      expect(await counts(store.read, 'officer:old', 1000)).toBe(true)
    } finally {
      await store.close()
    }
  },
  60_000,
)
