import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openStore } from '../../src/store/open.ts'
import { startPostgres } from '../kit/postgres.ts'

const root = new URL('../..', import.meta.url).pathname
const textsIn = (folder: string, ending: RegExp) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => ending.test(name))
    .map((name) => ({ file: `${folder}/${name}`, text: readFileSync(join(root, folder, name), 'utf8') }))

/** What one of Citus, YugabyteDB and CockroachDB refuses, or keeps otherwise: docs/postgresql.md. `allowed`: its list says where and why. */
const findings: { what: string; pattern: RegExp; example: string; allowed?: string[] }[] = [
  {
    what: 'keys that a server counts up',
    pattern: /\b(big|small)?serial\b|\bnextval\b|generated (always|by default)/i,
    example: 'id serial',
  },
  { what: 'sequences', pattern: /\bcreate sequence\b/i, example: 'CREATE SEQUENCE s' },
  {
    what: 'triggers, functions and rules',
    pattern: /\bcreate (or replace )?(trigger|function|procedure|rule)\b/i,
    example: 'create trigger t',
  },
  { what: 'extensions', pattern: /\bcreate extension\b/i, example: 'create extension pg_trgm' },
  { what: 'foreign keys', pattern: /\bforeign key\b|\breferences "/i, example: 'REFERENCES "people"' },
  { what: 'exclusion constraints', pattern: /\bexclude using\b/i, example: 'exclude using gist' },
  { what: 'kinds of index that not everybody has', pattern: /using (gin|gist|brin|hash|spgist)\b/i, example: 'USING gin' },
  { what: 'types of their own', pattern: /\bcreate (type|domain)\b/i, example: 'CREATE TYPE t' },
  { what: 'tables outside the log', pattern: /\bunlogged\b|\bcreate temp/i, example: 'create unlogged table' },
  { what: 'messages between sessions', pattern: /['"`]\s*(listen|unlisten|notify)\b|pg_notify/i, example: "query('listen x')" },
  {
    what: 'locks of whole tables',
    pattern: /['"`]\s*lock table\b/i,
    example: "'lock table people'",
    allowed: ['src/store/side.ts'],
  },
  { what: 'the place of a row', pattern: /\bctid\b|\bxmin\b/i, example: 'where ctid =' },
  {
    what: 'advisory locks',
    pattern: /pg_(try_)?advisory/i,
    example: 'select pg_advisory_lock(1)',
    allowed: ['src/store/postgres.ts'],
  },
  { what: 'a hash of the server', pattern: /hashtext/i, example: 'hashtextextended(k, 0)', allowed: ['src/store/postgres.ts'] },
  {
    what: 'who else is connected',
    pattern: /pg_stat_activity/i,
    example: 'select 1 from pg_stat_activity',
    allowed: ['src/store/side.ts'],
  },
  {
    what: 'levels of isolation',
    pattern: /repeatable read|serializable/i,
    example: 'begin isolation level serializable',
    allowed: ['src/store/side.ts'],
  },
  {
    what: 'rows that are passed over',
    pattern: /skip ?locked/i,
    example: 'for update skip locked',
    allowed: ['src/store/claim.ts'],
  },
  {
    what: 'jsonb',
    pattern: /\bjsonb\b/i,
    example: '"subjects" jsonb',
    allowed: ['drizzle/postgres/*.sql', 'src/store/kit-postgres.ts'],
  },
]

const sources = [
  ...textsIn('drizzle/postgres', /\.sql$/).map(({ text }) => ({ file: 'drizzle/postgres/*.sql', text })),
  // The engine's own words: what is said to SQLite alone is not said to the others.
  ...textsIn('src', /\.ts$/).filter(({ file }) => !file.endsWith('store/sqlite.ts')),
].map(({ file, text }) => ({ file, text: text.replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*/g, '') }))

test('there is something to look through', () => {
  expect(sources.length).toBeGreaterThan(300)
  expect(sources.filter(({ file }) => file.endsWith('.sql')).length).toBeGreaterThan(7)
})

describe.each(findings)('$what', ({ pattern, example, allowed = [] }) => {
  test('stand only where the list of docs/postgresql.md says, and would be found', () => {
    const found = sources.filter(({ text }) => pattern.test(text)).map(({ file }) => file)
    expect([...new Set(found)].sort()).toEqual([...allowed].sort())
    expect(pattern.test(example)).toBe(true)
  })
})

test('in a database in which all of them ran, nothing but drizzle counts up by itself, and nothing is there that was not looked for', async () => {
  const postgres = await startPostgres()
  onTestFinished(() => postgres.stop())
  const url = await postgres.createDatabase()
  await (await openStore(url)).close()
  const client = new Client({ connectionString: url })
  await client.connect()
  onTestFinished(() => client.end())
  const ours = "not in ('pg_catalog', 'information_schema')"
  const asked = async (text: string) => (await client.query<{ name: string }>(text)).rows.map(({ name }) => name)
  expect(
    await asked(`select table_schema || '.' || table_name as name from information_schema.columns
      where table_schema ${ours} and (column_default like 'nextval%' or is_identity = 'YES')`),
  ).toEqual(['drizzle.__drizzle_migrations'])
  expect(
    await asked(`select constraint_type as name from information_schema.table_constraints where table_schema ${ours}
      and constraint_type not in ('PRIMARY KEY', 'UNIQUE', 'CHECK')`),
  ).toEqual([])
  expect(await asked(`select routine_name as name from information_schema.routines where routine_schema ${ours}`)).toEqual([])
  expect(await asked('select trigger_name as name from information_schema.triggers')).toEqual([])
  expect(await asked("select extname as name from pg_extension where extname <> 'plpgsql'")).toEqual([])
  expect(
    await asked(`select distinct amname as name from pg_class join pg_am on pg_am.oid = relam join pg_namespace n on n.oid = relnamespace
      where relkind = 'i' and nspname = 'public'`),
  ).toEqual(['btree'])
})

test('each of these stands in the list, with where it is and its reason', () => {
  const page = readFileSync(join(root, 'docs/postgresql.md'), 'utf8')
  const [, list = ''] = page.split('## What stands in the way of others')
  const rows = list.split('\n').filter((line) => line.startsWith('| '))
  for (const [word, where] of [
    ['lock table', 'side.ts'],
    ['pg_advisory_xact_lock', 'postgres.ts'],
    ['pg_advisory_lock', 'postgres.ts'],
    ['hashtextextended', 'the same'],
    ['SKIP LOCKED', 'claim.ts'],
    ['jsonb', 'kit-postgres.ts'],
    ['pg_stat_activity', 'side.ts'],
    ['repeatable read', 'side.ts'],
    ['__drizzle_migrations', 'drizzle'],
    ['one transaction', 'drizzle'],
    ['unique', 'the schema'],
  ] as const) {
    const row = rows.find((line) => line.split('|')[1]?.includes(word))
    expect(row, word).toContain(where)
    for (const cell of row?.split('|').slice(1, 5) ?? []) expect(cell.trim(), word).not.toBe('')
  }
})
