import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import type { RoleTimes } from '../../../src/store/role.ts'

const IMPORTS = new URL('../../../src/cli/imports.js', import.meta.url).href
const SENDER = new URL('./sender.ts', import.meta.url).pathname

export type SendingNode = Awaited<ReturnType<typeof startSendingNode>>

/** A process that sends what waits in the database, once it has the role; killed with the test. */
export async function startSendingNode(environment: Record<string, string>, times: RoleTimes) {
  const child = spawn(process.execPath, ['--import', IMPORTS, SENDER], {
    env: { ...process.env, NODE_ENV: 'test', LOG_LEVEL: 'error', ...environment, TEST_TIMES: JSON.stringify(times) },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const gone = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await gone
  })
  let lines = ''
  let errors = ''
  child.stdout.on('data', (part: Buffer) => {
    lines += String(part)
  })
  child.stderr.on('data', (part: Buffer) => {
    errors = (errors + String(part)).slice(-2_000)
  })
  const ended = gone.then(([code, signal]) => {
    if (signal === null) throw new Error(`a node ended with ${code}: ${errors}`)
  })
  await Promise.race([once(child.stdout, 'data'), ended])
  return {
    /** How many messages the gateway has taken from it. */
    sent: () => lines.split('sent\n').length - 1,
    signal: (name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT') => child.kill(name),
  }
}
