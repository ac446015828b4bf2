import type { Clock } from '../../base/clock.ts'
import type { Background } from './background.ts'
import type { Traffic } from './traffic.ts'

/** Where under the callback base each event goes. */
export type CallbackEvent = 'ussd' | 'ussd/end' | 'sms' | 'delivery' | 'opt-out' | 'sim-swap'

/** What the application answered; `error` when no answer came: `no-callbacks`, `timeout`, `closed`, or the socket's code. */
export type CallbackAnswer = { status: number; headers: Record<string, string>; body: string } | { error: string }

export type Callbacks = {
  /** Posts a form (JSON where `headers` say so) to the application. Never rejects. */
  post(
    event: CallbackEvent,
    msisdn: string,
    fields: Record<string, string>,
    headers?: Record<string, string>,
  ): Promise<CallbackAnswer>
  /** `base` e.g. `http://127.0.0.1:3000/callbacks/SECRET`. */
  setBase(base: string): void
}

type Options = { base: string | undefined; answerMs: number; clock: Clock; background: Background; traffic: Traffic }

/** The gateway's half of the callbacks. The base is a secret: the traffic shows only what comes after it. */
export function openCallbacks({ base, answerMs, clock, background, traffic }: Options): Callbacks {
  let root = base?.replace(/\/+$/, '')

  async function call(event: CallbackEvent, body: string, headers: Record<string, string>): Promise<CallbackAnswer> {
    if (root === undefined) return { error: 'no-callbacks' }
    try {
      const response = await fetch(`${root}/${event}`, {
        method: 'POST',
        headers,
        body,
        redirect: 'manual',
        signal: AbortSignal.any([background.signal, AbortSignal.timeout(answerMs)]),
      })
      return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() }
    } catch (error) {
      return { error: background.signal.aborted ? 'closed' : reasonOf(error) }
    }
  }

  return {
    setBase(next) {
      root = next.replace(/\/+$/, '')
    },
    async post(event, msisdn, fields, headers = {}) {
      const started = clock.ticks()
      const request = {
        method: 'POST',
        path: `/${event}`,
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body: headers['content-type'] === 'application/json' ? JSON.stringify(fields) : new URLSearchParams(fields).toString(),
      }
      const answer = await call(event, request.body, request.headers)
      traffic.add({ at: clock.now(), from: 'gateway', msisdn, request, answer, ms: Math.round(clock.ticks() - started) })
      return answer
    },
  }
}

function reasonOf(error: unknown): string {
  const { name, cause } = error as { name?: string; cause?: { code?: string } }
  return name === 'TimeoutError' ? 'timeout' : (cause?.code ?? name ?? 'failed')
}
