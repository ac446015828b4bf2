import { bodyParser } from '@koa/bodyparser'
import type { Context, Middleware } from 'koa'
import { Fault } from '../base/fault.ts'

export type Form = Readonly<Record<string, string>>

const FORM_LIMIT = '8kb'
/** Enough for a hundred ticked rows of a table. */
const FACES_LIMIT = '64kb'

/** Reads the body where it is a form, and only there. An over-long one is refused with 413. */
export const formBody = reading(FORM_LIMIT)
/** The same for the pages of the faces. */
export const facesBody = reading(FACES_LIMIT)

function reading(formLimit: string, others: 'json'[] = []): Middleware {
  // A form is read as text: its fields are parsed by formOf and sentBy, once, and not by a library for nested objects first.
  const read = bodyParser({
    enableTypes: ['text', ...others],
    extendTypes: { text: ['application/x-www-form-urlencoded'] },
    textLimit: formLimit,
    jsonLimit: formLimit,
  })
  return async (ctx, next) => {
    await read(ctx, async () => undefined).catch((reason: unknown) => {
      // What says that it is compressed and is not breaks in the unpacking: the sender's doing, without a status of its own.
      throw reason instanceof Error && 'status' in reason ? reason : new Fault('bad_request', 'a body cannot be read', reason)
    })
    await next()
  }
}

/** Reads a body of JSON that is one flat object, as if it were a form; a form is read too. */
export const flatJsonBody: Middleware = reading(FORM_LIMIT, ['json'])

/** The fields of the form that was sent; undefined for anything that is not one: another type, bad percent-encoding, a field twice. */
export function formOf(ctx: Context): Form | undefined {
  if (ctx.is('json')) return flatOf(ctx.request.body)
  const fields = fieldsOf(ctx)
  if (fields === undefined) return undefined
  const form = Object.fromEntries(fields)
  return Object.keys(form).length === fields.length ? form : undefined
}

/** Only where a route reads JSON is there anything here. */
function flatOf(body: unknown): Form | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined
  const entries = Object.entries(body).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  return Object.fromEntries(entries)
}

/** A form that a page of a face sent. */
export type Sent = {
  /** What stands in a field, trimmed; empty where it was not sent. */
  get(name: string): string
  /** Exactly as typed: for passwords. */
  raw(name: string): string
  /** Every value of a field that may be ticked more than once. */
  all(name: string): string[]
  /** What may be shown again: everything but secrets and proofs. */
  kept(): [name: string, value: string][]
}

/** Passwords, the PIN, and the codes of a change by their own names: a job and a station have a `code` too, which is nobody's secret. */
const NOT_KEPT = /^(password(_new)?|pin|code_(bank|phone_old|phone_new)|csrf|once|speak)$/

/** The form of a request; an empty one for anything that is not a form. */
export function sentBy(ctx: Context): Sent {
  return sentOf(fieldsOf(ctx) ?? [])
}

export function sentOf(fields: readonly (readonly [string, string])[]): Sent {
  const raw = (name: string) => fields.findLast(([each]) => each === name)?.[1] ?? ''
  return {
    raw,
    get: (name) => raw(name).trim(),
    all: (name) => fields.filter(([each]) => each === name).map(([, value]) => value),
    kept: () => fields.filter(([name]) => !NOT_KEPT.test(name)).map(([name, value]) => [name, value]),
  }
}

function fieldsOf(ctx: Context): [string, string][] | undefined {
  const raw = ctx.request.rawBody
  return raw === undefined || !encodedWell(raw) ? undefined : [...new URLSearchParams(raw)]
}

/** URLSearchParams takes bad escapes as they stand; a reader of forms should not guess. */
function encodedWell(raw: string): boolean {
  try {
    decodeURIComponent(raw)
    return true
  } catch {
    return false
  }
}
