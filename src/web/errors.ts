import { html } from 'hono/html'
import type { Context, Middleware } from 'koa'
import { bareError } from '../base/bare.ts'
import { Fault } from '../base/fault.ts'
import type { Log } from '../base/log.ts'
import type { Metrics } from '../metrics.ts'
import { showPage } from './layout.ts'
import { type Reader, readerOf } from './reader.ts'
import { routeOf } from './requests.ts'
import type { PageWords } from './words.ts'

type Parts = { words: PageWords; log: Log; metrics: Metrics }

/** The page of each status that this service gives up with; any other client error is 400's, any other failure 500's. */
const PAGES: Record<number, string> = {
  400: 'bad_request',
  403: 'forbidden',
  404: 'not_found',
  413: 'too_large',
  429: 'too_many',
  500: 'sorry',
  503: 'busy',
}

/**
 * Decides what the outside sees of anything thrown, and of an address that leads nowhere.
 * Machines (`ctx.state.machine`) get a word; people a page. Every 404 is the same, so that nobody learns which part was wrong.
 */
export function answerErrors({ words, log, metrics }: Parts): Middleware {
  return async (ctx, next) => {
    try {
      await next()
      if (ctx.status === 404 && ctx.body === undefined) ctx.throw(404)
    } catch (reason) {
      const status = statusOf(reason)
      if (status >= 500) {
        metrics.failures.inc({ kind: reason instanceof Fault ? reason.code : 'mistake' })
        log.error({ id: ctx.state.id, route: routeOf(ctx), failure: bareError(reason) }, 'a request failed')
      }
      if (status === 413) ctx.set('Connection', 'close')
      if (status === 503 || status === 429) ctx.set('Retry-After', '30')
      if (ctx.state.machine && status !== 404) sayToMachine(ctx, status, reason)
      else showErrorPage(ctx, readerOf(ctx, words), status)
    }
  }
}

function statusOf(reason: unknown): number {
  const status = reason instanceof Error && 'status' in reason ? Number(reason.status) : 500
  // Only what was said to be the caller's doing is told to the caller.
  return status === 503 || (status >= 400 && status < 500) ? status : 500
}

function sayToMachine(ctx: Context, status: number, reason: unknown) {
  ctx.status = status
  ctx.type = 'text/plain'
  ctx.body = reason instanceof Fault ? reason.code : (PAGES[status] ?? 'refused')
}

function showErrorPage(ctx: Context, reader: Reader, given: number) {
  const status = PAGES[given] ? given : given < 500 ? 400 : 500
  const { say, to } = reader
  const name = PAGES[status]
  const title = say(`${name}_title`)
  const body = html`<h1>${title}</h1>
<p>${say(`${name}_text`)}</p>
${status === 404 ? html`<p>${say('not_found_forged')}</p>` : ''}
${status === 500 ? html`<p>${say('sorry_name', { word: ctx.state.id })}</p>` : ''}
<ul class="ways">
<li><a href="${to('/l')}">${say('start_letter')}</a></li>
<li><a href="${to('/v')}">${say('start_verify')}</a></li>
<li><a href="${to('/')}">${say('home')}</a></li>
</ul>`
  showPage(ctx, reader, { title, body }, PAGES[given] ? status : given)
}
