import { eq, type SQL, sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import type { Actor } from '../../src/action.ts'
import { askDecideAll, DECIDE_RUN, decideRun, decideTicked } from '../../src/jobs/decide-many.ts'
import { countApplications, legQuery, legsOf, listApplications, type Which } from '../../src/jobs/overview.ts'
import { resumeRun, stopRun } from '../../src/runs/run.ts'
import type { ApplicationStatus } from '../../src/store/schema.ts'
import type { Read, Tx } from '../../src/store/store.ts'
import { finishRuns } from '../kit/runs.ts'
import { buildTown, onBothEngines } from '../letters/kit.ts'

const officer = (name: string): Actor => ({ via: 'console', name: `officer:${name}`, signed: false, language: 'en' })
const JOB = 'KCSE26INV'

async function openOffice(count: number, changes: (n: number) => Partial<Tx['applications']['$inferInsert']> = () => ({})) {
  const town = await buildTown()
  const { read } = town.app.store
  await town.addJob(JOB)
  for (let n = 1; n <= count; n++) {
    await town.addPerson(n)
    await town.work((tx) =>
      tx.insert(tx.applications).values({
        id: idOf(n),
        reference: `A${2_000_000 + n}`,
        personId: `p${n}`,
        jobCode: JOB,
        county: 'Kilele',
        subCounty: 'Mto',
        status: 'received',
        at: town.at,
        changedAt: town.at,
        ...changes(n),
      }),
    )
  }
  town.goTo('2026-10-01', 10)
  return {
    ...town,
    get at() {
      return town.at
    },
    read,
    statuses: async () =>
      (await town.applications()).sort((a, b) => (a.id < b.id ? -1 : 1)).map(({ status }): ApplicationStatus => status),
    runOf: async (id: string) => (await read.select().from(read.runs).where(eq(read.runs.id, id)))[0],
    finish: () => finishRuns(town.app, { [DECIDE_RUN]: decideRun }),
  }
}
const idOf = (n: number) => `a${String(n).padStart(4, '0')}`

describe('every filter that the page offers', () => {
  const states = [undefined, 'received'] as const
  const jobs = [undefined, JOB]
  const places = [undefined, ['Kilele'], ['Kilele', 'Kwale', 'Wajir']]
  const days = [{}, { from: 1 }, { until: 2e12 }, { from: 1, until: 2e12 }]
  const filters: Which[] = states.flatMap((status) =>
    jobs.flatMap((job) =>
      places.flatMap((counties) =>
        days.flatMap((range) =>
          [undefined, 'Mto'].map((subCounty) => ({ status, job, counties, subCounty: counties && subCounty, ...range })),
        ),
      ),
    ),
  )

  test('is one walk along an index for each of its legs, in order, wherever the page begins', async () => {
    const { read } = await openOffice(0)
    const planOf = (query: { getSQL(): SQL }) =>
      (read as unknown as { all(query: SQL): { detail: string }[] })
        .all(sql`explain query plan ${query.getSQL()}`)
        .map(({ detail }) => detail)
    const expected = ({ county, job, status }: ReturnType<typeof legsOf>[number]) => {
      if (county) return 'applications_county (county=? AND status=?'
      if (job) return 'applications_job (job_code=? AND status=?'
      return status ? 'applications_status (status=?' : 'applications_at'
    }
    let plans = 0
    for (const which of filters)
      for (const leg of legsOf(which))
        for (const down of [false, true])
          for (const after of [undefined, { at: 5, id: 'a' }]) {
            const plan = planOf(legQuery(read, which, leg, { after, down, limit: 51 }))
            expect(plan, JSON.stringify({ which, leg, down, after })).toHaveLength(1)
            expect(plan[0]).toContain(expected(leg))
            // The place where the page begins is looked up, not walked to.
            if (after) expect(plan[0]).toContain('(at,id)')
            plans++
          }
    expect(plans).toBeGreaterThan(1_000)
  })
})

onBothEngines(() => {
  describe('reading', () => {
    test('the legs come together in the order of applying, both ways, page after page, each row once', async () => {
      const counties = ['Kilele', 'Kwale', 'Wajir'] as const
      const states: ApplicationStatus[] = ['received', 'nominated', 'withdrawn']
      const office = await openOffice(40, (n) => ({
        county: counties[n % 3] as string,
        status: states[n % 2] as ApplicationStatus,
        at: 1_000 + Math.floor(n / 4),
      }))
      const all = async (which: Which, down: boolean) => {
        const found: string[] = []
        for (let after: { at: number; id: string } | undefined; ; ) {
          const page = await listApplications(office.read, which, { after, down, limit: 7 })
          found.push(...page.map(({ id }) => id))
          const last = page.at(-1)
          if (!last) return found
          after = last
        }
      }
      const numbers = Array.from({ length: 40 }, (_, n) => n + 1)
      const some = (keep: (n: number) => boolean) => numbers.filter(keep).map(idOf)
      expect(await all({}, false)).toEqual(some(() => true))
      expect(await all({}, true)).toEqual(some(() => true).reverse())
      expect(await all({ job: JOB }, false)).toEqual(some(() => true))
      expect(await all({ job: 'OTHER', counties: ['Kwale'] }, false)).toEqual([])
      expect(await all({ counties: ['Kwale', 'Wajir'], job: JOB }, true)).toEqual(some((n) => n % 3 !== 0).reverse())
      expect(await all({ status: 'nominated', counties: ['Kwale'] }, false)).toEqual(some((n) => n % 3 === 1 && n % 2 === 1))
      expect(await all({ status: 'received', from: 1_003, until: 1_005 }, false)).toEqual(
        some((n) => n >= 12 && n < 20 && n % 2 === 0),
      )
      expect(await all({ counties: [] }, false)).toEqual([])
      expect(await countApplications(office.read, { job: JOB }, 100)).toBe(40)
      expect(await countApplications(office.read, { counties: ['Kwale', 'Wajir'] }, 10)).toBe(11)
    })
  })

  describe('deciding what was ticked', () => {
    const seen = (office: { at: number }, ...ns: number[]) => {
      const at = office.at - 3_600_000
      return ns.map((n) => ({ id: idOf(n), changedAt: at }))
    }

    test('the same form twice acts once; everybody is told once; what it came to is kept', async () => {
      const office = await openOffice(3)
      const input = { to: 'nominated', ticked: seen(office, 1, 2), counties: undefined, once: 'once-1' } as const
      await Promise.all([decideTicked(office.app, officer('a'), input), decideTicked(office.app, officer('a'), input)])
      await decideTicked(office.app, officer('a'), input)
      expect(await office.statuses()).toEqual(['nominated', 'nominated', 'received'])
      expect(await office.runOf('once-1')).toMatchObject({
        state: 'done',
        done: 2,
        of: 2,
        tally: { decided: 2 },
        by: 'officer:a',
      })
      for (const n of [1, 2]) expect(await office.texts(n)).toHaveLength(1)
      const trail = await office.audit()
      expect(trail.filter(({ action }) => action === 'applications.decide')).toHaveLength(2)
      expect(trail.find(({ subject }) => subject === 'p1')).toMatchObject({
        actor: 'officer:a',
        outcome: 'done',
        detail: { application: idOf(1), to: 'nominated' },
      })
    })

    test('of two officers with the same page the second changes nothing that the first changed', async () => {
      const office = await openOffice(2)
      const rows = seen(office, 1, 2)
      await decideTicked(office.app, officer('a'), { to: 'reserve', ticked: rows.slice(0, 1), counties: undefined, once: 'one' })
      office.goTo('2026-10-01', 11)
      await decideTicked(office.app, officer('b'), { to: 'successful', ticked: rows, counties: undefined, once: 'two' })
      expect(await office.statuses()).toEqual(['reserve', 'successful'])
      expect((await office.runOf('two'))?.tally).toEqual({ moved_on: 1, decided: 1 })
      expect(await office.texts(1)).toHaveLength(1)
    })

    test('a row of another county is as if it were not there', async () => {
      const office = await openOffice(2, (n) => (n === 2 ? { county: 'Wajir' } : {}))
      await decideTicked(office.app, officer('a'), {
        to: 'nominated',
        ticked: seen(office, 1, 2),
        counties: ['Kilele'],
        once: 'once-1',
      })
      expect(await office.statuses()).toEqual(['nominated', 'received'])
      expect((await office.runOf('once-1'))?.tally).toEqual({ decided: 1, unknown: 1 })
    })

    test('two at once for the last place: one is successful', async () => {
      const office = await openOffice(2)
      await office.work((tx) => tx.update(tx.jobs).set({ places: 1 }))
      await Promise.all(
        [1, 2].map((n) =>
          decideTicked(office.app, officer('a'), {
            to: 'successful',
            ticked: seen(office, n),
            counties: undefined,
            once: `o${n}`,
          }),
        ),
      )
      expect((await office.statuses()).sort()).toEqual(['received', 'successful'])
    })
  })

  describe('deciding a whole filter', () => {
    const ask = (office: { app: Parameters<typeof askDecideAll>[0]; at: number }, which: Which, id = 'once-1') =>
      askDecideAll(office.app, officer('a'), {
        to: 'successful',
        which: { ...which, asOf: office.at },
        of: undefined,
        once: id,
      })

    test('everybody of it once, first come first served, with what came of each', async () => {
      const office = await openOffice(120, (n) => ({
        status: n === 3 ? 'withdrawn' : n === 4 ? 'successful' : 'received',
        county: n === 5 ? 'Wajir' : 'Kilele',
        ...(n === 6 ? { at: 9e12, changedAt: 9e12 } : {}),
      }))
      await office.work((tx) => tx.update(tx.jobs).set({ places: 100 }))
      await office.work((tx) => tx.update(tx.people).set({ status: 'suspended' }).where(eq(tx.people.id, 'p7')))
      await ask(office, { job: JOB, counties: ['Kilele'] })
      await ask(office, { job: JOB, counties: ['Kilele'] })
      await office.finish()
      expect(await office.runOf('once-1')).toMatchObject({
        state: 'done',
        done: 118,
        tally: { decided: 100, too_late: 1, as_before: 1, suspended: 1, full: 15 },
      })
      const after = await office.statuses()
      expect(after.slice(0, 8)).toEqual([
        'successful',
        'successful',
        'withdrawn',
        'successful',
        'received',
        'received',
        'received',
        'successful',
      ])
      expect(after.slice(105)).toEqual(Array(15).fill('received'))
      for (const n of [1, 50, 105]) expect(await office.texts(n)).toHaveLength(1)
      for (const n of [3, 4, 5, 6, 7, 106]) expect(await office.texts(n)).toHaveLength(0)
    })

    test('what somebody changed since the count was seen is left alone', async () => {
      const office = await openOffice(3)
      await ask(office, { job: JOB })
      office.goTo('2026-10-01', 11)
      await decideTicked(office.app, officer('b'), {
        to: 'nominated',
        ticked: [{ id: idOf(2), changedAt: office.at - 2 * 3_600_000 }],
        counties: undefined,
        once: 'x',
      })
      await office.finish()
      expect(await office.statuses()).toEqual(['successful', 'nominated', 'successful'])
    })

    test('stopped, left behind by a process that died and taken up again, it tells nobody twice', async () => {
      const office = await openOffice(130)
      await ask(office, { job: JOB })
      const { app } = office
      const scene = <T>(does: (scene: { tx: Tx; at: number }) => Promise<T>) =>
        app.store.work('test', (tx) => does({ tx, at: app.clock.now() }))
      // One slice, as a process did it that then died: it holds the run, but for longer than a lease.
      await app.store.work('run:once-1', async (tx) => {
        const actor: Actor = { via: 'system', name: 'officer:a', signed: false, language: 'en' }
        const which = { job: JOB, asOf: app.clock.now() }
        const slice = await decideRun.slice(
          { tx, actor, at: app.clock.now(), tools: app },
          { to: 'successful', which },
          null,
          undefined,
        )
        await tx
          .update(tx.runs)
          .set({ state: 'running', lease: 'dead', leaseUntil: 1, cursor: slice.next ?? null, done: slice.done })
          .where(eq(tx.runs.id, 'once-1'))
      })
      expect(await scene(({ tx, at }) => stopRun({ tx, at }, 'once-1'))).toBe(true)
      await office.finish()
      expect((await office.statuses()).filter((status) => status === 'successful')).toHaveLength(50)
      expect(await scene(({ tx, at }) => resumeRun({ tx, at }, 'once-1'))).toBe(true)
      await office.finish()
      expect(await office.runOf('once-1')).toMatchObject({ state: 'done', done: 130 })
      expect(new Set(await office.statuses())).toEqual(new Set(['successful']))
      const told = await (office.read as Read).select().from(office.read.outbox)
      expect(told).toHaveLength(130)
      expect(new Set(told.map(({ personId }) => personId)).size).toBe(130)
    })
  })
})
