import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clip, isGsm7, septets, strangers, toGsm7 } from '../../src/text/gsm7.ts'

// Written out once more, by code point, so that a slip in one of the two lists shows.
const basic = [
  '40 a3 24 a5 e8 e9 f9 ec f2 c7 0a d8 f8 0d c5 e5 394 5f 3a6 393 39b 3a9 3a0 3a8 3a3 398 39e c6 e6 df c9',
  '20 21 22 23 a4 25 26 27 28 29 2a 2b 2c 2d 2e 2f 30 31 32 33 34 35 36 37 38 39 3a 3b 3c 3d 3e 3f a1',
  '41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f 50 51 52 53 54 55 56 57 58 59 5a c4 d6 d1 dc a7 bf',
  '61 62 63 64 65 66 67 68 69 6a 6b 6c 6d 6e 6f 70 71 72 73 74 75 76 77 78 79 7a e4 f6 f1 fc e0',
]
const extension = 'c 5e 7b 7d 5c 5b 7e 5d 7c 20ac'
const read = (codes: string) => codes.split(' ').map((code) => String.fromCodePoint(Number.parseInt(code, 16)))
const ONE = basic.flatMap(read)
const TWO = read(extension)

const everyCodePoint = function* (): Generator<string> {
  for (let code = 0; code <= 0x10ffff; code++) yield String.fromCodePoint(code)
}
/** What people type, and what nobody should: letters, accents, emoji, controls, halves of pairs. */
const anything = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: fc.constantFrom(...ONE, ...TWO), maxLength: 60 }),
  fc.string({
    unit: fc.constantFrom('ũ', 'ĩ', 'ŋ', '’', '😀', '👩🏽‍🏫', '\u200f', '\u0303', '\r', '\t', '\ud83d', ' ', 'a', '½', '€'),
    maxLength: 60,
  }),
)

describe('the alphabet', () => {
  test('is the 127 characters of one septet and the 10 of two, of all that Unicode has', () => {
    expect([ONE.length, TWO.length]).toEqual([127, 10])
    const one = new Set(ONE)
    const two = new Set(TWO)
    const wrong: string[] = []
    for (const character of everyCodePoint()) {
      const width = one.has(character) ? 1 : two.has(character) ? 2 : undefined
      const right = width === undefined ? !isGsm7(character) : isGsm7(character) && septets(character) === width
      if (!right) wrong.push(character)
    }
    expect(wrong).toEqual([])
  })

  test('adds up', () => {
    expect(septets('')).toBe(0)
    expect(septets('Bei ~ 5€ [x]')).toBe(12 + 4)
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...ONE, ...TWO)), (characters) => {
        const pairs = characters.filter((character) => TWO.includes(character)).length
        expect(septets(characters.join(''))).toBe(characters.length + pairs)
      }),
    )
  })

  test('names each stranger once, in order, and refuses to count it', () => {
    expect(strangers('Wanjirũ ya ’kazi’ ũ😀')).toEqual(['ũ', '’', '😀'])
    expect(strangers('`')).toEqual(['`'])
    expect(strangers('ç Ç')).toEqual(['ç'])
    expect(() => septets('garçon')).toThrow(RangeError)
    expect(() => septets('garçon')).toThrow('U+00e7')
  })
})

