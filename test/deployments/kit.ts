import { eq } from 'drizzle-orm'
import type { Scene } from '../../src/action.ts'
import { seatSomebody } from '../../src/deployments/place.ts'
import { publish } from '../../src/deployments/publish.ts'
import { type SeriesRules, usualRules } from '../../src/jobs/rules.ts'
import { buildExam, codeOf, type Exam, JOB, officer, type Spot } from '../allocation/kit.ts'

export const RULES: SeriesRules = {
  ...usualRules,
  reserve_share: 2,
  within: 'county',
  answer_days: 3,
  reserve_hours: 12,
  remind_hours: 24,
  silence: 'decline',
}

const PLACES = ['k1', 'k1', 'k2', 'k2', 'k3', 'k3'] as const

/**
 * Kilele's six places released to six people of nine, in their order, each to the first that is not at their own station; three wait in
 * reserve. By hand: what a plan does is proved with the plan.
 */
export async function released(
  rules: SeriesRules = RULES,
  spots: readonly Spot[] = ['k1', 'k1', 'k2', 'k2', 'k3', 'k3', 'k1', 'k2', 'k3'],
): Promise<Exam> {
  const exam = await buildExam(rules)
  const waiting: { n: number; spot: Spot }[] = []
  for (const [n, spot] of spots.entries()) {
    await exam.choose(n + 1, spot)
    waiting.push({ n: n + 1, spot })
  }
  for (const place of PLACES) {
    const [next] = waiting.splice(
      waiting.findIndex(({ spot }) => spot !== place),
      1,
    )
    await seat(exam, next?.n ?? 0, place)
  }
  for (const { n } of waiting) await reserve(exam, n)
  await publish(exam.app)
  return exam
}

export const seat = (exam: Exam, n: number, spot: Spot, jobCode = JOB) =>
  exam.work(async (tx) => {
    const scene: Scene = { tx, at: exam.at, tools: exam.app, actor: officer }
    const place = { centreCode: codeOf(spot), reportOn: '2026-11-02', reportAt: '07:00' }
    const seated = await seatSomebody(scene, { personId: `p${n}`, jobCode, ...place, origin: 'plan', status: 'draft' })
    if ('refused' in seated) throw new Error(`p${n} got no place: ${seated.refused}`)
  })
export const reserve = (exam: Exam, n: number, jobCode = JOB) =>
  exam.work(async (tx) => {
    const [person] = await tx
      .select()
      .from(tx.people)
      .where(eq(tx.people.id, `p${n}`))
    if (!person) throw new Error(`there is no p${n}`)
    const { homeCounty: county, homeSubCounty: subCounty } = person
    await tx
      .insert(tx.reserves)
      .values({ jobCode, personId: person.id, county, subCounty, rank: n, state: 'waiting', changedAt: 0 })
  })

/** By person: a database gives rows in any order. */
export const rows = async (exam: Exam) => {
  const { read } = exam.app.store
  return (await read.select().from(read.deployments)).sort((a, b) => numberIn(a.personId) - numberIn(b.personId))
}
export const openings = async (exam: Exam) => exam.app.store.read.select().from(exam.app.store.read.openings)
export const numberIn = (personId: string) => Number(personId.slice(1))

/** What must hold after anything that anybody did. */
export async function soundness(exam: Exam, places: number): Promise<string[]> {
  const faults: string[] = []
  const all = await rows(exam)
  const held = all.filter((row) => row.held !== null)
  const twice = (list: readonly string[]) => list.filter((each, n) => list.indexOf(each) !== n)
  for (const seat of twice(held.map(({ jobCode, centreCode, seat }) => `${jobCode} ${centreCode} ${seat}`)))
    faults.push(`two people hold ${seat}`)
  for (const person of twice(held.map(({ personId }) => personId))) faults.push(`${person} holds two places`)
  for (const { id, status, held: key } of all)
    if (['draft', 'released', 'accepted'].includes(status) !== (key !== null)) faults.push(`${id} is ${status} and holds ${key}`)
  if (held.length > places) faults.push(`${held.length} hold ${places} places`)
  const offers = all.map(({ offeredFrom }) => offeredFrom).filter((from) => from !== null)
  for (const from of twice(offers)) faults.push(`the place of ${from} was offered twice`)
  const letters = await exam.letters()
  for (const { id, status } of all) {
    const inForce = letters.filter((letter) => letter.deploymentId === id && letter.revokedAt === null).length
    if (inForce !== (status === 'released' || status === 'accepted' ? 1 : 0))
      faults.push(`${id}, ${status}, has ${inForce} letters`)
  }
  const open = (await openings(exam)).filter(({ state }) => state === 'open')
  const empty = all.filter(({ held: key, status }) => key === null && status === 'declined').length
  if (held.length + open.length > places)
    faults.push(`${held.length} held and ${open.length} open of ${places}, ${empty} gave up`)
  return faults
}
