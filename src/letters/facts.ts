import { z } from 'zod'
import { isDay } from '../base/dates.ts'

/** Letters in one duty and in one term, at most: what a page can hold of them. */
export const MOST_DUTY = 160
export const MOST_TERM = 220

const words = (most: number) => z.string().min(1).max(most)
const day = z.string().refine(isDay, 'expected YYYY-MM-DD')

/**
 * What one letter says, frozen when it is issued and never read from the roll again. Plain JSON. Days are `YYYY-MM-DD` in
 * Africa/Nairobi, money is whole shillings, `duties` and `terms` are in `language` already. The lengths are what one page can hold.
 */
export const letterFacts = z.strictObject({
  /** `KCSE/INV/2026/0001234` */
  reference: words(60),
  /** 1 for the first letter of a deployment; a later one replaces those before it. */
  version: z.int().min(1),
  issuedOn: day,
  language: z.enum(['en', 'sw']),
  person: z.strictObject({
    name: words(120),
    /** `****5678`, see `maskId`: the whole number is never frozen. */
    idMasked: z.string().regex(/^\*+\d{0,4}$/, 'expected a masked number'),
    tscNumber: words(20).optional(),
    mobile: words(20),
    town: words(120).optional(),
  }),
  /** Whose office it goes through: `Sub-County Director of Education, Kisumu East`. */
  through: words(180),
  job: z.strictObject({
    code: words(20),
    title: words(60),
    titleSw: words(60),
    role: z.enum(['supervisor', 'invigilator', 'examiner', 'practical_examiner', 'security', 'driver']),
    /** Without its year: `KCSE`. */
    exam: words(20),
    examYear: z.int().min(2000).max(2999),
    dailyRateKes: z.int().min(0),
  }),
  station: z.strictObject({ centreCode: words(20), name: words(120), county: words(120), subCounty: words(120) }),
  rehearsalOn: day.optional(),
  reportOn: day,
  /** `07:00` */
  reportAt: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a time, e.g. 07:00'),
  startsOn: day,
  endsOn: day,
  duties: z.array(words(MOST_DUTY)).min(1).max(10),
  terms: z.array(words(MOST_TERM)).min(1).max(8),
  /** As people read it: `7K4M-2QXD-9FTR-0VHB`. */
  verifyCode: words(30),
  verifyUrl: z.url({ protocol: /^https?$/ }).max(120),
})
export type LetterFacts = z.infer<typeof letterFacts>

/** A national ID of which only the last four digits show: `****5678`. All are hidden where there are no more than four. */
export function maskId(nationalId: string): string {
  return `****${nationalId.length > 4 ? nationalId.slice(-4) : ''}`
}
