import { html } from 'hono/html'
import type { Context, Middleware } from 'koa'
import { bareError } from '../base/bare.ts'
import { Fault } from '../base/fault.ts'
import type { Log } from '../base/log.ts'
import type { Metrics } from '../metrics.ts'
import { type Page, showPage } from './layout.ts'
import { type Reader, readerOf } from './reader.ts'
import { routeOf } from './requests.ts'
import type { PageWords } from './words.ts'

/** A face shows its own errors: in the language that was chosen there, with its menu. */
export type ErrorFace = { prefix: string; showError(ctx: Context, draw: (reader: Reader) => Page, status: number): Promise<void> }
type Parts = { words: PageWords; log: Log; metrics: Metrics; faces?: readonly ErrorFace[] }

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
export function answerErrors({ words, log, metrics, faces = [] }: Parts): Middleware {
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
      else {
        const face = faces.find(({ prefix }) => `${ctx.path}/`.startsWith(`${prefix}/`))
        const shown = PAGES[status] ? status : status < 500 ? 400 : 500
        const draw = (reader: Reader) => errorPage(reader, shown, ctx.state.id, face?.prefix)
        const answer = PAGES[status] ? shown : status
        if (face) await face.showError(ctx, draw, answer)
        else {
          const reader = readerOf(ctx, words)
          showPage(ctx, reader, draw(reader), answer)
        }
      }
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

/** `word` names the request in the log. On a face the ways lead back into it, and its own words stand in for the common ones. */
function errorPage({ say, to, has }: Reader, status: number, word: string, prefix: string | undefined): Page {
  const name = PAGES[status]
  const own = `${prefix?.slice(1)}_${name}_text`
  const title = say(`${name}_title`)
  const body = html`<h1>${title}</h1>
<p>${say(has(own) ? own : `${name}_text`)}</p>
${status === 404 && !prefix ? html`<p>${say('not_found_forged')}</p>` : ''}
${status === 500 ? html`<p>${say('sorry_name', { word })}</p>` : ''}
<ul class="ways">
${
  prefix
    ? html`<li><a href="${prefix}">${say('error_back')}</a></li>`
    : html`<li><a href="${to('/l')}">${say('start_letter')}</a></li>
<li><a href="${to('/v')}">${say('start_verify')}</a></li>
<li><a href="${to('/')}">${say('home')}</a></li>`
}
</ul>`
  return { title, body }
}
