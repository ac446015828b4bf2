import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fillNameCounties } from '../../src/people/name-words.ts'
import { applyRoll, rollRow } from '../../src/people/roll.ts'
import { findPeople } from '../../src/people/search.ts'
import { type OpenDesk, openDesk } from '../kit/desk.ts'

let desk: OpenDesk
beforeEach(async () => {
  desk = await openDesk()
})
afterEach(() => desk.close())

const PLACES = ['Kisumu', 'Lamu', 'Siaya']
const rows = (from: number, count: number, name: (n: number) => string) =>
  Array.from({ length: count }, (_, n) =>
    rollRow.parse({
      national_id: `97${String(from + n).padStart(6, '0')}`,
      full_name: name(n),
      phone: `+254700000${String(100 + (n % 800)).padStart(3, '0')}`,
      qualification: 'degree',
      subjects: '',
      home_county: PLACES[n % 3],
      home_sub_county: 'Central',
      status: 'vetted',
    }),
  )
const bring = (list: ReturnType<typeof rows>) => desk.app.store.work('roll', (tx) => applyRoll(tx, desk.app, 1, list))
const find = async (text: string, counties: string[] = []) => {
  const found: string[] = []
  for (let after: string | undefined, more = true; more; ) {
    const page = await findPeople(desk.app, text, { counties, after })
    found.push(...page.people.map(({ id }) => id))
    after = page.next
    more = after !== undefined
  }
  return found
}

test('everybody whose name fits is found once, and only in the counties that were asked for', async () => {
  await bring(rows(0, 120, (n) => `Zuhura ${n % 2 ? 'Zainab' : 'Kassim'} Ng'ang'a`))
  expect(new Set(await find('zuh')).size).toBe(120)
  expect(await find('zu')).toHaveLength(120)
  expect(new Set(await find('zai zuh')).size).toBe(60)
  expect(await find("kassim ng'ang'a", ['Lamu'])).toHaveLength(20)
  expect(await find('zuhura', ['Lamu', 'Siaya'])).toHaveLength(80)
  expect(await find('zuhura', ['Turkana'])).toEqual([])
  expect(await find('zuhura nobody')).toEqual([])
  for (const nothing of ['', ' ', 'z', '%', "'", '..']) expect(await find(nothing), nothing).toEqual([])
})

test('who moves to another county is found there, and words of an older version are given their county', async () => {
  await bring(rows(500, 3, () => 'Zuhura Mwanzo'))
  await bring(rows(500, 3, () => 'Zuhura Mwanzo').map((row) => ({ ...row, home_county: 'Turkana' })))
  expect(await find('mwanzo', ['Turkana'])).toHaveLength(3)
  expect(await find('mwanzo', ['Kisumu'])).toEqual([])
  await desk.app.store.work('old', (tx) => tx.update(tx.nameWords).set({ county: '' }))
  expect(await find('mwanzo', ['Turkana'])).toEqual([])
  expect(await fillNameCounties(desk.app)).toBeGreaterThanOrEqual(3)
  expect(await find('mwanzo', ['Turkana'])).toHaveLength(3)
  expect(await fillNameCounties(desk.app)).toBe(0)
  const { read } = desk.app.store
  expect(await read.select().from(read.nameWords).where(eq(read.nameWords.county, ''))).toEqual([])
})
