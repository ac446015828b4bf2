import { rehearsalOf } from '../deployments/days.ts'
import type { SeriesRules } from '../jobs/rules.ts'
import type { Mark, Role } from '../store/schema.ts'

/** What a duty is paid by. Shillings are whole; `metres` is from the workstation, null where nobody measured it. */
export type Basis = {
  marks: readonly Mark[]
  role: Role
  dailyRateKes: number
  metres: number | null
  rules: Pick<SeriesRules, 'rates' | 'allowances' | 'deductions' | 'late_day'>
}

/** `days` somebody came, on time or late. `totalKes` is always pay for the days + `allowanceKes` - `deductionKes`, and never below 0. */
export type Worth = {
  days: number
  /** Whether a day, or a part of one, is paid at all. */
  paid: boolean
  rateKes: number
  allowanceKes: number
  deductionKes: number
  totalKes: number
}

/** The marks that are paid by: all of a duty's, but for the rehearsal where the rules say so. */
export function paidMarks(
  marks: readonly { day: string; mark: Mark }[],
  duty: Omit<Parameters<typeof rehearsalOf>[0], 'rules'>,
  rules: Pick<SeriesRules, 'rehearsal_days_before' | 'pay_rehearsal'>,
): Mark[] {
  const unpaid = rules.pay_rehearsal === false ? rehearsalOf({ ...duty, rules }) : undefined
  return marks.filter(({ day }) => day !== unpaid).map(({ mark }) => mark)
}

/** Parts of a day and of a per cent are counted in whole thousandths, so that no sum hangs on how a computer keeps 0.1. */
const FINE = 1_000

/**
 * What a duty is worth, in whole shillings. The days times the rate are rounded to the nearest shilling, half a shilling upwards; each
 * deduction in per cent is of that sum and rounded down; allowances and deductions in shillings are whole by the rules. All deductions
 * together take no more than there is.
 */
export function worthOf({ marks, role, dailyRateKes, metres, rules }: Basis): Worth {
  const present = marks.filter((mark) => mark === 'present').length
  const late = marks.filter((mark) => mark === 'late').length
  const rateKes = rules.rates?.[role] ?? dailyRateKes
  const parts = present * FINE + late * Math.round((rules.late_day ?? 1) * FINE)
  const dailyKes = Math.floor((parts * rateKes + FINE / 2) / FINE)
  // A band is for who worked: nobody is paid for a journey that was not made.
  const allowanceKes = parts > 0 ? bandOf(rules.allowances, metres) : 0
  const wanted = (rules.deductions ?? []).reduce((sum, { percent, kes }) => sum + shareOf(dailyKes, percent) + (kes ?? 0), 0)
  const deductionKes = Math.min(wanted, dailyKes + allowanceKes)
  return {
    days: present + late,
    paid: parts > 0,
    rateKes,
    allowanceKes,
    deductionKes,
    totalKes: dailyKes + allowanceKes - deductionKes,
  }
}

const shareOf = (kes: number, percent = 0): number => Math.floor((kes * Math.round(percent * FINE)) / (100 * FINE))

/** The allowance of the highest band whose first kilometre is reached. */
function bandOf(bands: SeriesRules['allowances'], metres: number | null): number {
  if (metres === null) return 0
  const reached = (bands ?? []).filter(({ from_km }) => metres >= Math.round(from_km * 1_000))
  return reached.reduce((best, band) => (band.from_km >= best.from_km ? band : best), { from_km: -1, kes: 0 }).kes
}
