import { addDays, DAY, HOUR, startOfDay } from '../base/dates.ts'
import type { SeriesRules } from '../jobs/rules.ts'

/** Until when an answer is awaited, milliseconds since 1970: never later than the end of the reporting day. Null where no rule says. */
export function deadlineOf(
  rules: SeriesRules,
  { at, offer, reportOn }: { at: number; offer: boolean; reportOn: string },
): number | null {
  const days = rules.answer_days === undefined ? undefined : rules.answer_days * DAY
  const hours = rules.reserve_hours === undefined ? days : rules.reserve_hours * HOUR
  const wait = offer ? hours : days
  return wait === undefined ? null : Math.min(at + wait, startOfDay(addDays(reportOn, 1)) - 1)
}
