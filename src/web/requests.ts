import type { Context, Middleware } from 'koa'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'

const LETTERS = 'abcdefghjkmnpqrstuvwxyz'

/** Ten letters: digits would be scrubbed from the log. */
const requestId = (clock: Clock) => {
  let id = ''
  for (const byte of clock.bytes(10)) id += LETTERS[byte % LETTERS.length]
  return id
}

/** The pattern that a request matched, never its path: that holds secrets and codes. */
export const routeOf = (ctx: Context): string => (typeof ctx._matchedRoute === 'string' ? ctx._matchedRoute : 'none')

/** Names each request (`ctx.state.id`) and writes one line about it when it was answered. */
export function logRequests(clock: Clock, log: Log): Middleware {
  return async (ctx, next) => {
    ctx.state.id = requestId(clock)
    const started = clock.ticks()
    await next()
    const ms = Math.round(clock.ticks() - started)
    log.info({ id: ctx.state.id, method: methodOf(ctx), route: routeOf(ctx), status: ctx.status, ms }, 'request')
  }
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const methodOf = (ctx: Context) => (METHODS.includes(ctx.method) ? ctx.method : 'other')
