import { Router } from '@koa/router'
import type { Context } from 'koa'
import type { Clock } from '../../base/clock.ts'
import type { openMessaging, SendAnswer } from './messaging.ts'
import type { LookUp } from './sim-swap.ts'
import type { Traffic } from './traffic.ts'

type Options = { clock: Clock; traffic: Traffic; send: ReturnType<typeof openMessaging>; lookUp: LookUp }

/** The side that the application's SDK talks to. */
export function gatewayRoutes({ clock, traffic, send, lookUp }: Options): Router {
  const router = new Router()
  router.post('/version1/messaging', async (ctx) => {
    const started = clock.ticks()
    const form = readForm(ctx)
    const answer = await send(form, ctx.get('apikey'))
    const { apikey: _, ...headers } = ctx.headers as Record<string, string>
    traffic.add({
      at: clock.now(),
      from: 'application',
      msisdn: form.to ?? '',
      request: { method: ctx.method, path: ctx.path, headers, body: ctx.request.rawBody ?? '' },
      answer: 'silence' in answer ? { error: answer.silence } : { status: answer.status, headers: {}, body: answer.body },
      ms: Math.round(clock.ticks() - started),
    })
    write(ctx, answer)
  })
  router.post('/v1/sim-swap', (ctx) => {
    ctx.body = lookUp(ctx.request.body, ctx.get('apikey')) ?? ctx.throw(401, 'The supplied authentication is invalid')
  })
  return router
}

function write(ctx: Context, answer: SendAnswer) {
  if (!('silence' in answer)) {
    ctx.status = answer.status
    ctx.type = answer.type
    ctx.body = answer.body
    return
  }
  ctx.respond = false
  if (answer.silence === 'reset') ctx.req.socket.resetAndDestroy()
}

function readForm(ctx: Context): Record<string, string> {
  return ctx.is('application/x-www-form-urlencoded') ? Object.fromEntries(new URLSearchParams(ctx.request.rawBody ?? '')) : {}
}
