import { describe, expect, test } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../src/base/dates.ts'
import { passwordFault } from '../../src/people/password-rules.ts'
import { ACHIENG, BARAKA, openTown, STRANGER } from './kit.ts'

describe('a new one-time password', () => {
  test('goes to the number on file, replaces the one before, and is good for 24 hours to the second', async () => {
    const town = await openTown()
    await town.join()
    const first = await town.oneTime(ACHIENG)
    await town.ask(ACHIENG, 'password.reset')
    const second = await town.oneTime(ACHIENG)
    expect(second).not.toBe(first)
    expect((await town.ask(ACHIENG, 'pin.check', { pin: first })).refused).toBe('wrong')
    expect((await town.ask(ACHIENG, 'pin.check', { pin: second })).refused).toBe('choose_new')
    const { oneTimeUntil } = await town.account(ACHIENG)
    town.clock.move((oneTimeUntil ?? 0) - town.clock.now() - 5_000)
    expect((await town.ask(ACHIENG, 'pin.check', { pin: second })).refused).toBe('choose_new')
    town.clock.move(5_001)
    expect((await town.ask(ACHIENG, 'pin.check', { pin: second })).refused).toBe('wrong')
  })

  test('three an hour and six a day, also when twenty are asked for at once', async () => {
    const town = await openTown()
    await town.join()
    const before = (await town.texts(ACHIENG)).length
    const sent = async () => (await town.texts(ACHIENG)).length - before
    const many = () => Promise.all(Array.from({ length: 20 }, () => town.ask(ACHIENG, 'password.reset')))
    const answers = await many()
    expect(answers.filter(({ refused }) => refused === 'slow_down')).toHaveLength(17)
    expect(await sent()).toBe(3)
    town.clock.move(HOUR + MINUTE)
    await many()
    expect(await sent()).toBe(6)
    town.clock.move(HOUR + MINUTE)
    await many()
    expect(await sent()).toBe(6)
    town.clock.move(DAY)
    await many()
    expect(await sent()).toBe(9)
  })

  test('who is not on file, or has no account, hears the same, meets the same limits, and gets no SMS', async () => {
    const town = await openTown()
    await town.join()
    for (let n = 0; n < 5; n++) {
      const [known, unknown, without] = await Promise.all(
        [ACHIENG, STRANGER, BARAKA].map(async (msisdn) => {
          const { done, refused } = await town.ask(msisdn, 'password.reset')
          return { done, refused }
        }),
      )
      expect(unknown).toEqual(known)
      expect(without).toEqual(known)
    }
    expect(await town.texts(STRANGER)).toEqual([])
    expect(await town.texts(BARAKA)).toEqual([])
  })
})

test.each([
  ['kahawa7', 'short'],
  ['x'.repeat(129), 'long'],
  ['password1', 'common'],
  ['P@ssw0rd!', 'common'],
  ['Nenosiri2026', 'common'],
  ['kenyakenya', 'common'],
  ['abcdefgh', 'common'],
  ['11223344', 'common'],
  ['achieng99100001', 'personal'],
  ['kahawa ya asubuhi', undefined],
  ['Tr3n1Ya_Mwendo', undefined],
])('a chosen password %j is %s', (password, fault) => {
  expect(passwordFault(password, ['Achieng Odera', '+254700000901', '99100001'])).toBe(fault)
})
