import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pinFault } from '../../src/people/pin-rules.ts'

test('about a tenth of all PINs is weak: enough to keep the first guesses out, few enough to be bearable', () => {
  let weak = 0
  for (let n = 0; n < 1_000_000; n++) if (pinFault(String(n).padStart(6, '0'), [])) weak++
  expect(weak / 1_000_000).toBeGreaterThan(0.09)
  expect(weak / 1_000_000).toBeLessThan(0.15)
})

test.each([
  ['one digit', '777777'],
  ['two digits', '313313'],
  ['upwards', '345678'],
  ['downwards', '987654'],
  ['a run within', '912347'],
  ['a pair three times', '474747'],
  ['a triple twice', '472472'],
  ['four alike', '911113'],
  ['the same backwards', '472274'],
  ['day, month, year', '160488'],
  ['month, day, year', '041688'],
  ['year, month, day', '880416'],
  ['begins with a year of birth', '198873'],
  ['ends with a year of birth', '731988'],
])('%s is weak', (_, pin) => expect(pinFault(pin, [])).toBe('weak'))

test.each([
  ['of the phone', '470039', ['+254712470039']],
  ['of the ID', '794628', ['20794631']],
])('four digits in a row %s are personal', (_, pin, known) => {
  expect(pinFault(pin, known)).toBe('personal')
  expect(pinFault(pin, [])).toBeUndefined()
})

test('wherever the four digits stand', () => {
  const digits = (length: number) => fc.stringMatching(new RegExp(`^\\d{${length}}$`))
  fc.assert(
    fc.property(digits(4), digits(2), digits(4), fc.constantFrom(0, 1, 2), (shared, rest, around, place) => {
      const pin = rest.slice(0, place) + shared + rest.slice(place)
      expect(pinFault(pin, [`${around}${shared}`])).not.toBeUndefined()
    }),
  )
})
