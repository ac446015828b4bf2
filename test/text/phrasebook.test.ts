import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Fault } from '../../src/base/fault.ts'
import { isGsm7, septets } from '../../src/text/gsm7.ts'
import { HOLE, holesOf, LANGUAGES, readPhrasebook } from '../../src/text/phrasebook.ts'
import { described, type Problem } from '../../src/text/source.ts'

const WORDS = `
variables:
  name: { width: 12 }
  rate: { width: 9 }
  left: { width: 2 }
  service_code: { width: 16 }
  role: { words: role }
  wrong: { words: wrong, from: field }
  reasons: { words: reason }
  missing: { words: role, width: 18 }
words:
  role:
    driver: { en: Driver, sw: Dereva }
    supervisor: { en: Supervisor, sw: Msimamizi mkuu }
    bracket: { en: '[€]', sw: '[€€€€€€€€]' }
  wrong:
    town: { en: 'Letters only.', sw: 'Herufi tu.' }
  reason:
    closed: { en: It has closed., sw: Imefungwa. }
    taken: { en: It is taken., sw: Imechukuliwa. }
formats:
  town: { en: A town, sw: Mji }
`
const MESSAGES = `
hello: { en: 'Hello {name}, dial {service_code}.', sw: 'Habari {name}, piga {service_code}.' }
tries: { en: 'Tries left: {left}.', sw: 'Majaribio yaliyobaki: {left}.' }
pay: { en: 'KES {rate} a day', sw: 'KES {rate} kwa siku' }
`

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wito-phrases-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function open(words = WORDS, messages = MESSAGES) {
  writeFileSync(join(folder, 'words.yaml'), words)
  writeFileSync(join(folder, 'messages.yaml'), messages)
  const problems: Problem[] = []
  const phrases = readPhrasebook(folder, { service_code: '*483*22262#' }, problems)
  return { phrases, problems: problems.map(described) }
}
const good = () => {
  const { phrases, problems } = open()
  expect(problems).toEqual([])
  return phrases
}

/** What is thrown, which must be a Fault that stops a start. */
function fault(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    expect(error).toBeInstanceOf(Fault)
    expect((error as Fault).code).toBe('bad_settings')
    return (error as Fault).message
  }
  throw new Error('nothing was thrown')
}

describe('a text is filled', () => {
  test('with values, words of a group and what every text may use', () => {
    const phrases = good()
    expect(phrases.message('hello', { name: 'Achieng' }, 'en')).toBe('Hello Achieng, dial *483*22262#.')
    expect(phrases.message('hello', { name: 'Achieng' }, 'sw')).toBe('Habari Achieng, piga *483*22262#.')
    expect(phrases.fill('{role}: {role}', { role: 'supervisor' }, 'sw')).toBe('Msimamizi mkuu: Msimamizi mkuu')
    expect(phrases.fill('{wrong}', { field: 'town' }, 'en')).toBe('Letters only.')
    expect(phrases.word('role', 'driver', 'sw')).toBe('Dereva')
  })

  test('with lists: words by comma, sentences by space', () => {
    const phrases = good()
    expect(phrases.fill('{role}', { role: ['driver', 'supervisor'] }, 'en')).toBe('Driver, Supervisor')
    expect(phrases.fill('{reasons}', { reasons: ['closed', 'taken'] }, 'sw')).toBe('Imefungwa. Imechukuliwa.')
    expect(phrases.fill('{missing}', { missing: ['driver', 'supervisor'] }, 'sw')).toBe('Dereva, Msimamiz..')
  })

  test('in GSM-7 and within its width, whatever the value holds', () => {
    const phrases = good()
    expect(phrases.fill('{name}', { name: 'Wanjirũ Ngʼangʼa' }, 'en')).toBe('Wanjiru Ng..')
    expect(phrases.fill('{name}', { name: '😀' }, 'en')).toBe('?')
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom(...LANGUAGES), (name, language) => {
        const filled = phrases.fill('{name}', { name }, language)
        expect(isGsm7(filled)).toBe(true)
        expect(septets(filled)).toBeLessThanOrEqual(12)
      }),
    )
  })

  test('once: what looks like a variable inside a value is left alone', () => {
    const phrases = good()
    expect(phrases.fill('{name} $& {left}', { name: '{left}', left: '$1' }, 'en')).toBe('{left} $& $1')
  })

  test('with a count that reads right for none, one and many, in both languages', () => {
    const phrases = good()
    const said = [0, 1, 2].map((left) => LANGUAGES.map((language) => phrases.message('tries', { left }, language)))
    expect(said).toEqual([
      ['Tries left: 0.', 'Majaribio yaliyobaki: 0.'],
      ['Tries left: 1.', 'Majaribio yaliyobaki: 1.'],
      ['Tries left: 2.', 'Majaribio yaliyobaki: 2.'],
    ])
  })

  test('with money, and no space that would make the SMS UCS-2', () => {
    const phrases = good()
    const money = new Intl.NumberFormat('en-KE', { style: 'currency', currency: 'KES', maximumFractionDigits: 0 }).format(2_500)
    expect(money).toContain('\u00a0')
    expect(phrases.fill('{rate}', { rate: money }, 'en')).toBe(money.replaceAll('\u00a0', ' '))
    for (const language of LANGUAGES)
      for (const rate of [money, '2\u202f500', '2\u2009500'])
        expect(isGsm7(phrases.message('pay', { rate }, language))).toBe(true)
  })
})

