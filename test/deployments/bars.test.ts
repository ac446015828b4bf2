import { eq } from 'drizzle-orm'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import type { Actor, Scene } from '../../src/action.ts'
import { assign } from '../../src/allocation/assign.ts'
import { type Block, solveBlock } from '../../src/allocation/block.ts'
import { editPlan } from '../../src/allocation/edit.ts'
import { readProblem } from '../../src/allocation/problem.ts'
import { openSolver } from '../../src/allocation/solver.ts'
import { passOf } from '../../src/attendance/head-pin.ts'
import { attendanceSpot } from '../../src/attendance/spot.ts'
import { plan as writeDown } from '../../src/deployments/apply.ts'
import { checkDeployments, type RawRow } from '../../src/deployments/import.ts'
import { type Opening, offerOpening } from '../../src/deployments/offer.ts'
import { type SeriesRules, usualRules } from '../../src/jobs/rules.ts'
import { buildExam, codeOf, type Exam, JOB, officer } from '../allocation/kit.ts'
import { idOf, numberOf, onBothEngines } from '../letters/kit.ts'

const highs = await openSolver()
vi.mock('../../src/allocation/solvers.ts', () => ({
  solveBlocks: (blocks: readonly Block[]) => Promise.resolve(blocks.map((block) => solveBlock(highs, block))),
}))

const HERE = codeOf('k2')
/** A small centre that sits at k2, and one of the same size that sits at k3. */
const GUEST = '20101009'
const ELSEWHERE = '20102009'
const FAR = codeOf('b1')
const NEAR = codeOf('k1')

const RULES: SeriesRules = {
  ...usualRules,
  // Last year's in any case.
  years_since_served: 0,
  furthest_km: 20,
  levels: ['secondary'],
  gender: { [JOB]: 'female' },
  min_qualification: { invigilator: 'diploma' },
}

const mostly = <T>(usual: T, ...others: T[]) =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(usual) }, ...others.map((each) => ({ weight: 1, arbitrary: fc.constant(each) })))
/** Each of these may serve at k2 unless one thing or another is the matter. */
const somebody = fc.record({
  work: mostly<string | null>(NEAR, HERE, GUEST, ELSEWHERE, FAR, null, null, null),
  typedWork: fc.constantFrom(undefined, NEAR, HERE, GUEST, FAR),
  home: mostly('Kilele', 'Bonde'),
  served: mostly<readonly [string, number] | undefined>(undefined, [HERE, 2025], [GUEST, 2025], [HERE, 2024], [NEAR, 2025]),
  declared: mostly<string | undefined>(undefined, HERE, GUEST, NEAR),
  status: mostly<'vetted' | 'suspended'>('vetted', 'suspended'),
  qualification: mostly<'certificate' | 'degree'>('degree', 'certificate'),
  subjects: mostly<string[]>(['physics'], ['history'], [], []),
  typedSubjects: fc.constantFrom(undefined, 'physics', 'history'),
  gender: mostly<string | undefined>('female', 'male', undefined),
  level: mostly<string | undefined>('secondary', 'primary', undefined),
  busy: mostly(false, true),
})
type Somebody = typeof somebody extends fc.Arbitrary<infer T> ? T : never

/** What the rules mean, said once more and simply. */
function barsOf(p: Somebody): string[] {
  const work = p.work ?? p.typedWork
  const here = (code: string | undefined) => code === HERE || code === GUEST
  const knows = p.subjects.length > 0 ? p.subjects : [p.typedSubjects]
  const where = work === FAR || (work === undefined && p.home === 'Bonde') ? 'far' : 'near'
  const bars = {
    suspended: p.status === 'suspended',
    busy: p.busy,
    qualification: p.qualification === 'certificate',
    subject: !knows.includes('physics'),
    gender: p.gender !== 'female',
    level: p.level === 'primary',
    own: here(work),
    served: p.served !== undefined && here(p.served[0]) && p.served[1] === 2025,
    declared: here(p.declared),
    far: where === 'far',
  }
  return Object.entries(bars).flatMap(([why, holds]) => (holds ? [why] : []))
}

async function examWith(people: readonly Somebody[]): Promise<Exam> {
  const exam = await buildExam(RULES)
  await exam.work(async (tx) => {
    await tx.update(tx.jobs).set({ subjects: ['physics'] })
    for (const [centreCode, longitude] of [
      [GUEST, 34.11],
      [ELSEWHERE, 34.21],
    ] as const)
      await tx.insert(tx.stations).values({
        ...{ centreCode, name: centreCode, county: 'Kilele', subCounty: 'Mto', latitude: 0, longitude, candidates: 5 },
      })
  })
  for (const [n, p] of people.entries()) {
    const { status, qualification, subjects } = p
    const person = { status, qualification, subjects, workstationCode: p.work, homeCounty: p.home, homeSubCounty: 'Nowhere' }
    await exam.choose(n, 'k1', { person })
    if (p.served) await exam.served(n, 'k1', `${p.served[1]}-11-01`)
    if (p.busy) await exam.served(n, 'b2', '2026-11-10', 'OTHER26')
  }
  await exam.work(async (tx) => {
    for (const [n, p] of people.entries()) {
      const personId = `p${n}`
      const typed = { workstation_code: p.typedWork, subjects: p.typedSubjects, gender: p.gender, teaching_level: p.level }
      for (const [field, value] of Object.entries(typed)) {
        const valueSealed = value && exam.app.keyring.seal(`profile_fields.${field}:${personId}`, value)
        if (valueSealed) await tx.insert(tx.profileFields).values({ personId, field, valueSealed, at: 0 })
      }
      if (p.declared) await tx.insert(tx.declarations).values({ personId, centreCode: p.declared, why: 'relation', at: 0 })
      if (p.served)
        await tx
          .update(tx.deployments)
          .set({ centreCode: p.served[0] })
          .where(eq(tx.deployments.id, `old${n}-OLD${p.served[1]}-11-01`))
    }
    // An empty plan with room at k2, and a place there that somebody gave up.
    const plan = { id: 'plan', jobCode: JOB, state: 'ready' as const, rulesVersion: 1, digest: '', summary: {}, by: 'test' }
    await tx.insert(tx.plans).values({ ...plan, at: 0, changedAt: 0 })
    await tx.insert(tx.planNeeds).values({ planId: 'plan', centreCode: HERE, county: 'Kilele', need: 9, filled: 0 })
  })
  await exam.addPerson(900)
  await exam.addPerson(901)
  await exam.draft(900, JOB, { centreCode: HERE, county: 'Kilele', status: 'declined', seat: 1 })
  // Somebody works there, so that a head has a list.
  await exam.draft(901, JOB, { centreCode: HERE, county: 'Kilele', status: 'accepted', seat: 2, held: `${JOB}:${HERE}:2` })
  return exam
}

