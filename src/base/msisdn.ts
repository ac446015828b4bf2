import { parsePhoneNumberFromString } from 'libphonenumber-js/mobile'
import { LRUCache } from 'lru-cache'

/** A Kenyan mobile number in E.164: `+2547…` or `+2541…` and eight digits more. */
export type Msisdn = string & { readonly brand: 'Msisdn' }

/** Of a call of eight hops the number is the same eight times, and reading it costs as much as a query. */
const known = new LRUCache<string, Msisdn>({ max: 10_000 })

/** Reads any common Kenyan form (`0712…`, `0110…`, `+254…`, `254…`); undefined for everything else. */
export function readMsisdn(text: string): Msisdn | undefined {
  const before = known.get(text)
  if (before !== undefined) return before
  const msisdn = parsed(text)
  if (msisdn !== undefined) known.set(text, msisdn)
  return msisdn
}

function parsed(text: string): Msisdn | undefined {
  const trimmed = text.trim()
  const number = parsePhoneNumberFromString(/^254\d{9}$/.test(trimmed) ? `+${trimmed}` : trimmed, {
    defaultCountry: 'KE',
    extract: false,
  })
  return number?.isValid() && /^\+254[17]\d{8}$/.test(number.number) ? (number.number as string as Msisdn) : undefined
}

/** The range of 100,000 numbers it is of: the first four digits after 254. */
export const prefixOf = (msisdn: string): string => msisdn.slice(0, 8)

/** For a screen that others may see: `+2547***001`. */
export function maskMsisdn(msisdn: string): string {
  return `${msisdn.slice(0, 5)}***${msisdn.slice(-3)}`
}
