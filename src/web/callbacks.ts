import { Router } from '@koa/router'
import type { Context, Middleware } from 'koa'
import { Fault } from '../base/fault.ts'
import type { Metrics } from '../metrics.ts'
import { type Form, flatJsonBody, formBody, formOf } from './form.ts'
import { knowsSecret } from './secret.ts'
import type { HopAnswer } from './ussd.ts'

/** Takes one callback of the gateway, durably: it is answered with 200 when the promise resolves. A Fault `bad_request` says 400. */
export type Take = (form: Form) => Promise<void>

type Parts = {
  secrets: readonly string[]
  answerHop: (form: Form | undefined, id: string) => Promise<HopAnswer>
  takers: Record<'sms' | 'delivery' | 'opt-out' | 'sim-swap', Take>
  metrics: Metrics
}

/** Fields without which a callback makes no sense. */
const NEEDED = {
  sms: ['id', 'from', 'text'],
  delivery: ['id', 'status'],
  'opt-out': ['phoneNumber'],
  'sim-swap': ['requestId', 'status'],
} as const
const END_STATUSES = ['Success', 'Incomplete', 'Failed']

/** What the gateway calls. Without the secret none of it exists: the same 404 as for any unknown address, before a byte of the body is read. */
export function callbackRoutes({ secrets, answerHop, takers, metrics }: Parts): Router {
  const router = new Router({ prefix: '/callbacks/:secret' })
  const known = knowsSecret(secrets)
  const guard: Middleware = (ctx, next) => {
    if (!known(ctx.params.secret)) ctx.throw(404)
    ctx.state.machine = true
    return next()
  }

  router.post('/ussd', guard, leniently(formBody), async (ctx) => {
    const { body, screen } = await answerHop(formOf(ctx), ctx.state.id)
    ctx.set('at-ussd-hop-metadata', screen)
    ctx.type = 'text/plain'
    ctx.body = body
  })

  // Its `input` and `lastAppResponse` may hold a PIN: counted, and forgotten.
  router.post('/ussd/end', guard, leniently(formBody), (ctx) => {
    const { status = '' } = formOf(ctx) ?? {}
    metrics.sessionEnds.inc({ status: END_STATUSES.includes(status) ? status : 'other' })
    taken(ctx)
  })

  for (const kind of ['sms', 'delivery', 'opt-out', 'sim-swap'] as const) {
    // A look-up is answered in JSON, everything else as a form.
    router.post(`/${kind}`, guard, kind === 'sim-swap' ? flatJsonBody : formBody, async (ctx) => {
      const form = formOf(ctx)
      try {
        if (!form || NEEDED[kind].some((name) => form[name] === undefined))
          throw new Fault('bad_request', `not a form of the kind '${kind}'`)
        await takers[kind](form)
      } catch (reason) {
        metrics.callbacks.inc({
          kind,
          outcome: reason instanceof Fault && reason.code === 'bad_request' ? 'malformed' : 'failed',
        })
        throw reason
      }
      metrics.callbacks.inc({ kind, outcome: 'taken' })
      taken(ctx)
    })
  }
  return router
}

function taken(ctx: Context) {
  ctx.type = 'text/plain'
  ctx.body = 'ok'
}

/** An unreadable body is the same as none: the handler, which must answer with 200, says so to the person. */
const leniently =
  (read: Middleware): Middleware =>
  async (ctx, next) => {
    try {
      await read(ctx, async () => undefined)
    } catch {
      // The rest of the body was not read, so this connection can carry nothing more.
      ctx.set('Connection', 'close')
    }
    await next()
  }
