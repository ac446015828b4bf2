import { z } from 'zod'
import { addDays, isDay } from '../base/dates.ts'
import type { Job } from '../jobs/eligibility.ts'
import type { SeriesRules } from '../jobs/rules.ts'
import { jobCode, nationalId } from '../people/formats.ts'

const day = z.string().trim().refine(isDay, 'expected a date, e.g. 2026-11-05')
const readBy = (format: { read(text: string): string | undefined }, words: string) =>
  z.string().transform((text, context) => {
    const value = format.read(text)
    if (value !== undefined) return value
    context.addIssue({ code: 'custom', message: words })
    return z.NEVER
  })

/** One row of deployments.csv. An empty `report_at` takes the hour of the exam's rules. */
export const deploymentRow = z.strictObject({
  job_code: readBy(jobCode, 'expected a job code, e.g. KCSE26INV'),
  national_id: readBy(nationalId, 'expected 7 or 8 digits (or the 14 of a Maisha Namba), e.g. 12345678'),
  centre_code: z
    .string()
    .trim()
    .regex(/^\d{8}$/, 'expected 8 digits, e.g. 20401001'),
  report_on: day,
  report_at: z
    .string()
    .trim()
    .regex(/^(([01]\d|2[0-3]):[0-5]\d)?$/, 'expected a time, e.g. 07:00, or nothing')
    .default(''),
})

export type DeploymentRow = z.infer<typeof deploymentRow>
/**
 * One fault of one row, for the person who has the file: never what stood in it. `message` says it in English, `code` and `values`
 * name it for pages that say it in the reader's language.
 */
export type BadRow = { row: number; column: string; message: string; code: BadCode; values?: Record<string, string | number> }
/** `form_…`: a cell that cannot be read; the others: what is known stands against it. */
export type BadCode = (typeof BAD_CODES)[number]
export const BAD_CODES = [
  'form_job_code',
  'form_national_id',
  'form_centre_code',
  'form_report_on',
  'form_report_at',
  'column',
  'uneven',
  'no_job',
  'nobody',
  'suspended',
  'no_station',
  'day',
  'own_school',
  'served',
  'declared',
  'twin',
  'full',
  'outside',
  'elsewhere',
] as const

/** What is known of those whom a row names; undefined where nobody knows them. */
export type Look = {
  job: Job | undefined
  rules: SeriesRules
  person: { id: string; status: 'vetted' | 'suspended'; workstation: string | undefined } | undefined
  stationKnown: boolean
  /** Where this person served before, with the year. */
  served: readonly { centreCode: string; year: number }[]
  /** Stations where this person declared a relation or an interest. */
  declared: readonly string[]
}

/** What stands against a row, by column. Pure. */
export function checkDeployment(
  row: DeploymentRow,
  { job, rules, person, stationKnown, served, declared }: Look,
): Omit<BadRow, 'row'>[] {
  const bad: Omit<BadRow, 'row'>[] = []
  const say = (column: string, code: BadCode, message: string, values?: Record<string, string | number>) =>
    bad.push({ column, message, code, ...(values ? { values } : {}) })
  if (!job) say('job_code', 'no_job', 'there is no such job')
  if (!person) say('national_id', 'nobody', 'nobody on the roll has this number')
  else if (person.status === 'suspended') say('national_id', 'suspended', 'this person is suspended')
  if (!stationKnown) say('centre_code', 'no_station', 'there is no such station')
  if (job) {
    const first = addDays(job.startsOn, -(rules.rehearsal_days_before ?? 0))
    if (row.report_on < first || row.report_on > job.endsOn)
      say('report_on', 'day', `outside the job's dates (${first} to ${job.endsOn})`, { first, last: job.endsOn })
  }
  if (!job || !person || !stationKnown) return bad
  if (rules.not_own_school && person.workstation === row.centre_code)
    say('centre_code', 'own_school', "this is the person's own workstation")
  const year = yearOf(job.startsOn)
  const before = served.find(
    ({ centreCode, year: then }) =>
      centreCode === row.centre_code && then < year && year - then <= (rules.years_since_served ?? 0),
  )
  if (declared.includes(row.centre_code)) say('centre_code', 'declared', 'this person declared an interest here')
  if (before) say('centre_code', 'served', `this person served here in ${before.year}`, { year: before.year })
  return bad
}

export const yearOf = (onDay: string): number => Number(onDay.slice(0, 4))
