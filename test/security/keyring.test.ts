import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Fault } from '../../src/base/fault.ts'
import { openKeyring } from '../../src/security/keyring.ts'

const key = (fill: number) => Buffer.alloc(32, fill).toString('base64')
const INDEX_KEY = 'an index key of at least 32 characters'
const PEPPER = 'a pepper, kept well outside the database'
const keysOf = (given: Partial<{ secretKeys: string; indexKey: string; pepper: string }> = {}) =>
  openKeyring({ secretKeys: `a:${key(1)}`, indexKey: INDEX_KEY, pepper: PEPPER, ...given })

const keyring = keysOf()
const PLACE = 'people.national_id:p1'
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** The fault that `run` throws. */
function faultOf(run: () => unknown): Fault {
  try {
    run()
  } catch (reason) {
    if (reason instanceof Fault) return reason
    throw reason
  }
  throw new Error('nothing was thrown')
}

describe('a seal', () => {
  test('gives back any text, at its own place', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), fc.string({ maxLength: 40 }), (text, place) => {
        expect(keyring.open(place, keyring.seal(place, text))).toBe(text)
      }),
      { numRuns: 500 },
    )
  })

  test('has the form v1.kid.nonce.ciphertext.tag and is never the same twice', () => {
    const seals = Array.from({ length: 1_000 }, () => keyring.seal(PLACE, '99100001'))
    for (const seal of seals) expect(seal).toMatch(/^v1\.a\.[\w-]{16}\.[\w-]{11}\.[\w-]{22}$/)
    expect(new Set(seals.map((seal) => seal.split('.')[2])).size).toBe(1_000)
  })

  test.each(['people.national_id:p2', 'people.kra_pin:p1', 'profile_fields.national_id:p1', 'people.national_id:p11', ''])(
    'is refused at %j',
    (place) => {
      expect(faultOf(() => keyring.open(place, keyring.seal(PLACE, '99100001'))).code).toBe('unsealable')
    },
  )

  test('is refused when any one of its characters is another', () => {
    const sealed = keyring.seal(PLACE, 'A001234567Z')
    expect(keyring.open(PLACE, sealed)).toBe('A001234567Z')
    let refused = 0
    for (let at = 0; at < sealed.length; at++)
      for (const other of `${BASE64URL}. =+/`) {
        if (other === sealed[at]) continue
        const altered = sealed.slice(0, at) + other + sealed.slice(at + 1)
        expect(faultOf(() => keyring.open(PLACE, altered)).code).toBe('unsealable')
        refused++
      }
    expect(refused).toBeGreaterThan(4_000)
  })

  test('is refused when something is taken off, put on or left out', () => {
    const sealed = keyring.seal(PLACE, 'A001234567Z')
    const parts = sealed.split('.')
    const cut = Array.from({ length: sealed.length }, (_, length) => sealed.slice(0, length))
    const without = parts.map((_, at) => parts.filter((__, other) => other !== at).join('.'))
    const shortTags = [4, 8, 12, 15].map((bytes) =>
      [
        ...parts.slice(0, 4),
        Buffer.from(parts[4] ?? '', 'base64url')
          .subarray(0, bytes)
          .toString('base64url'),
      ].join('.'),
    )
    for (const broken of [...cut, ...without, ...shortTags, `${sealed}A`, `${sealed}.`, `${sealed}.v1`, ` ${sealed}`, '99100001'])
      expect(faultOf(() => keyring.open(PLACE, broken)).code).toBe('unsealable')
  })

  test('mixed from two others of the same place is refused', () => {
    const [one, two] = [keyring.seal(PLACE, '99100001').split('.'), keyring.seal(PLACE, '99100002').split('.')]
    for (const at of [2, 3, 4]) {
      const mixed = one.map((part, n) => (n === at ? two[n] : part)).join('.')
      expect(faultOf(() => keyring.open(PLACE, mixed)).code).toBe('unsealable')
    }
  })

  test('by a key that is not there is refused by the name of the key, without what was sealed', () => {
    const elsewhere = keysOf({ secretKeys: `old7:${key(9)}` }).seal(PLACE, '99100001')
    const fault = faultOf(() => keyring.open(PLACE, elsewhere))
    expect(fault).toMatchObject({ code: 'unsealable', message: expect.stringContaining("'old7'") })
    for (const part of [...elsewhere.split('.').slice(2), '99100001', key(9), key(1)]) expect(fault.message).not.toContain(part)
  })

  test('by another key of the same name is refused without the text', () => {
    const other = keysOf({ secretKeys: `a:${key(9)}` }).seal(PLACE, '99100001')
    const fault = faultOf(() => keyring.open(PLACE, other))
    expect(fault.code).toBe('unsealable')
    expect(fault.message).not.toContain('99100001')
    expect(fault.cause).toBeUndefined()
  })
})

