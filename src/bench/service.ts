import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { systemClock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { freePort } from '../open.ts'

export const WITO = new URL('../cli/wito.js', import.meta.url).pathname
/** `#!/usr/bin/env -S node --…`: what node is started with where Wito is installed, and by `npm start`. */
export const FLAGS = (readFileSync(WITO, 'utf8').split('\n')[0] ?? '').split(' ').slice(3)
const PATIENCE_MS = 60_000

/** The settings of a measured service: a database file of its own and no demonstration. */
export const settingsFor = (folder: string): Record<string, string> => ({
  NODE_ENV: 'development',
  HOST: '127.0.0.1',
  DATABASE_URL: `file:${folder}/wito.db`,
  DEMO: '0',
  LOG_LEVEL: 'silent',
  CALLBACK_SECRETS: 'bench',
})

export type Measured = { url: string; pid: number; stop(): Promise<void> }

/** `wito serve` as a process of its own, on a free port; resolves when it is ready. Whoever measures is another process. */
export async function startService(settings: Record<string, string>): Promise<Measured> {
  const port = await freePort('127.0.0.1')
  const child = spawn(process.execPath, [...FLAGS, WITO, 'serve'], {
    env: { ...settings, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (part: Buffer) => {
    said = (said + part.toString()).slice(-2_000)
  })
  const over = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const url = `http://127.0.0.1:${port}`
  const until = systemClock.now() + PATIENCE_MS
  while (!(await isReady(url))) {
    if (child.exitCode !== null || systemClock.now() > until) {
      child.kill('SIGKILL')
      throw new Fault('busy', `the service did not start: ${said}`)
    }
    await systemClock.sleep(20)
  }
  return {
    url,
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGTERM')
      await over
    },
  }
}

async function isReady(url: string): Promise<boolean> {
  // Nobody listens yet: asked again.
  const answer = await fetch(`${url}/readyz`).catch(() => undefined)
  return answer?.ok ?? false
}
