import { afterAll, beforeAll, describe } from 'vitest'
import { openStore } from '../../src/store/open.ts'
import { startPostgres, type TestPostgres } from './postgres.ts'

let newDatabase: (() => Promise<string>) | undefined

/** Where a desk or a service that says nothing else keeps its data; undefined: in a file of its own. */
export const usualDatabase = async (): Promise<string | undefined> => newDatabase?.()

/** Gives the address of a database of its own each time, in which the migrations have run: once, not for each. */
export async function migratedDatabases(postgres: TestPostgres): Promise<() => Promise<string>> {
  const migrated = await postgres.createDatabase()
  await (await openStore(migrated)).close()
  return () => postgres.createDatabase(migrated)
}

/** Whole files of tests, run once more with a real PostgreSQL under every desk and service that they open. */
export function onPostgres(suites: Record<string, () => Promise<unknown>>): void {
  describe('on PostgreSQL', () => {
    let postgres: TestPostgres
    beforeAll(async () => {
      postgres = await startPostgres()
      newDatabase = await migratedDatabases(postgres)
    })
    afterAll(async () => {
      newDatabase = undefined
      await postgres.stop()
    })
    for (const [name, suite] of Object.entries(suites))
      describe(name, async () => {
        await suite()
      })
  })
}
