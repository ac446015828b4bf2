import { LRUCache } from 'lru-cache'
import { openRing, type Ring } from './ring.ts'

/** One SMS that the gateway took. `landed`: it reached the phone's inbox. `status` changes in place, to the last one reported. */
export type Message = {
  id: string
  from: string
  to: string
  text: string
  at: number
  cost: string
  status: string
  landed: boolean
}

export type Messages = Ring<Message> & {
  inbox(msisdn: string, after: number): (Message & { n: number })[]
}

/** The newest 10,000 messages; a phone's inbox is a view of them. */
export function openMessages(): Messages {
  const ring = openRing<Message>(10_000)
  return { ...ring, inbox: (msisdn, after) => ring.after(after).filter((message) => message.landed && message.to === msisdn) }
}

/** What the gateway remembers of a number besides its messages. */
/** `simSwappedOn`: `DD-MM-YYYY`; null: longer ago than the gateway remembers; `unknown`: it cannot say. */
export type Subscriber = { optedOut: boolean; networkCode: string; simSwappedOn: string | null }

export type Subscribers = { of(msisdn: string): Subscriber }

/** Networks by the names and codes of Kenya; 99999 is the sandbox. */
export const networks = { safaricom: '63902', airtel: '63903', telkom: '63907', equitel: '63999', sandbox: '99999' } as const

export function openSubscribers(): Subscribers {
  const known = new LRUCache<string, Subscriber>({ max: 20_000 })
  return {
    of(msisdn) {
      const seen = known.get(msisdn)
      if (seen) return seen
      const fresh = { optedOut: false, networkCode: networks.safaricom as string, simSwappedOn: null }
      known.set(msisdn, fresh)
      return fresh
    },
  }
}
