import { and, eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import type { Actor } from '../../src/action.ts'
import { actions } from '../../src/catalogue.ts'
import { performing } from '../../src/perform.ts'
import { operate } from '../kit/operator.ts'
import { ACHIENG, BARAKA, openTown, PIN } from '../people/kit.ts'

const operator: Actor = { via: 'cli', name: 'operator:test', signed: false, language: 'en' }

/** Two people with complete profiles, and the words that an application of theirs brought. */
async function openTownOfTwo() {
  const town = await openTown()
  const { app } = town
  const { read } = app.store
  for (const [phone, national_id] of [
    [ACHIENG, '99100001'],
    [BARAKA, '99100002'],
  ])
    await operate(app, { account: { phone, national_id, pin: PIN } })
  const rowOf = async (msisdn: string, job: string) => {
    const [found] = await read
      .select({ application: read.applications })
      .from(read.applications)
      .innerJoin(read.people, eq(read.people.id, read.applications.personId))
      .where(and(eq(read.people.msisdn, msisdn), eq(read.applications.jobCode, job)))
    return found?.application
  }
  return {
    ...town,
    rowOf,
    apply: (msisdn: string, code: string) => town.ask(msisdn, 'jobs.apply', { code }, true),
    decide: async (msisdn: string, job: string, to: string) =>
      performing(app, actions, msisdn, async (_, perform) =>
        perform('applications.decide', operator, { application: (await rowOf(msisdn, job))?.id ?? '', to }),
      ),
    taken: async (code: string) => (await read.select().from(read.jobs).where(eq(read.jobs.code, code)))[0]?.taken,
    /** What was said of applications, without what was said of the account. */
    said: async (msisdn: string, word: RegExp) => (await town.texts(msisdn)).filter((text) => word.test(text)),
  }
}

describe('applying', () => {
  test('twenty times at once is one application with one reference and one SMS', async () => {
    const town = await openTownOfTwo()
    const all = await Promise.all(Array.from({ length: 20 }, () => town.apply(ACHIENG, 'KCSE26INV')))
    const [won, ...others] = all.filter(({ refused }) => refused === undefined)
    expect(others).toEqual([])
    expect(all.filter(({ refused }) => refused === 'again')).toHaveLength(19)
    const reference = String(won?.done?.reference)
    expect(reference).toMatch(/^A[2-9A-Z]{7}$/)
    expect(await town.said(ACHIENG, new RegExp(reference))).toHaveLength(1)
  })

  test('ends with the last day, to the second', async () => {
    const town = await openTownOfTwo()
    const { read } = town.app.store
    const [job] = await read.select().from(read.jobs).where(eq(read.jobs.code, 'KCSE26INV'))
    const end = Date.parse(`${job?.closesOn}T23:59:59.999+03:00`)
    town.clock.move(end - town.clock.now() - 2_000)
    expect((await town.apply(ACHIENG, 'KCSE26INV')).refused).toBeUndefined()
    town.clock.move(2_001)
    expect((await town.apply(BARAKA, 'KCSE26INV')).refused).toBe('closed')
  })

  test.each([
    ['KPSEA26INV', 'not_open'],
    ['KCSE26SEC', 'closed'],
    ['KCSE26DRV', 'county'],
    ['NOSUCHJOB', 'unknown'],
  ])('for %s is refused as %s, and nothing is written', async (code, why) => {
    const town = await openTownOfTwo()
    expect((await town.apply(ACHIENG, code)).refused).toBe(why)
    expect(await town.rowOf(ACHIENG, code)).toBeUndefined()
  })

  test('the rules are data: with another rule another answer', async () => {
    const town = await openTownOfTwo()
    await town.app.store.work('rules', async (tx) => {
      await tx.insert(tx.series).values({ exam: 'KCSE2026', rules: { levels: ['primary'] }, version: 1, at: town.clock.now() })
    })
    expect((await town.apply(ACHIENG, 'KCSE26INV')).refused).toBe('level')
    await town.app.store.work('rules', async (tx) => {
      await tx.update(tx.series).set({ rules: { levels: ['secondary'] }, version: 2 })
    })
    const only = (gender: string) => ({ rules: { gender: { KCSE26INV: gender } }, version: 3 })
    await town.app.store.work('rules', async (tx) => void (await tx.update(tx.series).set(only('male'))))
    expect((await town.apply(ACHIENG, 'KCSE26INV')).refused).toBe('gender')
    await town.app.store.work('rules', async (tx) => void (await tx.update(tx.series).set(only('female'))))
    expect((await town.apply(ACHIENG, 'KCSE26INV')).refused).toBeUndefined()
  })

  test('withdrawn before a decision, it can be made again; after one it cannot be withdrawn', async () => {
    const town = await openTownOfTwo()
    await town.apply(ACHIENG, 'KCSE26INV')
    const withdraw = async () =>
      town.ask(ACHIENG, 'applications.withdraw', { application: (await town.rowOf(ACHIENG, 'KCSE26INV'))?.id }, true)
    expect((await withdraw()).refused).toBeUndefined()
    expect((await town.apply(ACHIENG, 'KCSE26INV')).refused).toBeUndefined()
    await town.decide(ACHIENG, 'KCSE26INV', 'successful')
    expect((await withdraw()).refused).toBe('decided')
  })
})

describe('deciding', () => {
  test('each step is told once, in order, and repeated changes nothing', async () => {
    const town = await openTownOfTwo()
    await town.apply(ACHIENG, 'KCSE26INV')
    const before = (await town.texts(ACHIENG)).length
    for (const to of ['nominated', 'reserve', 'successful']) {
      expect((await town.decide(ACHIENG, 'KCSE26INV', to)).refused).toBeUndefined()
      expect((await town.decide(ACHIENG, 'KCSE26INV', to)).refused).toBeUndefined()
    }
    expect((await town.texts(ACHIENG)).length - before).toBe(3)
    expect((await town.rowOf(ACHIENG, 'KCSE26INV'))?.status).toBe('successful')
  })

  test.each([
    ['successful', 'nominated'],
    ['successful', 'unsuccessful'],
    ['unsuccessful', 'successful'],
    ['reserve', 'nominated'],
  ])('from %s there is no way to %s', async (from, to) => {
    const town = await openTownOfTwo()
    await town.apply(ACHIENG, 'KCSE26INV')
    await town.decide(ACHIENG, 'KCSE26INV', from)
    expect((await town.decide(ACHIENG, 'KCSE26INV', to)).refused).toBe('too_late')
    expect((await town.rowOf(ACHIENG, 'KCSE26INV'))?.status).toBe(from)
  })

  test('two people and one place, at once: one is successful, and the place is counted once', async () => {
    const town = await openTownOfTwo()
    await Promise.all([ACHIENG, BARAKA].map((msisdn) => town.apply(msisdn, 'KCSE26SUP')))
    const both = await Promise.all([ACHIENG, BARAKA].map((msisdn) => town.decide(msisdn, 'KCSE26SUP', 'successful')))
    expect(both.map(({ refused }) => refused).sort()).toEqual(['full', undefined])
    expect(await town.taken('KCSE26SUP')).toBe(1)
  })
})
