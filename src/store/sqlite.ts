import { closeSync, fdatasync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import Database from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { migrate } from 'drizzle-orm/better-sqlite3/migrator'
import { LRUCache } from 'lru-cache'
import { systemClock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { compiled } from './compiled.ts'
import { sqliteTables } from './schema.ts'
import { handle, type Store, type Tx } from './store.ts'

type Job = { unit: (tx: Tx) => Promise<unknown>; done: (value: unknown) => void; fail: (reason: unknown) => void }

type Answers = (() => void)[]

const MOST_TOGETHER = 256
const MOST_WAITING = 20_000
/** How long another process (a command of the operator) may hold the write lock before we call it busy. */
const LOCK_PATIENCE_MS = 7_000
/** How often it is tried to cut the journal while others work; a night later it is tried again. */
const SCRUBS = 100
/** So many pages of 4 KB stand in the journal before they are carried into the file. */
const JOURNAL_PAGES = 1_000

const sync = promisify(fdatasync)

/**
 * One writer. Units wait in line; those that came together share one commit and answer only when the journal is on the disk.
 * `onBroken` is called once when the disk failed under a commit: the process must stop, because a second fsync may claim success.
 */
export function openSqlite(
  file: string,
  onBroken: (reason: unknown) => void = () => undefined,
  { journalPages = JOURNAL_PAGES } = {},
): Store {
  if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true })
  const writer = connect(file)
  writtenAnew(writer)
  // While this one opens, others may write without a pause: it waits for its turn.
  writer.pragma(`busy_timeout=${LOCK_PATIENCE_MS}`)
  migrate(drizzle(writer), { migrationsFolder: new URL('../../drizzle/sqlite', import.meta.url).pathname })
  assertInOrder(writer)
  // SQLite would wait for the disk inside of the commit, with every other process locked out and the whole of this one held up: here
  // it only writes, and what it wrote is waited for once the lock is free. Nor does it carry the journal over within a commit.
  const journal = file === ':memory:' ? undefined : openSync(`${file}-wal`, 'r')
  writer.pragma('wal_autocheckpoint=0')
  // Another process's lock is waited for in `beginWhenFree`, between two turns of the event loop and not in the middle of one.
  writer.pragma('busy_timeout=0')
  const reader = file === ':memory:' ? writer : connect(file, { readonly: true })
  const db = drizzle(writer)
  const compile = (prepared: object) => compiled(writer, prepared)
  const [begin, commit, rollback, save, keep, undo] = [
    'begin immediate',
    'commit',
    'rollback',
    'savepoint unit',
    'release unit',
    'rollback to unit',
  ].map((query) => writer.prepare(query)) as [Statement, Statement, Statement, Statement, Statement, Statement]

  const rowsChanged = writer.prepare<[], number>('select total_changes()').pluck()

  const versionSeen = () => writer.pragma('data_version', { simple: true })
  let version = versionSeen()
  const line: Job[] = []
  let awake = false
  let broken: Fault | undefined

  async function drain() {
    try {
      while (line.length > 0) {
        await commitTogether(line.splice(0, MOST_TOGETHER))
        // Units of which each brings the next would let nobody in: what has come meanwhile is read first, and shares the next commit.
        await nextTurn()
        carryOver()
      }
    } finally {
      awake = false
    }
  }

  /**
   * A way back for one unit alone costs a copy of every page that it touches. So all of them are run without one, and only where a unit
   * failed that had written, they are undone together and run once more, each with its own.
   */
  async function commitTogether(batch: Job[]) {
    let answers: Answers | undefined
    try {
      if (broken) throw broken
      await beginWhenFree()
      answers = await answersOf(batch)
      if (!answers) {
        rollback.run()
        await beginWhenFree()
        answers = await answersOf(batch, { undoable: true })
      }
      commit.run()
      // Also where nothing was written: what they have read may be another's, on its way to the disk.
      if (journal !== undefined) await sync(journal)
    } catch (reason) {
      if (writer.inTransaction) rollback.run()
      const fault = faultOf(reason)
      for (const { fail } of batch) fail(fault)
      return
    }
    for (const answer of answers ?? []) answer()
  }

  /** A disk that failed is not asked again. */
  function faultOf(reason: unknown): Fault {
    const fault = asFault(reason)
    if (fault.code === 'storage_broken' && !broken) {
      broken = fault
      onBroken(reason)
    }
    return fault
  }

  /** Carries what is in the journal into the file, once it is long enough and those who waited have their answers. */
  function carryOver() {
    if (broken || file === ':memory:') return
    try {
      const [{ log, checkpointed }] = writer.pragma('wal_checkpoint(NOOP)') as [{ log: number; checkpointed: number }]
      if (log - checkpointed >= journalPages) writer.pragma('wal_checkpoint(PASSIVE)')
    } catch (reason) {
      // A full disk keeps the journal as it is, and it is tried again.
      faultOf(reason)
    }
  }

  /** What is told to each once all is kept; undefined where what one of them wrote must go, and it cannot be undone alone. */
  async function answersOf(batch: Job[], { undoable = false } = {}): Promise<Answers | undefined> {
    const answers: Answers = []
    for (const job of batch) {
      if (undoable) save.run()
      const before = rowsChanged.get()
      try {
        const value = await promptly(job.unit)
        answers.push(() => job.done(value))
      } catch (reason) {
        // A full or failing disk ends the whole transaction by itself; then nobody in this batch was kept.
        if (!writer.inTransaction) throw reason
        if (undoable) undo.run()
        else if (rowsChanged.get() !== before) return undefined
        answers.push(() => job.fail(reason))
      }
      if (undoable) keep.run()
    }
    return answers
  }

  async function beginWhenFree() {
    const started = systemClock.ticks()
    for (;;) {
      try {
        begin.run()
        return
      } catch (reason) {
        if (codeOf(reason) !== 'SQLITE_BUSY' || systemClock.ticks() - started > LOCK_PATIENCE_MS) throw reason
        await wait(4)
      }
    }
  }

  /** A unit awaits only its tx: anything slower would hold up every writer behind it. */
  async function promptly(unit: Job['unit']) {
    let slow = false
    const turn = setImmediate(() => {
      slow = true
    })
    const { tx, end } = handle(db, sqliteTables, compile)
    try {
      const value = await unit(tx)
      if (slow) throw new Fault('unit_misused', 'a unit of work awaited something other than its tx')
      return value
    } finally {
      end()
      clearImmediate(turn)
    }
  }

  return {
    work: <T>(_key: string, unit: (tx: Tx) => Promise<T>) =>
      new Promise<T>((done, fail) => {
        if (broken) return fail(broken)
        if (line.length >= MOST_WAITING) return fail(new Fault('busy', 'too many units of work are waiting'))
        line.push({ unit, done: done as (value: unknown) => void, fail })
        if (awake) return
        awake = true
        // One turn of the event loop: everything that arrived in it shares the commit.
        setImmediate(() => void drain())
      }),
    read: Object.assign(drizzle(reader), sqliteTables) as unknown as Store['read'],
    othersWrote() {
      const before = version
      version = versionSeen()
      return version !== before
    },
    async ping() {
      if (broken) throw broken
      reader.prepare('select 1').get()
    },
    async copyTo(target) {
      mkdirSync(dirname(target), { recursive: true })
      await writer.backup(target)
      // One file that needs no others beside it, wherever it is carried.
      const copy = new Database(target)
      copy.pragma('journal_mode=DELETE')
      copy.close()
    },
    async scrub() {
      if (file === ':memory:') return
      // By a connection of its own, between two units: what was in the journal is in the file by then, and the journal is cut to nothing.
      const broom = connect(file)
      try {
        for (let n = 0; n < SCRUBS; n++) {
          const [result] = broom.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[]
          if (result?.busy === 0) return
          await wait(20)
        }
      } finally {
        broom.close()
      }
    },
    async close() {
      while (awake) await nextTurn()
      if (journal !== undefined) closeSync(journal)
      writer.close()
      if (reader !== writer) reader.close()
    },
  }
}

