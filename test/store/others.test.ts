import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

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

test('each of these stands in the list, with its reason', () => {
  const page = readFileSync(join(root, 'docs/postgresql.md'), 'utf8')
  for (const word of [
    'lock table',
    'pg_advisory_xact_lock',
    'pg_advisory_lock',
    'hashtextextended',
    'SKIP LOCKED',
    'jsonb',
    'unique',
  ])
    expect(page).toContain(word)
})
