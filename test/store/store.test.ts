import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { and, eq, lt, sql } from 'drizzle-orm'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { claiming } from '../../src/store/claim.ts'
import { openStore } from '../../src/store/open.ts'
import { once, type Store, type Tx } from '../../src/store/store.ts'
import { startPostgres, type TestPostgres } from '../kit/postgres.ts'

let postgres: TestPostgres
let folder: string
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres.stop())
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wito-store-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

// What a unit promises, the same on both engines.
describe.each([
  ['SQLite', () => Promise.resolve(`file:${folder}/wito.db`)],
  ['PostgreSQL', () => postgres.createDatabase()],
])('a unit of work on %s', (engine, address) => {
  let store: Store
  beforeEach(async () => {
    store = await openStore(await address())
  })
  afterEach(() => store.close())

  const add = (tx: Tx, name: string, n = 0) => tx.insert(tx.counters).values({ name, n })
  const all = () => store.read.select().from(store.read.counters)

  test('keeps everything or nothing', async () => {
    await store.work('a', async (tx) => {
      await add(tx, 'kept')
    })
    const failing = store.work('a', async (tx) => {
      await add(tx, 'lost')
      throw new Error('on purpose')
    })
    await expect(failing).rejects.toThrow('on purpose')
    expect((await all()).map(({ name }) => name)).toEqual(['kept'])
  })

  test('units of which each brings the next let others in between', async () => {
    let turns = 0
    let over = false
    const turn = () => {
      turns++
      if (!over) setImmediate(turn)
    }
    setImmediate(turn)
    for (let n = 0; n < 20; n++) await store.work('chain', (tx) => add(tx, `link ${n}`))
    over = true
    expect(turns).toBeGreaterThanOrEqual(19)
  })

  test('one bad unit does not fail its neighbours', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 40 }, (_, n) =>
        store.work(`k${n}`, async (tx) => {
          await add(tx, `c${n}`)
          if (n % 10 === 3) throw new Error('bad')
          return n
        }),
      ),
    )
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(4)
    expect(await all()).toHaveLength(36)
  })

  test('units of one key never overlap: no update is lost', async () => {
    await Promise.all(
      Array.from({ length: 100 }, () =>
        store.work('same', async (tx) => {
          const [row] = await tx.select().from(tx.counters).where(eq(tx.counters.name, 'sum'))
          const n = (row?.n ?? 0) + 1
          await tx.insert(tx.counters).values({ name: 'sum', n }).onConflictDoUpdate({ target: tx.counters.name, set: { n } })
        }),
      ),
    )
    expect(await all()).toEqual([{ name: 'sum', n: 100 }])
  })

  test('a guarded count-down across keys gives out exactly what there is', async () => {
    await store.work('a', async (tx) => {
      await add(tx, 'places')
    })
    const taken = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        store.work(`k${n}`, async (tx) => {
          const { counters } = tx
          const rows = await tx
            .update(counters)
            .set({ n: sql`${counters.n} + 1` })
            .where(and(eq(counters.name, 'places'), lt(counters.n, 7)))
            .returning()
          return rows.length
        }),
      ),
    )
    expect(taken.reduce((sum, n) => sum + n, 0)).toBe(7)
  })

  test('a tx dies with its unit', async () => {
    let leaked: Tx | undefined
    await store.work('a', async (tx) => {
      leaked = tx
    })
    expect(() => leaked?.select()).toThrow('this unit of work is over')
    expect(() => leaked?.connection).toThrow('this unit of work is over')
  })

  test('a prepared query runs with the values of each call', async () => {
    const put = once<{ name: string; n: number }, unknown>('put', (tx, hole) =>
      tx.insert(tx.counters).values({ name: hole.name, n: hole.n }),
    )
    await Promise.all(Array.from({ length: 20 }, (_, n) => store.work(`k${n}`, (tx) => put(tx, { name: `p${n}`, n }))))
    expect((await all()).map(({ n }) => n).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n))
  })

  test('two prepared queries may have the same name', async () => {
    const ask = {
      n: once<{ name: string }, { n: number }[]>('ask', (tx, hole) =>
        tx.select({ n: tx.counters.n }).from(tx.counters).where(eq(tx.counters.name, hole.name)),
      ),
      name: once<{ n: number }, { name: string }[]>('ask', (tx, hole) =>
        tx.select({ name: tx.counters.name }).from(tx.counters).where(eq(tx.counters.n, hole.n)),
      ),
    }
    const both = await store.work('a', async (tx) => {
      await add(tx, 'x', 7)
      return [await ask.n(tx, { name: 'x' }), await ask.name(tx, { n: 7 })]
    })
    expect(both).toEqual([[{ n: 7 }], [{ name: 'x' }]])
  })

  test('reads see committed rows only', async () => {
    await expect(
      store.work('a', async (tx) => {
        await add(tx, 'unseen')
        throw new Error('undo')
      }),
    ).rejects.toThrow('undo')
    expect(await all()).toEqual([])
    await expect(store.ping()).resolves.toBeUndefined()
  })

  test('opening again applies nothing twice', async () => {
    expect(engine).toMatch(/SQL/)
    const url = await address()
    const [first, second] = await Promise.all([openStore(url), openStore(url)])
    await Promise.all([first.close(), second.close()])
    const third = await openStore(url)
    await expect(third.ping()).resolves.toBeUndefined()
    await third.close()
  })
})

