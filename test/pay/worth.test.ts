import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Basis, worthOf } from '../../src/pay/worth.ts'

const basis: Basis = {
  marks: ['present', 'present', 'late', 'absent'],
  role: 'invigilator',
  dailyRateKes: 550,
  metres: null,
  rules: {},
}

const bands = fc.array(fc.record({ from_km: fc.integer({ min: 0, max: 400 }), kes: fc.integer({ min: 0, max: 5_000 }) }))
const takes = fc.array(
  fc.record({
    name: fc.constant('Some'),
    percent: fc.option(fc.double({ min: 0, max: 100, noNaN: true }), { nil: undefined }),
    kes: fc.option(fc.integer({ min: 0, max: 10_000 }), { nil: undefined }),
  }),
  { maxLength: 4 },
)
const anyBasis = fc.record({
  marks: fc.array(fc.constantFrom('present' as const, 'late' as const, 'absent' as const), { maxLength: 30 }),
  role: fc.constantFrom('supervisor' as const, 'invigilator' as const),
  dailyRateKes: fc.integer({ min: 0, max: 1_000_000 }),
  metres: fc.option(fc.integer({ min: 0, max: 900_000 })),
  rules: fc.record(
    {
      rates: fc.constant({ supervisor: 680 }),
      allowances: bands,
      deductions: takes,
      late_day: fc.double({ min: 0, max: 1, noNaN: true }),
    },
    { requiredKeys: [] },
  ),
}) as fc.Arbitrary<Basis>

describe('what a duty is worth', () => {
  it('counts days on time and late whole where no rule says less, absent ones not', () => {
    expect(worthOf(basis)).toEqual({ days: 3, paid: true, rateKes: 550, allowanceKes: 0, deductionKes: 0, totalKes: 1_650 })
  })

  it('takes the rate of the series before that of the job, for its role only', () => {
    const rules = { rates: { supervisor: 680 } }
    expect(worthOf({ ...basis, role: 'supervisor', rules }).totalKes).toBe(2_040)
    expect(worthOf({ ...basis, rules }).totalKes).toBe(1_650)
  })

  it('pays a part of a late day, to the nearest shilling, half upwards', () => {
    expect(worthOf({ ...basis, rules: { late_day: 0.5 } }).totalKes).toBe(1_375)
    expect(worthOf({ ...basis, dailyRateKes: 551, rules: { late_day: 0.5 } }).totalKes).toBe(1_378)
    expect(worthOf({ ...basis, dailyRateKes: 3, rules: { late_day: 0.1 } }).totalKes).toBe(6)
    expect(worthOf({ ...basis, marks: ['late'], rules: { late_day: 0 } })).toMatchObject({ days: 1, paid: false, totalKes: 0 })
  })

  it('adds the highest band that is reached, in any order of the bands', () => {
    const allowances = [
      { from_km: 50, kes: 1_500 },
      { from_km: 0, kes: 0 },
      { from_km: 20, kes: 700 },
    ]
    const of = (metres: number | null) => worthOf({ ...basis, metres, rules: { allowances } }).allowanceKes
    expect([of(null), of(0), of(19_999), of(20_000), of(49_999), of(50_000), of(400_000)]).toEqual([
      0, 0, 0, 700, 700, 1_500, 1_500,
    ])
    expect(worthOf({ ...basis, marks: ['absent'], metres: 60_000, rules: { allowances } }).totalKes).toBe(0)
  })

  it('takes off per cent of the days, rounded down, and shillings; never more than there is', () => {
    const some = {
      deductions: [
        { name: 'Tax', percent: 3.33 },
        { name: 'Badge', kes: 100 },
      ],
    }
    expect(worthOf({ ...basis, rules: some })).toMatchObject({ deductionKes: 154, totalKes: 1_496 })
    const all = { deductions: [{ name: 'Loan', kes: 9_000 }] }
    expect(worthOf({ ...basis, rules: all })).toMatchObject({ deductionKes: 1_650, totalKes: 0 })
  })

  it('is whole, never negative, adds up, and never falls with one more day', () => {
    fc.assert(
      fc.property(anyBasis, (each) => {
        const worth = worthOf(each)
        for (const n of [worth.days, worth.rateKes, worth.allowanceKes, worth.deductionKes, worth.totalKes]) {
          expect(Number.isSafeInteger(n)).toBe(true)
          expect(n).toBeGreaterThanOrEqual(0)
        }
        const late = each.marks.filter((mark) => mark === 'late').length
        const exact = (worth.days - late + late * (each.rules.late_day ?? 1)) * worth.rateKes
        // Thousandths of a day at most from the exact sum, and half a shilling.
        const daily = worth.totalKes - worth.allowanceKes + worth.deductionKes
        expect(Math.abs(daily - exact)).toBeLessThanOrEqual((late * worth.rateKes) / 2_000 + 0.5 + 1e-6)
        const without = worthOf({ ...each, rules: { ...each.rules, deductions: [] } })
        const longer = worthOf({ ...each, marks: [...each.marks, 'present'], rules: { ...each.rules, deductions: [] } })
        expect(longer.totalKes).toBeGreaterThanOrEqual(without.totalKes)
      }),
    )
  })
})
