import { inArray } from 'drizzle-orm'
import { z } from 'zod'
import { isDay } from '../base/dates.ts'
import { jobCode } from '../people/formats.ts'
import type { Tx } from '../store/store.ts'

const day = z.string().refine(isDay, 'expected a date, e.g. 2026-11-05')
const empty = <T extends z.ZodType>(schema: T) => z.preprocess((value) => (value === '' ? undefined : value), schema.optional())
const title = z.string().trim().min(1, 'must not be empty').max(60, 'is too long: 60 letters at most, and a screen shows 32')

/** One row of jobs.csv. Days are in Africa/Nairobi; empty `subjects`, `county` and `places` mean any. */
export const jobRow = z
  .strictObject({
    code: z
      .string()
      .trim()
      .regex(/^[A-Z0-9][A-Z0-9-]{2,19}$/, 'expected 3 to 20 capitals, digits or hyphens, e.g. KCSE26INV'),
    title,
    title_sw: title,
    exam: z
      .string()
      .trim()
      .regex(/^[A-Z]{2,10}\d{4}$/, 'expected letters and a year, e.g. KCSE2026'),
    role: z.enum(
      ['supervisor', 'invigilator', 'examiner', 'practical_examiner', 'security', 'driver'],
      'expected supervisor, invigilator, examiner, practical_examiner, security or driver',
    ),
    opens_on: day,
    closes_on: day,
    starts_on: day,
    ends_on: day,
    min_qualification: empty(
      z.enum(['certificate', 'diploma', 'degree', 'postgraduate'], 'expected certificate, diploma, degree or postgraduate'),
    ),
    subjects: z.string().transform((value) =>
      value
        .split(';')
        .map((subject) => subject.trim().toLowerCase())
        .filter(Boolean),
    ),
    county: empty(z.string().trim()),
    places: empty(z.coerce.number('expected a whole number').int('expected a whole number').min(1).max(1_000_000)),
    daily_rate_kes: z.coerce.number('expected shillings, e.g. 550').int('expected whole shillings').min(0).max(100_000),
  })
  .refine((row) => row.opens_on <= row.closes_on, { path: ['closes_on'], message: 'must not be before opens_on' })
  .refine((row) => row.starts_on <= row.ends_on, { path: ['ends_on'], message: 'must not be before starts_on' })
export type JobRow = z.infer<typeof jobRow>

/** A code as people may type it: capitals, letters and digits only. */
export const codeKeyOf = (code: string): string => jobCode.read(code) ?? code

/** A row of the file as the table holds it. */
export const valuesOf = (row: JobRow) => ({
  code: row.code,
  codeKey: codeKeyOf(row.code),
  title: row.title,
  titleSw: row.title_sw,
  exam: row.exam,
  role: row.role,
  opensOn: row.opens_on,
  closesOn: row.closes_on,
  startsOn: row.starts_on,
  endsOn: row.ends_on,
  minQualification: row.min_qualification ?? null,
  subjects: row.subjects,
  county: row.county ?? null,
  places: row.places ?? null,
  dailyRateKes: row.daily_rate_kes,
})

/**
 * Writes jobs by their code; the same file twice changes nothing. A job whose closing day was moved on is open again; one that an officer
 * keeps as a draft takes the file's words and stays a draft.
 */
export async function applyJobs(
  tx: Tx,
  at: number,
  rows: readonly JobRow[],
): Promise<{ added: number; changed: number; same: number }> {
  const result = { added: 0, changed: 0, same: 0 }
  const { jobs } = tx
  const held = new Map(
    (
      await tx
        .select()
        .from(jobs)
        .where(
          inArray(
            jobs.code,
            rows.map((row) => row.code),
          ),
        )
    ).map((job) => [job.code, job]),
  )
  for (const row of rows) {
    const before = held.get(row.code)
    const values = valuesOf(row)
    if (
      before &&
      Object.entries(values).every(
        ([name, value]) => JSON.stringify(before[name as keyof typeof before]) === JSON.stringify(value),
      )
    ) {
      result.same++
      continue
    }
    const reopened = before && before.closesOn < row.closes_on ? { closedAt: null } : {}
    await tx
      .insert(jobs)
      .values({ ...values, taken: 0, closedAt: null, changedAt: at })
      .onConflictDoUpdate({ target: jobs.code, set: { ...values, ...reopened, changedAt: at } })
    result[before ? 'changed' : 'added']++
  }
  return result
}
