import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { checkLetter, downloadLetter, lookAt } from '../../src/letters/letter.ts'
import { type CodePurpose, codeOf, newCode, readCode } from '../../src/links/token.ts'
import { type Keyring, openKeyring } from '../../src/security/keyring.ts'
import type { Store } from '../../src/store/store.ts'
import { size, tried } from '../bar/row.ts'

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const PURPOSES = ['download', 'verify'] as const
const key = (fill: number) => Buffer.alloc(32, fill).toString('base64')
const ringOf = (secretKeys: string) =>
  openKeyring({
    secretKeys,
    indexKey: 'an index key of at least 32 characters',
    pepper: 'a pepper of at least 32 characters, too',
  })

const keyring = ringOf(`b:${key(2)},a:${key(1)}`)
const make = (purpose: CodePurpose = 'download', ring: Keyring = keyring) => newCode(ring, purpose, systemClock)
const plain = (code: string) => code.replaceAll('-', '')
const random = (length: number) => Array.from(systemClock.bytes(length), (byte) => ALPHABET[byte % 32]).join('')

describe('a code', () => {
  test('is sixteen characters in groups of four, and reads back as its id', () => {
    for (let n = 0; n < 500; n++) {
      const { id, code } = make()
      expect(code).toMatch(/^(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/)
      expect(plain(code).slice(0, 8)).toBe(id)
      expect(readCode(keyring, 'download', code)).toBe(id)
      expect(codeOf(keyring, 'download', id)).toBe(code)
    }
  })

  test('is of one purpose only', () => {
    for (let n = 0; n < 500; n++)
      for (const purpose of PURPOSES) {
        const { code } = make(purpose)
        for (const other of PURPOSES) expect(readCode(keyring, other, code) !== undefined).toBe(other === purpose)
      }
  })

  test('has at least 80 bits that nobody can predict: 40 drawn, 40 of a MAC', () => {
    // Every bit of the draw decides a bit of the id: nothing is thrown away, and two draws never give the same.
    const idOf = (bytes: Buffer) => newCode(keyring, 'download', { bytes: () => bytes }).id
    const asked: number[] = []
    newCode(keyring, 'download', { bytes: (length) => systemClock.bytes(asked[asked.push(length) - 1] ?? 0) })
    expect(asked).toEqual([5])
    const value = (id: string) => [...id].reduce((sum, letter) => sum * 32 + ALPHABET.indexOf(letter), 0)
    for (let bit = 0; bit < 40; bit++) {
      const bytes = Buffer.alloc(5)
      bytes.writeUIntBE(2 ** bit, 0, 5)
      expect(value(idOf(bytes))).toBe(2 ** bit)
    }
    // Each of the 40 bits of the MAC, and of the id, is set about half of the time.
    const rounds = 5_000
    const set = new Array<number>(80).fill(0)
    for (let n = 0; n < rounds; n++)
      for (const [place, letter] of [...plain(make().code)].entries())
        for (let bit = 0; bit < 5; bit++)
          if (ALPHABET.indexOf(letter) & (1 << bit)) set[place * 5 + bit] = (set[place * 5 + bit] ?? 0) + 1
    // Seven standard deviations: chance alone leaves it less than once in a thousand million runs.
    for (const count of set) expect(Math.abs(count - rounds / 2)).toBeLessThan(7 * Math.sqrt(rounds / 4))
  })

  test('of 20,000 is not the same twice', () => {
    const codes = Array.from({ length: 20_000 }, () => plain(make().code))
    // Two of so many draws of 40 bits meet once in 5,000 runs; three pairs never do.
    for (const half of [codes.map((code) => code.slice(0, 8)), codes.map((code) => code.slice(8))])
      expect(new Set(half).size).toBeGreaterThan(19_997)
    expect(new Set(codes).size).toBeGreaterThan(19_997)
  })
})

describe('a code as people type it', () => {
  const spellings: [string, (code: string) => string][] = [
    ['small letters', (code) => code.toLowerCase()],
    ['no hyphens', plain],
    ['spaces', (code) => code.replaceAll('-', ' ')],
    ['spaces everywhere', (code) => ` ${[...code].join(' ')}\n`],
    ['hyphens elsewhere', (code) => plain(code).replace(/(.{5})/g, '$1-')],
    ['O for 0', (code) => code.replaceAll('0', 'O')],
    ['o for 0', (code) => code.replaceAll('0', 'o')],
    ['I for 1', (code) => code.replaceAll('1', 'I')],
    ['L for 1', (code) => code.replaceAll('1', 'L')],
    ['i and l', (code) => code.toLowerCase().replace('1', 'i').replaceAll('1', 'l')],
  ]

  test.each(spellings)('%s', (_, spelt) => {
    let changed = 0
    for (let n = 0; n < 500; n++) {
      const { id, code } = make()
      const typed = spelt(code)
      if (typed !== code) changed++
      expect(readCode(keyring, 'download', typed)).toBe(id)
    }
    expect(changed).toBeGreaterThan(50)
  })

  test('in any mixture of these', () => {
    const looks: Record<string, string[]> = { 0: ['0', 'O', 'o'], 1: ['1', 'I', 'i', 'L', 'l'] }
    const typed = fc
      .tuple(fc.uint8Array({ minLength: 5, maxLength: 5 }), fc.array(fc.nat(), { minLength: 16, maxLength: 16 }))
      .map(([bytes, choices]) => {
        const { id, code } = newCode(keyring, 'download', { bytes: () => Buffer.from(bytes) })
        const letters = [...plain(code)].map((letter, n) => {
          const choice = choices[n] ?? 0
          const forms = looks[letter] ?? [letter, letter.toLowerCase()]
          return `${forms[choice % forms.length]}${['', '-', ' ', '  '][choice % 4]}`
        })
        return { id, text: letters.join('') }
      })
    fc.assert(
      fc.property(typed, ({ id, text }) => {
        expect(readCode(keyring, 'download', text)).toBe(id)
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('a forged code', () => {
  /** One key, so that so many can be tried. */
  const ring = ringOf(`b:${key(2)}`)
  const taken = (purpose: CodePurpose, codes: Iterable<string>) => {
    const found = { tried: 0, taken: [] as string[] }
    for (const code of codes) {
      found.tried++
      if (readCode(ring, purpose, code) !== undefined) found.taken.push(code)
    }
    return found
  }
  let all = 0
  const share = size({ quick: 1, full: 20 })

  describe.each(PURPOSES)('to %s', (purpose) => {
    test('out of thin air is not taken', () => {
      function* random16() {
        for (let n = 0; n < 12_500 * share; n++) yield random(16)
      }
      const found = taken(purpose, random16())
      expect(found).toEqual({ tried: 12_500 * share, taken: [] })
      all += found.tried
    }, 120_000)

    test('with another character at any of the 16 places is not taken', () => {
      function* altered() {
        for (let n = 0; n < 20 * share; n++) {
          const { id, code } = make(purpose, ring)
          expect(readCode(ring, purpose, code)).toBe(id)
          const letters = plain(code)
          for (let place = 0; place < 16; place++)
            for (const letter of ALPHABET)
              if (letter !== letters[place]) yield letters.slice(0, place) + letter + letters.slice(place + 1)
        }
      }
      const found = taken(purpose, altered())
      expect(found).toEqual({ tried: 20 * share * 16 * 31, taken: [] })
      all += found.tried
    }, 120_000)

    test('made of true halves, turned, or signed by somebody else is not taken', () => {
      const stranger = ringOf(`b:${key(8)}`)
      const renamed = ringOf(`c:${key(2)}`)
      const other = purpose === 'verify' ? 'download' : 'verify'
      function* forged() {
        for (let n = 0; n < 600 * share; n++) {
          const [one, two] = [plain(make(purpose, ring).code), plain(make(purpose, ring).code)]
          yield one.slice(0, 8) + two.slice(8)
          yield one.slice(8) + one.slice(0, 8)
          yield make(other, ring).code
          yield make(purpose, stranger).code
          yield make(purpose, renamed).code
        }
      }
      const found = taken(purpose, forged())
      expect(found).toEqual({ tried: 3_000 * share, taken: [] })
      all += found.tried
    }, 120_000)
  })

  test('is refused before any database is asked', async (context) => {
    let asked = 0
    const ask = () => {
      asked++
      throw new Error('the database was asked')
    }
    const store = { work: ask, read: { select: ask, links: {}, letters: {} } } as unknown as Store
    const letters = { store, keyring, clock: systemClock }
    const forgeries = () => {
      const code = plain(make().code)
      const place = systemClock.below(16)
      return [random(16), code.slice(0, place) + (code[place] === 'A' ? 'B' : 'A') + code.slice(place + 1), random(8)]
    }
    const rounds = 250 * share
    for (let n = 0; n < rounds; n++)
      for (const code of forgeries()) {
        expect(await lookAt(letters, code)).toEqual({ refused: 'unknown' })
        expect(await downloadLetter(letters, code, '0001')).toEqual({ refused: 'unknown' })
        expect(await checkLetter(letters, code)).toEqual({ refused: 'unknown' })
      }
    expect(asked).toBe(0)
    all += rounds * 3
    // A code that is signed does ask.
    await expect(lookAt(letters, make().code)).rejects.toThrow('the database was asked')
    await expect(downloadLetter(letters, make().code, '0001')).rejects.toThrow('the database was asked')
    expect(asked).toBe(2)
    tried(context, `${all.toLocaleString('en')} forged codes, 0 taken, 0 database asks`)
  }, 120_000)

  test('of any text at all is refused and never throws', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.string({ unit: fc.constantFrom(...ALPHABET, ...'OILUoilu- \t\n٠０Ａſıß😀'), maxLength: 24 }),
      fc.constantFrom('', '-'.repeat(16), ' '.repeat(16), '0'.repeat(15), '0'.repeat(17), 'U'.repeat(16), '0'.repeat(100_000)),
    )
    fc.assert(
      fc.property(text, (given) => {
        for (const purpose of PURPOSES) expect(taken(purpose, [given]).taken).toEqual([])
      }),
      { numRuns: 10_000 },
    )
  })

  test('that has not sixteen characters of the alphabet is refused before any MAC is made', () => {
    let made = 0
    const signatures = (purpose: string, data: string) => {
      made++
      return keyring.signatures(purpose, data)
    }
    const counting = { ...keyring, signatures }
    const code = plain(make().code)
    const others = [code.slice(1), code.slice(0, 15), `${code}0`, `0${code}`, code + code, code.replace(/.$/, 'U'), `${code}'`]
    for (const other of others) expect(readCode(counting, 'download', other)).toBeUndefined()
    expect(made).toBe(0)
    expect(readCode(counting, 'download', code)).toBe(code.slice(0, 8))
    expect(made).toBe(1)
  })
})

describe('after a rotation', () => {
  const [old, rotated, gone] = [ringOf(`a:${key(1)}`), ringOf(`b:${key(2)},a:${key(1)}`), ringOf(`b:${key(2)}`)]

  test.each(PURPOSES)('codes to %s of the older key still read, those of a key that was taken out do not', (purpose) => {
    for (let n = 0; n < 200; n++) {
      const before = make(purpose, old)
      expect(readCode(rotated, purpose, before.code)).toBe(before.id)
      expect(readCode(gone, purpose, before.code)).toBeUndefined()
      const after = make(purpose, rotated)
      expect([readCode(rotated, purpose, after.code), readCode(gone, purpose, after.code)]).toEqual([after.id, after.id])
      expect(readCode(old, purpose, after.code)).toBeUndefined()
    }
  })

  test('an id is written anew with the newest key', () => {
    const { id, code } = make('download', old)
    const anew = codeOf(rotated, 'download', id)
    expect(anew).not.toBe(code)
    expect([anew, code].map((each) => readCode(rotated, 'download', each))).toEqual([id, id])
  })
})
