import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clip, isGsm7, septets } from '../../src/text/gsm7.ts'
import { pages } from '../../src/text/pages.ts'

const BUDGET = 156
/** The keys under a page, as a screen that has one before it shows them. */
const foot = (page: number, more: boolean) => [...(more ? ['98 More'] : []), ...(page > 0 ? ['0 Back'] : []), '00 Home'].join(' ')
const widestFoot = septets(foot(1, true))
const room = BUDGET - widestFoot - 1

/** The lines of a page without the keys. */
const bodyOf = (text: string, keys: string) => {
  expect(text === keys || text.endsWith(`\n${keys}`)).toBe(true)
  return text.slice(0, Math.max(0, text.length - keys.length - 1))
}
const bodiesOf = (all: ReturnType<typeof pages>) => all.map(({ text, more }, page) => bodyOf(text, foot(page, more)))

const words = fc.string({ unit: fc.constantFrom(...'abcdefgh,.€[éÑ'), minLength: 1, maxLength: 200 })
const heads = fc.array(
  fc.oneof(
    { weight: 9, arbitrary: fc.string({ unit: fc.constantFrom(...'abcde.€'), minLength: 1, maxLength: 12 }) },
    { weight: 1, arbitrary: words },
  ),
  {
    maxLength: 80,
  },
)
const labels = fc.array(
  fc.string({ unit: fc.constantFrom(...'abcdefghijkl mnop-€é'), maxLength: 90 }).map((label) => clip(label, room - 6)),
  { maxLength: 60 },
)
const numbered = (all: readonly string[]) => all.map((label, place) => `${place + 1}. ${label}`)

describe('a screen that fits', () => {
  test('is one page, and says nothing of more', () => {
    expect(pages('Jobs', ['1. Invigilator', '2. Driver'], foot, BUDGET)).toEqual([
      { text: 'Jobs\n1. Invigilator\n2. Driver\n00 Home', more: false },
    ])
    expect(pages('Asante.', [], () => '', BUDGET)).toEqual([{ text: 'Asante.', more: false }])
    expect(pages('', [], foot, BUDGET)).toEqual([{ text: '00 Home', more: false }])
    expect(pages('', ['1. a'], foot, BUDGET)).toEqual([{ text: '1. a\n00 Home', more: false }])
  })

  test('to the last septet, and not one further', () => {
    const full = 'a'.repeat(BUDGET - septets('\n1. b\n00 Home'))
    expect(pages(full, ['1. b'], foot, BUDGET)).toHaveLength(1)
    expect(pages(`${full}a`, ['1. b'], foot, BUDGET)).toHaveLength(2)
    expect(pages(`${full.slice(1)}€`, ['1. b'], foot, BUDGET)).toHaveLength(2)
  })

  test('keeps a word whole that only a page with more keys would cut', () => {
    const head = `a ${'b'.repeat(room + 3)}`
    expect(pages(head, [], foot, BUDGET)).toEqual([{ text: `${head}\n00 Home`, more: false }])
  })

  test('keeps its own lines', () => {
    expect(pages('a\n b  c', [], foot, BUDGET)[0]?.text).toBe('a\n b  c\n00 Home')
  })
})

describe('a long one', () => {
  test('breaks between labels, and only the last page is without 98', () => {
    const all = pages('Pick', numbered(['Kisumu', 'Siaya', 'Busia', 'Migori']), foot, 40)
    expect(all).toEqual([
      { text: 'Pick\n1. Kisumu\n2. Siaya\n98 More 00 Home', more: true },
      { text: '3. Busia\n4. Migori\n0 Back 00 Home', more: false },
    ])
  })

  test('gives every label whole, once and in order, within the budget', () => {
    fc.assert(
      fc.property(heads, labels, (head, names) => {
        const options = numbered(names)
        const all = pages(head.join(' '), options, foot, BUDGET)
        for (const { text } of all) {
          expect(septets(text)).toBeLessThanOrEqual(BUDGET)
          expect(isGsm7(text)).toBe(true)
        }
        expect(all.map(({ more }) => more)).toEqual(all.map((_, page) => page < all.length - 1))
        const lines = bodiesOf(all).flatMap((body) => body.split('\n'))
        expect(lines.filter((line) => /^\d+\. /.test(line))).toEqual(options)
      }),
      { numRuns: 500 },
    )
  })

  test('gives every word once and in order, and cuts only a word that is wider than a page', () => {
    fc.assert(
      fc.property(heads, (head) => {
        const bodies = bodiesOf(pages(head.join(' '), [], foot, BUDGET))
        expect(bodies.join('').replaceAll(' ', '')).toBe(head.join(''))
        if (head.every((word) => septets(word) <= room)) expect(bodies.filter(Boolean).join(' ')).toBe(head.join(' '))
      }),
      { numRuns: 500 },
    )
  })

  test('fills each page: the next label would not have fitted', () => {
    fc.assert(
      fc.property(labels, (names) => {
        const options = numbered(names)
        const bodies = bodiesOf(pages('', options, foot, BUDGET))
        for (const [page, body] of bodies.slice(0, -1).entries()) {
          const next = bodies[page + 1]?.split('\n')[0] ?? ''
          expect(septets(`${body}\n${next}\n${foot(page, true)}`)).toBeGreaterThan(BUDGET)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('cuts a word of 400 septets rather than break the budget', () => {
    const all = pages(`Code: ${'€'.repeat(200)} end`, ['1. Yes'], foot, BUDGET)
    for (const { text } of all) expect(septets(text)).toBeLessThanOrEqual(BUDGET)
    expect(bodiesOf(all).join('')).toBe(`Code: ${'€'.repeat(200)} end\n1. Yes`)
  })

  test('shows a label that no page can hold, over the budget, for the menu check to find', () => {
    const label = 'a'.repeat(BUDGET)
    const all = pages('Pick', [label], foot, BUDGET)
    expect(all.map(({ more }) => more)).toEqual([true, false])
    expect(all.map(({ text }) => septets(text) > BUDGET)).toEqual([false, true])
    expect(bodiesOf(all)).toEqual(['Pick', label])
  })
})
