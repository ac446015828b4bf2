import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addDays, DAY, HOUR, isDay, MINUTE, nairobiDay, nairobiHour, shortDay, startOfDay } from '../../src/base/dates.ts'

/** From 1990 to 2090. */
const moments = fc.integer({ min: Date.UTC(1990, 0, 1), max: Date.UTC(2090, 0, 1) })
const days = moments.map(nairobiDay)

describe('a day in Nairobi', () => {
  test.each([
    ['2026-11-04T20:59:59.999Z', '2026-11-04', 23],
    ['2026-11-04T21:00:00.000Z', '2026-11-05', 0],
    ['2026-11-05T20:59:59.999Z', '2026-11-05', 23],
    ['2026-12-31T20:59:59.999Z', '2026-12-31', 23],
    ['2026-12-31T21:00:00.000Z', '2027-01-01', 0],
    ['2028-02-28T21:00:00.000Z', '2028-02-29', 0],
    ['2028-02-29T21:00:00.000Z', '2028-03-01', 0],
    ['2026-03-29T01:30:00.000Z', '2026-03-29', 4],
    ['2026-11-05T09:00:00.000Z', '2026-11-05', 12],
  ])('%s is %s, %i hours', (moment, day, hour) => {
    const at = Date.parse(moment)
    expect([nairobiDay(at), nairobiHour(at)]).toEqual([day, hour])
  })

  test('begins at midnight there, three hours before that of UTC, and has 24 hours', () => {
    expect(startOfDay('2026-11-05')).toBe(Date.parse('2026-11-04T21:00:00Z'))
    fc.assert(
      fc.property(days, (day) => {
        const start = startOfDay(day)
        expect([nairobiDay(start - 1), nairobiDay(start), nairobiDay(start + DAY - 1), nairobiDay(start + DAY)]).toEqual([
          addDays(day, -1),
          day,
          day,
          addDays(day, 1),
        ])
        expect([nairobiHour(start - 1), nairobiHour(start), nairobiHour(start + 12 * HOUR)]).toEqual([23, 0, 12])
      }),
      { numRuns: 1_000 },
    )
  })

  test('holds every moment between its start and the next', () => {
    fc.assert(
      fc.property(moments, (at) => {
        const day = nairobiDay(at)
        expect(startOfDay(day)).toBeLessThanOrEqual(at)
        expect(at).toBeLessThan(startOfDay(addDays(day, 1)))
        expect(nairobiHour(at)).toBe(Math.floor((at - startOfDay(day)) / HOUR))
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('days are added', () => {
  test.each([
    ['2026-12-31', 1, '2027-01-01'],
    ['2027-01-01', -1, '2026-12-31'],
    ['2026-12-28', 7, '2027-01-04'],
    ['2028-02-28', 1, '2028-02-29'],
    ['2027-02-28', 1, '2027-03-01'],
    ['2028-12-31', -366, '2027-12-31'],
    ['2026-06-15', 365, '2027-06-15'],
    ['2026-11-05', 0, '2026-11-05'],
    ['1999-12-31', 1, '2000-01-01'],
  ])('%s and %i is %s', (day, count, expected) => {
    expect(addDays(day, count)).toBe(expected)
  })

  test('one by one as all at once, over any year', () => {
    let day = '2026-01-01'
    for (let n = 1; n <= 3 * 365 + 1; n++) {
      const next = addDays(day, 1)
      expect(next > day).toBe(true)
      expect(addDays('2026-01-01', n)).toBe(next)
      day = next
    }
    expect(day).toBe('2029-01-01')
  })

  test('and taken away again', () => {
    fc.assert(
      fc.property(days, fc.integer({ min: -4_000, max: 4_000 }), (day, count) => {
        expect(addDays(addDays(day, count), -count)).toBe(day)
        expect(startOfDay(addDays(day, count)) - startOfDay(day)).toBe(count * DAY)
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('a day of the calendar', () => {
  test.each(['2026-11-05', '2028-02-29', '2026-12-31', '2000-02-29'])('%s is one', (text) => {
    expect(isDay(text)).toBe(true)
  })

  test.each([
    '2026-02-29',
    '2100-02-29',
    '2026-02-30',
    '2026-04-31',
    '2026-13-01',
    '2026-00-10',
    '2026-01-00',
    '2026-1-5',
    '26-11-05',
    '05/11/2026',
    '2026/11/05',
    '2026-11-05T00:00',
    ' 2026-11-05',
    '2026-11-05\n',
    '',
    'kesho',
  ])('%j is none', (text) => {
    expect(isDay(text)).toBe(false)
  })

  test('is written as people write it', () => {
    expect(['2026-11-05', '2027-01-01', '2026-12-31'].map(shortDay)).toEqual(['5/11/2026', '1/1/2027', '31/12/2026'])
  })
})

test('a day is 24 hours of 60 minutes', () => {
  expect([MINUTE, HOUR, DAY]).toEqual([60_000, 60 * MINUTE, 24 * HOUR])
})
