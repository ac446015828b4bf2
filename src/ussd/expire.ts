import { and, inArray, lt, notInArray } from 'drizzle-orm'
import type { App } from '../app.ts'
import { DAY } from '../base/dates.ts'

/** Long past any redelivery of the gateway, and until yesterday has been counted: what a session remembered, and its answers, are then forgotten. */
const KEPT_MS = 2 * DAY
const AT_ONCE = 500

/** Deletes sessions and answers that nobody can come back to, in small units, but for those of some numbers. Returns how many rows went. */
export async function expireSessions(
  { store, clock }: Pick<App, 'store' | 'clock'>,
  { keptMs = KEPT_MS, but = [] }: { keptMs?: number; but?: readonly string[] } = {},
): Promise<number> {
  const before = clock.now() - keptMs
  for (let gone = 0; ; ) {
    const some = await store.work('expire:sessions', async (tx) => {
      const where = and(lt(tx.sessions.at, before), but.length > 0 ? notInArray(tx.sessions.msisdn, [...but]) : undefined)
      const old = tx.select({ id: tx.sessions.id }).from(tx.sessions).where(where).limit(AT_ONCE)
      const sessions = await tx.delete(tx.sessions).where(inArray(tx.sessions.id, old)).returning({ id: tx.sessions.id })
      const ids = sessions.map(({ id }) => id)
      const hops =
        ids.length === 0
          ? []
          : await tx.delete(tx.hops).where(inArray(tx.hops.sessionId, ids)).returning({ id: tx.hops.sessionId })
      return { sessions: ids.length, hops: hops.length }
    })
    gone += some.sessions + some.hops
    if (some.sessions < AT_ONCE) return gone
  }
}
