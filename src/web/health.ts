import { Router } from '@koa/router'
import type { Clock } from '../base/clock.ts'
import type { Metrics } from '../metrics.ts'

/** Whether the service can do its work, and what it looked at. */
export type Readiness = { ok: boolean; [about: string]: unknown }

const READY_MS = 2_000

type Parts = { clock: Clock; metrics: Metrics; ready: () => Promise<Readiness>; stopping: () => boolean }

/** For machines that watch. `/metrics` names no person, but a reverse proxy has no reason to pass it on. */
export function healthRoutes({ clock, metrics, ready, stopping }: Parts): Router {
  const router = new Router()
  router.get('/healthz', (ctx) => {
    ctx.body = { ok: true }
  })
  router.get('/readyz', async (ctx) => {
    const now = stopping() ? { ok: false, stopping: true } : await soon(ready)
    ctx.status = now.ok ? 200 : 503
    ctx.body = now
  })
  router.get('/metrics', async (ctx) => {
    ctx.set('Content-Type', metrics.registry.contentType)
    ctx.body = await metrics.page()
  })

  /** Storage that fails or does not answer in time is an answer too: not ready. */
  async function soon(look: () => Promise<Readiness>): Promise<Readiness> {
    const answered = new AbortController()
    const late = clock.sleep(READY_MS, answered.signal).then((): Readiness => ({ ok: false, storage: 'no answer' }))
    const now = await Promise.race([look().catch((): Readiness => ({ ok: false, storage: 'failed' })), late])
    answered.abort()
    return now
  }
  return router
}
