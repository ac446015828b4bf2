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
}
