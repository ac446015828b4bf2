import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { bodyParser } from '@koa/bodyparser'
import Koa, { type Context, type Next } from 'koa'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { openBackground } from './background.ts'
import { openCallbacks } from './callbacks.ts'
import { controlRoutes } from './control-routes.ts'
import { openFaultBook } from './faults.ts'
import { gatewayRoutes } from './gateway-routes.ts'
import { openInbound } from './inbound.ts'
import { openMessages, openSubscribers } from './messages.ts'
import { openMessaging } from './messaging.ts'
import { openReports } from './reports.ts'
import { openSimSwap } from './sim-swap.ts'
import { openTraffic } from './traffic.ts'
import { openUssd } from './ussd.ts'

export type EmulatorOptions = {
  host?: string
  /** 0: any free one. */
  port?: number
  /** `base` e.g. `http://127.0.0.1:3000/callbacks/SECRET`; may come later by `setCallbacks`. */
  callbacks?: { base: string }
  /** `*483*22262#` */
  serviceCode: string
  shortCode: string
  /** Any key and any name are taken when these are left out. */
  apiKey?: string
  username?: string
  clock: Clock
  log: Pick<Log, 'error'>
  /** Between two attempts at an inbound SMS. */
  redeliverMs?: number
  /** Before each delivery report. */
  reportMs?: number
  /** What a late report waits besides. */
  lateReportMs?: number
  /** How long the application may take over an answer. */
  answerMs?: number
  /** How long a USSD session lives. */
  sessionMs?: number
}

export type Emulator = {
  /** Base of both sides, without a slash at its end. */
  url: string
  setCallbacks(callbacks: { base: string }): void
  /** Stops listening, drops every connection and timer. */
  close(): Promise<void>
}

/** A local stand-in for Africa's Talking in both directions; its routes are in README.md. Rejects when the port is taken. */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const { clock, log, serviceCode, shortCode, apiKey, username, host = '127.0.0.1', port = 0 } = options
  const background = openBackground(log)
  const traffic = openTraffic()
  const faults = openFaultBook()
  const messages = openMessages()
  const subscribers = openSubscribers()
  const { reportMs = 500, lateReportMs = 90_000, redeliverMs = 60_000, answerMs = 10_000, sessionMs = 180_000 } = options
  const callbacks = openCallbacks({ base: options.callbacks?.base, answerMs, clock, background, traffic })
  const reports = openReports({ clock, background, callbacks, reportMs, lateReportMs })
  const send = openMessaging({ clock, faults, messages, subscribers, reports, apiKey, username })
  const inbound = openInbound({ clock, background, callbacks, subscribers, shortCode, redeliverMs })
  const ussd = openUssd({ clock, background, callbacks, faults, subscribers, serviceCode, sessionMs })

  const app = new Koa()
  // The default handler prints whole errors; this one names them only.
  app.on('error', (error: { name?: string; code?: string }) =>
    log.error({ name: error.name, code: error.code }, 'the emulator failed'),
  )
  app.use(sayErrorsInJson)
  app.use(bodyParser({ jsonLimit: '64kb', formLimit: '1mb' }))
  const lookUp = openSimSwap({ background, callbacks, subscribers, clock, reportMs, apiKey, username })
  app.use(gatewayRoutes({ clock, traffic, send, lookUp }).routes())
  app.use(controlRoutes({ ussd, inbound, subscribers, messages, traffic, faults, callbacks, background }).routes())

  const server = createServer(app.callback())
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    setCallbacks: ({ base }) => callbacks.setBase(base),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      await background.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function sayErrorsInJson(ctx: Context, next: Next) {
  try {
    await next()
    if (ctx.status === 404 && ctx.body === undefined && ctx.respond !== false) ctx.throw(404, 'no such route')
  } catch (error) {
    const { status = 500, expose, message } = error as { status?: number; expose?: boolean; message?: string }
    if (status >= 500 && !expose) ctx.app.emit('error', error, ctx)
    ctx.status = status
    ctx.body = { error: status < 500 || expose ? message : 'the emulator failed' }
  }
}
