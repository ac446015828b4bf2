import { spawn } from 'node:child_process'
import { systemClock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'

type Started = {
  pid: number
  stop(): Promise<void>
}
const PATIENCE_MS = 60_000
/** As much of what it said last as a Fault tells. */
const TOLD = 2_000

/** Starts a server with node as a process of its own; resolves when it is ready. Throws a Fault with what it said where it is not within a minute. */
export async function startChild(
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  isReady: () => Promise<boolean>,
): Promise<Started> {
  const child = spawn(process.execPath, words, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (part: Buffer) => {
    said = (said + part.toString()).slice(-TOLD)
  })
  const over = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const until = systemClock.ticks() + PATIENCE_MS
  // Nobody listens yet: asked again.
  while (!(await isReady().catch(() => false))) {
    if (child.exitCode !== null || systemClock.ticks() > until) {
      child.kill('SIGKILL')
      throw new Fault('busy', `${words.join(' ')} did not start: ${said}`)
    }
    await systemClock.sleep(20)
  }
  return {
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGTERM')
      await over
    },
  }
}

type Ran = { words?: readonly string[]; env?: Record<string, string>; input?: unknown; onSaid?: (text: string) => void }

/** Runs a program of the benchmark's own to its end and gives what it printed, as JSON. `input` is what it reads; `onSaid` hears its stderr. */
export async function ranChild<T>(
  file: URL,
  { words = [], env = {}, input, onSaid = (text) => void process.stderr.write(text) }: Ran = {},
): Promise<T> {
  const child = spawn(process.execPath, [file.pathname, ...words], { env, stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.end(input === undefined ? '' : JSON.stringify(input))
  let out = ''
  let said = ''
  child.stdout.on('data', (part: Buffer) => {
    out += part.toString()
  })
  child.stderr.on('data', (part: Buffer) => {
    said = (said + part.toString()).slice(-TOLD)
    onSaid(part.toString())
  })
  const { promise, resolve } = Promise.withResolvers<number | null>()
  child.once('close', resolve)
  if ((await promise) !== 0) throw new Fault('busy', `${file.pathname} broke off: ${said}`)
  return JSON.parse(out) as T
}
