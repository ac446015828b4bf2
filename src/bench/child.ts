import { spawn } from 'node:child_process'
import { Fault } from '../base/fault.ts'

/** Runs a program of the benchmark's own to its end and gives what it printed, as JSON. `input` is what it reads. */
export async function ranChild<T>(
  file: URL,
  { words = [], env = {}, input }: { words?: readonly string[]; env?: Record<string, string>; input?: unknown } = {},
): Promise<T> {
  const child = spawn(process.execPath, [file.pathname, ...words], { env, stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(input === undefined ? '' : JSON.stringify(input))
  let out = ''
  child.stdout.on('data', (part: Buffer) => {
    out += part.toString()
  })
  const { promise, resolve } = Promise.withResolvers<number | null>()
  child.once('close', resolve)
  if ((await promise) !== 0) throw new Fault('busy', `${file.pathname} broke off`)
  return JSON.parse(out) as T
}
