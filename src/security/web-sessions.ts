import { and, eq, inArray, lt, ne } from 'drizzle-orm'
import type { App } from '../app.ts'
import { bySlices } from '../store/slices.ts'
import type { Tx } from '../store/store.ts'

const AT_ONCE = 500

export type FaceName = 'portal' | 'console'

/** Logs somebody out everywhere, but for one session where it is named; in the unit that changes a password, too. */
export async function endSessions(tx: Tx, face: FaceName, holder: string, but?: string): Promise<void> {
  const { webSessions } = tx
  await tx
    .delete(webSessions)
    .where(
      and(eq(webSessions.face, face), eq(webSessions.holder, holder), but === undefined ? undefined : ne(webSessions.id, but)),
    )
}

/** Forgets sessions that are over. */
export async function forgetSessions(app: Pick<App, 'store' | 'clock'>): Promise<void> {
  const at = app.clock.now()
  await bySlices(app, 'web-sessions:forget', AT_ONCE, async (tx) => {
    const { webSessions } = tx
    const over = tx.select({ id: webSessions.id }).from(webSessions).where(lt(webSessions.expiresAt, at)).limit(AT_ONCE)
    return (await tx.delete(webSessions).where(inArray(webSessions.id, over)).returning({ id: webSessions.id })).length
  })
}
