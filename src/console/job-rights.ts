import type { Job } from '../jobs/eligibility.ts'
import { covers, may, type Officer } from '../officers/officer.ts'

/** A job for everybody is seen by every officer, a county's own by that county's. */
export const sees = (officer: Officer, job: Pick<Job, 'county'>): boolean => job.county === null || covers(officer, job.county)

/** A county's officers change their own; one for everybody is the nation's. */
export const changes = (officer: Officer, job: Pick<Job, 'county'>): boolean =>
  may(officer, 'jobs') && covers(officer, job.county)
