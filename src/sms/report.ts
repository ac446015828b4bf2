import { and, asc, eq, inArray, isNull } from 'drizzle-orm'
import { z } from 'zod'
import type { App } from '../app.ts'
import { Fault } from '../base/fault.ts'
import { readMsisdn } from '../base/msisdn.ts'
import type { Language, MessageClass } from '../store/schema.ts'
import { once, type Tx } from '../store/store.ts'
import { forgetSecret } from './outbox.ts'
import { further, type Reported, reportable, reported } from './status.ts'

/** Nothing of a report is worth losing it for: what is too long is cut. */
const cut = (most: number) => z.string().transform((text) => text.slice(0, most))
const reportForm = z.object({
  id: z.string().min(1).max(100),
  status: cut(60),
  phoneNumber: cut(20).default(''),
  failureReason: cut(80).optional(),
})
const optOutForm = z.object({ phoneNumber: z.string() })

/**
 * Takes a delivery report: the row as it came, always, also of an unlisted status or a message nobody knows;
 * then the message moves forward, never back. A repeated report is one more row and no change. Throws a Fault `bad_request`.
 */
export async function takeReport(app: Pick<App, 'store' | 'clock' | 'keyring'>, form: Record<string, unknown>): Promise<void> {
  const read = reportForm.safeParse(form)
  if (!read.success) throw new Fault('bad_request', 'not a delivery report')
  const { id, status, phoneNumber, failureReason } = read.data
  const msisdn = readMsisdn(phoneNumber) ?? phoneNumber
  // Keyed by the number, as settling is: a report and the answer to its send may come at the same moment.
  await app.store.work(msisdn, async (tx) => {
    const at = app.clock.now()
    await keep(tx, { id: app.clock.id(), providerId: id, msisdn, status, reason: failureReason ?? null, at })
    if ((await withId(tx, { providerId: id })).length === 0) await adopt(tx, id, msisdn)
    await applyReports(tx, app, id, at)
    if (failureReason === 'UserInBlackList') await stop(tx, msisdn, at)
  })
}

/** Moves the message that the gateway knows by this id as far forward as any report of it says. */
export async function applyReports(tx: Tx, tools: Pick<App, 'keyring'>, providerId: string, at: number): Promise<void> {
  const came = await reportsOf(tx, { providerId })
  const next = came.map(({ word }) => reported(word)).reduce((a, b) => (a && b ? further(a, b) : (a ?? b)), undefined)
  if (next === undefined) return
  const telling = came.find(({ word }) => reported(word) === next)
  const reason = next === 'failed' ? (telling?.reason ?? telling?.word ?? null) : null
  for (const row of await moving[next](tx, { providerId, at, reason })) await forgetSecret(tx, tools, row)
}

type Kept = { id: string; providerId: string; msisdn: string; status: string; reason: string | null; at: number }
const keep = once<Kept, unknown>('report', (tx, hole) =>
  tx.insert(tx.reports).values({
    id: hole.id,
    providerId: hole.providerId,
    msisdn: hole.msisdn,
    status: hole.status,
    reason: hole.reason,
    at: hole.at,
  }),
)
const withId = once('with_provider_id', (tx, hole: { providerId: never }) =>
  tx.select({ id: tx.outbox.id }).from(tx.outbox).where(eq(tx.outbox.providerId, hole.providerId)),
)
const reportsOf = once('reports_of', (tx, hole: { providerId: never }) =>
  tx
    .select({ word: tx.reports.status, reason: tx.reports.reason })
    .from(tx.reports)
    .where(eq(tx.reports.providerId, hole.providerId))
    .orderBy(asc(tx.reports.at)),
)
type Moved = { id: string; class: MessageClass }
const movingTo = (next: Reported) =>
  once<{ providerId: string; at: number; reason: string | null }, Moved[]>(`moving_to_${next}`, ({ outbox, update }, hole) =>
    update(outbox)
      .set({ status: next, changedAt: hole.at, reason: hole.reason })
      .where(and(eq(outbox.providerId, hole.providerId), inArray(outbox.status, reportable(next))))
      .returning({ id: outbox.id, class: outbox.class }),
  )
const moving = { sent: movingTo('sent'), delivered: movingTo('delivered'), failed: movingTo('failed') }

/**
 * A report under an id that nobody knows, for a number with exactly one message on the wire or lost there, is that message's.
 * With two of them nobody can say whose it is, and each waits for its own answer, or for its class to decide.
 */
async function adopt(tx: Tx, providerId: string, msisdn: string): Promise<void> {
  const { outbox } = tx
  const [only, another] = await tx
    .select({ id: outbox.id })
    .from(outbox)
    .where(and(eq(outbox.msisdn, msisdn), inArray(outbox.status, ['sending', 'unknown'])))
    .limit(2)
  if (!only || another) return
  await tx
    .update(outbox)
    .set({ providerId })
    .where(and(eq(outbox.id, only.id), isNull(outbox.providerId)))
}

/** The gateway's own opt-out: no more of class `bulk`. Throws a Fault `bad_request`. */
export async function takeOptOut({ store, clock }: Pick<App, 'store' | 'clock'>, form: Record<string, unknown>): Promise<void> {
  const read = optOutForm.safeParse(form)
  const msisdn = read.success ? readMsisdn(read.data.phoneNumber) : undefined
  if (msisdn === undefined) throw new Fault('bad_request', 'not an opt-out')
  await store.work(msisdn, (tx) => stop(tx, msisdn, clock.now()))
}

/** `at` null takes it back. `language` is for a number that we hear of for the first time. */
export async function stop(tx: Tx, msisdn: string, at: number | null, language: Language = 'en'): Promise<void> {
  await tx
    .insert(tx.subscribers)
    .values({ msisdn, language, stoppedAt: at })
    .onConflictDoUpdate({ target: tx.subscribers.msisdn, set: { stoppedAt: at } })
}
