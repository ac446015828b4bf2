import { and, asc, eq, gt, inArray, lt, lte, or, sql } from 'drizzle-orm'
import type { App } from '../app.ts'
import { DAY, MINUTE } from '../base/dates.ts'
import type { SendResult } from '../gateway/gateway.ts'
import type { MessageStatus } from '../store/schema.ts'
import { bySlices } from '../store/slices.ts'
import { once, type Tx } from '../store/store.ts'
import { MESSAGE_CLASSES, ruleOf } from './classes.ts'
import { forgetSecret } from './outbox.ts'
import { applyReports, stop } from './report.ts'
import { before } from './status.ts'

type Row = Tx['outbox']['$inferSelect']
type Tools = Pick<App, 'keyring'>

/** Writes down what became of a message that was on the wire. A report that came first is not undone. */
export async function settle(tx: Tx, tools: Tools, row: Row, result: SendResult, at: number): Promise<void> {
  const rule = ruleOf(row.class)
  switch (result.outcome) {
    case 'accepted': {
      const { id: providerId, cost } = result
      await accepted(tx, { id: row.id, providerId, cost })
      await sent(tx, { id: row.id, at })
      await forgetSecret(tx, tools, row)
      return applyReports(tx, tools, providerId, at)
    }
    case 'refused':
      if (result.optedOut) await stop(tx, row.msisdn, at)
      return forward(tx, tools, row, 'failed', { reason: result.reason, changedAt: at })
    case 'again': {
      const wait = rule.backoffMs[Math.min(row.tries, rule.backoffMs.length) - 1] ?? 0
      if (row.tries >= rule.tries) return forward(tx, tools, row, 'failed', { reason: result.reason, changedAt: at })
      return requeue(tx, row, { dueAt: at + wait, reason: result.reason, changedAt: at })
    }
    case 'operator':
      // Not the message's fault: this try does not count.
      return requeue(tx, row, { dueAt: at, tries: row.tries - 1, reason: result.reason, changedAt: at })
    case 'unknown':
      return lose(tx, tools, row, result.reason, at)
  }
}

const accepted = once<{ id: string; providerId: string; cost: string | null }, unknown>('accepted', (tx, hole) =>
  tx.update(tx.outbox).set({ providerId: hole.providerId, cost: hole.cost }).where(eq(tx.outbox.id, hole.id)),
)
const sent = once<{ id: string; at: number }, unknown>('sent', (tx, hole) =>
  tx
    .update(tx.outbox)
    .set({ status: 'sent', changedAt: hole.at })
    .where(and(eq(tx.outbox.id, hole.id), inArray(tx.outbox.status, before('sent')))),
)

async function forward(tx: Tx, tools: Tools, row: Row, status: MessageStatus, values: Partial<Row>): Promise<void> {
  const { outbox } = tx
  await tx
    .update(outbox)
    .set({ ...values, status })
    .where(and(eq(outbox.id, row.id), inArray(outbox.status, before(status))))
  await forgetSecret(tx, tools, row)
}

/** Perhaps sent: what was reported meanwhile decides, or what will be, or time. */
async function lose(tx: Tx, tools: Tools, row: Row, reason: string, at: number): Promise<void> {
  const [lost] = await tx
    .update(tx.outbox)
    .set({ status: 'unknown', reason, losses: sql`${tx.outbox.losses} + 1`, changedAt: at, leaseUntil: 0 })
    .where(and(sameTry(tx, row), eq(tx.outbox.status, 'sending')))
    .returning({ providerId: tx.outbox.providerId })
  if (lost?.providerId) await applyReports(tx, tools, lost.providerId, at)
}

async function requeue(tx: Tx, row: Row, values: Partial<Row>): Promise<void> {
  await tx
    .update(tx.outbox)
    .set({ ...values, status: 'queued', leaseUntil: 0, providerId: null })
    .where(and(sameTry(tx, row), inArray(tx.outbox.status, ['sending', 'unknown'])))
}

/** A process that slept past its lease must not touch what another has claimed since. */
const sameTry = ({ outbox }: Tx, row: Row) => and(eq(outbox.id, row.id), eq(outbox.tries, row.tries))

const UNREPORTED_MS = 2 * DAY
/** How long a message that was perhaps sent waits for a report before it counts as one that never came. */
const UNKNOWN_GRACE_MS = 15 * MINUTE
/** What was perhaps sent is sent once more at most; tries that surely were not sent do not count. */
const LOSSES = 2
const AT_ONCE = 200

/**
 * What time alone decides: leases that ran out (their process died: perhaps sent), unknown ones past their class's grace,
 * messages too old to send, and sent ones that no report ever came for. Returns how many rows moved.
 */
export function sweepOutbox(app: Pick<App, 'store' | 'clock' | 'keyring'>): Promise<number> {
  return bySlices(app, 'outbox:sweep', AT_ONCE, (tx) => sweepSome(tx, app, app.clock.now()))
}

async function sweepSome(tx: Tx, tools: Tools, at: number): Promise<number> {
  const { outbox } = tx
  // Only what moves now, so that nothing that waits can hold up what stands behind it.
  const rows = await tx
    .select()
    .from(outbox)
    .where(
      or(
        // A lease that reaches further than any is from before the wall clock was set back.
        and(eq(outbox.status, 'sending'), or(lte(outbox.leaseUntil, at), gt(outbox.leaseUntil, at + 2 * MINUTE))),
        and(eq(outbox.status, 'queued'), lte(outbox.expiresAt, at)),
        and(eq(outbox.status, 'unknown'), or(lte(outbox.changedAt, at - UNKNOWN_GRACE_MS), ...resendable(tx, at))),
        and(eq(outbox.status, 'sent'), lte(outbox.changedAt, at - UNREPORTED_MS)),
      ),
    )
    .orderBy(asc(outbox.changedAt))
    .limit(AT_ONCE)
  for (const row of rows) await sweepOne(tx, tools, row, at)
  return rows.length
}

/** Unknown ones whose class sends the same text once more after so long. */
function resendable({ outbox }: Tx, at: number) {
  return MESSAGE_CLASSES.flatMap((name) => {
    const { resendUnknownAfterMs: after } = ruleOf(name)
    return after === undefined ? [] : [and(eq(outbox.class, name), lt(outbox.losses, LOSSES), lte(outbox.changedAt, at - after))]
  })
}

async function sweepOne(tx: Tx, tools: Tools, row: Row, at: number): Promise<void> {
  if (row.status === 'sending') return lose(tx, tools, row, 'its process stopped', at)
  if (row.status === 'queued') return forward(tx, tools, row, 'expired', { changedAt: at })
  const again = row.status === 'unknown' && ruleOf(row.class).resendUnknownAfterMs !== undefined
  if (again && row.losses < LOSSES && row.expiresAt > at) return requeue(tx, row, { dueAt: at, changedAt: at })
  return forward(tx, tools, row, 'unreported', { changedAt: at })
}
