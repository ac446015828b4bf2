import { and, inArray, lt, notInArray } from 'drizzle-orm'
import type { App } from '../app.ts'
import { DAY } from '../base/dates.ts'
import { bySlices } from '../store/slices.ts'

/** Long past any redelivery of the gateway, and until yesterday has been counted: what a session remembered, and its answers, are then forgotten. */
const KEPT_MS = 2 * DAY
/** Each brings some eight answers with it. */
const AT_ONCE = 50

/** Deletes sessions that nobody can come back to, with their answers, in small units, but for those of some numbers. Returns how many sessions went. */
export async function expireSessions(
  app: Pick<App, 'store' | 'clock'>,
  { keptMs = KEPT_MS, but = [] }: { keptMs?: number; but?: readonly string[] } = {},
): Promise<number> {
  const before = app.clock.now() - keptMs
  return bySlices(app, 'expire:sessions', AT_ONCE, async (tx) => {
    const where = and(lt(tx.sessions.at, before), but.length > 0 ? notInArray(tx.sessions.msisdn, [...but]) : undefined)
    const old = tx.select({ id: tx.sessions.id }).from(tx.sessions).where(where).limit(AT_ONCE)
    const gone = await tx.delete(tx.sessions).where(inArray(tx.sessions.id, old)).returning({ id: tx.sessions.id })
    const ids = gone.map(({ id }) => id)
    if (ids.length > 0) await tx.delete(tx.hops).where(inArray(tx.hops.sessionId, ids))
    return ids.length
  })
}
