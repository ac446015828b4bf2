import type { Rows } from '../row.ts'

const STORE = 'src/store/sqlite.ts'

/** The disk, the power and the process: what was acknowledged is there. */
export const storageRows: Rows = {
  kill: {
    fault: 'kill -9 at random moments under load, every callback delivered twice',
    promise: 'nothing acknowledged is lost or doubled; it serves again',
    proof: { file: 'test/bar/kill.test.ts' },
    controls: [
      {
        what: 'it answers first and commits a little later',
        edits: [
          { file: STORE, from: 'answers.push(() => job.done(value))', to: 'job.done(value)' },
          { file: STORE, from: 'commit.run()', to: 'await wait(300)\n      commit.run()' },
        ],
      },
      {
        what: 'an SMS is not known again by its id',
        edits: [
          {
            file: 'src/sms/inbound.ts',
            from: 'if (!fresh || msisdn === undefined) return',
            to: 'if (msisdn === undefined) return\n    void fresh',
          },
        ],
      },
    ],
  },
  power: {
    fault: 'power cut: torn and reordered unsynced writes',
    promise: 'nothing acknowledged is lost, the file is sound',
    proof: { file: 'test/bar/power.test.ts' },
    controls: [
      {
        what: 'nobody waits for the journal',
        edits: [{ file: STORE, from: 'if (journal !== undefined) await sync(journal)', to: '' }],
      },
      {
        // What it sets and what it checks must both be weaker, or it refuses to open.
        what: 'the file is written before the journal is on the disk',
        edits: [
          { file: STORE, from: "'synchronous=NORMAL', 'foreign_keys=ON'", to: "'synchronous=OFF', 'foreign_keys=ON'" },
          { file: STORE, from: '{ simple: true }) !== 1)', to: '{ simple: true }) === 7)' },
        ],
      },
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
      {
        what: 'a journal that did not come to the disk is swallowed',
        edits: [{ file: STORE, from: 'await sync(journal)', to: 'await sync(journal).catch(() => undefined)' }],
      },
      { what: 'it goes on after a failure', edits: [{ file: STORE, from: 'broken = fault\n      onBroken(reason)', to: '' }] },
      {
        what: 'the service goes on',
        edits: [{ file: 'src/cli/serve.ts', from: 'process.exit(1)', to: 'return undefined as never' }],
      },
      {
        what: 'the log of a process that failed is trusted',
        edits: [{ file: STORE, from: "connection.pragma('wal_checkpoint(TRUNCATE)')", to: 'void connection' }],
      },
    ],
  },
  full: {
    fault: 'disk full',
    promise: 'a polite END, 503 for others, no half row; works again within 5 s of space returning',
    proof: { file: 'test/bar/full.test.ts' },
    controls: [
      {
        what: 'a full disk is taken for a broken one',
        edits: [{ file: STORE, from: "if (code === 'SQLITE_FULL') return", to: "if (code === 'never') return" }],
      },
      {
        what: 'a step of a call fails as everything else does',
        edits: [
          {
            file: 'src/web/ussd.ts',
            from: "return await ending(fault?.status === 503 ? 'session_busy' : 'session_sorry', hop.msisdn)",
            to: 'throw reason',
          },
        ],
      },
      {
        what: 'what could not be kept is answered all the same',
        edits: [
          { file: STORE, from: 'for (const { fail } of batch) fail(fault)', to: 'for (const { done } of batch) done(undefined)' },
        ],
      },
    ],
  },
  sigterm: {
    fault: 'SIGTERM under load',
    promise: 'readiness off, answers finished, exit code 0 within 15 s',
    proof: { file: 'test/bar/sigterm.test.ts' },
    controls: [
      { what: 'readiness stays on', edits: [{ file: 'src/web/server.ts', from: 'stopping = true', to: 'void stopping' }] },
      {
        what: 'answers under way are cut off',
        edits: [
          { file: 'src/web/sockets.ts', from: 'const until = clock.ticks() + limits.graceMs', to: 'const until = clock.ticks()' },
        ],
      },
      {
        what: 'storage is closed before the doors',
        edits: [{ file: 'src/main.ts', from: 'stops.push(() => server.close())', to: 'stops.unshift(() => server.close())' }],
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
