import { readFileSync } from 'node:fs'
import { Router } from '@koa/router'
import Koa from 'koa'
import type { App } from '../app.ts'
import { bareError } from '../base/bare.ts'
import type { Metrics } from '../metrics.ts'
import type { Limit } from '../security/limit-sizes.ts'
import type { Desk } from '../ussd/hop.ts'
import { limitForms } from './address.ts'
import { callbackRoutes, type Take } from './callbacks.ts'
import { answerErrors, type ErrorFace } from './errors.ts'
import { secureHeaders } from './headers.ts'
import { healthRoutes, type Readiness } from './health.ts'
import { letterRoutes } from './letter-pages.ts'
import type { Letters } from './letters.ts'
import { logRequests } from './requests.ts'
import { openSockets, SOCKET_LIMITS, type SocketLimits } from './sockets.ts'
import { startPage } from './start-page.ts'
import { HOP_LIMITS, type HopLimits, openUssdDoor } from './ussd.ts'
import { openPageWords } from './words.ts'

export type ServerParts<F> = {
  app: App
  desk: Desk
  /** Inbound SMS, delivery reports, opt-outs: each durable when it resolves. */
  inbound: Take
  report: Take
  optOut: Take
  simSwap: Take
  letters: Letters<F>
  /** One or two; whoever knows one may call as the gateway. */
  callbackSecrets: readonly string[]
  ready: () => Promise<Readiness>
  metrics: Metrics
  /** The portal and the console. */
  faces?: readonly (ErrorFace & { router: Router })[]
  /** Further pages: the simulator. */
  extra?: readonly Router[]
  limits?: Partial<SocketLimits & HopLimits & { forms: Limit }>
}

export type Server = {
  /** Rejects when the port is taken; port 0 is any free one. `shared`: other processes listen on it too. */
  listen(host: string, port: number, shared?: boolean): Promise<{ port: number }>
  /** Readiness goes first, then answers under way are finished, then sockets closed. */
  close(): Promise<void>
}

const MENUS = new URL('../../menus', import.meta.url).pathname
// Indentation is for us, not for the wire.
const STYLE = readFileSync(new URL('./style.css', import.meta.url), 'utf8').replace(/^\s+/gm, '')

/** The HTTP side, whole; throws a Fault where `menus/pages/` needs mending. Nothing in it believes a forwarding header that no proxy of ours wrote. */
export function openServer<F>(parts: ServerParts<F>): Server {
  const { app, desk, metrics } = parts
  const { clock, log, config, phrases } = app
  const words = openPageWords(MENUS)
  let stopping = false

  const koa = new Koa()
  // Koa's own handler prints whole errors; this one sees what broke after an answer had begun.
  koa.on('error', (reason: unknown) => log.error({ failure: bareError(reason) }, 'an answer broke off'))
  koa.use(secureHeaders)
  koa.use(logRequests(clock, log))
  koa.use((ctx, next) => {
    if (stopping) ctx.set('Connection', 'close')
    return next()
  })
  koa.use(answerErrors({ words, log, metrics, faces: parts.faces ?? [] }))
  koa.use(limitForms(app, metrics, parts.limits?.forms))

  const pages = new Router()
  pages.get('/', startPage({ words, serviceCode: config.serviceCode, shortCode: config.shortCode }))
  pages.get('/style.css', (ctx) => {
    ctx.type = 'text/css'
    ctx.body = STYLE
  })
  const routers = [
    callbackRoutes({
      secrets: parts.callbackSecrets,
      answerHop: openUssdDoor({ desk, metrics, limits: { ...HOP_LIMITS, ...parts.limits } }),
      takers: { sms: parts.inbound, delivery: parts.report, 'opt-out': parts.optOut, 'sim-swap': parts.simSwap },
      metrics,
    }),
    healthRoutes({ clock, metrics, ready: parts.ready, stopping: () => stopping }),
    pages,
    letterRoutes({ letters: parts.letters, words, phrases, shortCode: config.shortCode, metrics }),
    ...(parts.faces ?? []).map(({ router }) => router),
    ...(parts.extra ?? []),
  ]
  for (const router of routers) koa.use(router.routes())

  const sockets = openSockets(koa.callback(), clock, { ...SOCKET_LIMITS, ...parts.limits })
  return {
    listen: sockets.listen,
    close() {
      stopping = true
      return sockets.close()
    },
  }
}
