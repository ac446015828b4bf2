import { describe, expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../src/base/dates.ts'
import { ACHIENG, ACHIENG_ID, BARAKA, DAHIR, openTown, STRANGER } from './kit.ts'

describe('creating an account', () => {
  test('needs the ID that the roll holds for this number; username and one-time password come by SMS alone', async () => {
    const town = await openTown()
    const outcome = await town.ask(ACHIENG, 'people.register', { national_id: ACHIENG_ID })
    expect(outcome.done).toEqual({ first_name: 'Achieng', username: ACHIENG })
    const [text, ...others] = await town.texts(ACHIENG)
    expect(others).toEqual([])
    expect(text).toContain(ACHIENG)
    const password = await town.oneTime(ACHIENG)
    expect(password).toMatch(/^\d{8}$/)
    expect(JSON.stringify(outcome)).not.toContain(password)
    expect(JSON.stringify(await town.account(ACHIENG))).not.toContain(password)
  })

  test('another number, a wrong ID, a suspended person and a stranger get one and the same answer', async () => {
    const town = await openTown()
    const refusals = [
      await town.ask(BARAKA, 'people.register', { national_id: ACHIENG_ID }),
      await town.ask(BARAKA, 'people.register', { national_id: '12345678' }),
      await town.ask(DAHIR, 'people.register', { national_id: '99100004' }),
      await town.ask(STRANGER, 'people.register', { national_id: ACHIENG_ID }),
    ]
    for (const refusal of refusals) expect(refusal).toEqual(refusals[0])
    expect(refusals[0]?.refused).toBe('not_matched')
    expect(await town.accounts()).toEqual([])
    for (const msisdn of [ACHIENG, BARAKA, DAHIR, STRANGER]) expect(await town.texts(msisdn)).toEqual([])
  })

  test('five times at once makes one account and one SMS', async () => {
    const town = await openTown()
    const all = await Promise.all(
      Array.from({ length: 5 }, () => town.ask(ACHIENG, 'people.register', { national_id: ACHIENG_ID })),
    )
    expect(all.filter(({ refused }) => refused === undefined)).toHaveLength(1)
    expect(all.filter(({ refused }) => refused === 'already')).toHaveLength(4)
    expect((await town.ask(ACHIENG, 'people.register', { national_id: ACHIENG_ID })).refused).toBe('slow_down')
    expect(await town.accounts()).toHaveLength(1)
    expect(await town.texts(ACHIENG)).toHaveLength(1)
  })

  test('five tries an hour: nobody finds out an ID by trying', async () => {
    const town = await openTown()
    const wrong = (n: number) => town.ask(ACHIENG, 'people.register', { national_id: String(20_000_000 + n) })
    for (let n = 0; n < 5; n++) expect((await wrong(n)).refused).toBe('not_matched')
    expect((await town.ask(ACHIENG, 'people.register', { national_id: ACHIENG_ID })).refused).toBe('slow_down')
    town.clock.move(HOUR + MINUTE)
    expect((await town.ask(ACHIENG, 'people.register', { national_id: ACHIENG_ID })).refused).toBeUndefined()
  })
})
