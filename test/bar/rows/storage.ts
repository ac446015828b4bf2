import type { Break } from '../break.ts'
import type { Rows } from '../row.ts'

const STORE = 'src/store/sqlite.ts'

/** What the store sets and what it checks must both be weaker, or it refuses to open. */
const synchronous = (level: 'NORMAL' | 'OFF'): Break[] => [
  {
    file: STORE,
    from: "for (const pragma of ['journal_mode=WAL', 'synchronous=FULL',",
    to: `for (const pragma of ['journal_mode=WAL', 'synchronous=${level}',`,
  },
  { file: STORE, from: "if (level !== 2) connection.pragma('synchronous=FULL')", to: '' },
  { file: STORE, from: "if (connection.pragma('synchronous', { simple: true }) !== 2)", to: 'if (level === undefined)' },
]

/** The disk, the power and the process: what was acknowledged is there. */
export const storageRows: Rows = {
  power: {
    fault: 'power cut: torn and reordered unsynced writes',
    promise: 'nothing acknowledged is lost, the file is sound',
    proof: { file: 'test/bar/power.test.ts' },
    controls: [
      { what: 'synchronous=NORMAL', edits: synchronous('NORMAL') },
      { what: 'synchronous=OFF', edits: synchronous('OFF') },
    ],
  },
  fsync: {
    fault: 'fsync fails with EIO; each I/O call fails in turn',
    promise: 'no acknowledgement after the failure; it stops, and a restart has everything',
    proof: { file: 'test/bar/fsync.test.ts' },
    controls: [
      {
        what: 'a failed commit is swallowed',
        edits: [{ file: STORE, from: 'commit.run()', to: 'try { commit.run() } catch (reason) { void reason }' }],
      },
      { what: 'it goes on after a failure', edits: [{ file: STORE, from: 'broken = fault\n        onBroken(reason)', to: '' }] },
      {
        what: 'the log of a process that failed is trusted',
        edits: [{ file: STORE, from: "connection.pragma('wal_checkpoint(TRUNCATE)')", to: 'void connection' }],
      },
    ],
  },
  migration: {
    fault: 'killed inside each migration',
    promise: 'a restart completes it',
    proof: { file: 'test/bar/migration.test.ts' },
    controls: [
      {
        what: 'SQLite: a statement at a time, without a transaction',
        edits: [
          {
            file: STORE,
            from: 'migrate(drizzle(writer), {',
            to: `const unbound = drizzle(writer) as any
  const run = unbound.session.run.bind(unbound.session)
  const words = ['BEGIN', 'COMMIT', 'ROLLBACK']
  unbound.session.run = (query: any) => (words.includes(query.queryChunks[0].value[0]) ? undefined : run(query))
  migrate(unbound, {`,
          },
        ],
      },
      {
        what: 'PostgreSQL: a statement at a time, without a transaction',
        edits: [
          {
            file: 'src/store/postgres.ts',
            from: 'await migrate(drizzle(client), {',
            to: `const unbound = drizzle(client) as any
    unbound.session.transaction = (all: any) => all(unbound)
    await migrate(unbound, {`,
          },
        ],
      },
    ],
  },
}
