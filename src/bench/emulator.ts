import { spawn } from 'node:child_process'
import { systemClock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { ask } from '../gateway/emulator/ask.ts'
import { freePort } from '../open.ts'
import { WITO } from './service.ts'

/** The emulator as a process of its own, and what it has recorded: when it took each message, in milliseconds. */
export type Emulator = { url: string; times(): Promise<number[]>; stop(): Promise<void> }

export async function startEmulator(): Promise<Emulator> {
  const port = await freePort('127.0.0.1')
  const child = spawn(process.execPath, [WITO, 'emulator', '--port', String(port)], {
    env: {},
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const over = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const url = `http://127.0.0.1:${port}`
  let last = 0
  const since = async (): Promise<number[]> => {
    const messages = await ask<{ n: number; at: number }[]>(url, 'GET', `/messages?after=${last}`)
    last = messages.at(-1)?.n ?? last
    return messages.map(({ at }) => at)
  }
  const until = systemClock.ticks() + 20_000
  // Nobody listens yet: asked again.
  while ((await since().catch(() => undefined)) === undefined) {
    if (child.exitCode !== null || systemClock.ticks() > until) throw new Fault('busy', 'the emulator did not start')
    await systemClock.sleep(20)
  }
  return {
    url,
    times: since,
    async stop() {
      child.kill('SIGTERM')
      await over
    },
  }
}
