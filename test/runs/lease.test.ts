import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { DAY, MINUTE } from '../../src/base/dates.ts'
import { openRunner, type RunKind, startRun } from '../../src/runs/run.ts'
import { claiming } from '../../src/store/claim.ts'
import { openNodes } from '../kit/nodes.ts'
import { startPostgres, type TestPostgres } from '../kit/postgres.ts'

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres.stop())

describe.each([
  ['SQLite', () => Promise.resolve({})],
  ['PostgreSQL', async () => ({ databaseUrl: await postgres.createDatabase() })],
])('background work on %s', (engine, address) => {
  async function open() {
    const { one, apps } = await openNodes(await address())
    const { read } = one.app.store
    const start = (id: string) =>
      one.app.store.work('start', (tx) =>
        startRun({ tx, at: one.clock.now(), tools: one.app }, { kind: 'count', input: {}, by: 'test', id }),
      )
    const stateOf = async (id: string) => (await read.select().from(read.runs).where(eq(read.runs.id, id)))[0]
    return { apps, clock: one.clock, start, stateOf }
  }
  /** Three slices, each noted. */
  const counting = (seen: string[]): RunKind<object> => ({
    async slice(_, __, cursor) {
      const n = Number(cursor ?? 0) + 1
      seen.push(String(n))
      return { next: n < 3 ? String(n) : undefined, done: 1 }
    },
  })

  test('what a dead process left is taken up though the clock was set back by a day, and not while its lease stands', async () => {
    const { apps, clock, start, stateOf } = await open()
    const [app] = apps
    await start('left')
    await app.store.work('left', (tx) =>
      tx
        .update(tx.runs)
        .set({ state: 'running', lease: 'dead', leaseUntil: clock.now() + MINUTE })
        .where(eq(tx.runs.id, 'left')),
    )
    const seen: string[] = []
    const runner = openRunner({ app, kinds: { count: counting(seen) } })
    onTestFinished(() => runner.stop())
    runner.start()
    await runner.idle()
    expect(seen).toEqual([])
    clock.move(-DAY)
    await expect.poll(async () => (await stateOf('left'))?.state, { timeout: 5_000 }).toBe('done')
    expect(seen).toEqual(['1', '2', '3'])
  })

  test('of two nodes each run is done by one, every slice once', async () => {
    const { apps, start, stateOf } = await open()
    const ids = Array.from({ length: 12 }, (_, n) => `run ${n}`)
    for (const id of ids) await start(id)
    const seen: string[] = []
    const runners = apps.map((app) => openRunner({ app, kinds: { count: counting(seen) } }))
    for (const runner of runners) runner.start()
    await Promise.all(runners.map(({ idle }) => idle()))
    await Promise.all(runners.map(({ stop }) => stop()))
    expect(seen).toHaveLength(3 * ids.length)
    for (const id of ids) expect(await stateOf(id)).toMatchObject({ state: 'done', done: 3 })
  })

  test('a slice of whoever lost the run meanwhile is undone', async () => {
    const { apps, clock, start, stateOf } = await open()
    const [app, other] = apps
    await start('lost')
    const kind: RunKind<object> = {
      async gather(_, __, cursor) {
        if (cursor !== '1') return
        const taken = { lease: 'of another', leaseUntil: clock.now() + MINUTE }
        await other.store.work('take', (tx) => tx.update(tx.runs).set(taken).where(eq(tx.runs.id, 'lost')))
      },
      async slice({ tx }, _, cursor) {
        const n = Number(cursor ?? 0) + 1
        await tx.insert(tx.counters).values({ name: `slice ${n}`, n })
        return { next: n < 3 ? String(n) : undefined, done: 1 }
      },
    }
    const runner = openRunner({ app, kinds: { count: kind } })
    onTestFinished(() => runner.stop())
    runner.start()
    await runner.idle()
    const { read } = app.store
    const kept = (await read.select().from(read.counters)).map(({ name }) => name)
    expect(kept.filter((name) => name.startsWith('slice'))).toEqual(['slice 1'])
    expect(await stateOf('lost')).toMatchObject({ state: 'running', lease: 'of another', cursor: '1', done: 1 })
  })

  test.runIf(engine === 'PostgreSQL')('one that another node is just taking is passed over', async () => {
    const { apps, start, stateOf } = await open()
    const [app, other] = apps
    for (const id of ['a', 'b']) await start(id)
    const done = Promise.withResolvers<void>()
    const taken = Promise.withResolvers<void>()
    const taking = other.store.work('taking', async (tx) => {
      await claiming(tx.select().from(tx.runs).where(eq(tx.runs.id, 'a')))
      taken.resolve()
      await done.promise
    })
    await taken.promise
    const seen: string[] = []
    const runner = openRunner({ app, kinds: { count: counting(seen) } })
    onTestFinished(async () => {
      done.resolve()
      await runner.stop()
    })
    runner.start()
    await expect.poll(async () => (await stateOf('b'))?.state, { timeout: 5_000 }).toBe('done')
    expect((await stateOf('a'))?.state).toBe('waiting')
    done.resolve()
    await taking
    await expect.poll(async () => (await stateOf('a'))?.state, { timeout: 5_000 }).toBe('done')
  })
})
