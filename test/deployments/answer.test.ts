import { describe, expect, test } from 'vitest'
import { publish } from '../../src/deployments/publish.ts'
import { lookAt } from '../../src/letters/letter.ts'
import { revoke } from '../../src/letters/operate.ts'
import type { DeploymentStatus } from '../../src/store/schema.ts'
import { buildTown, codeIn, type Town } from '../letters/kit.ts'

/** One person with a released deployment of each job; reporting on 2 November 2026 unless said. */
async function withDuties(...jobs: [code: string, dates?: { startsOn: string; endsOn: string }][]) {
  const town = await buildTown()
  await town.addPerson(1)
  for (const [code, dates] of jobs) {
    await town.addJob(code, dates)
    await town.draft(1, code, dates ? { reportOn: dates.startsOn } : {})
  }
  await publish(town.app)
  return town
}

const accept = (town: Town, input = {}) => town.ask(1, 'deployments.accept', input)
const decline = (town: Town, reason = 'I am unwell', input = {}) => town.ask(1, 'deployments.decline', { reason, ...input })
const said = (outcome: { refused?: string }) => outcome.refused ?? 'done'

describe('an answer', () => {
  test.each<[DeploymentStatus, string, 'accept' | 'decline', string]>([
    ['draft', '2026-10-01', 'accept', 'none'],
    ['draft', '2026-10-01', 'decline', 'none'],
    ['released', '2026-10-01', 'accept', 'done'],
    ['released', '2026-10-01', 'decline', 'done'],
    ['released', '2026-11-02', 'accept', 'done'],
    ['released', '2026-11-02', 'decline', 'done'],
    ['released', '2026-11-03', 'accept', 'too_late'],
    ['released', '2026-11-03', 'decline', 'too_late'],
    ['accepted', '2026-11-01', 'accept', 'already'],
    ['accepted', '2026-11-01', 'decline', 'done'],
    ['accepted', '2026-11-02', 'decline', 'too_late'],
    ['declined', '2026-10-01', 'accept', 'already'],
    ['declined', '2026-10-01', 'decline', 'already'],
    ['revoked', '2026-10-01', 'accept', 'none'],
    ['revoked', '2026-10-01', 'decline', 'none'],
  ])('from %s on %s: %s is answered with %s, named or not', async (status, day, answer, outcome) => {
    for (const input of [{}, { code: 'kcse26-inv' }, { deployment: 'd1-KCSE26INV' }]) {
      const town = await withDuties(['KCSE26INV'])
      await town.work((tx) => tx.update(tx.deployments).set({ status }))
      town.goTo(day)
      expect(said(await (answer === 'accept' ? accept(town, input) : decline(town, 'no', input)))).toBe(outcome)
    }
  })

  test('is confirmed by SMS, once', async () => {
    const town = await withDuties(['KCSE26INV'])
    expect(await accept(town)).toMatchObject({
      done: { title: 'KCSE duty KCSE26INV', report_on: '2/11/2026', report_at: '07:00', answer: 'accepted' },
    })
    await accept(town)
    expect((await town.texts(1)).slice(1)).toEqual([expect.stringContaining('You accepted KCSE duty KCSE26INV')])
    expect((await town.audit()).at(-1)).toMatchObject({ action: 'deployments.accept', subject: 'p1', outcome: 'already' })
  })

  test('of no is final, keeps the reason sealed, and ends the letter', async () => {
    const town = await withDuties(['KCSE26INV'])
    const code = codeIn((await town.texts(1))[0])
    await accept(town)
    expect(await decline(town, 'My mother is ill')).toHaveProperty('done')
    const row = await town.deployment('d1-KCSE26INV')
    expect(row?.status).toBe('declined')
    expect(row?.reasonSealed).toMatch(/^v1\./)
    expect(town.app.keyring.open('deployments.reason:d1-KCSE26INV', row?.reasonSealed ?? '')).toBe('My mother is ill')
    expect(await lookAt(town.app, code)).toEqual({ refused: 'revoked' })
    expect(said(await accept(town))).toBe('already')
    expect((await town.texts(1)).at(-1)).toContain('You declined')
  })

  test('of two at once is given once', async () => {
    const town = await withDuties(['KCSE26INV'])
    const both = await Promise.all([accept(town), decline(town)])
    expect(both.map(said)).toEqual(['done', 'done'])
    expect(await town.deployment('d1-KCSE26INV')).toMatchObject({ status: 'declined' })
    const many = await Promise.all(Array.from({ length: 20 }, () => decline(town)))
    expect(many.map(said)).toEqual(Array(20).fill('already'))
    expect(await town.texts(1)).toHaveLength(3)
  })
})

