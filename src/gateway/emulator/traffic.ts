import type { CallbackAnswer } from './callbacks.ts'
import { openRing, type Ring } from './ring.ts'

/**
 * One request and its answer, raw: `from` the gateway (a callback) or from the application (a send). `at` is when it was over,
 * in ms since 1970; `ms` how long it took. `path` has no secret in it and the `apikey` header is left out.
 */
export type Exchange = {
  at: number
  from: 'gateway' | 'application'
  /** The phone it is about; several, separated by commas, when a send had several. */
  msisdn: string
  request: { method: string; path: string; headers: Record<string, string>; body: string }
  answer: CallbackAnswer
  ms: number
}

export type Traffic = Ring<Exchange>

export const openTraffic = (): Traffic => openRing<Exchange>(500)
