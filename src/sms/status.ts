import type { MessageStatus } from '../store/schema.ts'

/** How far a message has come. A higher one is never undone by a lower one, in whatever order the news arrives. */
const RANKS = {
  queued: 0,
  sending: 1,
  unknown: 2,
  sent: 3,
  unreported: 4,
  expired: 5,
  failed: 6,
  delivered: 7,
} satisfies Record<MessageStatus, number>

export const further = <S extends MessageStatus>(old: S, next: S): S => (RANKS[next] > RANKS[old] ? next : old)
/** Every status below `status`: what a guarded update may move forward from. */
export const before = (status: MessageStatus): MessageStatus[] =>
  (Object.keys(RANKS) as MessageStatus[]).filter((other) => RANKS[other] < RANKS[status])

/** What a report may move forward: a message on the wire waits until it is settled, and then takes every report that came. */
export const reportable = (status: MessageStatus): MessageStatus[] =>
  before(status).filter((other) => RANKS[other] >= RANKS.unknown)

/** What a report can say of a message. */
export type Reported = 'sent' | 'delivered' | 'failed'
/** The gateway's words for a delivery; one that nobody has listed says nothing about the message. */
const REPORTED: Readonly<Record<string, Reported>> = {
  Sent: 'sent',
  Submitted: 'sent',
  Buffered: 'sent',
  Success: 'delivered',
  Rejected: 'failed',
  Failed: 'failed',
  AbsentSubscriber: 'failed',
  Expired: 'failed',
}
export const reported = (word: string): Reported | undefined => (Object.hasOwn(REPORTED, word) ? REPORTED[word] : undefined)
