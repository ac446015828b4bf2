import { and, asc, eq, inArray, lt, lte, or } from 'drizzle-orm'
import type { App } from '../app.ts'
import { DAY } from '../base/dates.ts'
import type { SendResult } from '../gateway/gateway.ts'
import type { MessageStatus } from '../store/schema.ts'
import type { Tx } from '../store/store.ts'
import { ruleOf } from './classes.ts'
import { bodyPlace } from './outbox.ts'
import { applyReport, stop } from './report.ts'
import { before } from './status.ts'

type Row = Tx['outbox']['$inferSelect']
type Tools = Pick<App, 'keyring'>

/** Writes down what became of a message that was on the wire. A report that came first is not undone. */
export async function settle(tx: Tx, tools: Tools, row: Row, result: SendResult, at: number): Promise<void> {
  const rule = ruleOf(row.class)
  switch (result.outcome) {
    case 'accepted': {
      await forward(tx, tools, row, 'sent', { providerId: result.id, cost: result.cost, changedAt: at })
      const early = await tx.select().from(tx.reports).where(eq(tx.reports.providerId, result.id)).orderBy(asc(tx.reports.at))
      for (const report of early) await applyReport(tx, { ...report, at })
      return
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
      return forward(tx, tools, row, 'unknown', { reason: result.reason, changedAt: at, leaseUntil: 0 })
  }
}

async function forward(tx: Tx, tools: Tools, row: Row, status: MessageStatus, values: Partial<Row>): Promise<void> {
  const { outbox } = tx
  // The rest is kept even where a report was faster; only the status may not go back.
  const { providerId, cost, ...rest } = values
  if (providerId !== undefined)
    await tx
      .update(outbox)
      .set({ providerId, ...(cost === undefined ? {} : { cost }) })
      .where(eq(outbox.id, row.id))
  await tx
    .update(outbox)
    .set({ ...rest, status })
    .where(and(eq(outbox.id, row.id), inArray(outbox.status, before(status))))
  if (status !== 'unknown') await forgetSecret(tx, tools, row)
}

/** A one-time password is not kept longer than it takes to hand it over. */
async function forgetSecret(tx: Tx, { keyring }: Tools, row: Row): Promise<void> {
  if (row.class !== 'otp') return
  await tx
    .update(tx.outbox)
    .set({ bodySealed: keyring.seal(bodyPlace(row.id), '') })
    .where(eq(tx.outbox.id, row.id))
}

async function requeue(tx: Tx, row: Row, values: Partial<Row>): Promise<void> {
  await tx
    .update(tx.outbox)
    .set({ ...values, status: 'queued', leaseUntil: 0 })
    .where(and(eq(tx.outbox.id, row.id), inArray(tx.outbox.status, ['sending', 'unknown'])))
}

const UNREPORTED_MS = 2 * DAY
const AT_ONCE = 200

/**
 * What time alone decides: leases that ran out (their process died: perhaps sent), unknown ones past their class's grace,
 * messages too old to send, and sent ones that no report ever came for. Returns how many rows moved.
 */
export async function sweepOutbox(app: Pick<App, 'store' | 'clock' | 'keyring'>): Promise<number> {
  let moved = 0
  for (;;) {
    const some = await app.store.work('outbox:sweep', (tx) => sweepSome(tx, app, app.clock.now()))
    moved += some
    if (some < AT_ONCE) return moved
  }
}

async function sweepSome(tx: Tx, tools: Tools, at: number): Promise<number> {
  const { outbox } = tx
  const rows = await tx
    .select()
    .from(outbox)
    .where(
      or(
        and(eq(outbox.status, 'sending'), lte(outbox.leaseUntil, at)),
        and(eq(outbox.status, 'queued'), lte(outbox.expiresAt, at)),
        and(eq(outbox.status, 'unknown'), lt(outbox.changedAt, at)),
        and(eq(outbox.status, 'sent'), lt(outbox.changedAt, at - UNREPORTED_MS)),
      ),
    )
    .orderBy(asc(outbox.changedAt))
    .limit(AT_ONCE)
  let moved = 0
  for (const row of rows) if (await sweepOne(tx, tools, row, at)) moved++
  // Fewer than were read means the rest is waiting for its time: not another round.
  return moved < rows.length ? 0 : moved
}

async function sweepOne(tx: Tx, tools: Tools, row: Row, at: number): Promise<boolean> {
  if (row.status === 'sending') {
    await forward(tx, tools, row, 'unknown', { reason: 'its process stopped', changedAt: at, leaseUntil: 0 })
    return true
  }
  if (row.status === 'queued') {
    await forward(tx, tools, row, 'expired', { changedAt: at })
    return true
  }
  if (row.status === 'sent') {
    await forward(tx, tools, row, 'unreported', { changedAt: at })
    return true
  }
  const { resendUnknownAfterMs, tries } = ruleOf(row.class)
  const resend = resendUnknownAfterMs !== undefined && row.tries < Math.min(tries, 2) && row.expiresAt > at
  if (resend && row.changedAt + resendUnknownAfterMs > at) return false
  if (resend) await requeue(tx, row, { dueAt: at, changedAt: at })
  else if (row.changedAt + UNKNOWN_GRACE_MS > at) return false
  else await forward(tx, tools, row, 'unreported', { changedAt: at })
  return true
}

/** How long a message that was perhaps sent waits for a report before it counts as one that never came. */
const UNKNOWN_GRACE_MS = 15 * 60_000
