import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isDemonstrationNumber } from '../../src/base/demonstration.ts'
import { maskMsisdn, readMsisdn } from '../../src/base/msisdn.ts'

describe('a Kenyan mobile number', () => {
  test.each([
    ['0712345678', '+254712345678'],
    ['0110345678', '+254110345678'],
    ['+254712345678', '+254712345678'],
    ['254712345678', '+254712345678'],
    ['+254110345678', '+254110345678'],
    ['254110345678', '+254110345678'],
    ['712345678', '+254712345678'],
    ['0700000001', '+254700000001'],
    ['0799999999', '+254799999999'],
    ['0100000000', '+254100000000'],
    ['0712 345 678', '+254712345678'],
    ['0712-345-678', '+254712345678'],
    ['+254 712 345 678', '+254712345678'],
    ['+254-712-345678', '+254712345678'],
    ['254 712 345 678', '+254712345678'],
    ['(0712) 345678', '+254712345678'],
    ['  0712345678\n', '+254712345678'],
  ])('%j is read as %s', (text, msisdn) => {
    expect(readMsisdn(text)).toBe(msisdn)
  })

  test('is the same in every spelling, whichever it is', () => {
    const gap = fc.constantFrom('', ' ', '-')
    const rest = fc.integer({ min: 0, max: 999_999 }).map((n) => String(n).padStart(6, '0'))
    const head = fc.constantFrom('700', '712', '722', '745', '799', '100', '110', '115')
    fc.assert(
      fc.property(head, rest, gap, gap, fc.constantFrom('0', '254', '+254'), (three, six, one, other, prefix) => {
        const typed = `${prefix}${three}${one}${six.slice(0, 3)}${other}${six.slice(3)}`
        expect(readMsisdn(typed)).toBe(`+254${three}${six}`)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('what is none', () => {
  test.each(
    [
      '0199123456',
      '+254199123456',
      '0711123456;drop',
      '0711123456 or 1=1',
      'tel:0711123456x',
      'call 0711123456',
      '0711123456,0711123457',
      '071112345',
      '07111234567',
      '0711 123 456 7',
      '25471112345',
      '2547111234567',
      '+2540711',
      '0201234567',
      '+254201234567',
      '0800720000',
      '+255712345678',
      '+256772123456',
      '+447911123456',
      '+12025550123',
      '00447911123456',
      '999',
      '22262',
      '*483*22262#',
      '',
      ' ',
      '+',
      '-',
      'abcdefghij',
      'O712345678',
      '07I2345678',
      '0712b45678',
      '📱0712345678',
      '0712345678😀',
      '0712\u0000345678',
      '99100001',
      '0'.repeat(5_000),
      '7'.repeat(100_000),
    ].map((text) => ({ text, shown: JSON.stringify(text.slice(0, 24)) })),
  )('$shown', ({ text }) => {
    expect(readMsisdn(text)).toBeUndefined()
  })

  test('nothing but +2547 and +2541 with eight digits ever comes out', () => {
    const text = fc.oneof(
      fc.string({ unit: fc.constantFrom(...'0123456789+-() .;x#*'), maxLength: 16 }),
      fc.string({ unit: 'grapheme', maxLength: 20 }),
      fc.stringMatching(/^\+?(254|0|255|44|1)?[0-9]{7,11}$/),
    )
    fc.assert(
      fc.property(text, (given) => {
        const read = readMsisdn(given)
        if (read === undefined) return
        expect(read).toMatch(/^\+254[17]\d{8}$/)
        expect(readMsisdn(read)).toBe(read)
        // Its digits are those that were given, in their order.
        expect(given.replace(/\D/g, '').endsWith(read.slice(4))).toBe(true)
      }),
      { numRuns: 5_000 },
    )
  })
})

test('a mask shows the first and the last three digits, and no more', () => {
  expect(maskMsisdn('+254712345001')).toBe('+2547***001')
})

test('the demonstration block is 999 numbers wide', () => {
  const numbers = Array.from({ length: 1_002 }, (_, n) => `+25470000${String(n).padStart(4, '0')}`)
  expect(numbers.filter(isDemonstrationNumber)).toEqual(numbers.slice(1, 1_000))
  for (const other of ['0700000001', '+2547000000010', '+254700000001 ', '+254110000001'])
    expect(isDemonstrationNumber(other)).toBe(false)
})