describe('where more than one waits', () => {
  const two = () => withDuties(['KCSE26INV'], ['KPSEA26INV', { startsOn: '2026-10-20', endsOn: '2026-10-24' }])

  test('the person says which', async () => {
    const town = await two()
    expect(said(await accept(town))).toBe('several')
    expect(said(await decline(town))).toBe('several')
    await town.addJob('KCSE26SUP')
    expect(said(await accept(town, { code: 'KCSE26SUP' }))).toBe('none')
    expect(said(await accept(town, { code: 'WITHTHANKS' }))).toBe('several')
    expect(await accept(town, { code: 'kpsea26inv with thanks' })).toMatchObject({ done: { deployment: 'd1-KPSEA26INV' } })
    expect(await accept(town, { code: 'WITHTHANKS' })).toMatchObject({ done: { deployment: 'd1-KCSE26INV' } })
  })

  test('a no may begin with the code', async () => {
    const town = await two()
    expect(await decline(town, 'KPSEA26INV: too far away')).toMatchObject({ done: { deployment: 'd1-KPSEA26INV' } })
    const row = await town.deployment('d1-KPSEA26INV')
    expect(town.app.keyring.open('deployments.reason:d1-KPSEA26INV', row?.reasonSealed ?? '')).toBe('too far away')
  })

  test("one that was never answered in time stands in nobody's way", async () => {
    const town = await two()
    town.goTo('2026-10-27')
    expect(await accept(town)).toMatchObject({ done: { deployment: 'd1-KCSE26INV' } })
    expect(said(await accept(town))).toBe('too_late')
  })
})

describe('dates that clash', () => {
  test.each([
    ['2026-11-20', '2026-11-25', 'clash'],
    ['2026-11-21', '2026-11-25', 'done'],
    ['2026-10-20', '2026-11-02', 'clash'],
    ['2026-10-20', '2026-11-01', 'done'],
  ])('%s to %s beside 2 to 20 November: %s', async (startsOn, endsOn, outcome) => {
    const town = await withDuties(['KCSE26INV'], ['KPSEA26INV', { startsOn, endsOn }])
    expect(await accept(town, { code: 'KCSE26INV' })).toHaveProperty('done')
    expect(said(await accept(town, { code: 'KPSEA26INV' }))).toBe(outcome)
  })

  test('no longer do when the other was declined', async () => {
    const town = await withDuties(['KCSE26INV'], ['KPSEA26INV'])
    await accept(town, { code: 'KCSE26INV' })
    expect(said(await accept(town, { code: 'KPSEA26INV' }))).toBe('clash')
    await decline(town, 'changed my mind', { code: 'KCSE26INV' })
    expect(await accept(town, { code: 'KPSEA26INV' })).toHaveProperty('done')
  })
})

describe('reading', () => {
  test('shows what can be answered, and nothing of others', async () => {
    const town = await withDuties(['KCSE26INV'])
    await town.addPerson(2)
    expect(await town.ask(1, 'deployments.mine')).toMatchObject({
      done: { items: [{ deployment: 'd1-KCSE26INV', answer: 'released', county: 'Kilele' }] },
    })
    expect(await town.ask(1, 'deployments.read', { deployment: 'd1-KCSE26INV' })).toMatchObject({
      done: { can_accept: true, can_decline: true, has_letter: true },
    })
    expect(said(await town.ask(2, 'deployments.mine'))).toBe('none')
    expect(said(await town.ask(2, 'deployments.read', { deployment: 'd1-KCSE26INV' }))).toBe('none')
    expect(said(await town.ask(2, 'deployments.accept', { deployment: 'd1-KCSE26INV' }))).toBe('none')
    await revoke(town.app, { deployment: 'd1-KCSE26INV', why: 'made in error' })
    expect(said(await town.ask(1, 'deployments.mine'))).toBe('none')
  })
})
