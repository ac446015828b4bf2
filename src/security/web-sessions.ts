import { and, eq, lt, ne } from 'drizzle-orm'
import type { App } from '../app.ts'
import type { Tx } from '../store/store.ts'

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
export async function forgetSessions({ store, clock }: Pick<App, 'store' | 'clock'>): Promise<void> {
  await store.work('web-sessions:forget', async (tx) => {
    await tx.delete(tx.webSessions).where(lt(tx.webSessions.expiresAt, clock.now()))
  })
}
