import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type FieldName, fieldNames, profileFields, sameName } from '../../src/people/profile-fields.ts'
import { profileAnswers } from '../kit/town.ts'
import { ACHIENG, openTown } from './kit.ts'

const read = (field: FieldName, text: string) => profileFields[field].format.read(text)

describe('a field is taken', () => {
  test.each<[FieldName, string, string]>([
    ['gender', '2', 'male'],
    ['gender', ' Female ', 'female'],
    ['birth_year', '1 9 8 8', '1988'],
    ['account_number', '1100-2233', '1100-2233'],
    ['qualification', '3', 'degree'],
    ['subjects', 'Mathematics and Physics', 'mathematics;physics'],
    ['subjects', 'hisabati na  fizikia', 'hisabati;fizikia'],
    ['workstation_code', '4210 1001', '42101001'],
    ['kin_phone', '0700 000 999', '+254700000999'],
    ['kra_pin', 'a001 234567 z', 'A001234567Z'],
    ['tsc_number', 'hakuna', 'NONE'],
    ['sha', 'cr1234567890123-4', 'CR1234567890123-4'],
  ])('%s %j as %j', (field, typed, kept) => expect(read(field, typed)).toBe(kept))

  test.each<[FieldName, string]>([
    ['gender', '3'],
    ['birth_year', '88'],
    ['birth_year', '2031'],
    ['bank_code', 'Equity'],
    ['qualification', 'PhD student'],
    ['subjects', '12, 13'],
    ['workstation_code', '4210100'],
    ['kin_phone', '020 222 0000'],
    ['kra_pin', 'A00123456Z'],
    ['kra_pin', 'P001234567Z'],
    ['town', ' '],
    ['town', 'Kisumu*1'],
  ])('%s %j is not', (field, typed) => expect(read(field, typed)).toBeUndefined())

  test('whatever is typed, nothing throws, and what was taken is taken again as it is', () => {
    fc.assert(
      fc.property(fc.constantFrom(...fieldNames), fc.string({ unit: 'binary', maxLength: 70 }), (field, typed) => {
        const kept = read(field, typed)
        if (kept !== undefined && field !== 'subjects') expect(read(field, kept)).toBe(kept)
      }),
      { numRuns: 2_000 },
    )
  })

  test('names are the same in any order, case and spelling of marks', () => {
    expect(sameName('Wanjirũ, Esther', 'ESTHER WANJIRU')).toBe(true)
    expect(sameName('Esther Wanjiru', 'Esther Wanjiku')).toBe(false)
  })
})

describe('completing the profile', () => {
  test('a field at a time, each kept by itself, and it goes on where it was left, up to 100 %', async () => {
    const town = await openTown()
    await town.join()
    const next = () => town.ask(ACHIENG, 'profile.next', {}, true)
    let percent = Number((await next()).done?.percent)
    // What the roll knows is not asked again.
    expect(percent).toBeGreaterThan(0)
    for (let left = fieldNames.length; left > 0; left--) {
      const outcome = await next()
      if (outcome.refused === 'complete') break
      const field = outcome.done?.field as FieldName
      const saved = await town.ask(ACHIENG, 'profile.save', { field, value: profileAnswers[field] }, true)
      expect(saved.refused, field).toBeUndefined()
      expect(Number(saved.done?.percent)).toBeGreaterThan(percent)
      percent = Number(saved.done?.percent)
    }
    expect(percent).toBe(100)
    expect((await next()).refused).toBe('complete')
  })

  test('needs the PIN, and a wrong value is kept by nobody', async () => {
    const town = await openTown()
    await town.join()
    const save = (field: FieldName, value: string, signed = true, sure = false) =>
      town.ask(ACHIENG, 'profile.save', { field, value, sure }, signed)
    expect((await save('town', 'Kisumu', false)).refused).toBe('pin_needed')
    expect((await save('kra_pin', 'A1')).refused).toBe('wrong')
    expect((await town.ask(ACHIENG, 'profile.group', { group: 'personal' }, true)).done?.items).toContainEqual({
      field: 'town',
      value: '-',
    })
  })

  test.each<[FieldName, string, string]>([
    ['account_number', '12345', 'odd'],
    ['account_name', 'Otieno Odera', 'name_differs'],
    ['workstation_code', '99999999', 'unknown_station'],
    ['nssf', '123', 'odd'],
    ['sha', 'ABC123', 'odd'],
    ['tsc_number', 'TSC/77', 'odd'],
  ])('%s %j is asked about once more (%s), then kept', async (field, value, doubt) => {
    const town = await openTown()
    await town.join()
    const typed = value.replace('/', '-')
    expect((await town.ask(ACHIENG, 'profile.save', { field, value: typed }, true)).refused).toBe(doubt)
    expect((await town.ask(ACHIENG, 'profile.save', { field, value: typed, sure: true }, true)).refused).toBeUndefined()
  })

  test('what is kept is sealed, and numbers are shown by their last four', async () => {
    const town = await openTown()
    await town.join()
    await town.ask(ACHIENG, 'profile.save', { field: 'account_number', value: '1100223344' }, true)
    const { read: store } = town.app.store
    expect(JSON.stringify(await store.select().from(store.profileFields))).not.toContain('1100223344')
    const group = await town.ask(ACHIENG, 'profile.group', { group: 'bank' }, true)
    expect(group.done?.items).toContainEqual({ field: 'account_number', value: '..3344' })
  })
})
