import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { septets } from '../../src/text/gsm7.ts'
import { segments } from '../../src/text/segments.ts'

type Split = { characterSet: 'GSM' | 'Unicode'; bytes: number; parts: { bytes: number }[] }
const { split } = createRequire(import.meta.url)('split-sms') as { split(text: string, options: { summary: true }): Split }

/** The same three facts as others count them. Its bytes are septets, or octets of UCS-2. */
function asOthersCount(text: string) {
  const { characterSet, bytes, parts } = split(text, { summary: true })
  return characterSet === 'GSM'
    ? { encoding: 'GSM-7', units: bytes, count: parts.length }
    : { encoding: 'UCS-2', units: bytes / 2, count: parts.length }
}

const EURO = '€'
const FACE = '😀'

describe('segments', () => {
  test.each([
    ['nothing', '', 'GSM-7', 0, 1],
    ['one septet', 'a', 'GSM-7', 1, 1],
    ['a full one', 'a'.repeat(160), 'GSM-7', 160, 1],
    ['one more', 'a'.repeat(161), 'GSM-7', 161, 2],
    ['pairs that fill one', EURO.repeat(80), 'GSM-7', 160, 1],
    ['two full parts', 'a'.repeat(306), 'GSM-7', 306, 2],
    ['a third', 'a'.repeat(307), 'GSM-7', 307, 3],
    ['a pair that would straddle', `${'a'.repeat(152)}${EURO}${'a'.repeat(151)}`, 'GSM-7', 305, 2],
    ['and pushes the rest on', `${'a'.repeat(152)}${EURO}${'a'.repeat(152)}`, 'GSM-7', 306, 3],
    ['one stranger', 'ç', 'UCS-2', 1, 1],
    ['a full one of UCS-2', 'ç'.repeat(70), 'UCS-2', 70, 1],
    ['one more of UCS-2', 'ç'.repeat(71), 'UCS-2', 71, 2],
    ['surrogate pairs that fill one', FACE.repeat(35), 'UCS-2', 70, 1],
    ['a surrogate pair that would straddle', `${'ç'.repeat(66)}${FACE}${'ç'.repeat(65)}`, 'UCS-2', 133, 2],
    ['and pushes the rest of it on', `${'ç'.repeat(66)}${FACE}${'ç'.repeat(66)}`, 'UCS-2', 134, 3],
  ])('%s', (_, text, encoding, units, count) => {
    expect(segments(text)).toEqual({ encoding, units, count })
    expect(asOthersCount(text)).toEqual({ encoding, units, count })
  })
})

describe('counts as split-sms does', () => {
  test('every character of the BMP, alone, and where a segment ends', () => {
    const wrong: string[] = []
    for (let code = 0; code <= 0xffff; code++) {
      // Half a pair is no character: the other count takes the next one with it.
      if (code >= 0xd800 && code <= 0xdfff) continue
      const character = String.fromCharCode(code)
      for (const text of [character, `${'a'.repeat(152)}${character}${'a'.repeat(60)}`, `${'ç'.repeat(66)}${character}ççççç`]) {
        const ours = segments(text)
        const theirs = asOthersCount(text)
        if (ours.encoding !== theirs.encoding || ours.units !== theirs.units || ours.count !== theirs.count)
          wrong.push(`U+${code.toString(16)} in ${text.length}`)
        if (ours.encoding === 'GSM-7' && septets(text) !== theirs.units) wrong.push(`septets of U+${code.toString(16)}`)
      }
    }
    expect(wrong).toEqual([])
  })

  test('pairs on every side of every edge', () => {
    for (const [filler, pair] of [
      ['a', EURO],
      ['ç', FACE],
    ] as const)
      for (let before = 0; before <= 480; before++)
        for (const after of [0, 1, 2, 150, 151, 152, 153]) {
          const text = `${filler.repeat(before)}${pair}${filler.repeat(after)}`
          expect(segments(text), `${before} before, ${after} after`).toEqual(asOthersCount(text))
        }
  })

  test('texts of any length, of letters, pairs, strangers and faces', () => {
    const runs = fc.array(fc.tuple(fc.constantFrom('a', 'é', '\n', EURO, '[', '\f'), fc.integer({ min: 1, max: 160 })), {
      minLength: 1,
      maxLength: 12,
    })
    const withStrangers = fc.array(
      fc.tuple(fc.constantFrom('a', EURO, 'ç', 'ũ', FACE, '👩🏽‍🏫'), fc.integer({ min: 1, max: 40 })),
      { minLength: 1, maxLength: 12 },
    )
    const texts = fc.oneof(
      runs.map((all) => all.map(([character, times]) => character.repeat(times)).join('')),
      withStrangers.map((all) => all.map(([character, times]) => character.repeat(times)).join('')),
      fc.string({ unit: 'binary', maxLength: 500 }),
      fc.string({ unit: fc.constantFrom('a', EURO), minLength: 140, maxLength: 500 }),
      fc.string({ unit: fc.constantFrom('ç', FACE), minLength: 60, maxLength: 250 }),
    )
    fc.assert(
      fc.property(texts, (text) => {
        expect(segments(text)).toEqual(asOthersCount(text))
      }),
      { numRuns: 2_000 },
    )
  })
})