type Statement = Database.Statement<[]>

function connect(file: string, options: Database.Options = {}) {
  const connection = new Database(file, { ...options, timeout: 10 })
  if (!options.readonly)
    // What is deleted is overwritten with zeros at once: an erased person is not found in pages that are free. What a unit would need to be
    // undone stays in memory: in a file, which is the usual, it took half of the time of every row that is written.
    for (const pragma of ['journal_mode=WAL', 'synchronous=NORMAL', 'foreign_keys=ON', 'secure_delete=ON', 'temp_store=MEMORY'])
      connection.pragma(pragma)
  // Who reads asks for a page of a console now and then; what is asked at every hop is asked by the one who writes.
  connection.pragma(`cache_size=${options.readonly ? -8_000 : -24_000}`)
  rememberStatements(connection)
  return connection
}

/**
 * A query that is built anew comes out as the same text, and preparing that text costs more than running it. drizzle reads every answer
 * of one text in the same way, so a statement can serve all who ask for it.
 */
function rememberStatements(connection: Database.Database) {
  const known = new LRUCache<string, Database.Statement>({ max: 500 })
  const prepare = connection.prepare.bind(connection)
  connection.prepare = ((text: string) => {
    let statement = known.get(text)
    if (!statement) {
      statement = prepare(plannedOnce(text))
      known.set(text, statement)
    }
    return statement
  }) as typeof connection.prepare
}

/**
 * This build of SQLite (STAT4) plans a join anew whenever a value that is compared changes, which costs ten times what running it does.
 * The value of `+?` is not looked at, so a plan stands as long as its statement. `https://sqlite.org/queryplanner-ng.html#qpstab`
 */
function plannedOnce(text: string): string {
  return text.startsWith('insert') ? text : text.replace(/(?<=[=<>(,] )\?|(?<=\()\?/g, '+?')
}

/**
 * What a failed fsync left out is on no platter, and yet the system shows it: behind such a hole in the log, later commits would be lost
 * with the next power cut. So what the log of a process that ended badly shows is written anew, into the database, and the log begins empty.
 */
function writtenAnew(connection: Database.Database) {
  connection.pragma('wal_checkpoint(TRUNCATE)')
}

/** With `NORMAL` the journal is on the disk before anything of it goes into the file; with less, a power cut could leave neither whole. */
function assertInOrder(connection: Database.Database) {
  connection.exec(
    'create table if not exists durable_check (n integer); insert into durable_check values (1); delete from durable_check',
  )
  if (connection.pragma('synchronous', { simple: true }) !== 1)
    throw new Fault('storage_broken', 'SQLite does not keep synchronous=NORMAL on this file')
}

function codeOf(reason: unknown): string {
  return reason instanceof Error && 'code' in reason ? String(reason.code) : ''
}

function asFault(reason: unknown): Fault {
  if (reason instanceof Fault) return reason
  const code = codeOf(reason)
  if (code === 'SQLITE_FULL') return new Fault('storage_full', 'the disk is full', reason)
  if (code === 'SQLITE_BUSY') return new Fault('busy', 'another process holds the database', reason)
  return new Fault('storage_broken', `the storage failed (${code || 'unknown'})`, reason)
}
