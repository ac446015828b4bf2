import { and, count, desc, eq, gte, lt, lte, min, type SQL, sql, sum } from 'drizzle-orm'
import { DAY, HOUR } from '../base/dates.ts'
import type { MessageClass, MessageStatus } from '../store/schema.ts'
import type { Read } from '../store/store.ts'
import { MESSAGE_CLASSES, ruleOf } from './classes.ts'

export const MESSAGE_STATES = [
  'queued',
  'sending',
  'unknown',
  'sent',
  'unreported',
  'expired',
  'failed',
  'delivered',
] as const satisfies MessageStatus[]

/** A message as an officer may see it in a list: never its text, which may be a one-time password. */
export type Listed = Pick<
  Read['outbox']['$inferSelect'],
  'id' | 'msisdn' | 'personId' | 'class' | 'segments' | 'status' | 'dueAt' | 'reason' | 'cost' | 'createdAt' | 'changedAt'
>

/**
 * At most `most` messages, the latest due first, from after the row with that time and id. Each status and class is a walk of its own
 * along the index by which messages leave, and the walks are merged. `where` narrows further.
 */
export async function listMessages(
  read: Read,
  {
    states = MESSAGE_STATES,
    classes = MESSAGE_CLASSES,
    where,
    after,
    most,
  }: {
    states?: readonly MessageStatus[]
    classes?: readonly MessageClass[]
    where?: SQL | undefined
    after?: readonly [dueAt: number, id: string] | undefined
    most: number
  },
): Promise<Listed[]> {
  const { outbox: o } = read
  const past = after && sql`(${o.dueAt}, ${o.id}) < (${after[0]}, ${after[1]})`
  const found: Listed[] = []
  for (const state of states)
    for (const name of classes)
      found.push(
        ...(await read
          .select({
            id: o.id,
            msisdn: o.msisdn,
            personId: o.personId,
            class: o.class,
            segments: o.segments,
            status: o.status,
            dueAt: o.dueAt,
            reason: o.reason,
            cost: o.cost,
            createdAt: o.createdAt,
            changedAt: o.changedAt,
          })
          .from(o)
          .where(and(eq(o.status, state), eq(o.rank, ruleOf(name).rank), where, past))
          .orderBy(desc(o.dueAt), desc(o.id))
          .limit(most)),
      )
  return found.sort((a, b) => b.dueAt - a.dueAt || (a.id < b.id ? 1 : -1)).slice(0, most)
}

/** For how long the oldest one-time password or reply has waited, in milliseconds; 0 where none waits. Bulk and notices may wait for their hours; for these somebody waits. */
export async function longestWait(read: Read, now: number): Promise<number> {
  const { outbox } = read
  const [oldest] = await read
    .select({ dueAt: min(outbox.dueAt) })
    .from(outbox)
    .where(and(eq(outbox.status, 'queued'), lte(outbox.rank, ruleOf('reply').rank)))
  return Math.max(0, now - (oldest?.dueAt ?? now))
}

/** How the messages of one class fared that were written in one stretch of time. `segments`: of those that left, which are paid for. */
export type Rate = { class: MessageClass; written: number; segments: number; states: Record<MessageStatus, number> }
export type Rates = { day: Rate[]; week: Rate[] }

/**
 * How messages fared that were written in the last 24 hours and the last 7 days, to the hour. One hour is counted in one query, along the
 * index of the time of writing, so that others have the storage in between.
 */
export async function ratesOf(read: Read, now: number): Promise<Rates> {
  const { outbox: o } = read
  const rates: Rates = { day: emptyRates(), week: emptyRates() }
  const last = now - (now % HOUR)
  for (let from = last - 7 * DAY + HOUR; from <= last; from += HOUR) {
    const rows = await read
      .select({ class: o.class, status: o.status, n: count(), segments: sum(o.segments) })
      .from(o)
      .where(and(gte(o.createdAt, from), lt(o.createdAt, from + HOUR)))
      .groupBy(o.class, o.status)
    for (const row of rows) {
      add(rates.week, row)
      if (from > last - DAY) add(rates.day, row)
    }
  }
  return rates
}

const STAYED: readonly MessageStatus[] = ['queued', 'expired']

const emptyRates = (): Rate[] =>
  MESSAGE_CLASSES.map((name) => ({
    class: name,
    written: 0,
    segments: 0,
    states: Object.fromEntries(MESSAGE_STATES.map((state) => [state, 0])) as Rate['states'],
  }))

function add(rates: Rate[], row: { class: MessageClass; status: MessageStatus; n: number; segments: string | null }) {
  const rate = rates.find((each) => each.class === row.class)
  if (!rate) return
  rate.written += Number(row.n)
  if (!STAYED.includes(row.status)) rate.segments += Number(row.segments ?? 0)
  rate.states[row.status] += Number(row.n)
}
