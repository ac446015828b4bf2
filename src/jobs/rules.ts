import { eq } from 'drizzle-orm'
import { z } from 'zod'
import type { Tx } from '../store/store.ts'

/** The rules of one exam series: data beside its jobs (`wito import rules FILE`), never code. Each may be left out: then it does not hold. */
export const seriesRules = z.strictObject({
  /** Teaching levels that may serve: primary, junior, secondary, college. */
  levels: z
    .array(z.enum(['primary', 'junior', 'secondary', 'college']))
    .min(1)
    .optional(),
  /** Roles for which the lowest qualification is higher than the job says. */
  min_qualification: z
    .partialRecord(
      z.enum(['supervisor', 'invigilator', 'examiner', 'practical_examiner', 'security', 'driver']),
      z.enum(['certificate', 'diploma', 'degree', 'postgraduate']),
    )
    .optional(),
  /** Roles whose job's subjects must be among the person's. Default: all that name subjects. */
  subject_roles: z.array(z.string()).optional(),
  /** Not at a centre where one served within so many years. */
  years_since_served: z.int().min(0).max(20).optional(),
  /** Not at the person's own school. */
  not_own_school: z.boolean().optional(),
  /** Days before the first day on which people meet for the rehearsal. */
  rehearsal_days_before: z.int().min(0).max(30).optional(),
  /** When to report, `HH:MM`. */
  report_at: z
    .string()
    .regex(/^\d{2}:\d{2}$/)
    .optional(),
})

export type SeriesRules = z.infer<typeof seriesRules>

/** What holds for a series that nobody wrote rules for: the council's usual ones. */
export const usualRules: SeriesRules = {
  years_since_served: 3,
  not_own_school: true,
  rehearsal_days_before: 3,
  report_at: '07:00',
}

export async function rulesOf(tx: Pick<Tx, 'select' | 'series'>, exam: string): Promise<SeriesRules> {
  const [row] = await tx.select().from(tx.series).where(eq(tx.series.exam, exam))
  return row ? seriesRules.parse(row.rules) : usualRules
}
