import { addDays } from '../base/dates.ts'
import type { SeriesRules } from '../jobs/rules.ts'
import type { Tx } from '../store/store.ts'

type Duty = {
  deployment: Pick<Tx['deployments']['$inferSelect'], 'reportOn'>
  job: Pick<Tx['jobs']['$inferSelect'], 'startsOn' | 'endsOn'>
  rules: Pick<SeriesRules, 'rehearsal_days_before'>
}

/** The day on which people meet before the exam, `YYYY-MM-DD`; undefined where the rules have none, or the person came later. */
export function rehearsalOf({ deployment, job, rules }: Duty): string | undefined {
  if (!rules.rehearsal_days_before || deployment.reportOn > job.startsOn) return undefined
  return addDays(job.startsOn, -rules.rehearsal_days_before)
}

/** Whether somebody is on duty on a day: at the rehearsal, and from the reporting day to the last day of the job. */
export const isOnDuty = (duty: Duty, day: string): boolean =>
  day === rehearsalOf(duty) || (day >= duty.deployment.reportOn && day <= duty.job.endsOn)

/** All days of a duty, in order, up to `until`. */
export function dutyDays(duty: Duty, until: string): string[] {
  const days: string[] = []
  const rehearsal = rehearsalOf(duty)
  if (rehearsal !== undefined && rehearsal <= until && rehearsal < duty.deployment.reportOn) days.push(rehearsal)
  const last = duty.job.endsOn < until ? duty.job.endsOn : until
  for (let day = duty.deployment.reportOn; day <= last; day = addDays(day, 1)) days.push(day)
  return days
}