/** Every connection to this database but the one that says so. */
const CUT =
  'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()'

async function tellServer(url: string, ...queries: string[]) {
  const client = new Client({ connectionString: url })
  await client.connect()
  for (const query of queries) await client.query(query)
  await client.end()
}

describe('PostgreSQL', () => {
  const withSetting = (url: string, setting: string) => `${url}?options=${encodeURIComponent(`-c ${setting}`)}`

  test('where it would not wait for its disk it is not opened, and it says what to mend', async () => {
    const url = await postgres.createDatabase()
    await expect(openStore(withSetting(url, 'synchronous_commit=off'))).rejects.toThrow(
      'synchronous_commit = off and would lose what was answered: set it to on',
    )
    await (await openStore(withSetting(url, 'synchronous_commit=remote_apply'))).close()
    const client = new Client({ connectionString: url })
    await client.connect()
    const fsync = async (setting: 'on' | 'off') => {
      await client.query(`alter system set fsync = ${setting}`)
      await client.query('select pg_reload_conf()')
      await expect.poll(async () => (await client.query('show fsync')).rows).toEqual([{ fsync: setting }])
    }
    try {
      await fsync('off')
      await expect(openStore(url)).rejects.toThrow('fsync = off and would lose what was answered: set it to on')
    } finally {
      await fsync('on')
      await client.end()
    }
    await (await openStore(url)).close()
  })

  test('a connection that is lost is told, and the next unit has another', async () => {
    const url = await postgres.createDatabase()
    const lost: unknown[] = []
    const store = await openStore(url, { onLost: (reason) => lost.push(reason) })
    await store.ping()
    await tellServer(url, CUT)
    await expect.poll(() => lost.length, { timeout: 5_000 }).toBeGreaterThan(0)
    await store.work('a', async (tx) => void (await tx.insert(tx.counters).values({ name: 'after', n: 1 })))
    expect(await store.read.select().from(store.read.counters)).toHaveLength(1)
    await store.close()
  })

  test('a unit that the engine asks for again is run again, whole', async () => {
    const url = await postgres.createDatabase()
    const strict = await openStore(withSetting(url, 'default_transaction_isolation=serializable'))
    const both = [
      { name: 'x', n: 0 },
      { name: 'y', n: 0 },
    ]
    await strict.work('a', async (tx) => void (await tx.insert(tx.counters).values(both)))
    let runs = 0
    const met = Promise.withResolvers<void>()
    // Each reads what the other writes. One after the other, in either order, the second sees the first: so one of them has to run again.
    const unit = (from: string, to: string) =>
      strict.work(from, async (tx) => {
        const [row] = await tx.select().from(tx.counters).where(eq(tx.counters.name, from))
        if (++runs === 2) met.resolve()
        await met.promise
        const n = (row?.n ?? 0) + 1
        await tx.update(tx.counters).set({ n }).where(eq(tx.counters.name, to))
      })
    await Promise.all([unit('x', 'y'), unit('y', 'x')])
    expect(runs).toBe(3)
    const rows = await strict.read.select().from(strict.read.counters)
    expect(rows.map(({ n }) => n).sort()).toEqual([1, 2])
    await strict.close()
  })

  test('two units that wait for each other are run one after the other', async () => {
    const store = await openStore(await postgres.createDatabase())
    const both = [
      { name: 'x', n: 0 },
      { name: 'y', n: 0 },
    ]
    await store.work('a', async (tx) => void (await tx.insert(tx.counters).values(both)))
    let first = 0
    const met = Promise.withResolvers<void>()
    const unit = (...names: string[]) =>
      store.work(names.join(), async (tx) => {
        for (const name of names) {
          await tx
            .update(tx.counters)
            .set({ n: sql`${tx.counters.n} + 1` })
            .where(eq(tx.counters.name, name))
          if (++first === 2) met.resolve()
          await met.promise
        }
      })
    await Promise.all([unit('x', 'y'), unit('y', 'x')])
    expect((await store.read.select().from(store.read.counters)).map(({ n }) => n)).toEqual([2, 2])
    await store.close()
  })

  test('a unit that has to give way each time ends as busy, after four tries', async () => {
    const store = await openStore(await postgres.createDatabase())
    let runs = 0
    const unlucky = store.work('a', async () => {
      runs++
      throw Object.assign(new Error('could not serialize access'), { code: '40001' })
    })
    await expect(unlucky).rejects.toMatchObject({ code: 'busy' })
    expect(runs).toBe(4)
    await store.close()
  })

  test('a leader that is none any more is busy, not a mistake', async () => {
    const url = await postgres.createDatabase()
    const store = await openStore(url)
    await store.work('a', async (tx) => void (await tx.insert(tx.counters).values({ name: 'x', n: 1 })))
    await tellServer(url, `alter database ${new URL(url).pathname.slice(1)} set default_transaction_read_only = on`, CUT)
    const writing = () => store.work('a', (tx) => tx.insert(tx.counters).values({ name: 'y', n: 1 }))
    // The first may still get the connection that was cut.
    for (let n = 0; n < 3; n++) await expect(writing()).rejects.toMatchObject({ code: 'busy' })
    await store.close()
  })

  test('a connection that dies while it waits to migrate ends the start with words', async () => {
    const url = await postgres.createDatabase()
    const holder = new Client({ connectionString: url })
    await holder.connect()
    await holder.query('select pg_advisory_lock(7122262)')
    const starting = expect(openStore(url)).rejects.toThrow('the database cannot be reached')
    const waits = "select pid from pg_stat_activity where wait_event = 'advisory' and datname = current_database()"
    await expect.poll(async () => (await holder.query(waits)).rowCount).toBe(1)
    await holder.query(`select pg_terminate_backend(pid) from (${waits}) as waiting`)
    await starting
    // What it held and what it waited for is free again.
    await holder.query('select pg_advisory_unlock(7122262)')
    await (await openStore(url)).close()
    await holder.end()
  })

  test('a server that is not there is told in words', async () => {
    await expect(openStore('postgres://127.0.0.1:1/wito')).rejects.toThrow('the database cannot be reached')
  })

  test('two who claim at one moment do not wait for one another, and never take the same row', async () => {
    const url = await postgres.createDatabase()
    const [one, two] = [await openStore(url), await openStore(url)]
    const rows = Array.from({ length: 10 }, (_, n) => ({ name: `c${n}`, n }))
    await one.work('a', async (tx) => void (await tx.insert(tx.counters).values(rows)))
    const claim = async (tx: Tx) =>
      (await claiming(tx.select().from(tx.counters).orderBy(tx.counters.n).limit(4))).map(({ n }) => n)
    const [claimed, done] = [Promise.withResolvers<number[]>(), Promise.withResolvers<void>()]
    const first = one.work('one', async (tx) => {
      claimed.resolve(await claim(tx))
      await done.promise
    })
    expect(await claimed.promise).toEqual([0, 1, 2, 3])
    // The first unit is still open.
    expect(await two.work('two', claim)).toEqual([4, 5, 6, 7])
    done.resolve()
    await first
    expect(await two.work('two', claim)).toEqual([0, 1, 2, 3])
    await Promise.all([one.close(), two.close()])
  })
})

