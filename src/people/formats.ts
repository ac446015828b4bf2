import { readMsisdn } from '../base/msisdn.ts'

/** Reads one input: its regular form, or undefined where it does not fit. `secret` ones are forgotten after their step. */
export type Format = { read(text: string): string | undefined; secret?: true }

const digitsOnly = (text: string) => text.replace(/[\s.-]/g, '')
const matching = (pattern: RegExp, regular: (text: string) => string = digitsOnly): Format => ({
  read(text) {
    const value = regular(text)
    return pattern.test(value) ? value : undefined
  },
})
const upper = (text: string) => text.toUpperCase().replace(/[\s./-]/g, '')

/** 7 or 8 digits; Maisha Namba 14. */
export const nationalId = matching(/^(\d{7,8}|\d{14})$/)
/** Letters and digits of a job's code, as typed in any way. */
export const jobCode: Format = matching(/^[A-Z0-9]{3,20}$/, (text) => text.toUpperCase().replace(/[^A-Z0-9]/g, ''))
export const msisdn: Format = { read: (text) => readMsisdn(text) }
/** Free text on one line, up to 40 characters; never `*`, which parts the inputs of a transcript. */
export const line: Format = {
  read(text) {
    const value = text.replace(/\s+/g, ' ').trim()
    return value.length >= 1 && value.length <= 40 && !/[*#\p{C}]/u.test(value) ? value : undefined
  },
}

/** What `ask: { format: … }` in menus/ and `take: { format: … }` in keywords.yaml may name. */
export const formats = {
  national_id: nationalId,
  pin: { ...matching(/^\d{6}$/, (text) => text), secret: true },
  /** The PIN, or the one-time password of eight digits from an SMS. */
  pin_or_password: { ...matching(/^(\d{6}|\d{8})$/, (text) => text), secret: true },
  letter_code: matching(/^[0-9A-Z]{16}$/, upper),
  /** Of a station: county 2, sub-county 3, school 3 digits. */
  centre_code: matching(/^\d{8}$/),
  /** Shown at a station for one day. */
  day_code: matching(/^\d{5}$/),
  job_code: jobCode,
  language: {
    read(text) {
      if (/^(en|eng|english|kiingereza)$/i.test(text.trim())) return 'en'
      return /^(sw|swa|swahili|kiswahili)$/i.test(text.trim()) ? 'sw' : undefined
    },
  },
  /** An answer to a field of the profile; the field itself says what fits. */
  profile_value: matching(/^[^*#\p{C}]{1,60}$/u, (text) => text.replace(/\s+/g, ' ').trim()),
  /** Why somebody declines: one line, as long as an SMS leaves room for. */
  reason: matching(/^[^*#\p{C}]{1,120}$/u, (text) => text.replace(/\s+/g, ' ').trim()),
  line,
} satisfies Record<string, Format>
