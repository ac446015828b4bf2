import { eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { changesOf, comparePlans } from '../../src/allocation/compare.ts'
import { editPlan } from '../../src/allocation/edit.ts'
import { emptyByReason, needsAndSupply, planByCounty, planOf } from '../../src/allocation/overview.ts'
import { askPlan, makePlan, PLAN_RUN, planRun } from '../../src/allocation/plan.ts'
import { publish } from '../../src/deployments/publish.ts'
import { usualRules } from '../../src/jobs/rules.ts'
import { finishRuns } from '../kit/runs.ts'
import { onBothEngines } from '../letters/kit.ts'
import { buildExam, codeOf, type Exam, JOB, officer, type Spot } from './kit.ts'

/** People 1 to n, in turn at these stations. */
async function crowd(exam: Exam, spots: readonly Spot[]) {
  for (const [n, spot] of spots.entries()) await exam.choose(n + 1, spot)
}
const summaryOf = async (exam: Exam, id: string) => (await planOf(exam.app.store.read, id))?.summary

onBothEngines(() => {
  describe('a plan', () => {
    test('fills every place with the least way, never at somebody’s own station, and proves it', async () => {
      const exam = await buildExam()
      await crowd(exam, ['k1', 'k1', 'k2', 'k2', 'k3', 'k3', 'b1', 'b1', 'b2', 'b2'])
      const { id, summary } = await exam.plan()
      const placed = await exam.placed(id)
      expect(summary).toMatchObject({ places: 10, filled: 10, empty: 0, kept: 0, chosen: 10, warnings: 0 })
      for (const [n, spot] of ['k1', 'k1', 'k2', 'k2', 'k3', 'k3', 'b1', 'b1', 'b2', 'b2'].entries())
        expect(placed[`p${n + 1}`]).not.toBe(spot)
      expect(placed.p7).toBe('b2')
      expect(summary.bound).toBe(summary.metres)
      // Three counties' stations stand 11.1 km apart: nobody goes further than to the second next.
      expect(summary.worst).toBeLessThan(22_300)
      expect(await planByCounty(exam.app.store.read, id)).toMatchObject([
        { county: 'Bonde', stations: 2 },
        { county: 'Kilele', stations: 3 },
      ])
    })

    test('is the same plan for the same input, and says so', async () => {
      const exam = await buildExam()
      await crowd(exam, ['k1', 'k1', 'k2', 'k2', 'k3', 'k3', 'b1', 'b1', 'b2', 'b2', 'k1', 'b1'])
      const [one, two] = [await exam.plan(), await exam.plan()]
      expect(await exam.placed(two.id)).toEqual(await exam.placed(one.id))
      const read = exam.app.store.read
      expect((await planOf(read, one.id))?.digest).toBe((await planOf(read, two.id))?.digest)
      expect(await comparePlans(read, one.id, two.id)).toEqual({ same: 10, moved: 0, added: 0, dropped: 0 })
      await exam.choose(20, 'k2')
      expect((await planOf(read, (await exam.plan()).id))?.digest).not.toBe((await planOf(read, one.id))?.digest)
    })

    test('sends nobody where they served within the excluded years, last year whatever the rules say, nor where they declared', async () => {
      for (const [years, then, may] of [
        [3, '2023-11-01', false],
        [3, '2022-11-01', true],
        [0, '2025-11-01', false],
        [0, '2024-11-01', true],
      ] as const) {
        const exam = await buildExam({ ...usualRules, years_since_served: years })
        // Only k2 has places that anybody could fill.
        await exam.work(async (tx) => void (await tx.update(tx.stations).set({ candidates: 0 })))
        await exam.work((tx) =>
          tx
            .update(tx.stations)
            .set({ candidates: 20 })
            .where(eq(tx.stations.centreCode, codeOf('k2'))),
        )
        await exam.choose(1, 'k1')
        await exam.served(1, 'k2', then)
        const { id } = await exam.plan()
        expect(await exam.placed(id)).toEqual(may ? { p1: 'k2' } : {})
        if (!may) expect(await emptyByReason(exam.app.store.read, id)).toMatchObject([{ reason: 'barred' }])
      }
      const exam = await buildExam()
      await crowd(exam, ['k1', 'k1', 'b1'])
      await exam.work(async (tx) => {
        for (const spot of ['k2', 'b2'] as const)
          await tx.insert(tx.declarations).values({ personId: 'p1', centreCode: codeOf(spot), why: 'relation', at: 0 })
      })
      expect(await exam.placed((await exam.plan()).id)).toEqual({ p1: 'k3', p2: 'k2', p3: 'b2' })
    })

    test('leaves out who is suspended, busy on those days, unsuited, or said no; and says how many', async () => {
      const exam = await buildExam({ ...usualRules, min_qualification: { invigilator: 'diploma' }, gender: { [JOB]: 'female' } })
      const women = [1, 2, 3, 4, 5]
      await exam.choose(1, 'k1', { person: { status: 'suspended' } })
      await exam.choose(2, 'k1', { person: { qualification: 'certificate' } })
      await exam.choose(3, 'k1')
      await exam.served(3, 'b2', '2026-11-10', 'OTHER26', 'released')
      await exam.choose(4, 'k1')
      await exam.draft(4, JOB, { centreCode: codeOf('k2'), status: 'declined' })
      await exam.choose(5, 'k1')
      await exam.choose(6, 'k1')
      await exam.work(async (tx) => {
        for (const n of [...women, 6]) {
          const valueSealed = exam.app.keyring.seal(`profile_fields.gender:p${n}`, n === 6 ? 'male' : 'female')
          await tx.insert(tx.profileFields).values({ personId: `p${n}`, field: 'gender', valueSealed, at: 0 })
        }
      })
      const { id, summary } = await exam.plan()
      expect(await exam.placed(id)).toEqual({ p5: 'k2' })
      expect(summary).toMatchObject({ suspended: 1, unsuited: 2, busy: 1, answered: 1, chosen: 1 })
    })

    test('goes no further than the rules say, and over the border only when they let it', async () => {
      const near = await buildExam({ ...usualRules, furthest_km: 15 })
      await crowd(near, ['k1'])
      expect(await near.placed((await near.plan()).id)).toEqual({ p1: 'k2' })
      const county = await buildExam({ ...usualRules, within: 'county' })
      const all: Spot[] = ['k1', 'k1', 'k2', 'k2', 'k3', 'k3', 'k3', 'k3']
      await crowd(county, all)
      const first = await county.plan()
      expect(first.summary).toMatchObject({ filled: 6, empty: 4 })
      expect(await emptyByReason(county.app.store.read, first.id)).toMatchObject([{ reason: 'no_people' }])
      await county.write({ ...usualRules, within: 'nation' })
      const second = await county.plan()
      expect(second.summary).toMatchObject({ filled: 8, empty: 2 })
      expect((await county.plan()).summary.metres).toBe(second.summary.metres)
      await county.write({ ...usualRules, within: 'nation', furthest_km: 15 })
      const third = await county.plan()
      // Those of k1 and k3 reach k2 alone, and k2 has two places.
      expect(third.summary).toMatchObject({ filled: 4, empty: 6 })
    })

    test('warns of a surname that is the head’s, and of people whom the map does not know', async () => {
      const exam = await buildExam()
      await exam.choose(1, 'k1', { person: { fullName: 'Grace Wanjirũ Mwangi' } })
      await exam.choose(2, 'k1', { person: { workstationCode: null } })
      await exam.work((tx) =>
        tx.insert(tx.heads).values({ centreCode: codeOf('k2'), name: 'Peter MWANGI', msisdn: '+254700000001', at: 0 }),
      )
      const { id, summary } = await exam.plan()
      const rows = await exam.app.store.read.select().from(exam.app.store.read.placements)
      const warnings = Object.fromEntries(rows.filter((row) => row.planId === id).map((row) => [row.personId, row.warning]))
      expect(warnings).toEqual({ p1: 'surname', p2: 'no_position' })
      expect(summary.warnings).toBe(1)
    })

    test('keeps a reserve list for each sub-county: those who were chosen and not needed first, then the reserves, as they applied', async () => {
      const exam = await buildExam({ ...usualRules, reserve_share: 0.5, within: 'county' })
      await exam.choose(1, 'b1', { status: 'reserve' })
      for (const n of [2, 3, 4, 5]) await exam.choose(n, n % 2 === 0 ? 'b1' : 'b2')
      for (const n of [6, 7]) await exam.choose(n, 'b1')
      const { id } = await exam.plan()
      const rows = (await exam.app.store.read.select().from(exam.app.store.read.planReserves)).filter((row) => row.planId === id)
      const names = rows.sort((a, b) => a.rank - b.rank).map(({ personId, subCounty }) => `${personId} ${subCounty}`)
      // Four places in Bonde: a list of two. Two of the chosen were not needed; the reserve comes after them.
      expect(names).toHaveLength(2)
      expect(names.every((each) => each.endsWith('Bonde') && !each.startsWith('p1 '))).toBe(true)
      await exam.write({ ...usualRules, reserve_share: 1, within: 'county' })
      const more = (await exam.plan()).id
      const longer = (await exam.app.store.read.select().from(exam.app.store.read.planReserves)).filter(
        (row) => row.planId === more,
      )
      expect(longer.find(({ personId }) => personId === 'p1')?.rank).toBe(3)
    })

    test('needs stand beside the supply', async () => {
      const exam = await buildExam()
      await crowd(exam, ['k1', 'k1', 'b1'])
      await exam.choose(9, 'b2', { status: 'reserve' })
      const { read } = exam.app.store
      expect(await needsAndSupply(read, JOB)).toMatchObject([
        { key: 'Bonde', stations: 2, places: 4, supply: { successful: 1, reserve: 1 }, held: 0 },
        { key: 'Kilele', stations: 3, places: 6, supply: { successful: 2, reserve: 0 } },
      ])
      const lines = await needsAndSupply(read, JOB, 'Kilele')
      expect(typeof lines === 'string' ? lines : lines.map(({ key, places }) => [key, places])).toEqual([
        ['Mto', 4],
        ['Ziwa', 2],
      ])
      expect(await makePlan(exam.app, officer, 'NOJOB')).toEqual({ refused: 'unknown_job' })
      await exam.write({ years_since_served: 1 })
      expect(await makePlan(exam.app, officer, JOB)).toEqual({ refused: 'no_rule' })
      expect(await askPlan(exam.app, officer, { id: 'x', job: JOB })).toEqual({ refused: 'no_rule' })
      expect(await needsAndSupply(read, JOB)).toBe('no_rule')
      await exam.addJob('KCSE26MARK', { role: 'examiner', subjects: ['mathematics', 'physics'] })
      await exam.write({ marking: { [codeOf('k1')]: { mathematics: 3, physics: 2 } } })
      expect(await makePlan(exam.app, officer, 'KCSE26MARK')).toEqual({ refused: 'one_subject' })
      expect(await askPlan(exam.app, officer, { id: 'y', job: 'KCSE26MARK' })).toEqual({ refused: 'one_subject' })
    })
  })

  describe('adopting', () => {
    test('makes drafts by the rules’ version and tells nobody; a second plan keeps what was released and moves the rest', async () => {
      const exam = await buildExam({ ...usualRules, reserve_share: 1, report_at: '06:30' })
      await crowd(exam, ['k1', 'k1', 'k2', 'b1'])
      const first = await exam.plan()
      await exam.adopt(first.id)
      const held = await exam.held()
      expect(held).toHaveLength(4)
      for (const row of held)
        expect(row).toMatchObject({ status: 'draft', origin: 'plan', rulesVersion: 1, reportOn: '2026-11-02', reportAt: '06:30' })
      expect(await exam.texts(1)).toEqual([])
      // Twice is once.
      await exam.adopt(first.id)
      expect(await exam.held()).toHaveLength(4)

      await publish(exam.app)
      const released = await exam.held()
      await exam.choose(5, 'k2')
      await exam.choose(6, 'b2')
      await exam.write({ ...usualRules, reserve_share: 1, furthest_km: 50 })
      const second = await exam.plan()
      expect(second.summary).toMatchObject({ kept: 4, filled: 6, answered: 4 })
      await exam.adopt(second.id)
      const now = await exam.held()
      expect(now).toHaveLength(6)
      for (const row of released) expect(now.find(({ id }) => id === row.id)).toEqual(row)
      expect(now.filter(({ status }) => status === 'draft').map(({ rulesVersion }) => rulesVersion)).toEqual([2, 2])
      // A plan that was made before another one was adopted knows too little.
      expect(await exam.adopt(first.id)).toMatchObject({ run: expect.any(String) })
      const stale = await exam.plan()
      exam.goTo('2026-10-02')
      const fresh = await exam.plan()
      await exam.adopt(fresh.id)
      expect(await exam.adopt(stale.id)).toEqual({ refused: 'older' })
    })

    test('drafts of an earlier plan go where the later one wants them, or away', async () => {
      const exam = await buildExam()
      await crowd(exam, ['k1', 'k1', 'k1'])
      await exam.adopt((await exam.plan()).id)
      expect(await exam.held()).toHaveLength(3)
      await exam.work((tx) => tx.update(tx.people).set({ status: 'suspended' }).where(eq(tx.people.id, 'p1')))
      await exam.work((tx) =>
        tx.insert(tx.declarations).values({ personId: 'p2', centreCode: codeOf('k2'), why: 'interest', at: 0 }),
      )
      const second = await exam.plan()
      const wanted = await exam.placed(second.id)
      expect(wanted).toEqual({ p2: 'k3', p3: 'k2' })
      await exam.adopt(second.id)
      const held = await exam.held()
      expect(held.map(({ personId, centreCode }) => [personId, centreCode]).sort()).toEqual([
        ['p2', codeOf('k3')],
        ['p3', codeOf('k2')],
      ])
    })

    test('an officer’s hand: moves, takes out, puts in, and is refused as the planner would', async () => {
      const exam = await buildExam()
      await crowd(exam, ['k1', 'k1', 'b1'])
      await exam.choose(4, 'k3', { status: 'reserve' })
      await exam.addPerson(5, { workstationCode: codeOf('k1') })
      const { id } = await exam.plan()
      expect(await exam.placed(id)).toEqual({ p1: 'k2', p2: 'k2', p3: 'b2' })
      const edit = (n: number, to: Spot | null) =>
        editPlan(exam.app, officer, { plan: id, personId: `p${n}`, to: to && codeOf(to) })
      expect(await edit(1, 'k1')).toBe('barred')
      expect(await edit(3, 'k2')).toBe('full')
      expect(await edit(1, 'k3')).toBe('done')
      expect(await edit(1, 'k3')).toBe('done')
      expect(await edit(4, 'k2')).toBe('done')
      expect(await edit(5, 'k3')).toBe('not_chosen')
      expect(await edit(3, null)).toBe('done')
      expect(await editPlan(exam.app, officer, { plan: id, personId: 'p3', to: '10101001' })).toBe('no_need')
      expect(await editPlan(exam.app, officer, { plan: 'none', personId: 'p3', to: null })).toBe('unknown')
      expect(await exam.placed(id)).toEqual({ p1: 'k3', p2: 'k2', p4: 'k2' })
      expect(await summaryOf(exam, id)).toMatchObject({ places: 10, filled: 3, empty: 7 })
      const again = await exam.plan()
      expect(await comparePlans(exam.app.store.read, again.id, id)).toEqual({ same: 1, moved: 1, added: 1, dropped: 1 })
      expect((await changesOf(exam.app.store.read, again.id, id)).map(({ personId, from, to }) => [personId, from, to])).toEqual([
        ['p1', codeOf('k2'), codeOf('k3')],
        ['p4', null, codeOf('k2')],
      ])
      await exam.adopt(id)
      expect(await edit(1, 'k2')).toBe('not_ready')
      expect((await exam.held()).map(({ personId }) => personId).sort()).toEqual(['p1', 'p2', 'p4'])
    })
  })

  test('an officer’s hand is warned as the planner is, refuses who is busy or too far away, and keeps the version of the rules', async () => {
    const exam = await buildExam({ ...usualRules, furthest_km: 50 })
    await exam.choose(1, 'k1', { person: { fullName: 'Grace Mwangi' } })
    await exam.choose(2, 'b1')
    await exam.choose(3, 'k1', { person: { workstationCode: null } })
    await exam.work((tx) =>
      tx.insert(tx.heads).values({ centreCode: codeOf('k3'), name: 'Peter MWANGI', msisdn: '+254700000001', at: 0 }),
    )
    const { id } = await exam.plan()
    const edit = (n: number, to: Spot | null) =>
      editPlan(exam.app, officer, { plan: id, personId: `p${n}`, to: to && codeOf(to) })
    const placement = async (n: number) =>
      (await exam.app.store.read.select().from(exam.app.store.read.placements)).find(
        ({ planId, personId }) => planId === id && personId === `p${n}`,
      )
    expect(await edit(1, 'k3')).toBe('done')
    expect(await placement(1)).toMatchObject({ kind: 'hand', warning: 'surname' })
    expect((await placement(1))?.metres).toBeGreaterThan(22_000)
    expect(await summaryOf(exam, id)).toMatchObject({ warnings: 1 })
    expect((await exam.audit()).at(-1)).toMatchObject({ outcome: 'done', detail: { plan: id, to: codeOf('k3'), rules: 1 } })
    expect(await edit(1, 'k2')).toBe('done')
    expect(await summaryOf(exam, id)).toMatchObject({ warnings: 0 })
    expect(await edit(3, 'k3')).toBe('done')
    expect(await placement(3)).toMatchObject({ kind: 'hand', warning: 'no_position' })
    expect(await edit(2, 'k3')).toBe('too_far')
    expect((await exam.audit()).at(-1)).toMatchObject({ outcome: 'too_far', detail: { rules: 1 } })
    await exam.served(1, 'b2', '2026-11-10', 'OTHER26', 'released')
    expect(await edit(1, 'k3')).toBe('busy')
  })

  test('as work in the background it shows how far it is, and after a restart in the middle it is the same plan, whole', async () => {
    const exam = await buildExam()
    await crowd(exam, ['k1', 'k1', 'k2', 'k2', 'k3', 'k3', 'b1', 'b1', 'b2', 'b2'])
    const direct = await exam.plan()
    expect(await askPlan(exam.app, officer, { id: 'asked', job: JOB })).toBe('plan:asked')
    expect(await askPlan(exam.app, officer, { id: 'asked', job: JOB })).toBe('plan:asked')
    // As a process leaves it that died after some rows: a cursor of its own, and rows.
    await exam.work(async (tx) => {
      await tx.update(tx.runs).set({ cursor: 'gone/500' }).where(eq(tx.runs.id, 'plan:asked'))
      const row = { planId: 'asked', centreCode: codeOf('k1'), county: 'Kilele', metres: 1, kind: 'new' as const }
      await tx.insert(tx.placements).values({ ...row, personId: 'p1', seat: 1 })
      await tx.insert(tx.planNeeds).values({ planId: 'asked', centreCode: codeOf('k1'), county: 'Kilele', need: 9, filled: 1 })
    })
    await finishRuns(exam.app, { [PLAN_RUN]: planRun })
    const read = exam.app.store.read
    expect((await planOf(read, 'asked'))?.state).toBe('ready')
    expect((await planOf(read, 'asked'))?.summary).toEqual((await planOf(read, direct.id))?.summary)
    expect(await exam.placed('asked')).toEqual(await exam.placed(direct.id))
    const [run] = await read.select().from(read.runs).where(eq(read.runs.id, 'plan:asked'))
    expect(run).toMatchObject({ state: 'done', done: 10, tally: { filled: 10, empty: 0 } })
  })
})
