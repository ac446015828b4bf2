import { eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { acting } from '../../src/acting.ts'
import type { Actor } from '../../src/action.ts'
import { askRelease, beginRelease, RELEASE_RUN, releaseRun } from '../../src/deployments/release.ts'
import { decideOrder } from '../../src/orders/order.ts'
import { resumeRun, stopRun } from '../../src/runs/run.ts'
import { finishRuns } from '../kit/runs.ts'
import { buildTown, onBothEngines, type Town } from '../letters/kit.ts'

const officer = (name: string): Actor => ({ via: 'console', name: `officer:${name}`, signed: false, language: 'en' })
const ASKS = officer('a')
const AGREES = officer('b')
const JOB = 'KCSE26INV'

/** `count` drafts, and what two officers and the work in the background do with them. */
async function openOffice(count: number) {
  const town = await buildTown()
  await town.addJob(JOB)
  for (let n = 1; n <= count; n++) {
    await town.addPerson(n)
    await town.draft(n, JOB)
  }
  town.goTo('2026-10-01', 10)
  const { app } = town
  const { read } = app.store
  const order = async (id: string) => (await read.select().from(read.orders).where(eq(read.orders.id, id)))[0]
  return {
    ...town,
    order,
    ask: (id = 'once-1', county?: string) => askRelease(app, ASKS, { job: JOB, county, id }),
    /** Agrees to what is shown now, or to what was shown before. */
    decide: async (id: string, by: Actor, { yes = true, digest = undefined as string | undefined } = {}) => {
      const shown = digest ?? (await order(id))?.digest ?? ''
      return acting<string>(app, by, 'orders.decide', `order:${id}`, async (scene) => {
        const decided = await decideOrder(scene, { id, digest: shown, yes })
        if ('refused' in decided) return [decided.refused, { outcome: decided.refused }]
        if (yes) await beginRelease(scene, decided.order)
        return [decided.order.state, { outcome: 'done' }]
      })
    },
    run: async () => (await read.select().from(read.runs))[0],
    work: town.work,
    /** Runs what waits, until nothing does. */
    finish: () => finishRuns(app, { [RELEASE_RUN]: releaseRun }),
  }
}

const statuses = async (town: Pick<Town, 'deployment'>, count: number) =>
  Promise.all(Array.from({ length: count }, async (_, n) => (await town.deployment(`d${n + 1}-${JOB}`))?.status))

onBothEngines(() => {
  describe('releasing by two officers', () => {
    test('whoever asks does not decide; nothing goes out before the second agrees; then everybody has one letter', async () => {
      const office = await openOffice(60)
      expect(await office.ask()).toEqual({ order: 'once-1' })
      expect(await office.ask()).toEqual({ order: 'once-1' })
      expect(await office.order('once-1')).toMatchObject({ summary: { job: JOB, drafts: 60 }, state: 'asked' })
      await office.finish()
      expect(await office.letters()).toEqual([])
      expect(await office.decide('once-1', ASKS)).toBe('own')
      expect(await office.decide('once-1', AGREES, { digest: 'seen before it changed' })).toBe('changed')
      expect(await office.decide('once-1', AGREES)).toBe('approved')
      expect(await office.decide('once-1', officer('c'))).toBe('over')
      await office.finish()
      expect(await office.letters()).toHaveLength(60)
      expect(await office.run()).toMatchObject({ state: 'done', done: 60, of: 60, tally: { released: 60, held: 0 } })
      for (let n = 1; n <= 60; n++) expect(await office.texts(n)).toHaveLength(1)
    })

    test('a draft that was changed after it was asked for waits for another order', async () => {
      const office = await openOffice(3)
      await office.ask()
      office.goTo('2026-10-01', 11)
      await office.work((tx) =>
        tx
          .update(tx.deployments)
          .set({ centreCode: '10101002', changedAt: office.at })
          .where(eq(tx.deployments.id, `d2-${JOB}`)),
      )
      await office.decide('once-1', AGREES)
      await office.finish()
      expect(await statuses(office, 3)).toEqual(['released', 'draft', 'released'])
    })

    test('of one county: the others stay drafts', async () => {
      const office = await openOffice(2)
      await office.work((tx) =>
        tx
          .update(tx.deployments)
          .set({ county: 'Kwale' })
          .where(eq(tx.deployments.id, `d2-${JOB}`)),
      )
      await office.ask('once-1', 'Kwale')
      await office.decide('once-1', AGREES)
      await office.finish()
      expect(await statuses(office, 2)).toEqual(['draft', 'released'])
    })

    test('refused, nothing goes out; and where there is no draft or job there is nothing to ask', async () => {
      const office = await openOffice(1)
      await office.ask()
      expect(await office.decide('once-1', AGREES, { yes: false })).toBe('refused')
      await office.finish()
      expect(await statuses(office, 1)).toEqual(['draft'])
      expect(await office.ask('once-2', 'Nowhere')).toEqual({ refused: 'no_drafts' })
      expect(await askRelease(office.app, ASKS, { job: 'NOSUCH', id: 'x' })).toEqual({ refused: 'unknown_job' })
    })

    test('stopped halfway and left behind by a process, it goes on and repeats nobody', async () => {
      const office = await openOffice(120)
      await office.ask()
      await office.decide('once-1', AGREES)
      const id = (await office.run())?.id ?? ''
      const scene = async <T>(does: (scene: { tx: never; at: number }) => Promise<T>) =>
        office.work((tx) => does({ tx: tx as never, at: office.at }))
      const slice = (cursor: string | null) =>
        acting(office.app, ASKS, 'runs.slice', 'slice', async (at) => {
          const done = await releaseRun.slice(at, { job: JOB, before: office.at + 1 }, cursor, undefined)
          return [done, { outcome: 'done' }]
        })
      // What a process did before it died, without its cursor.
      await slice(null)
      expect(await scene((at) => stopRun(at, id))).toBe(true)
      await office.finish()
      expect(await office.letters()).toHaveLength(50)
      expect(await scene((at) => resumeRun(at, id))).toBe(true)
      await office.finish()
      expect(await office.letters()).toHaveLength(120)
      for (let n = 1; n <= 120; n++) expect(await office.texts(n)).toHaveLength(1)
    })
  })
})
