import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { createRequire } from 'node:module'
import africastalking from 'africastalking'
import common from 'africastalking/lib/common.js'

const here = createRequire(import.meta.url)
// The SDK's own copy of its HTTP client, wherever npm has put it.
const axios: { defaults: Record<string, unknown> } = createRequire(here.resolve('africastalking'))('axios')

export type SdkSend = (message: { to: string; text: string; bulk: boolean }) => Promise<unknown>

type Options = { username: string; apiKey: string; url: string; senderId: string | undefined; timeoutMs: number }

/**
 * The SDK's `send` with what it lacks: an address of our own, a deadline that closes the socket, kept-alive connections, and no
 * redirects (it would carry the key along). Resolves and rejects just as the SDK does: its errors hold the key and the text.
 */
export function openSdk({ username, apiKey, url, senderId, timeoutMs }: Options): SdkSend {
  const { SMS } = africastalking({ username, apiKey })
  const smsUrl = `${url.replace(/\/+$/, '')}/version1/messaging`
  // Idle connections go after 4 s, before most servers drop them: a send that met a dropped one would have to count as unknown.
  const kept = { keepAlive: true, maxFreeSockets: 8, timeout: 4000 }
  const steady = {
    httpAgent: new HttpAgent(kept),
    httpsAgent: new HttpsAgent(kept),
    maxRedirects: 0,
    maxContentLength: 1_000_000,
  }
  return ({ to, text, bulk }) =>
    settingDefaults({ ...steady, signal: AbortSignal.timeout(timeoutMs) }, smsUrl, () =>
      SMS.send({ to, message: text, enqueue: bulk, ...(senderId === undefined ? {} : { from: senderId }) }),
    )
}

/**
 * The SDK and its client read their address and defaults while `send` is being called, before anything is awaited. So what is set
 * around the call holds for that call alone, and many calls (of several gateways) can be under way at once.
 */
function settingDefaults<T>(settings: Record<string, unknown>, smsUrl: string, call: () => T): T {
  const before = { ...axios.defaults }
  const urlBefore = common.SMS_URL
  Object.assign(axios.defaults, settings)
  common.SMS_URL = smsUrl
  try {
    return call()
  } finally {
    for (const name of Object.keys(settings)) {
      if (name in before) axios.defaults[name] = before[name]
      else delete axios.defaults[name]
    }
    common.SMS_URL = urlBefore
  }
}
