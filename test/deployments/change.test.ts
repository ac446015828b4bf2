import { describe, expect, test } from 'vitest'
import type { Actor } from '../../src/action.ts'
import { enterDeployment, moveDeployment, type Seen, sendNewLetter, takeBack } from '../../src/deployments/change.ts'
import { publish } from '../../src/deployments/publish.ts'
import { buildTown, idOf, onBothEngines } from '../letters/kit.ts'

const JOB = 'KCSE26INV'
const officer = (name: string): Actor => ({ via: 'console', name: `officer:${name}`, signed: false, language: 'en' })
const [ONE, OTHER] = [officer('a'), officer('b')]
const everywhere = () => true
const elsewhere = { centreCode: '10101002', reportOn: '2026-11-03', reportAt: '06:30' }

async function openOffice({ released = true } = {}) {
  const town = await buildTown()
  await town.addJob(JOB)
  await town.addPerson(1)
  const id = await town.draft(1, JOB)
  if (released) await publish(town.app)
  const held = async () => {
    const row = await town.deployment(id)
    if (!row) throw new Error('it is gone')
    return row
  }
  town.goTo('2026-10-02')
  return {
    ...town,
    id,
    held,
    seen: async (once: string): Promise<Seen> => ({ id, changedAt: (await held()).changedAt, once }),
    move: (by: Actor, seen: Seen, place = elsewhere, mine: (county: string) => boolean = everywhere) =>
      moveDeployment(town.app, by, { ...seen, place, mine }),
  }
}

onBothEngines(() => {
  describe('an officer changes a deployment', () => {
    test('two at once: one acts, the other is told; the form that acted says so however often it comes', async () => {
      const office = await openOffice()
      const [first, second] = [await office.seen('one'), await office.seen('two')]
      const results = await Promise.all([office.move(ONE, first), takeBack(office.app, OTHER, second, 'closed')])
      expect(results.filter((result) => result === 'changed')).toHaveLength(1)
      office.goTo('2026-10-03')
      const again = await Promise.all([office.move(ONE, first), takeBack(office.app, OTHER, second, 'closed')])
      expect(again.toSorted()).toEqual(['again', 'changed'])
      // A letter and what followed it, once.
      expect(await office.texts(1)).toHaveLength(2)
    })

    test('a draft that is moved tells nobody; one with a letter gets the next', async () => {
      const draft = await openOffice({ released: false })
      expect(await draft.move(ONE, await draft.seen('one'))).toEqual({ moved: 'draft' })
      expect(await draft.held()).toMatchObject({ status: 'draft', ...elsewhere, county: 'Kilele', letterVersion: 0 })
      expect(await draft.texts(1)).toEqual([])
      const told = await openOffice()
      expect(await told.move(ONE, await told.seen('one'))).toEqual({ moved: 'letter' })
      expect(await told.held()).toMatchObject({ status: 'released', ...elsewhere, letterVersion: 2 })
      expect((await told.letters()).filter(({ revokedAt }) => revokedAt === null)).toHaveLength(1)
    })

    test('one that was declined or revoked is a draft again, and nobody is told', async () => {
      const office = await openOffice()
      await office.ask(1, 'deployments.decline', { reason: 'ill' })
      const texts = (await office.texts(1)).length
      expect(await office.move(ONE, await office.seen('one'))).toEqual({ moved: 'draft' })
      expect(await office.held()).toMatchObject({ status: 'draft', reasonSealed: null })
      expect(await office.texts(1)).toHaveLength(texts)
    })

    test('what stands against a place, or is not this officer’s county, is said and nothing is written', async () => {
      const office = await openOffice()
      const before = await office.held()
      const bad = async (place: typeof elsewhere, mine?: (county: string) => boolean) => {
        const result = await office.move(ONE, await office.seen('x'), place, mine)
        return typeof result === 'object' && 'bad' in result ? result.bad.map(({ code }) => code) : result
      }
      expect(await bad({ ...elsewhere, centreCode: '99999999' })).toEqual(['no_station'])
      expect(await bad({ ...elsewhere, reportOn: '2026-12-31' })).toEqual(['day'])
      expect(await bad({ ...elsewhere, reportOn: 'soon', reportAt: '7' })).toEqual(['form_report_on', 'form_report_at'])
      expect(await bad(elsewhere, (county) => county === 'Mombasa')).toEqual(['outside'])
      expect(await bad(elsewhere, (county) => county === 'Kilele')).toEqual(['elsewhere'])
      expect(await office.held()).toEqual(before)
    })

    test('a draft is dropped silently and never leaves by a new letter; a letter that is revoked says so once', async () => {
      const draft = await openOffice({ released: false })
      expect(await sendNewLetter(draft.app, ONE, await draft.seen('one'))).toEqual({ refused: 'draft' })
      draft.goTo('2026-10-03')
      expect(await takeBack(draft.app, ONE, await draft.seen('two'), 'a mistake')).toEqual({ revoked: true })
      expect(await draft.held()).toMatchObject({ status: 'revoked' })
      expect(await sendNewLetter(draft.app, ONE, await draft.seen('three'))).toEqual({ refused: 'draft' })
      expect(await draft.texts(1)).toEqual([])
      const told = await openOffice()
      expect(await takeBack(told.app, ONE, await told.seen('one'), 'closed')).toEqual({ revoked: true })
      told.goTo('2026-10-03')
      expect(await takeBack(told.app, ONE, await told.seen('two'), 'closed')).toEqual({ refused: 'already' })
      expect(await told.texts(1)).toHaveLength(2)
    })

    test('entered by hand: once for one form, and never beside one that is there', async () => {
      const office = await openOffice()
      await office.addPerson(2)
      const values = { job_code: JOB, national_id: idOf(2), centre_code: '10101003', report_on: '2026-11-02', report_at: '' }
      const enter = (id: string, changes = {}) =>
        enterDeployment(office.app, ONE, { id, values: { ...values, ...changes }, mine: everywhere })
      expect(await Promise.all([enter('e1'), enter('e1')])).toEqual([{ entered: 'e1' }, { entered: 'e1' }])
      expect(await enter('e2')).toEqual({ held: 'e1' })
      expect(await enter('e3', { national_id: idOf(1) })).toEqual({ held: office.id })
      expect(await office.deployment('e1')).toMatchObject({ status: 'draft', reportAt: '07:00', county: 'Kilele' })
      expect(await enter('e4', { national_id: '1' })).toMatchObject({ bad: [{ code: 'form_national_id' }] })
    })
  })
})
