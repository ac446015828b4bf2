import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { and, eq, lt, sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
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

describe('SQLite', () => {
  test('keeps synchronous=FULL, WAL and foreign keys after it has been written', async () => {
    const file = join(folder, 'wito.db')
    const store = openStore(`file:${file}`)
    await (await store).work('a', async (tx) => {
      await tx.insert(tx.counters).values({ name: 'x', n: 1 })
    })
    const look = new Database(file, { readonly: true })
    expect(look.pragma('journal_mode', { simple: true })).toBe('wal')
    look.close()
    await (await store).close()
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

  test('two processes take turns: nobody is refused while the other writes', async () => {
    const url = `file:${join(folder, 'wito.db')}`
    const [one, two] = [await openStore(url), await openStore(url)]
    const add = (store: Store, name: string) =>
      store.work('k', async (tx) => void (await tx.insert(tx.counters).values({ name, n: 0 })))
    await Promise.all(Array.from({ length: 60 }, (_, n) => add(n % 2 ? one : two, `c${n}`)))
    expect(await one.read.select().from(one.read.counters)).toHaveLength(60)
    await Promise.all([one.close(), two.close()])
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
