import { describe, expect, test } from 'vitest'
import { publish } from '../../src/deployments/publish.ts'
import { lookAt } from '../../src/letters/letter.ts'
import { buildTown, codeIn, onBothEngines, type Town } from '../letters/kit.ts'

/** `count` people, each with a draft. */
async function withDrafts(count: number): Promise<Town> {
  const town = await buildTown()
  await town.addJob('KCSE26INV')
  for (let n = 1; n <= count; n++) {
    await town.addPerson(n)
    await town.draft(n, 'KCSE26INV')
  }
  return town
}

/** Everybody has exactly one letter, link and text, and no draft is left. */
async function everyoneOnce(town: Town, count: number) {
  const letters = await town.letters()
  expect(letters).toHaveLength(count)
  expect(new Set(letters.map(({ reference }) => reference)).size).toBe(count)
  expect(await town.links()).toHaveLength(count)
  for (let n = 1; n <= count; n++) {
    expect(await town.texts(n)).toHaveLength(1)
    expect(await town.deployment(`d${n}-KCSE26INV`)).toMatchObject({ status: 'released', letterVersion: 1 })
  }
}

onBothEngines(() => {
  describe('publishing', () => {
    test('gives each draft a letter, a link that works and an SMS in the language of its holder', async () => {
      const town = await withDrafts(2)
      await town.work((tx) => tx.insert(tx.subscribers).values({ msisdn: '+254700000002', language: 'sw' }))
      expect(await publish(town.app, { job: 'kcse26-inv' })).toEqual({ released: 2, held: 0 })
      const [english] = await town.texts(1)
      expect(english).toMatch(/^Letter: KCSE duty KCSE26INV, Kilele Secondary, 2\/11\/2026\. https:\/\/wito\.test\/l\/\S{19} /)
      expect((await town.texts(2))[0]).toMatch(/^Barua: Kazi ya KCSE/)
      expect(await lookAt(town.app, codeIn(english))).toHaveProperty('open')
      expect((await town.audit()).map(({ action, detail }) => ({ action, detail }))).toEqual([
        { action: 'deployments.publish', detail: { released: 2, held: 0, job: 'KCSE26INV' } },
      ])
    })

    test('takes 50 a unit, says how far it is, and does nothing the second time', async () => {
      const town = await withDrafts(120)
      const seen: string[] = []
      expect(await publish(town.app, {}, (done, of) => seen.push(`${done}/${of}`))).toEqual({ released: 120, held: 0 })
      expect(seen).toEqual(['50/120', '100/120', '120/120'])
      expect(await publish(town.app)).toEqual({ released: 0, held: 0 })
      await everyoneOnce(town, 120)
    })

    test('that was cut off between units goes on where it stopped', async () => {
      const town = await withDrafts(120)
      const stop = (done: number) => {
        if (done === 50) throw new Error('cut off')
      }
      await expect(publish(town.app, {}, stop)).rejects.toThrow('cut off')
      expect(await town.letters()).toHaveLength(50)
      expect(await publish(town.app)).toEqual({ released: 70, held: 0 })
      await everyoneOnce(town, 120)
    })

    test('that broke inside a unit leaves nothing half done', async () => {
      const town = await withDrafts(60)
      let left = 100
      const failing = { ...town.app.clock, id: () => (left-- > 0 ? town.app.clock.id() : fail()) }
      await expect(publish({ ...town.app, clock: failing })).rejects.toThrow('no more ids')
      expect(await town.letters()).toHaveLength(0)
      expect(await town.texts(1)).toHaveLength(0)
      expect(await publish(town.app)).toEqual({ released: 60, held: 0 })
      await everyoneOnce(town, 60)
    })

    test('by two at once writes nobody twice', async () => {
      const town = await withDrafts(60)
      const both = await Promise.all([publish(town.app), publish(town.app)])
      expect(both.reduce((sum, each) => sum + ('released' in each ? each.released : 0), 0)).toBe(60)
      await everyoneOnce(town, 60)
    })

    test('holds back who is suspended, leaves other jobs alone, and knows no job by a wrong code', async () => {
      const town = await withDrafts(2)
      await town.addJob('KPSEA26INV')
      await town.draft(1, 'KPSEA26INV')
      await town.addPerson(9, { status: 'suspended' })
      await town.draft(9, 'KCSE26INV')
      expect(await publish(town.app, { job: 'KCSE26INV' })).toEqual({ released: 2, held: 1 })
      expect(await town.deployment('d9-KCSE26INV')).toMatchObject({ status: 'draft' })
      expect(await town.deployment('d1-KPSEA26INV')).toMatchObject({ status: 'draft' })
      expect(await publish(town.app, { job: 'NOSUCH' })).toEqual({ refused: 'unknown_job' })
    })
  })
})

function fail(): never {
  throw new Error('no more ids')
}
