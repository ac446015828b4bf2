import { eq } from 'drizzle-orm'
import type { Actor } from '../../src/action.ts'
import { ADOPT_RUN, adoptPlan, adoptRun } from '../../src/allocation/adopt.ts'
import { makePlan, PLAN_RUN, planRun } from '../../src/allocation/plan.ts'
import { RELEASE_RUN, releaseRun } from '../../src/deployments/release.ts'
import { type SeriesRules, usualRules, writeRules } from '../../src/jobs/rules.ts'
import type { Tx } from '../../src/store/store.ts'
import { finishRuns } from '../kit/runs.ts'
import { buildTown, type Town } from '../letters/kit.ts'

export const JOB = 'KCSE26INV'
export const officer: Actor = { via: 'console', name: 'officer:1', signed: false, language: 'en' }

/** Two counties side by side, along the equator: three stations of 40 candidates (two invigilators each) in Kilele, two in Bonde. */
export const STATIONS = {
  k1: ['20101001', 'Kilele', 'Mto', 34.0],
  k2: ['20101002', 'Kilele', 'Mto', 34.1],
  k3: ['20102001', 'Kilele', 'Ziwa', 34.2],
  b1: ['30101001', 'Bonde', 'Bonde', 35.0],
  b2: ['30101002', 'Bonde', 'Bonde', 35.1],
} as const
export type Spot = keyof typeof STATIONS
export const codeOf = (spot: Spot): string => STATIONS[spot][0]

export type Exam = Awaited<ReturnType<typeof buildExam>>

/** A town with one job and its stations, and nobody chosen yet. */
export async function buildExam(rules: SeriesRules = { ...usualRules, reserve_share: 1 }) {
  const town: Town = await buildTown()
  const { work, app } = town
  // The town's own three stations hold no exam.
  await work(async (tx) => {
    await tx.update(tx.stations).set({ candidates: 0 })
    for (const [centreCode, county, subCounty, longitude] of Object.values(STATIONS))
      await tx
        .insert(tx.stations)
        .values({ centreCode, name: `Shule ${centreCode}`, county, subCounty, latitude: 0, longitude, candidates: 40 })
  })
  await town.addJob(JOB)
  const write = (wanted: SeriesRules) =>
    work(async (tx) => void (await writeRules({ tx, at: town.at, actor: officer }, 'KCSE2026', wanted)))
  await write(rules)
  let applied = 0
  return {
    ...town,
    get at() {
      return town.at
    },
    write,
    /** The n-th person, chosen for the job, who works at a station. */
    async choose(
      n: number,
      spot: Spot,
      {
        person = {},
        status = 'successful',
        job = JOB,
      }: { person?: Partial<Tx['people']['$inferInsert']>; status?: 'successful' | 'reserve'; job?: string } = {},
    ) {
      const [workstationCode, homeCounty, homeSubCounty] = STATIONS[spot]
      await town.addPerson(n, { workstationCode, homeCounty, homeSubCounty, ...person })
      await work((tx) =>
        tx.insert(tx.applications).values({
          id: `a${n}-${job}`,
          reference: `R${n}-${job}`,
          personId: `p${n}`,
          jobCode: job,
          county: homeCounty,
          subCounty: homeSubCounty,
          status,
          at: applied++,
          changedAt: town.at,
        }),
      )
    },
    /** The n-th person held a place of another job. */
    served: (n: number, spot: Spot, startsOn: string, code = `OLD${startsOn}`, status: 'accepted' | 'released' = 'accepted') =>
      work(async (tx) => {
        const [job] = await tx.select().from(tx.jobs).where(eq(tx.jobs.code, JOB))
        if (!job) return
        await tx
          .insert(tx.jobs)
          .values({ ...job, code, codeKey: code, startsOn, endsOn: startsOn })
          .onConflictDoNothing()
        await tx.insert(tx.deployments).values({
          id: `old${n}-${code}`,
          personId: `p${n}`,
          jobCode: code,
          centreCode: codeOf(spot),
          county: STATIONS[spot][1],
          reportOn: startsOn,
          reportAt: '07:00',
          status,
          letterVersion: 1,
          changedAt: 0,
          seat: n,
          held: `${code}:${codeOf(spot)}:${n}`,
        })
      }),
    async plan() {
      const made = await makePlan(app, officer, JOB)
      if (made.refused) throw new Error(made.refused)
      return made
    },
    /** Who goes where in a plan: `{ p1: 'k2' }`. */
    async placed(id: string): Promise<Record<string, Spot>> {
      const rows = await app.store.read.select().from(app.store.read.placements).where(eq(app.store.read.placements.planId, id))
      const spots = Object.fromEntries(Object.entries(STATIONS).map(([spot, [code]]) => [code, spot as Spot]))
      return Object.fromEntries(
        rows
          .map(({ personId, centreCode }) => [personId, spots[centreCode] as Spot])
          .sort(([a = ''], [b = '']) => a.localeCompare(b, 'en', { numeric: true })),
      )
    },
    async adopt(id: string) {
      const asked = await adoptPlan(app, officer, id)
      if ('refused' in asked) return asked
      await this.run()
      return asked
    },
    /** All that waits in the background, to its end. */
    run: () => finishRuns(app, { [PLAN_RUN]: planRun, [ADOPT_RUN]: adoptRun, [RELEASE_RUN]: releaseRun }),
    held: async () => (await app.store.read.select().from(app.store.read.deployments)).filter(({ held }) => held !== null),
  }
}
