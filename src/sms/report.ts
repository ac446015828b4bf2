import { and, asc, eq, gt, inArray } from 'drizzle-orm'
import { z } from 'zod'
import type { App } from '../app.ts'
import { DAY } from '../base/dates.ts'
import { Fault } from '../base/fault.ts'
import { readMsisdn } from '../base/msisdn.ts'
import type { Tx } from '../store/store.ts'
import { before, reported } from './status.ts'

const reportForm = z.object({
  id: z.string().min(1).max(100),
  status: z.string().min(1).max(60),
  phoneNumber: z.string().max(20),
  failureReason: z.string().max(80).optional(),
})
const optOutForm = z.object({ phoneNumber: z.string() })

/**
 * Takes a delivery report: the row as it came, always, also of an unlisted status or a message nobody knows;
 * then the message moves forward, never back. A repeated report is one more row and no change. Throws a Fault `bad_request`.
 */
export async function takeReport({ store, clock }: Pick<App, 'store' | 'clock'>, form: Record<string, unknown>): Promise<void> {
  const read = reportForm.safeParse(form)
  if (!read.success) throw new Fault('bad_request', 'not a delivery report')
  const { id, status, phoneNumber, failureReason } = read.data
  await store.work(`message:${id}`, async (tx) => {
    const at = clock.now()
    await tx
      .insert(tx.reports)
      .values({ id: clock.id(), providerId: id, msisdn: phoneNumber, status, reason: failureReason ?? null, at })
    const known = await tx.select({ id: tx.outbox.id }).from(tx.outbox).where(eq(tx.outbox.providerId, id))
    if (known.length === 0) await claimUnknown(tx, id, phoneNumber, at)
    await applyReport(tx, { providerId: id, status, reason: failureReason ?? null, at })
    if (failureReason === 'UserInBlackList') await stop(tx, phoneNumber, at)
  })
}

/** Moves the message that the gateway knows by this id forward to what was reported. */
export async function applyReport(
  tx: Tx,
  report: { providerId: string; status: string; reason: string | null; at: number },
): Promise<void> {
  const next = reported(report.status)
  if (next === undefined) return
  await tx
    .update(tx.outbox)
    .set({ status: next, changedAt: report.at, ...(next === 'failed' ? { reason: report.reason ?? report.status } : {}) })
    .where(and(eq(tx.outbox.providerId, report.providerId), inArray(tx.outbox.status, before(next))))
}

/**
 * A report under an id that nobody knows, for a number with exactly one message whose sending timed out, is that message's:
 * it was sent after all. With two such messages nobody can say which, and both wait for their class to decide.
 */
async function claimUnknown(tx: Tx, providerId: string, phoneNumber: string, at: number): Promise<void> {
  const { outbox } = tx
  const lost = await tx
    .select({ id: outbox.id })
    .from(outbox)
    .where(and(eq(outbox.msisdn, phoneNumber), eq(outbox.status, 'unknown'), gt(outbox.createdAt, at - DAY)))
    .orderBy(asc(outbox.createdAt))
    .limit(2)
  const [only] = lost
  if (only && lost.length === 1) await tx.update(outbox).set({ providerId }).where(eq(outbox.id, only.id))
}

/** The gateway's own opt-out: no more of class `bulk`. Throws a Fault `bad_request`. */
export async function takeOptOut({ store, clock }: Pick<App, 'store' | 'clock'>, form: Record<string, unknown>): Promise<void> {
  const read = optOutForm.safeParse(form)
  const msisdn = read.success ? readMsisdn(read.data.phoneNumber) : undefined
  if (msisdn === undefined) throw new Fault('bad_request', 'not an opt-out')
  await store.work(msisdn, (tx) => stop(tx, msisdn, clock.now()))
}

export async function stop(tx: Tx, msisdn: string, at: number | null): Promise<void> {
  await tx
    .insert(tx.subscribers)
    .values({ msisdn, language: 'en', stoppedAt: at })
    .onConflictDoUpdate({ target: tx.subscribers.msisdn, set: { stoppedAt: at } })
}
