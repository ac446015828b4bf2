import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { HOUR } from '../../src/base/dates.ts'
import { withinLimit } from '../../src/security/limits.ts'
import { openStore } from '../../src/store/open.ts'
import type { Store } from '../../src/store/store.ts'
import { startPostgres, type TestPostgres } from '../kit/postgres.ts'

let postgres: TestPostgres
let folder: string
beforeAll(async () => {
  postgres = await startPostgres()
  folder = mkdtempSync(join(tmpdir(), 'wito-limits-'))
})
afterAll(async () => {
  await postgres.stop()
  rmSync(folder, { recursive: true, force: true })
})

let files = 0
describe.each([
  ['SQLite', () => Promise.resolve(`file:${folder}/${files++}.db`), 40],
  ['PostgreSQL', () => postgres.createDatabase(), 12],
])('a limit on %s', (_, address, numRuns) => {
  let store: Store
  beforeEach(async () => {
    store = await openStore(await address())
  })
  afterEach(() => store.close())

  let units = 0
  /** In a unit of its own, whose key nobody shares: nothing but the statement itself keeps two apart. */
  const use = (key: string, most: number, windowMs: number, at: number) =>
    store.work(`use ${units++}`, (tx) => withinLimit(tx, at, key, { most, windowMs }))
  const permitted = async (uses: Promise<boolean>[]) => (await Promise.all(uses)).filter(Boolean).length

  test('of sixty at once lets through exactly as many as it permits', async () => {
    const at = 1_800_000_000_000
    expect(await permitted(Array.from({ length: 60 }, () => use('a', 3, HOUR, at)))).toBe(3)
    expect(await permitted(Array.from({ length: 60 }, () => use('a', 3, HOUR, at + HOUR - 1)))).toBe(0)
    expect(await permitted(Array.from({ length: 60 }, () => use('a', 3, HOUR, at + HOUR)))).toBe(3)
  })

  test('keeps keys and windows apart', async () => {
    const keys = ['password:+254700000001:hour', 'password:+254700000001:day', 'password:+254700000002:hour', 'a', 'a:1']
    const counts = await Promise.all(
      keys.map((key, n) => permitted(Array.from({ length: 20 }, () => use(key, n + 1, HOUR, 1_000)))),
    )
    expect(counts).toEqual([1, 2, 3, 4, 5])
  })

  test('never lets more through in any window, wherever the window begins', async () => {
    let keys = 0
    const run = async (steps: number[], most: number, windowMs: number, together: number) => {
      const key = `random ${keys++}`
      const through: number[] = []
      let at = 1_800_000_000_000
      for (const step of steps) {
        at += step
        const asked = Array.from({ length: together }, () => use(key, most, windowMs, at))
        const count = await permitted(asked)
        const before = through.filter((other) => other > at - windowMs).length
        // Exactly what is left: no fewer either.
        expect(count).toBe(Math.min(together, most - before))
        through.push(...Array.from({ length: count }, () => at))
      }
      for (const start of through)
        expect(through.filter((other) => other >= start && other < start + windowMs).length).toBeLessThanOrEqual(most)
    }
    const steps = fc.array(fc.integer({ min: 0, max: 120 }), { minLength: 5, maxLength: 25 })
    const sizes = [fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 8 })] as const
    await fc.assert(fc.asyncProperty(steps, ...sizes, run), { numRuns, examples: [[[0, 59, 1, 0], 3, 60, 2]] })
  })

  test('counts nothing of a unit that is undone', async () => {
    const undone = store.work('undone', async (tx) => {
      expect(await withinLimit(tx, 1_000, 'a', { most: 1, windowMs: HOUR })).toBe(true)
      throw new Error('on purpose')
    })
    await expect(undone).rejects.toThrow('on purpose')
    expect([await use('a', 1, HOUR, 1_000), await use('a', 1, HOUR, 1_000)]).toEqual([true, false])
  })
})
