import { ask } from '../gateway/emulator/ask.ts'
import { freePort } from '../open.ts'
import { startChild } from './child.ts'
import { WITO } from './service.ts'

/** The emulator as a process of its own, and what it has recorded: when it took each message, in milliseconds. */
export type Emulator = { url: string; times(): Promise<number[]>; stop(): Promise<void> }

export async function startEmulator(): Promise<Emulator> {
  const port = await freePort('127.0.0.1')
  const url = `http://127.0.0.1:${port}`
  let last = 0
  const times = async (): Promise<number[]> => {
    const messages = await ask<{ n: number; at: number }[]>(url, 'GET', `/messages?after=${last}`)
    last = messages.at(-1)?.n ?? last
    return messages.map(({ at }) => at)
  }
  const { stop } = await startChild([WITO, 'emulator', '--port', String(port)], {}, async () => Boolean(await times()))
  return { url, times, stop }
}
