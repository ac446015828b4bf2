import { and, eq, gte, inArray, isNotNull, lte, ne, or } from 'drizzle-orm'
import type { Job } from '../jobs/eligibility.ts'
import type { Read } from '../store/store.ts'

type Looks = Pick<Read, 'select' | 'deployments' | 'jobs'>

/** Who of these holds a place of another job on a day of this one, which they begin `from` that day on. */
export async function busyOf(
  read: Looks,
  { code, startsOn, endsOn }: Pick<Job, 'code' | 'startsOn' | 'endsOn'>,
  ids: readonly string[],
  from: string = startsOn,
): Promise<Set<string>> {
  if (ids.length === 0) return new Set()
  const { deployments: d, jobs } = read
  const first = from < startsOn ? from : startsOn
  const rows = await read
    .select({ personId: d.personId })
    .from(d)
    .innerJoin(jobs, eq(jobs.code, d.jobCode))
    .where(
      and(
        inArray(d.personId, [...ids]),
        ne(d.jobCode, code),
        isNotNull(d.held),
        gte(jobs.endsOn, first),
        or(lte(jobs.startsOn, endsOn), lte(d.reportOn, endsOn)),
      ),
    )
  return new Set(rows.map(({ personId }) => personId))
}

/** Whether somebody holds a place of another job on a day of this one. */
export async function isBusy(
  tx: Looks,
  { personId, jobCode, reportOn }: { personId: string; jobCode: string; reportOn: string },
): Promise<boolean> {
  const [job] = await tx.select().from(tx.jobs).where(eq(tx.jobs.code, jobCode))
  return job !== undefined && (await busyOf(tx, job, [personId], reportOn)).has(personId)
}
