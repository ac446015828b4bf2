import { addDays, DAY, HOUR, startOfDay } from '../base/dates.ts'
import type { SeriesRules } from '../jobs/rules.ts'

/** Until when an answer is awaited, and when whoever gave none is reminded; milliseconds since 1970, null where no rule says. */
export type Patience = { answerBy: number | null; remindAt: number | null }

/**
 * The deadline is never later than the end of the reporting day. The reminder comes as long before it as the rules say, or when half of
 * the time is over, where that is later: whoever has 20 hours is not reminded 24 hours before.
 */
export function patienceOf(
  rules: SeriesRules,
  { at, offer, reportOn }: { at: number; offer: boolean; reportOn: string },
): Patience {
  const days = rules.answer_days === undefined ? undefined : rules.answer_days * DAY
  const hours = rules.reserve_hours === undefined ? days : rules.reserve_hours * HOUR
  const wait = offer ? hours : days
  if (wait === undefined) return { answerBy: null, remindAt: null }
  const answerBy = Math.min(at + wait, startOfDay(addDays(reportOn, 1)) - 1)
  const remind = (rules.remind_hours ?? 0) * HOUR
  return { answerBy, remindAt: remind === 0 ? null : Math.round(Math.max(answerBy - remind, (at + answerBy) / 2)) }
}
