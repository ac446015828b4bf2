import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { openLog } from '../../src/base/log.ts'
import { openAfricasTalking } from '../../src/gateway/africastalking/africastalking.ts'
import { emulatorDesk } from '../../src/gateway/emulator/control.ts'
import { type EmulatorOptions, startEmulator } from '../../src/gateway/emulator/server.ts'

export const KEY = 'made-up-key-3f9a'
export const TEXT = 'Made-up words for one reader only'

export type Call = { path: string; headers: IncomingHttpHeaders; body: string; form: Record<string, string> }
export type Reply = { status?: number; type?: string; label?: string; body?: string; afterMs?: number }

/** A real server in the application's place: keeps every callback and answers as `answer` says (else 200 and `CON Hello`). */
export async function startApplication(answer: (call: Call) => Reply = () => ({})) {
  const calls: Call[] = []
  const wakers = new Set<() => void>()
  const server = createServer(async (request, response) => {
    const body = await text(request)
    const form = Object.fromEntries(new URLSearchParams(body))
    const call = { path: request.url ?? '', headers: request.headers, body, form }
    calls.push(call)
    for (const wake of wakers) wake()
    const { status = 200, type = 'text/plain; charset=utf-8', label, body: words = 'CON Hello', afterMs = 0 } = answer(call)
    await systemClock.sleep(afterMs)
    response.writeHead(status, { 'content-type': type, ...(label ? { 'at-ussd-hop-metadata': label } : {}) }).end(words)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/callbacks/made-up-secret`
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const at = (event: string) => calls.filter((call) => call.path === `/callbacks/made-up-secret/${event}`)
  return {
    base,
    calls,
    at,
    /** Resolves with the calls to `event` once there are `count`. */
    async until(event: string, count: number): Promise<Call[]> {
      while (at(event).length < count)
        await new Promise<void>((resolve) => {
          const wake = () => {
            wakers.delete(wake)
            resolve()
          }
          wakers.add(wake)
        })
      return at(event)
    },
  }
}

/** An emulator that stops with the test; quick where the real one is slow. */
export async function emulate(options: Partial<EmulatorOptions> = {}) {
  const emulator = await startEmulator({
    serviceCode: '*483*22262#',
    shortCode: '22262',
    apiKey: KEY,
    username: 'wito',
    clock: systemClock,
    log: openLog('silent'),
    reportMs: 5,
    lateReportMs: 60,
    redeliverMs: 10,
    ...options,
  })
  onTestFinished(() => emulator.close())
  return { ...emulator, desk: emulatorDesk(emulator.url) }
}

/** The real SDK behind our gateway; `lines` is all it logged. */
export function connect(url: string, options: { apiKey?: string; timeoutMs?: number; senderId?: string } = {}) {
  const lines: string[] = []
  const log = openLog('debug', { write: (line) => void lines.push(line) })
  const gateway = openAfricasTalking({ username: 'wito', apiKey: KEY, url, timeoutMs: 2000, log, ...options })
  return { lines, send: (to: string, text = TEXT, bulk = false) => gateway.send({ to, text, bulk }) }
}
