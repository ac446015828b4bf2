import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from '../../src/open.ts'

const root = new URL('../..', import.meta.url).pathname
/** `node … src/cli/wito.js serve`, with the flags that `npm start` gives it. */
const [, ...START] = (
  JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: { start: string } }
).scripts.start.split(' ')
export const CALLBACK_SECRET = 'test-test-test-test-test-test'

/** The service in a process of its own, as `npm start` runs it, with nobody in its database. */
export async function startChild(environment: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'wito-child-'))
  const port = await freePort('127.0.0.1')
  const url = `http://127.0.0.1:${port}`
  const child = spawn(process.execPath, START, {
    cwd: root,
    env: {
      ...process.env,
      NODE_ENV: 'test',
      DEMO: '0',
      PORT: String(port),
      DATABASE_URL: `file:${folder}/wito.db`,
      CALLBACK_SECRETS: CALLBACK_SECRET,
      LOG_LEVEL: 'error',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (said = (said + String(part)).slice(-4_000)))
  const gone = once(child, 'exit')
  const isReady = () =>
    fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    )
  while (!(await isReady())) {
    if (child.exitCode !== null) throw new Error(`the service ended at its start: ${said}`)
    await wait(50)
  }
  return {
    url,
    port,
    pid: child.pid ?? 0,
    folder,
    file: join(folder, 'wito.db'),
    callbacks: `${url}/callbacks/${CALLBACK_SECRET}`,
    /** The last that it wrote. */
    said: () => said,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    /** The most memory that it ever held, in MB; undefined where this system does not say. */
    peakMb(): number | undefined {
      const status = `/proc/${child.pid}/status`
      return existsSync(status) ? Number(/VmHWM:\s+(\d+)/.exec(readFileSync(status, 'utf8'))?.[1]) / 1024 : undefined
    },
    async stop() {
      child.kill('SIGTERM')
      await gone
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
