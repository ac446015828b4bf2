import { readFileSync } from 'node:fs'
import { bodyParser } from '@koa/bodyparser'
import { Router } from '@koa/router'
import { z } from 'zod'
import { emulatorDesk } from '../gateway/emulator/control.ts'
import { phone } from '../gateway/emulator/phone.ts'
import { page, type TryThese } from './page.ts'

export type SimulatorParts = { emulatorUrl: string; serviceCode: string; shortCode: string; tryThese: TryThese }

// The only page of Wito that needs script: its own, from its own address, and no other.
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

const asset = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8')
const msisdn = z.string().regex(/^\+254\d{9}$/)
const orders = {
  dial: z.strictObject({ serviceCode: z.string().max(40).optional(), network: z.string().max(20).optional() }),
  reply: z.strictObject({ input: z.string().max(200) }),
  hangup: z.strictObject({}),
  sms: z.strictObject({ text: z.string().min(1).max(918) }),
}

/** The phone simulator at `/simulator`: a page, its script and style, and a few calls that it hands on to the stand-in gateway over HTTP. */
export function simulatorRouter({ emulatorUrl, ...shown }: SimulatorParts): Router {
  const router = new Router({ prefix: '/simulator' })
  const desk = emulatorDesk(emulatorUrl)
  const html = page(shown)
  const script = asset('./simulator.js')
  const style = asset('./simulator.css')

  router.use((ctx, next) => {
    ctx.set('Content-Security-Policy', POLICY)
    return next()
  })
  router.get('/', (ctx) => {
    ctx.type = 'html'
    ctx.body = html
  })
  router.get('/simulator.js', (ctx) => {
    ctx.type = 'text/javascript'
    ctx.body = script
  })
  router.get('/simulator.css', (ctx) => {
    ctx.type = 'text/css'
    ctx.body = style
  })
  router.get('/api/traffic', async (ctx) => {
    ctx.body = await desk.traffic(after(ctx))
  })
  router.get('/api/:msisdn/inbox', async (ctx) => {
    const handset = handsetOf(ctx, emulatorUrl)
    if (handset) ctx.body = await handset.inbox(after(ctx))
  })
  const json = bodyParser({ enableTypes: ['json'], jsonLimit: '4kb' })
  router.post('/api/:msisdn/:order', json, async (ctx) => {
    const handset = handsetOf(ctx, emulatorUrl)
    const name = ctx.params.order as keyof typeof orders
    if (!handset) return
    if (!Object.hasOwn(orders, name)) return refuse(ctx, 'a phone can dial, reply, hangup and sms')
    const read = orders[name].safeParse(ctx.request.body ?? {})
    if (!read.success) return refuse(ctx, read.error.issues[0]?.message ?? 'that cannot be read')
    try {
      ctx.body = await run(handset, name, read.data as Record<string, string>)
    } catch (reason) {
      // The stand-in's own word: no session is open, the phone is busy.
      refuse(ctx, reason instanceof Error ? reason.message : String(reason))
    }
  })
  return router
}

function run(handset: ReturnType<typeof phone>, order: keyof typeof orders, given: Record<string, string>): Promise<unknown> {
  switch (order) {
    case 'dial':
      return handset.dial(given)
    case 'reply':
      return handset.reply(given.input ?? '')
    case 'hangup':
      return handset.hangUp()
    case 'sms':
      return handset.sms(given.text ?? '')
  }
}

type Call = {
  params: Record<string, string>
  query: Record<string, string | string[] | undefined>
  status: number
  body: unknown
}

function handsetOf(ctx: Call, emulatorUrl: string) {
  const read = msisdn.safeParse(ctx.params.msisdn)
  if (read.success) return phone(emulatorUrl, read.data)
  refuse(ctx, 'a Kenyan number, e.g. +254700000001')
  return undefined
}

function refuse(ctx: Pick<Call, 'status' | 'body'>, why: string) {
  ctx.status = 400
  ctx.body = { why }
}

const after = (ctx: Pick<Call, 'query'>): number => Math.max(0, Number.parseInt(String(ctx.query.after ?? '0'), 10) || 0)
