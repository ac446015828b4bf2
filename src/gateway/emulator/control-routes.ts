import { Router } from '@koa/router'
import type { Context } from 'koa'
import { z } from 'zod'
import type { Background } from './background.ts'
import type { Callbacks } from './callbacks.ts'
import { type Fault, type FaultBook, isFault } from './faults.ts'
import type { Inbound } from './inbound.ts'
import { type Messages, networks, type Subscribers } from './messages.ts'
import type { Traffic } from './traffic.ts'
import type { Ussd } from './ussd.ts'

type Options = {
  ussd: Ussd
  inbound: Inbound
  subscribers: Subscribers
  messages: Messages
  traffic: Traffic
  faults: FaultBook
  callbacks: Callbacks
  background: Background
}

const codes: string[] = Object.values(networks)
const network = z
  .string()
  .transform((given) => (Object.hasOwn(networks, given) ? networks[given as keyof typeof networks] : given))
const shapes = {
  dial: z.object({
    serviceCode: z
      .string()
      .regex(/^\*[\d*]+#$/)
      .optional(),
    network: network.refine((code) => codes.includes(code), `one of ${Object.keys(networks).join(', ')}, or a code`).optional(),
    text: z.string().max(160).optional(),
  }),
  sim: z.object({ swappedOn: z.union([z.string().regex(/^\d\d-\d\d-\d{4}$/), z.literal('unknown'), z.null()]) }),
  reply: z.object({ input: z.string().max(200) }),
  sms: z.object({ to: z.string().optional(), text: z.string().max(2000) }),
  fault: z.object({
    msisdn: z.string(),
    fault: z.custom<Fault>(isFault, 'no such fault'),
    times: z.number().int().min(1).nullable().default(null),
  }),
  callbacks: z.object({ base: z.url({ protocol: /^https?$/ }) }),
}

/** The side that phones, tests and the simulator talk to: JSON in and out; 400 with `{ error }` for what makes no sense. */
export function controlRoutes({ ussd, inbound, subscribers, messages, traffic, faults, callbacks, background }: Options): Router {
  const router = new Router()

  router.post('/phones/:msisdn/dial', async (ctx) => {
    const { serviceCode, network: networkCode, text } = read(ctx, shapes.dial)
    ctx.body = await ussd.dial(phoneOf(ctx), {
      ...(serviceCode === undefined ? {} : { serviceCode }),
      ...(networkCode === undefined ? {} : { networkCode }),
      ...(text === undefined ? {} : { text }),
    })
  })
  router.post('/phones/:msisdn/reply', async (ctx) => {
    const screen = await ussd.reply(phoneOf(ctx), read(ctx, shapes.reply).input)
    if (typeof screen === 'string') ctx.throw(409, screen)
    ctx.body = screen
  })
  router.post('/phones/:msisdn/hangup', (ctx) => {
    ctx.body = { hungUp: ussd.hangUp(phoneOf(ctx)) }
  })
  router.get('/phones/:msisdn/session', (ctx) => {
    ctx.body = { session: ussd.session(phoneOf(ctx)) }
  })

  router.post('/phones/:msisdn/sms', async (ctx) => {
    const { text, to } = read(ctx, shapes.sms)
    ctx.body = (await inbound.sms(phoneOf(ctx), text, to)) ?? ctx.throw(503, 'too many messages are waiting')
  })
  router.post('/phones/:msisdn/opt-out', async (ctx) => {
    ctx.body = await inbound.optOut(phoneOf(ctx))
  })
  router.delete('/phones/:msisdn/opt-out', (ctx) => {
    inbound.optIn(phoneOf(ctx))
    ctx.body = {}
  })
  router.put('/phones/:msisdn/sim', (ctx) => {
    subscribers.of(phoneOf(ctx)).simSwappedOn = read(ctx, shapes.sim).swappedOn
    ctx.body = {}
  })
  router.get('/phones/:msisdn/inbox', async (ctx) => {
    const msisdn = phoneOf(ctx)
    const gone = new AbortController()
    ctx.res.once('close', () => gone.abort())
    const leave = AbortSignal.any([gone.signal, background.signal])
    while (ctx.query.wait && !leave.aborted && messages.inbox(msisdn, afterOf(ctx)).length === 0) await messages.next(leave)
    ctx.body = messages.inbox(msisdn, afterOf(ctx))
  })

  router.get('/messages', (ctx) => {
    ctx.body = messages.after(afterOf(ctx))
  })
  router.get('/traffic', (ctx) => {
    ctx.body = traffic.after(afterOf(ctx))
  })
  router.delete('/traffic', (ctx) => {
    traffic.clear()
    ctx.body = {}
  })
  router.get('/faults', (ctx) => {
    ctx.body = faults.list()
  })
  router.post('/faults', (ctx) => {
    const setting = read(ctx, shapes.fault)
    faults.set({ ...setting, msisdn: plus(setting.msisdn) ?? ctx.throw(400, 'msisdn: 9 to 15 digits') })
    ctx.body = faults.list()
  })
  router.delete('/faults', (ctx) => {
    faults.clear()
    ctx.body = {}
  })
  router.put('/callbacks', (ctx) => {
    callbacks.setBase(read(ctx, shapes.callbacks).base)
    ctx.body = {}
  })
  return router
}

function read<T extends z.ZodType>(ctx: Context, shape: T): z.output<T> {
  const parsed = shape.safeParse(ctx.request.body ?? {})
  return parsed.success ? parsed.data : ctx.throw(400, z.prettifyError(parsed.error))
}

const plus = (number: string) => (/^\+?\d{9,15}$/.test(number) ? `+${number.replace('+', '')}` : undefined)

const phoneOf = (ctx: Context & { params: Record<string, string> }) =>
  plus(ctx.params.msisdn ?? '') ?? ctx.throw(400, 'msisdn: 9 to 15 digits')

function afterOf(ctx: Context): number {
  const after = Number(ctx.query.after ?? 0)
  return Number.isInteger(after) ? after : ctx.throw(400, 'after: a whole number')
}
