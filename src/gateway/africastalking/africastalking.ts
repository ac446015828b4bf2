import type { Log } from '../../base/log.ts'
import type { Gateway, LookUps, SendResult } from '../gateway.ts'
import { type Failure, readAnswer, readFailedLookUp, readFailure, readLookUp } from './outcomes.ts'
import type { Sdk } from './sdk.ts'

type Options = {
  username: string
  apiKey: string
  /** Base, e.g. `http://127.0.0.1:4000`. Left out: the real gateway, or its sandbox for the username `sandbox`. */
  url?: string
  senderId?: string
  timeoutMs?: number
  log: Pick<Log, 'warn'>
}

/**
 * Sending by Africa's Talking. At the deadline the socket is closed and the message counts as `unknown`.
 * What is returned and logged is made of our own words and status numbers only: the SDK's errors hold the key and the text.
 */
export function openAfricasTalking({ username, apiKey, url, senderId, timeoutMs = 10_000, log }: Options): Gateway & LookUps {
  const host = username === 'sandbox' ? 'sandbox.africastalking.com' : 'africastalking.com'
  const settings = {
    username,
    apiKey,
    url: url ?? `https://api.${host}`,
    insights: url ?? `https://insights.${host}`,
    senderId,
    timeoutMs,
  }
  // What it brings with it takes a tenth of a start, and a process that only answers never sends.
  let opened: Promise<Sdk> | undefined
  const sdk = () => {
    opened ??= import('./sdk.ts').then(({ openSdk }) => openSdk(settings))
    return opened
  }
  return {
    ready: sdk,
    async send(message) {
      const { send } = await sdk()
      const result = await send(message).then(readAnswer, (thrown: unknown) => readFailure(bareFacts(thrown)))
      if (result.outcome !== 'accepted') log.warn(spoken(result), 'an SMS was not accepted')
      return result
    },
    async simSwap(msisdn) {
      const { simSwap } = await sdk()
      const answer = await simSwap(msisdn).then(readLookUp, (thrown: unknown) => readFailedLookUp(bareFacts(thrown)))
      if ('failed' in answer) log.warn({ reason: answer.failed }, 'a SIM-swap look-up was not taken')
      return answer
    },
  }
}

const spoken = (result: Exclude<SendResult, { outcome: 'accepted' }>) => ({ outcome: result.outcome, reason: result.reason })

/** All that is ever taken from what the SDK throws: an HTTP error, a check of its own, or the bare body of an odd answer. */
function bareFacts(thrown: unknown): Failure {
  if (typeof thrown !== 'object' || thrown === null) return {}
  const { response, code, message } = thrown as { response?: { status?: unknown }; code?: unknown; message?: unknown }
  if (typeof response?.status === 'number') return { status: response.status }
  if (typeof code === 'string') return { code }
  // The SDK checks numbers itself before it writes anything, and says so in words only.
  return { badNumber: typeof message === 'string' && /^"to" |phone number/.test(message) }
}
