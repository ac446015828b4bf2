import { z } from 'zod'
import type { Clock } from '../../base/clock.ts'
import type { Background } from './background.ts'
import type { Callbacks } from './callbacks.ts'
import type { Subscribers } from './messages.ts'

type Options = {
  background: Background
  callbacks: Callbacks
  subscribers: Subscribers
  clock: Clock
  reportMs: number
  apiKey: string | undefined
  username: string | undefined
}

/** Takes a look-up; undefined where the key or the name is wrong. */
export type LookUp = (body: unknown, key: string) => Record<string, unknown> | undefined

const shape = z.object({ username: z.string(), phoneNumbers: z.array(z.string()).min(1).max(100) })
/** What the gateway says of a SIM that was not changed within its memory. */
const LONG_AGO = '01-01-1900'

/** When SIM cards were changed: the question is taken at once, what was found follows as a callback in JSON. */
export function openSimSwap({ background, callbacks, subscribers, clock, reportMs, apiKey, username }: Options): LookUp {
  return (body, key) => {
    const read = shape.safeParse(body)
    if (!read.success) return { status: 'InvalidRequest' }
    if ((apiKey !== undefined && key !== apiKey) || (username !== undefined && read.data.username !== username)) return undefined
    const transactionId = clock.id()
    const responses = read.data.phoneNumbers.map((phoneNumber) => {
      const requestId = `ATSwpid_${clock.id().replaceAll('-', '')}`
      const found = async () => {
        await clock.sleep(reportMs, background.signal)
        const { simSwappedOn } = subscribers.of(phoneNumber)
        const said =
          simSwappedOn === 'unknown'
            ? { status: 'Failed' }
            : { status: simSwappedOn === null ? 'NotSwapped' : 'Swapped', lastSimSwapDate: simSwappedOn ?? LONG_AGO }
        await callbacks.post(
          'sim-swap',
          phoneNumber,
          { ...said, requestId, transactionId, providerRefId: clock.id() },
          JSON_HEADERS,
        )
      }
      background.run(found())
      return { phoneNumber: { phoneNumber }, requestId, status: 'Queued' }
    })
    return { status: 'Processed', transactionId, responses }
  }
}

const JSON_HEADERS = { 'content-type': 'application/json' }
