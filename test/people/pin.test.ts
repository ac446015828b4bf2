import { describe, expect, test } from 'vitest'
import type { Outcome } from '../../src/action.ts'
import { HOUR, MINUTE } from '../../src/base/dates.ts'
import { ACHIENG, BARAKA, openTown, PIN } from './kit.ts'

const varOf = (outcome: Outcome, name: string) => (outcome.refused === undefined ? outcome.done : outcome.vars)?.[name]
const WRONG = '830565'

describe('choosing a PIN', () => {
  test('it is typed twice alike, not weak, not personal; a refused one is not kept', async () => {
    const town = await openTown()
    await town.ask(ACHIENG, 'people.register', { national_id: '99100001' })
    const choose = (pin: string, again = pin) => town.ask(ACHIENG, 'pin.choose', { pin, again })
    expect((await choose(PIN, WRONG)).refused).toBe('differ')
    expect((await choose('123456')).refused).toBe('weak')
    expect((await choose('991047')).refused).toBe('personal')
    expect((await town.account(ACHIENG)).pinHash).toBeNull()
    expect((await town.ask(ACHIENG, 'pin.state')).refused).toBe('none')
    expect((await choose(PIN)).done).toMatchObject({ signed: true })
    expect((await town.account(ACHIENG)).pinHash).not.toContain(PIN)
    expect((await town.ask(ACHIENG, 'pin.state')).refused).toBeUndefined()
  })

  test('another one needs the old one, or the one-time password, which is then used up', async () => {
    const town = await openTown()
    await town.join()
    const fresh = { pin: '582013', again: '582013' }
    expect((await town.ask(ACHIENG, 'pin.choose', fresh)).refused).toBe('pin_needed')
    const oneTime = await town.oneTime(ACHIENG)
    expect(await town.ask(ACHIENG, 'pin.check', { pin: oneTime })).toMatchObject({
      refused: 'choose_new',
      vars: { proven: true },
    })
    expect((await town.ask(ACHIENG, 'pin.choose', { ...fresh, proven: true })).refused).toBeUndefined()
    expect((await town.ask(ACHIENG, 'pin.check', { pin: '582013' })).done).toMatchObject({ signed: true })
    expect((await town.ask(ACHIENG, 'pin.check', { pin: PIN })).refused).toBe('wrong')
    expect((await town.ask(ACHIENG, 'pin.check', { pin: oneTime })).refused).toBe('wrong')
  })
})

describe('guessing a PIN', () => {
  test('of 200 guesses at once five are looked at, though the right one is among the others', async () => {
    const town = await openTown()
    await town.join()
    const tries = Array.from({ length: 200 }, (_, n) => (n < 5 ? WRONG : n === 100 ? PIN : String(600_000 + n)))
    const answers = await Promise.all(tries.map((pin) => town.ask(ACHIENG, 'pin.check', { pin })))
    expect(answers.filter(({ refused }) => refused === 'wrong')).toHaveLength(5)
    expect(answers.filter(({ refused }) => refused === 'locked')).toHaveLength(195)
    expect((await town.ask(ACHIENG, 'pin.check', { pin: PIN })).refused).toBe('locked')
  })

  test('says how many tries are left; locks for 30 minutes, 2 hours, 24 hours, then until an officer helps', async () => {
    const town = await openTown()
    await town.join()
    const guess = (pin = WRONG) => town.ask(ACHIENG, 'pin.check', { pin })
    const left = []
    for (let n = 0; n < 5; n++) left.push(varOf(await guess(), 'tries_left'))
    expect(left).toEqual([4, 3, 2, 1, 0])
    for (const [lock, tries] of [
      [30 * MINUTE, 2],
      [2 * HOUR, 2],
      [24 * HOUR, 1],
    ] as const) {
      expect((await guess(PIN)).refused).toBe('locked')
      town.clock.move(lock - MINUTE)
      expect((await guess(PIN)).refused).toBe('locked')
      town.clock.move(MINUTE)
      for (let n = 0; n < tries; n++) expect((await guess()).refused).toBe('wrong')
    }
    town.clock.move(1_000 * HOUR)
    expect((await guess(PIN)).refused).toBe('officer')
  })

  test('the right one begins the count anew, and one number never locks another', async () => {
    const town = await openTown()
    await town.join()
    await town.join(BARAKA, '99100002')
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 4; n++) expect((await town.ask(ACHIENG, 'pin.check', { pin: WRONG })).refused).toBe('wrong')
      expect((await town.ask(ACHIENG, 'pin.check', { pin: PIN })).done).toMatchObject({ signed: true })
    }
    for (let n = 0; n < 6; n++) await town.ask(ACHIENG, 'pin.check', { pin: WRONG })
    expect((await town.ask(ACHIENG, 'pin.check', { pin: PIN })).refused).toBe('locked')
    expect((await town.ask(BARAKA, 'pin.check', { pin: PIN })).done).toMatchObject({ signed: true })
  })
})