describe('after a rotation', () => {
  const rotated = keysOf({ secretKeys: `b:${key(2)},a:${key(1)}` })
  const forgotten = keysOf({ secretKeys: `b:${key(2)}` })

  test('the newest key seals and the older ones still open', () => {
    const old = keyring.seal(PLACE, 'before')
    const fresh = rotated.seal(PLACE, 'after')
    expect(fresh.split('.')[1]).toBe('b')
    expect([rotated.open(PLACE, old), rotated.open(PLACE, fresh)]).toEqual(['before', 'after'])
    expect(faultOf(() => forgotten.open(PLACE, old)).message).toContain("'a'")
    expect(forgotten.open(PLACE, fresh)).toBe('after')
  })

  test('the newest key signs, and the MACs of every key are compared', () => {
    const [newest, older, ...more] = rotated.signatures('code', 'x').map((mac) => mac.toString('hex'))
    expect(more).toEqual([])
    expect(rotated.sign('code', 'x').toString('hex')).toBe(newest)
    expect(keyring.sign('code', 'x').toString('hex')).toBe(older)
    expect(forgotten.signatures('code', 'x').map((mac) => mac.toString('hex'))).toEqual([newest])
  })

  test('blind indexes, digests and the pepper stay', () => {
    expect(rotated.index('national_id', '99100001')).toBe(keyring.index('national_id', '99100001'))
    expect(rotated.digest('hop', '1*2')).toBe(keyring.digest('hop', '1*2'))
    expect(rotated.pepper).toEqual(keyring.pepper)
  })
})

describe('a blind index', () => {
  test('is the same for the same value, and 43 characters that do not hold it', () => {
    const index = keyring.index('national_id', '99100001')
    expect(index).toMatch(/^[\w-]{43}$/)
    expect(keysOf().index('national_id', '99100001')).toBe(index)
  })

  test('is another for every value, purpose, kind and key', () => {
    const values = Array.from({ length: 2_000 }, (_, n) => String(99_100_000 + n))
    const all = [
      ...values.map((value) => keyring.index('national_id', value)),
      ...values.map((value) => keyring.index('tsc_number', value)),
      ...values.map((value) => keyring.digest('national_id', value)),
      ...values.map((value) => keyring.sign('national_id', value).toString('base64url')),
      ...values.map((value) => keysOf({ indexKey: `${INDEX_KEY}!` }).index('national_id', value)),
    ]
    expect(new Set(all).size).toBe(all.length)
  })
})

describe('keys', () => {
  test('INDEX_KEY and PEPPER are any text of 32 characters, without the spaces around it', () => {
    const short = 'exactly thirty-two characters, ok'.slice(0, 32)
    const plain = keysOf({ indexKey: short, pepper: short })
    const spaced = keysOf({ indexKey: ` ${short}\n`, pepper: `\t${short} ` })
    expect(spaced.index('a', 'b')).toBe(plain.index('a', 'b'))
    expect(spaced.pepper).toEqual(plain.pepper)
    expect(keysOf({ indexKey: 'ufunguo wenye herufi za kutosha – é ñ ũ' }).index('a', 'b')).not.toBe(plain.index('a', 'b'))
  })

  test('the pepper is 32 derived bytes, not the text itself', () => {
    expect(keyring.pepper).toHaveLength(32)
    expect(keyring.pepper.includes(PEPPER.slice(0, 8))).toBe(false)
    expect(keysOf({ pepper: INDEX_KEY }).pepper).not.toEqual(keyring.pepper)
  })

  test.each([
    ['INDEX_KEY', { indexKey: 'x'.repeat(31) }, 'INDEX_KEY: expected at least 32 characters'],
    ['INDEX_KEY of spaces', { indexKey: ` ${'x'.repeat(31)} ` }, 'INDEX_KEY: expected at least 32 characters'],
    ['PEPPER', { pepper: '' }, 'PEPPER: expected at least 32 characters'],
    [
      'a short key',
      { secretKeys: `a:${Buffer.alloc(31, 1).toString('base64')}` },
      "SECRET_KEYS, key 'a': expected at least 32 bytes",
    ],
    ['no base64', { secretKeys: `a:${'?'.repeat(44)}` }, "SECRET_KEYS, key 'a'"],
    ['an older short key', { secretKeys: `b:${key(2)},a:abcd` }, "SECRET_KEYS, key 'a'"],
    ['no id', { secretKeys: key(1) }, 'SECRET_KEYS: entry 1 must be id:base64'],
    ['an empty entry', { secretKeys: `a:${key(1)},` }, 'SECRET_KEYS: entry 2 must be id:base64'],
    ['a strange id', { secretKeys: `a.b:${key(1)}` }, 'SECRET_KEYS: entry 1 must be id:base64'],
    ['an id twice', { secretKeys: `a:${key(1)},a:${key(2)}` }, 'SECRET_KEYS: two keys have the same id'],
  ])('%s: refused by name, never by value', (_, given, said) => {
    const fault = faultOf(() => keysOf(given))
    expect(fault.code).toBe('bad_settings')
    expect(fault.message).toContain(said)
    for (const value of Object.values(given).flatMap((text) => text.split(/[,:]/)))
      if (value.length > 3) expect(fault.message).not.toContain(value)
  })

  test('longer keys are taken, and spaces between entries', () => {
    const long = Buffer.alloc(48, 5).toString('base64')
    const sealed = keysOf({ secretKeys: `c:${long}` }).seal(PLACE, 'text')
    expect(keysOf({ secretKeys: ` b:${key(2)} , c:${long} ` }).open(PLACE, sealed)).toBe('text')
  })
})
