import { bodyParser } from '@koa/bodyparser'
import type { Context } from 'koa'

export type Form = Readonly<Record<string, string>>

const FORM_LIMIT = '8kb'

/** Reads the body where it is a form, and only there. An over-long one is refused with 413. */
export const formBody = bodyParser({ enableTypes: ['form'], formLimit: FORM_LIMIT })

/** The fields of the form that was sent; undefined for anything that is not one: another type, bad percent-encoding, a field twice. */
export function formOf(ctx: Context): Form | undefined {
  const raw = ctx.request.rawBody
  if (raw === undefined || !encodedWell(raw)) return undefined
  const fields = [...new URLSearchParams(raw)]
  const form = Object.fromEntries(fields)
  return Object.keys(form).length === fields.length ? form : undefined
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
