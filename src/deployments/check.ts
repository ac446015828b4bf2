import { z } from 'zod'
import { addDays, isDay } from '../base/dates.ts'
import type { Job } from '../jobs/eligibility.ts'
import type { SeriesRules } from '../jobs/rules.ts'
import { jobCode, nationalId } from '../people/formats.ts'
import type { Bar, Barred } from './bars.ts'

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
  'too_far',
  'qualification',
  'subject',
  'level',
  'gender',
  'twin',
  'full',
  'outside',
  'elsewhere',
] as const

/** What is known of those whom a row names; undefined where nobody knows them. `bars`: what keeps this person from that station. */
export type Look = {
  job: Job | undefined
  rules: SeriesRules
  person: { id: string; status: 'vetted' | 'suspended' } | undefined
  stationKnown: boolean
  bars: readonly Barred[]
}

/** How a file's reader learns of a bar; who is busy is found out when the row is written, as another row may be why. */
const SAID: Record<Exclude<Bar, 'suspended' | 'busy'>, { column: string; message: (year?: number) => string }> = {
  qualification: { column: 'national_id', message: () => "this person's qualification is lower than the job asks for" },
  subject: { column: 'national_id', message: () => 'this person does not teach what the job asks for' },
  level: { column: 'national_id', message: () => 'people of this teaching level do not serve in this exam' },
  gender: {
    column: 'national_id',
    message: () => 'this job is for women or men alone, and this person is not known as one of them',
  },
  own_school: { column: 'centre_code', message: () => "this is the person's own workstation" },
  served: { column: 'centre_code', message: (year) => `this person served here in ${year}` },
  declared: { column: 'centre_code', message: () => 'this person declared an interest here' },
  too_far: { column: 'centre_code', message: () => "this station is further from the person's workstation than anybody is sent" },
}

/** What stands against a row, by column. Pure. */
export function checkDeployment(row: DeploymentRow, { job, rules, person, stationKnown, bars }: Look): Omit<BadRow, 'row'>[] {
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
  for (const { why, year } of bars) {
    if (why === 'suspended' || why === 'busy') continue
    const { column, message } = SAID[why]
    say(column, why, message(year), year === undefined ? undefined : { year })
  }
  return bad
}
