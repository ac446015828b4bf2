import { spawn } from 'node:child_process'
import { systemClock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { freePort } from '../open.ts'

/** The first screen of the demonstration, as every reference answers it. */
export const text =
  'CON Wito. Hello Achieng.\n1 Jobs\n2 My applications\n3 Deployment letter\n4 My profile\n5 Password\n6 Language / Lugha\n7 Station head'

/** A server of the benchmark's own that answers hops. */
export type Reference = { url: string; stop(): Promise<void> }

/** Starts it as a process, from its file, with a port and what `words` say; resolves when it answers. */
export async function startReference(file: URL, ...words: string[]): Promise<Reference> {
  const port = await freePort('127.0.0.1')
  const child = spawn(process.execPath, [file.pathname, String(port), ...words], {
    env: { NODE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const over = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const url = `http://127.0.0.1:${port}/callbacks/bench/ussd`
  const until = systemClock.ticks() + 20_000
  // Nobody listens yet: asked again.
  while (!(await fetch(url, { method: 'POST', body: new URLSearchParams({ text: '' }) }).catch(() => undefined))) {
    if (child.exitCode !== null || systemClock.ticks() > until) throw new Fault('busy', `${file.pathname} did not start`)
    await systemClock.sleep(20)
  }
  return {
    url,
    async stop() {
      child.kill('SIGTERM')
      await over
    },
  }
}
