import { expect, test } from 'vitest'
import { type Figure, figureTable, summed } from '../../src/bench/figure.ts'

const beside: Figure = {
  work: 'hop',
  reference: 'bare Koa',
  unit: '/s',
  pairs: [
    { ours: 900, theirs: 1_000 },
    { ours: 500, theirs: 1_000 },
    { ours: 2_400, theirs: 3_000 },
  ],
  reach: { atLeast: 0.7 },
}
const alone: Figure = {
  work: 'start',
  reference: '',
  unit: 's',
  pairs: [{ ours: 1 }, { ours: 2 }],
  reach: { atMost: 1.4 },
  note: 'warm',
}

test('the ratio is the middle one of the rounds, not one of the middles', () => {
  expect(summed(beside)).toEqual({ ours: 900, theirs: 1_000, middle: 0.8, least: 0.5, greatest: 0.9, reached: true })
})

test('of two rounds the middle lies between them, and what has no reference is held to its own value', () => {
  expect(summed(alone)).toEqual({ ours: 1.5, theirs: undefined, middle: 1.5, least: 1, greatest: 2, reached: false })
  expect(summed({ ...alone, reach: { atMost: 1.5 } }).reached).toBe(true)
  const { reach: _, ...unpromised } = alone
  expect(summed(unpromised).reached).toBeUndefined()
  expect(figureTable([unpromised]).split('\n')[2]?.trimEnd()).toMatch(/1\.00-2\.00$/)
})

test('the table says how many rounds there were and how far they lay apart, and what else must be said', () => {
  const [head, , ...rows] = figureTable([beside, alone, { ...beside, pairs: beside.pairs.slice(0, 1) }]).split('\n')
  const cells = (line = '') => line.trim().split(/ {2,}/)
  expect(cells(head)).toEqual(['work', 'ours', 'reference', 'rounds', 'ratio', 'spread', 'reach', 'reached'])
  expect(cells(rows[0])).toEqual(['hop', '900 /s', 'bare Koa', '1,000 /s', '3', '0.80', '0.50-0.90', 'at least 0.7', 'yes'])
  expect(cells(rows[1])).toEqual(['start', '1.50 s', '2', '1.00-2.00', 'at most 1.4', 'NO'])
  expect(cells(rows[2])).toEqual(['hop', '900 /s', 'bare Koa', '1,000 /s', '1', '0.90', 'at least 0.7', 'yes'])
  expect(rows[3]).toBe('start: warm')
})
