import type { Clock } from '../../base/clock.ts'
import type { Background } from './background.ts'
import type { Callbacks } from './callbacks.ts'
import type { Subscribers } from './messages.ts'
import { isoDate, plainDate } from './wire.ts'

const GIVE_UP_MS = 12 * 3600_000
const MOST_WAITING = 1000

export type Inbound = {
  /**
   * A person's SMS to the short code. Resolves after the first attempt; until a 200 it is sent again every `redeliverMs`,
   * with the same id, for 12 hours. `undefined` when 1,000 messages are waiting already.
   */
  sms(msisdn: string, text: string, to?: string): Promise<{ id: string; delivered: boolean } | undefined>
  /** The person asks never to be written to: told to the application, and sends are answered 406 from now on. */
  optOut(msisdn: string): Promise<{ delivered: boolean }>
  optIn(msisdn: string): void
}

type Options = {
  clock: Clock
  background: Background
  callbacks: Callbacks
  subscribers: Subscribers
  shortCode: string
  redeliverMs: number
}

/** Messages from phones to the application. Both date shapes that occur take turns. */
export function openInbound({ clock, background, callbacks, subscribers, shortCode, redeliverMs }: Options): Inbound {
  let count = 0
  let waiting = 0

  async function attempt(msisdn: string, fields: Record<string, string>): Promise<boolean> {
    const answer = await callbacks.post('sms', msisdn, fields)
    return 'status' in answer && answer.status === 200
  }

  async function insist(msisdn: string, fields: Record<string, string>) {
    const until = clock.ticks() + GIVE_UP_MS
    waiting += 1
    do await clock.sleep(redeliverMs, background.signal)
    while (!background.signal.aborted && clock.ticks() < until && !(await attempt(msisdn, fields)))
    waiting -= 1
  }

  return {
    async sms(msisdn, text, to = shortCode) {
      if (waiting >= MOST_WAITING) return undefined
      count += 1
      const date = count % 2 === 1 ? plainDate(clock.now()) : isoDate(clock.now())
      const { networkCode } = subscribers.of(msisdn)
      const id = clock.id()
      const fields = { date, from: msisdn, id, linkId: clock.id(), text, to, cost: 'KES 0.0000', networkCode }
      const delivered = await attempt(msisdn, fields)
      if (!delivered) background.run(insist(msisdn, fields))
      return { id, delivered }
    },
    async optOut(msisdn) {
      subscribers.of(msisdn).optedOut = true
      const answer = await callbacks.post('opt-out', msisdn, { senderId: shortCode, phoneNumber: msisdn })
      return { delivered: 'status' in answer && answer.status === 200 }
    },
    optIn(msisdn) {
      subscribers.of(msisdn).optedOut = false
    },
  }
}