describe('is written in it', () => {
  test.each([
    // As it is.
    ['Achieng Odera', 'Achieng Odera'],
    ['José Élan Ñandú Ávila è à ù ì ò Å ø Ç ß', 'José Élan Ñandu Avila è à ù ì ò Å ø Ç ß'],
    ['a{b}[c]~^|\\€', 'a{b}[c]~^|\\€'],
    // Names of East and West Africa, and of guests.
    ['Wanjirũ Mũthĩga Ũkambani Ĩtote', 'Wanjiru Muthiga Ukambani Itote'],
    ['Ngʼangʼa Ngʻangʻa Ng’ang’a Ng`ang`a Ng´ang´a Ngꞌangꞌa', "Ng'ang'a Ng'ang'a Ng'ang'a Ng'ang'a Ng'ang'a Ng'ang'a"],
    ['ʿAbd al-Raḥmān Ḥusayn', "'Abd al-Rahman Husayn"],
    ['Ọláńrewájú Ẹniọlá Ṣadé', 'Olanrewaju Eniola Sadé'],
    ['Ɓala Ɗan Ƙano ɓɗƙ Ƴar ƴa', 'Bala Dan Kano bdk Yar ya'],
    ['Akɔsua Ɛsi Ɖela Ɣ ŋ Ŋ ɲ Ɲ ʋ ƒ ə Ə', 'Akosua Esi Dela G ng Ng ny Ny v f e E'],
    ['Łukasz Đặng Þórður Œuvre œ ħ Ħ ŧ ĸ ı İ', 'Lukasz Dang Thordur Oeuvre oe h H t k i I'],
    ['garçon GARÇON', 'garcon GARÇON'],
    // Taken apart by the phone that sent them.
    ['Jose\u0301 Muthu\u0303ri M\u0303', 'José Muthuri M'],
    // Typographers' signs.
    ['“Kazi” ‘yangu’ „x‚ «y» ‹z› 5′ 6″', '"Kazi" \'yangu\' "x\' "y" \'z\' 5\' 6"'],
    ['‐ ‑ ‒ – — ― − ﹣ －', '- - - - - - - - -'],
    ['• jina · namba', '- jina - namba'],
    ['Subiri…', 'Subiri...'],
    ['KES\u00a02,500\u202f000\u2009x\u3000y\tz', 'KES 2,500 000 x y z'],
    ['2½ × 3 ÷ 4 ≤ 5 ≠ 6 → 30°', '2 1/2 x 3 / 4 <= 5 != 6 -> 30o'],
    ['№ 5 ﬁ ＡＢ１２ ™ ©', 'No 5 fi AB12 TM (c)'],
    // What cannot be seen.
    ['\ufeffJa\u00adne\u200b \u202eDoe\u202c \u2066x\u2069\u200d\u0007\u0000', 'Jane Doe x'],
    // Line ends.
    ['a\r\nb\rc\fd\ve\u0085f\u2028g\u2029h\ni', 'a\nb\nc\nd\ne\nf\ng\nh\ni'],
    // Other scripts: one stand-in for a character.
    ['Иван 李 ﷺ й', '???? ? ? ?'],
    ['\ud83d x', '? x'],
    // Emoji.
    ['Asante 🙏🏾!', 'Asante !'],
    ['👩🏽‍🏫Mwalimu🇰🇪 1️⃣ ❤️', 'Mwalimu 1 '],
  ])('%j as %j', (text, written) => {
    expect(toGsm7(text)).toBe(written)
  })

  test('never as nothing: what holds emoji only becomes a question mark', () => {
    for (const text of ['😀', '😀 😀', '🇰🇪\n', '👩🏽‍🏫', '\u200b']) expect(toGsm7(text)).toBe('?')
    for (const text of ['', ' ', '\n', '\u00a0']) expect(toGsm7(text).trim()).toBe('')
  })

  test('whatever it is, every code point by itself', () => {
    const wrong: string[] = []
    for (const character of everyCodePoint()) {
      const written = toGsm7(`x${character}`)
      if (!isGsm7(written) || /[\r\f]/.test(written) || !written.startsWith('x'))
        wrong.push(`U+${character.codePointAt(0)?.toString(16)} ${JSON.stringify(written)}`)
    }
    expect(wrong).toEqual([])
  })

  test('whatever it is, without CR or form feed, and only once', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const written = toGsm7(text)
        expect(strangers(written)).toEqual([])
        expect(written).not.toMatch(/[\r\f]/)
        expect(toGsm7(written)).toBe(written)
        if (isGsm7(text) && !/[\r\f]/.test(text)) expect(written).toBe(text)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('is clipped', () => {
  test.each([
    ['Kisumu', 6, 'Kisumu'],
    ['Kisumu', 5, 'Kis..'],
    ['Kisumu', 2, '..'],
    ['Kisumu', 1, '.'],
    ['€€€', 6, '€€€'],
    ['€€€', 5, '€..'],
    ['ab€€', 5, 'ab..'],
    ['Mũthĩga', 7, 'Muthiga'],
    ['Œdipe', 5, 'Oed..'],
  ])('%s to %i as %s', (text, width, clipped) => {
    expect(clip(text, width)).toBe(clipped)
  })

  test('never over its width, and no more than needed', () => {
    fc.assert(
      fc.property(anything, fc.integer({ min: 1, max: 70 }), (text, width) => {
        const clipped = clip(text, width)
        const whole = toGsm7(text)
        expect(septets(clipped)).toBeLessThanOrEqual(width)
        if (septets(whole) <= width) expect(clipped).toBe(whole)
        else {
          expect(clipped.endsWith('..'.slice(0, width))).toBe(true)
          expect(whole.startsWith(clipped.slice(0, -2))).toBe(true)
          // The next character would be of one septet more than fits, or of two.
          expect(septets(clipped)).toBeGreaterThanOrEqual(width - 1)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})