describe('is an error:', () => {
  test('a variable without a value, or that words.yaml does not know', () => {
    const phrases = good()
    expect(fault(() => phrases.message('hello', {}, 'en'))).toBe("the variable 'name' has no value here")
    expect(fault(() => phrases.message('hello', { name: undefined }, 'en'))).toContain("'name'")
    expect(fault(() => phrases.message('hello', { name: null }, 'en'))).toContain("'name'")
    expect(fault(() => phrases.fill('{wrong}', { wrong: 'town' }, 'en'))).toContain("'wrong'")
    expect(fault(() => phrases.fill('{age}', { age: 3 }, 'en'))).toContain("'age'")
  })

  test('a word, a group or a message that is not there', () => {
    const phrases = good()
    expect(fault(() => phrases.word('role', 'cook', 'en'))).toBe("menus/words.yaml has no word 'cook' in 'role'")
    expect(fault(() => phrases.word('rolls', 'driver', 'en'))).toContain("'rolls'")
    expect(fault(() => phrases.fill('{role}', { role: 'cook' }, 'sw'))).toContain("'cook'")
    expect(fault(() => phrases.message('bye', {}, 'sw'))).toBe("menus/messages.yaml has no message 'bye'")
  })

  test('zero and an empty text are values', () => {
    const phrases = good()
    expect(phrases.message('tries', { left: 0 }, 'en')).toBe('Tries left: 0.')
    expect(phrases.fill('{name}.', { name: '' }, 'en')).toBe('.')
  })
})

describe('at its widest', () => {
  test('a value is as wide as it may be, a word as the widest of its group in that language', () => {
    const phrases = good()
    expect(phrases.widest('{name}!', 'en')).toBe(`${'W'.repeat(12)}!`)
    expect(phrases.widest('{role}', 'en')).toBe('Supervisor')
    // In septets: ten signs of two each are wider than fourteen letters.
    expect(phrases.widest('{role}', 'sw')).toBe('[€€€€€€€€]')
    expect(phrases.widest('{missing}', 'sw')).toBe('W'.repeat(18))
    expect(phrases.widest('{none}', 'sw')).toBe('{none}')
  })

  test('nothing that is filled in is wider', () => {
    const phrases = good()
    const text = '{name} {rate} {role} {missing} {wrong}'
    const role = fc.constantFrom('driver', 'supervisor', 'bracket')
    const values = fc.record({
      name: fc.string({ unit: 'binary' }),
      rate: fc.double(),
      role,
      missing: fc.array(role),
      field: fc.constant('town'),
    })
    fc.assert(
      fc.property(values, fc.constantFrom(...LANGUAGES), (given, language) => {
        expect(septets(phrases.fill(text, given, language))).toBeLessThanOrEqual(septets(phrases.widest(text, language)))
      }),
    )
  })
})

describe('names file, line and column of', () => {
  test.each([
    [
      'a translation that is missing',
      WORDS.replace('{ en: Driver, sw: Dereva }', '{ en: Driver }'),
      MESSAGES,
      /^words\.yaml:13:13 words\.role\.driver\.sw: /,
    ],
    ['a width of nothing', WORDS.replace('width: 12', 'width: 0'), MESSAGES, /^words\.yaml:3:\d+ variables\.name/],
    ['a width over a message', WORDS.replace('width: 12', 'width: 151'), MESSAGES, /^words\.yaml:3:\d+ variables\.name/],
    ['an empty message', WORDS, MESSAGES.replace("'KES {rate} a day'", "''"), /^messages\.yaml:4:12 pay\.en: /],
    [
      'a third language',
      WORDS,
      MESSAGES.replace("sw: 'KES {rate} kwa siku'", 'sw: a, fr: b'),
      /^messages\.yaml:4:\d+ pay: Unrecognized key: "fr"$/,
    ],
    ['a message twice', WORDS, `${MESSAGES}pay: { en: a, sw: b }\n`, /^messages\.yaml:5:1 Map keys must be unique$/],
  ])('%s', (_, words, messages, line) => {
    const { problems } = open(words, messages)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(line)
  })

  test('and still gives what can be used', () => {
    const { phrases, problems } = open('words: [', MESSAGES)
    expect(problems).not.toEqual([])
    expect(Object.keys(phrases.messages)).toEqual(['hello', 'tries', 'pay'])
    expect(phrases.variables).toEqual({})
  })
})

test('the variables of a text', () => {
  expect(holesOf('{a} b {c_d} {a} { e } {} {f-g}')).toEqual(['a', 'c_d', 'a'])
  expect('{x}'.replace(HOLE, (_, name: string) => name)).toBe('x')
})
