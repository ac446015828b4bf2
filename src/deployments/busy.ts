import { and, eq, gte, isNotNull, ne } from 'drizzle-orm'
import type { Tx } from '../store/store.ts'

/** Whether somebody holds a place of another job on a day of this one. */
export async function isBusy(
  tx: Pick<Tx, 'select' | 'deployments' | 'jobs'>,
  { personId, jobCode, reportOn }: { personId: string; jobCode: string; reportOn: string },
): Promise<boolean> {
  const { deployments: d, jobs } = tx
  const [job] = await tx.select({ startsOn: jobs.startsOn, endsOn: jobs.endsOn }).from(jobs).where(eq(jobs.code, jobCode))
  if (!job) return false
  const first = [reportOn, job.startsOn].sort()[0] as string
  const others = await tx
    .select({ reportOn: d.reportOn, startsOn: jobs.startsOn })
    .from(d)
    .innerJoin(jobs, eq(jobs.code, d.jobCode))
    .where(and(eq(d.personId, personId), ne(d.jobCode, jobCode), isNotNull(d.held), gte(jobs.endsOn, first)))
  return others.some((other) => ([other.reportOn, other.startsOn].sort()[0] as string) <= job.endsOn)
}
