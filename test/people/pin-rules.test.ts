import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pinFault } from '../../src/people/pin-rules.ts'
import { size, tried } from '../bar/row.ts'
import { ACHIENG, ACHIENG_ID, openTown } from './kit.ts'

test('about a tenth of all PINs is weak: enough to keep the first guesses out, few enough to be bearable', (context) => {
  let weak = 0
  for (let n = 0; n < 1_000_000; n++) if (pinFault(String(n).padStart(6, '0'), [])) weak++
  tried(context, `all 1,000,000 PINs, ${(weak / 10_000).toFixed(1)} % refused`)
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

test('whoever chooses one is held to all of this: no four digits of their number or ID at any place, and nothing weak', async () => {
  const town = await openTown()
  await town.ask(ACHIENG, 'people.register', { national_id: ACHIENG_ID })
  const known = [ACHIENG.slice(1), ACHIENG_ID]
  const windows = known.flatMap((digits) =>
    Array.from({ length: digits.length - 3 }, (_, place) => digits.slice(place, place + 4)),
  )
  // Digits around them that make nothing weak of them where that is possible.
  const pins = [...new Set(windows)].flatMap((four) => [`${four}38`, `3${four}8`, `83${four}`, `${four}57`, `7${four}5`])
  const answers = new Map<string, string | undefined>()
  for (const pin of [...pins, '123456', '160488', '777777'].filter((_, n) => n % size({ quick: 3, full: 1 }) === 0))
    answers.set(pin, (await town.ask(ACHIENG, 'pin.choose', { pin, again: pin })).refused)
  expect([...answers].filter(([, refused]) => refused !== 'weak' && refused !== 'personal')).toEqual([])
  for (const digits of known)
    expect([...answers].some(([pin, refused]) => refused === 'personal' && pinFault(pin, [digits]) === 'personal')).toBe(true)
  expect((await town.account(ACHIENG)).pinHash).toBeNull()
  expect((await town.ask(ACHIENG, 'pin.choose', { pin: '482917', again: '482917' })).refused).toBeUndefined()
})
