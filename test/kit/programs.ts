import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** Debian keeps each version of the server in a folder of its own. */
const SERVERS = '/usr/lib/postgresql'
const serverFolders = () =>
  existsSync(SERVERS)
    ? readdirSync(SERVERS)
        .sort((one, other) => Number(other) - Number(one))
        .map((version) => join(SERVERS, version, 'bin'))
    : []

/** Where a program of this machine lies; undefined where it is not installed. */
export function programAt(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', ...serverFolders()]
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

/** The user that a database server runs as: whoever we are, but never root. */
export function serverUser(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const idOf = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: idOf('-u'), gid: idOf('-g') }
}

export type Program = {
  pid: number
  isRunning(): boolean
  /** The last that it wrote. */
  said(): string
  signal(name: NodeJS.Signals): void
  /** Asks it to end, and after a while makes it. */
  stop(): Promise<void>
}

/** Programs of this machine in one folder under the temporary one; all of them end with `close`, or with this process. */
export function openPrograms(name: string) {
  const folder = mkdtempSync(join(tmpdir(), `wito-${name}-`))
  const user = serverUser()
  if (user.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid)
  chmodSync(folder, 0o755)
  const running: { child: ChildProcess; program: Program }[] = []
  const killAll = () => {
    for (const { child } of running) child.kill('SIGKILL')
  }
  process.once('exit', killAll)
  return {
    folder,
    user,
    start(path: string, words: readonly string[], env: Record<string, string> = {}): Program {
      const child = spawn(path, words, {
        ...user,
        cwd: folder,
        env: { PATH: process.env.PATH, LC_ALL: 'C', HOME: folder, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      let said = ''
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (part: Buffer) => {
          said = (said + String(part)).slice(-6_000)
        })
      const isRunning = () => child.exitCode === null && child.signalCode === null
      const gone = once(child, 'exit')
      const program: Program = {
        pid: child.pid ?? 0,
        isRunning,
        said: () => said,
        signal: (signal) => void child.kill(signal),
        async stop() {
          child.kill('SIGTERM')
          await Promise.race([gone, wait(10_000)])
          child.kill('SIGKILL')
          await gone
        },
      }
      running.push({ child, program })
      return program
    },
    async close() {
      // What was started last stands on what was started first.
      for (const { program } of running.reverse()) if (program.isRunning()) await program.stop()
      process.off('exit', killAll)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
export type Programs = ReturnType<typeof openPrograms>
