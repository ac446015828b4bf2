import { and, eq, inArray, lte } from 'drizzle-orm'
import { z } from 'zod'
import { acting } from '../acting.ts'
import type { Actor, Scene } from '../action.ts'
import type { App } from '../app.ts'
import { DAY, startOfDay } from '../base/dates.ts'
import { Fault } from '../base/fault.ts'
import type { Msisdn } from '../base/msisdn.ts'
import type { LookUps } from '../gateway/gateway.ts'
import { inNamed } from '../store/named.ts'
import type { Read } from '../store/store.ts'

// Whoever takes over a SIM card asks for a new password and then for another bank account. So a password that was asked for by SMS sets the
// gateway looking when the SIM was changed, and until it says 'not lately', money goes nowhere new without an officer who has seen the person.

/** How long after a new password a change of bank is looked at, and how young a SIM is too young, in milliseconds. */
const LATELY_MS = 14 * DAY
const AT_ONCE = 50

/** A password was asked for by this number; in the unit that makes it. Nothing where no look-up is configured. */
export async function noteReset({ tx, at, tools }: Pick<Scene, 'tx' | 'at' | 'tools'>, msisdn: Msisdn): Promise<void> {
  if (!tools.config.simSwap) return
  const fresh = { state: 'due' as const, requestId: null, swappedOn: null, clearedBy: null, resetAt: at, changedAt: at }
  await tx
    .insert(tx.simSwaps)
    .values({ msisdn, ...fresh })
    .onConflictDoUpdate({ target: tx.simSwaps.msisdn, set: fresh })
}

/** Whether an officer must see this person before money goes anywhere new: the SIM was changed lately, or nobody could say. */
export async function simHold(read: Read, msisdn: string, at: number): Promise<boolean> {
  const { simSwaps } = read
  const [row] = await read.select().from(simSwaps).where(eq(simSwaps.msisdn, msisdn))
  return row !== undefined && row.resetAt > at - LATELY_MS && row.state !== 'unchanged' && row.state !== 'cleared'
}

/** An officer has seen the person. False where nothing was held. */
export function clearSim(app: App, by: Actor, person: { id: string; msisdn: string }): Promise<boolean> {
  return acting<boolean>(app, by, 'people.clear_sim', `sim:${person.msisdn}`, async ({ tx, at, actor }) => {
    const { simSwaps } = tx
    const held = await simHold(tx, person.msisdn, at)
    if (held)
      await tx
        .update(simSwaps)
        .set({ state: 'cleared', clearedBy: actor.name, changedAt: at })
        .where(eq(simSwaps.msisdn, person.msisdn))
    return [held, { outcome: held ? 'done' : 'over', subject: person.id }]
  })
}

/** Asks the gateway about every number that is due. One that it will not look up stays held. Gives how many were asked. */
export async function askSimSwaps(app: App, gateway: LookUps): Promise<number> {
  const due = await app.store.work('sim:claim', async (tx) => {
    const { simSwaps } = tx
    const some = tx
      .select({ msisdn: simSwaps.msisdn })
      .from(simSwaps)
      .where(and(eq(simSwaps.state, 'due'), lte(simSwaps.resetAt, app.clock.now())))
      .limit(AT_ONCE)
    return tx
      .update(simSwaps)
      .set({ state: 'asked', changedAt: app.clock.now() })
      .where(and(inArray(simSwaps.msisdn, some), eq(inNamed(simSwaps.state), 'due')))
      .returning()
  })
  for (const { msisdn, resetAt } of due) {
    const answer = await gateway.simSwap(msisdn)
    await app.store.work(`sim:${msisdn}`, async (tx) => {
      const { simSwaps } = tx
      await tx
        .update(simSwaps)
        .set({ ...('asked' in answer ? { requestId: answer.asked } : { state: 'unknown' as const }), changedAt: app.clock.now() })
        .where(and(eq(simSwaps.msisdn, msisdn), eq(simSwaps.resetAt, resetAt), eq(simSwaps.state, 'asked')))
    })
  }
  return due.length
}

const form = z.object({
  requestId: z.string().min(1).max(100),
  status: z.string().max(40),
  lastSimSwapDate: z.string().max(20).optional(),
})

/**
 * Takes what the gateway found out: `Swapped` or `NotSwapped`, and the day of the last change as `DD-MM-YYYY`. What cannot be read is not
 * 'unchanged'. An answer to a question that nobody asked, or that came twice, changes nothing. Throws a Fault `bad_request`.
 */
export async function takeSimSwap({ store, clock }: Pick<App, 'store' | 'clock'>, given: Record<string, unknown>): Promise<void> {
  const read = form.safeParse(given)
  if (!read.success) throw new Fault('bad_request', 'not an answer to a SIM-swap look-up')
  const { requestId, status, lastSimSwapDate } = read.data
  const [, day, month, year] = /^(\d\d)-(\d\d)-(\d{4})$/.exec(lastSimSwapDate ?? '') ?? []
  const swappedOn = year === undefined ? null : `${year}-${month}-${day}`
  await store.work(`sim:${requestId}`, async (tx) => {
    const at = clock.now()
    const long = swappedOn !== null && startOfDay(swappedOn) <= at - LATELY_MS
    const state =
      status === 'NotSwapped' || (status === 'Swapped' && long) ? 'unchanged' : status === 'Swapped' ? 'changed' : 'unknown'
    const { simSwaps } = tx
    await tx
      .update(simSwaps)
      .set({ state, swappedOn, changedAt: at })
      .where(and(eq(simSwaps.requestId, requestId), eq(simSwaps.state, 'asked')))
  })
}