describe('SQLite', () => {
  // That each commit waits for the disk is shown by cutting the power: npm run bar -- power.
  test('keeps a journal beside its file', async () => {
    const store = await openStore(`file:${folder}/wito.db`)
    await store.work('a', (tx) => tx.insert(tx.counters).values({ name: 'x', n: 1 }))
    const look = new Database(`${folder}/wito.db`, { readonly: true })
    expect(look.pragma('journal_mode', { simple: true })).toBe('wal')
    look.close()
    await store.close()
  })

  test('catches a unit that awaits something other than its tx, and undoes it', async () => {
    const store = await openStore(`file:${join(folder, 'wito.db')}`)
    const slow = store.work('a', async (tx) => {
      await tx.insert(tx.counters).values({ name: 'slow', n: 1 })
      await wait(5)
    })
    await expect(slow).rejects.toThrow('awaited something other than its tx')
    expect(await store.read.select().from(store.read.counters)).toEqual([])
    await store.close()
  })

  test('units that share a commit with one that failed are run once more only where it had written', async () => {
    const store = await openStore(`file:${join(folder, 'wito.db')}`)
    const runsBeside = async (failing: (tx: Tx) => Promise<unknown>) => {
      const runs: string[] = []
      const unit = (name: string) =>
        store.work(name, async (tx) => {
          runs.push(name)
          await tx.insert(tx.counters).values({ name, n: 0 })
        })
      const before = unit(`before ${failing.name}`)
      const failed = expect(store.work('bad', failing)).rejects.toThrow('on purpose')
      await Promise.all([before, failed, unit(`after ${failing.name}`)])
      return runs.length
    }
    const reading = async () => {
      throw new Error('on purpose')
    }
    const writing = async (tx: Tx) => {
      await tx.insert(tx.counters).values({ name: 'lost', n: 0 })
      throw new Error('on purpose')
    }
    expect(await runsBeside(reading)).toBe(2)
    // The one before it twice, the one after it once.
    expect(await runsBeside(writing)).toBe(3)
    const names = (await store.read.select().from(store.read.counters)).map(({ name }) => name)
    expect(names.sort()).toEqual(['after reading', 'after writing', 'before reading', 'before writing'])
    await store.close()
  })

  test('two processes take turns: nobody is refused while the other writes', async () => {
    const url = `file:${join(folder, 'wito.db')}`
    const [one, two] = [await openStore(url), await openStore(url)]
    const add = (store: Store, name: string) =>
      store.work('k', async (tx) => void (await tx.insert(tx.counters).values({ name, n: 0 })))
    await Promise.all(Array.from({ length: 60 }, (_, n) => add(n % 2 ? one : two, `c${n}`)))
    expect(await one.read.select().from(one.read.counters)).toHaveLength(60)
    await Promise.all([one.close(), two.close()])
  })

  test('whether others wrote is told once for each time, and never of oneself', async () => {
    const [one, other] = [await openStore(`file:${folder}/wito.db`), await openStore(`file:${folder}/wito.db`)]
    const add = (store: Store, name: string) => store.work(name, (tx) => tx.insert(tx.counters).values({ name, n: 0 }))
    one.othersWrote()
    await add(one, 'a')
    expect(one.othersWrote()).toBe(false)
    await add(other, 'b')
    expect(one.othersWrote()).toBe(true)
    expect(one.othersWrote()).toBe(false)
    await Promise.all([one.close(), other.close()])
  })

  test('a full queue is refused, not swallowed', async () => {
    const store = await openStore(`file:${join(folder, 'wito.db')}`)
    const units = Array.from({ length: 20_050 }, () => store.work('k', async () => 1))
    const results = await Promise.allSettled(units)
    const refused = results.filter((result) => result.status === 'rejected')
    expect(refused).toHaveLength(50)
    expect(String(refused[0]?.reason)).toContain('too many units')
    await store.close()
  })
})
