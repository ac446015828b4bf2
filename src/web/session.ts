import { and, desc, eq, gt } from 'drizzle-orm'
import type { Context } from 'koa'
import type { App } from '../app.ts'
import { HOUR, MINUTE } from '../base/dates.ts'
import type { FaceName } from '../security/web-sessions.ts'
import type { Tx } from '../store/store.ts'
import { cookieOf, setCookie } from './cookies.ts'
import { deviceLabel } from './device-label.ts'

export type WebSession = Tx['webSessions']['$inferSelect']

/** How long a session lives without a request, and in all. */
export const SESSION_LIMITS = {
  portal: { idleMs: 30 * MINUTE, absoluteMs: 12 * HOUR },
  console: { idleMs: 15 * MINUTE, absoluteMs: 10 * HOUR },
} satisfies Record<FaceName, { idleMs: number; absoluteMs: number }>

/** Often enough for the idle limit, seldom enough that reading pages hardly writes. */
const TOUCH_MS = MINUTE

export type Sessions = ReturnType<typeof openSessions>

/**
 * Who is logged in on one face. The cookie holds 256 random bits, the table only their keyed digest: a stolen database logs nobody in.
 * Every login gets a new one, so that nobody can plant a session that they know.
 */
export function openSessions(app: Pick<App, 'store' | 'keyring' | 'clock'>, face: FaceName) {
  const { store, keyring, clock } = app
  const { idleMs, absoluteMs } = SESSION_LIMITS[face]
  const idOf = (token: string) => keyring.digest(`session:${face}`, token)

  return {
    /** The live session behind the request's cookie; undefined where there is none, or none any more. */
    async of(ctx: Context): Promise<WebSession | undefined> {
      const token = cookieOf(ctx, face)
      if (token === undefined) return undefined
      const { webSessions } = store.read
      const at = clock.now()
      const [session] = await store.read
        .select()
        .from(webSessions)
        .where(and(eq(webSessions.id, idOf(token)), gt(webSessions.expiresAt, at), gt(webSessions.seenAt, at - idleMs)))
      if (session && at - session.seenAt > TOUCH_MS)
        await store.work(`session:${session.id}`, async (tx) => {
          await tx.update(tx.webSessions).set({ seenAt: at }).where(eq(tx.webSessions.id, session.id))
        })
      return session
    },
    /** Begins a session in place of the one the browser had. `stage` says how far the login has come: `in` is all the way. */
    async start(ctx: Context, holder: string, stage: string): Promise<WebSession> {
      const token = clock.bytes(32).toString('base64url')
      const before = cookieOf(ctx, face)
      const at = clock.now()
      const session: WebSession = {
        id: idOf(token),
        face,
        holder,
        stage,
        device: deviceLabel(ctx.get('User-Agent')),
        startedAt: at,
        seenAt: at,
        expiresAt: at + absoluteMs,
      }
      await store.work(`session:${session.id}`, async (tx) => {
        if (before !== undefined) await tx.delete(tx.webSessions).where(eq(tx.webSessions.id, idOf(before)))
        await tx.insert(tx.webSessions).values(session)
      })
      setCookie(ctx, face, token, absoluteMs / 1000)
      return session
    },
    async end(ctx: Context): Promise<void> {
      const token = cookieOf(ctx, face)
      setCookie(ctx, face, '', 0)
      if (token === undefined) return
      await store.work(`session:${idOf(token)}`, async (tx) => {
        await tx.delete(tx.webSessions).where(eq(tx.webSessions.id, idOf(token)))
      })
    },
    /** The live sessions of somebody, the last seen first. */
    list: (holder: string): Promise<WebSession[]> =>
      store.read
        .select()
        .from(store.read.webSessions)
        .where(
          and(
            eq(store.read.webSessions.face, face),
            eq(store.read.webSessions.holder, holder),
            gt(store.read.webSessions.expiresAt, clock.now()),
            gt(store.read.webSessions.seenAt, clock.now() - idleMs),
          ),
        )
        .orderBy(desc(store.read.webSessions.seenAt)),
  }
}