const HEAD: Actor = { via: 'ussd', name: 'head', msisdn: numberOf(999), signed: false, language: 'en' }

/** Does something, finds out, and undoes it. */
async function trying<T>({ app, work }: Exam, unit: (scene: Scene) => Promise<T>, actor: Actor = officer): Promise<T> {
  let found: { result: T } | undefined
  const undo = new Error('only tried')
  await work(async (tx) => {
    found = { result: await unit({ tx, actor, at: app.clock.now(), tools: app }) }
    throw undo
  }).catch((reason: unknown) => {
    if (reason !== undo) throw reason
  })
  if (!found) throw new Error('nothing was tried')
  return found.result
}

async function* one(values: RawRow['values']): AsyncGenerator<RawRow> {
  yield { row: 1, values }
}

/** Who of these is refused at k2, by each way of getting there. */
async function refusedBy(exam: Exam, count: number) {
  const { app } = exam
  const problem = await readProblem(app, JOB)
  if ('refused' in problem) throw new Error(problem.refused)
  const needs = problem.needs.filter(({ station }) => station.centreCode === HERE)
  const refused = {
    plan: [] as number[],
    edit: [] as number[],
    offer: [] as number[],
    file: [] as number[],
    spot: [] as number[],
  }
  const opening: Opening = {
    ...{ id: `d900-${JOB}`, jobCode: JOB, centreCode: HERE, county: 'Kilele', seat: 1, why: 'declined', state: 'open', at: 0 },
    changedAt: 0,
  }
  for (let n = 0; n < count; n++) {
    const personId = `p${n}`
    const candidates = problem.candidates.filter(({ id }) => id === personId)
    const { placed } = await assign({ ...problem, needs, candidates, kept: [] })
    if (placed.length === 0) refused.plan.push(n)

    const edited = await editPlan(app, officer, { plan: 'plan', personId, to: HERE })
    if (edited !== 'done') refused.edit.push(n)
    await editPlan(app, officer, { plan: 'plan', personId, to: null })

    const offered = await trying(exam, async (scene) => {
      const list = { jobCode: JOB, personId, county: 'Kilele', subCounty: 'Mto', rank: 1, state: 'waiting' as const }
      await scene.tx.insert(scene.tx.reserves).values({ ...list, changedAt: 0 })
      return offerOpening(scene, opening)
    })
    if (offered === undefined) refused.offer.push(n)

    const row = { job_code: JOB, national_id: idOf(n), centre_code: HERE, report_on: '2026-11-02', report_at: '' }
    const { planned } = await checkDeployments(app, one(row))
    const [wanted] = planned
    const fate = wanted ? await trying(exam, (scene) => writeDown(scene, wanted)) : 'bad'
    if (fate !== 'made') refused.file.push(n)
  }
  exam.goTo('2026-11-02', 8)
  for (let n = 0; n < count; n++) {
    const outcome = await trying(
      exam,
      async (scene) => {
        const input = { centre: HERE, pass: passOf(scene, HERE), national_id: idOf(n) }
        return attendanceSpot.apply(scene, input, undefined as never)
      },
      HEAD,
    )
    if ('refused' in outcome) refused.spot.push(n)
  }
  return refused
}

const alike = (runs: number, count: number) =>
  fc.assert(
    fc.asyncProperty(fc.array(somebody, { minLength: count, maxLength: count }), async (people) => {
      const exam = await examWith(people)
      const bars = people.map(barsOf)
      const barred = bars.flatMap((each, n) => (each.length > 0 ? [n] : []))
      // Whoever stands at the gate has come from far already.
      const onTheSpot = bars.flatMap((each, n) => (each.some((why) => why !== 'far') ? [n] : []))
      expect(await refusedBy(exam, count)).toEqual({ plan: barred, edit: barred, offer: barred, file: barred, spot: onTheSpot })
    }),
    { numRuns: runs, endOnFailure: true },
  )

onBothEngines(() => {
  test(
    'a plan, an officer’s hand, an offer to a reserve, a file and a head in the morning refuse the same people',
    () => alike(2, 60),
    240_000,
  )
})
