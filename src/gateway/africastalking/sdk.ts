import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { createRequire } from 'node:module'
import africastalking from 'africastalking'
import common from 'africastalking/lib/common.js'
import { askingLate } from './late.ts'

const here = createRequire(import.meta.url)
// The SDK's own copy of its HTTP client, wherever npm has put it.
const axios: { defaults: Record<string, unknown> } = createRequire(here.resolve('africastalking'))('axios')

export type Sdk = {
  send(message: { to: string; text: string; bulk: boolean; mayGo?: () => boolean }): Promise<unknown>
  simSwap(msisdn: string): Promise<unknown>
}

/** `insights`: base of the look-ups, which live on a host of their own. */
type Options = {
  username: string
  apiKey: string
  url: string
  insights: string
  senderId: string | undefined
  timeoutMs: number
}

/**
 * The SDK's calls with what they lack: an address of our own, a deadline that closes the socket, kept-alive connections, and no
 * redirects (it would carry the key along). Resolves and rejects just as the SDK does: its errors hold the key and the text.
 */
export function openSdk({ username, apiKey, url, insights, senderId, timeoutMs }: Options): Sdk {
  const { SMS, INSIGHTS } = africastalking({ username, apiKey })
  const urls = { SMS_URL: `${url.replace(/\/+$/, '')}/version1/messaging`, INSIGHTS_URL: insights.replace(/\/+$/, '') }
  // Idle connections go after 4 s, before most servers drop them: a send that met a dropped one would have to count as unknown.
  const kept = { keepAlive: true, maxFreeSockets: 64, timeout: 4000 }
  const steady = {
    httpAgent: new HttpAgent(kept),
    httpsAgent: new HttpsAgent(kept),
    maxRedirects: 0,
    maxContentLength: 1_000_000,
  }
  const calling = <T>(call: () => T, more: Record<string, unknown> = {}) =>
    settingDefaults({ ...steady, ...more, signal: AbortSignal.timeout(timeoutMs) }, urls, call)
  return {
    send: ({ to, text, bulk, mayGo = () => true }) =>
      calling(() => SMS.send({ to, message: text, enqueue: bulk, ...(senderId === undefined ? {} : { from: senderId }) }), {
        transport: askingLate(mayGo),
      }),
    simSwap: (msisdn) => calling(() => INSIGHTS.checkSimSwapState([msisdn])),
  }
}

/**
 * The SDK and its client read their addresses and defaults while a call is being made, before anything is awaited. So what is set
 * around the call holds for that call alone, and many calls (of several gateways) can be under way at once.
 */
function settingDefaults<T>(
  settings: Record<string, unknown>,
  urls: { SMS_URL: string; INSIGHTS_URL: string },
  call: () => T,
): T {
  const before = { ...axios.defaults }
  const { SMS_URL, INSIGHTS_URL } = common
  Object.assign(axios.defaults, settings)
  Object.assign(common, urls)
  try {
    return call()
  } finally {
    for (const name of Object.keys(settings)) {
      if (name in before) axios.defaults[name] = before[name]
      else delete axios.defaults[name]
    }
    Object.assign(common, { SMS_URL, INSIGHTS_URL })
  }
}
