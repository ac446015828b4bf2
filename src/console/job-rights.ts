import { isNull, or, type SQL } from 'drizzle-orm'
import type { Job } from '../jobs/eligibility.ts'
import { covers, inCountiesOf, may, type Officer } from '../officers/officer.ts'
import type { Read } from '../store/store.ts'

/** A job for everybody is seen by every officer, a county's own by that county's. */
export const sees = (officer: Officer, job: Pick<Job, 'county'>): boolean => job.county === null || covers(officer, job.county)

/** The same as {@link sees} for a query; undefined for the whole nation. */
export function seenBy(officer: Officer, { jobs }: Pick<Read, 'jobs'>): SQL | undefined {
  const mine = inCountiesOf(officer, jobs.county)
  return mine && or(isNull(jobs.county), mine)
}

/** A county's officers change their own; one for everybody is the nation's. */
export const changes = (officer: Officer, job: Pick<Job, 'county'>): boolean =>
  may(officer, 'jobs') && covers(officer, job.county)
