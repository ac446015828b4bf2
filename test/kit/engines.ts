import { afterAll, beforeAll, describe } from 'vitest'
import { startPostgres, type TestPostgres } from './postgres.ts'

/** What says where a service or desk of a test keeps its data; undefined: in a file of its own. */
export type Address = () => Promise<string | undefined>

/** The same tests on SQLite and on a real PostgreSQL. */
export function onEachEngine(tests: (address: Address) => void): void {
  describe('on SQLite', () => tests(() => Promise.resolve(undefined)))
  describe('on PostgreSQL', () => {
    let postgres: TestPostgres
    beforeAll(async () => {
      postgres = await startPostgres()
    })
    afterAll(() => postgres.stop())
    tests(() => postgres.createDatabase())
  })
}
