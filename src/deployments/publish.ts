import { and, asc, count, eq, gt, lt } from 'drizzle-orm'
import { acting, operator, type Trace } from '../acting.ts'
import type { Actor, Scene } from '../action.ts'
import type { App } from '../app.ts'
import { shortMoment } from '../base/dates.ts'
import { versionedFrom } from '../letters/freeze.ts'
import { issueLetter } from '../letters/issue.ts'
import { tellOfLetter } from '../letters/send.ts'
import { jobCode } from '../people/formats.ts'
import { once, type Read } from '../store/store.ts'
import { type Patience, patienceOf } from './deadline.ts'

const SLICE = 50

/** Which drafts: of one job, at the stations of one county, not touched since `before` (milliseconds since 1970). Nothing said: all. */
export type Drafts = { job?: string | undefined; county?: string | undefined; before?: number | undefined }
/** `held`: drafts of people who are suspended; they stay drafts. */
export type Published = { released: number; held: number; refused?: never }
type Progress = (done: number, of: number) => void

/**
 * Releases draft deployments (of one job, as people type its code): a letter, a link and an SMS each. 50 people are one unit, so that
 * hops go on in between; when it is cut off, the next call goes on with those that are still drafts.
 */
export async function publish(
  app: App,
  { job: typed }: { job?: string | undefined } = {},
  onProgress?: Progress,
  by: Actor = operator,
): Promise<Published | { refused: 'unknown_job' }> {
  const { read } = app.store
  const job = typed === undefined ? undefined : await codeOf(read, typed)
  if (typed !== undefined && job === undefined) return { refused: 'unknown_job' }
  const of = await countDrafts(read, { job })
  const sum: Published = { released: 0, held: 0 }
  for (let after: string | undefined = ''; after !== undefined; ) {
    const cursor: string = after
    const slice: ReleasedSlice = await acting(app, by, 'deployments.publish', 'deployments.publish', async (scene) => {
      const released = await releaseSlice(scene, { job }, cursor)
      return [released, traceOf(released, job)]
    })
    sum.released += slice.released
    sum.held += slice.held
    after = slice.next
    onProgress?.(sum.released + sum.held, Math.max(of, sum.released + sum.held))
  }
  return sum
}

/** What the audit trail keeps of one slice. */
export const traceOf = ({ released, held }: ReleasedSlice, job: string | undefined): Trace => ({
  outcome: 'done',
  detail: { released, held, ...(job === undefined ? {} : { job }) },
})

export async function countDrafts(read: Pick<Read, 'select' | 'deployments'>, drafts: Drafts): Promise<number> {
  const [found] = await read.select({ n: count() }).from(read.deployments).where(areIn(read, drafts))
  return found?.n ?? 0
}

export type ReleasedSlice = { released: number; held: number; next: string | undefined }

/** Releases the next 50 by id, after `after`, in the unit that is open. `next` is undefined when there are no more. */
export async function releaseSlice(scene: Scene, drafts: Drafts, after: string): Promise<ReleasedSlice> {
  const { tx } = scene
  const { deployments, people } = tx
  const rows = await tx
    .select({ id: deployments.id, standing: people.status })
    .from(deployments)
    .innerJoin(people, eq(people.id, deployments.personId))
    .where(and(areIn(tx, drafts), gt(deployments.id, after)))
    .orderBy(asc(deployments.id))
    .limit(SLICE)
  let released = 0
  for (const { id, standing } of rows) if (standing === 'vetted' && (await release(scene, id))) released++
  const held = rows.filter(({ standing }) => standing !== 'vetted').length
  return { released, held, next: rows.length === SLICE ? rows.at(-1)?.id : undefined }
}

/**
 * One draft, by a letter and its SMS: guarded, so that two who publish at once never send two. An `offer` to a reserve says so in its SMS
 * and has a deadline of its own.
 */
export async function release(scene: Scene, id: string, offer = false): Promise<boolean> {
  const { tx, at } = scene
  const taken = await takeDraft(tx, { id, at })
  if (taken.length === 0) return false
  const letter = await issueLetter(scene, id)
  const { rules, version } = versionedFrom(letter.source)
  const { answerBy, remindAt } = patienceOf(rules, { at, offer, reportOn: letter.source.deployment.reportOn })
  await awaitAnswer(tx, { id, answerBy, remindAt, version })
  const message = offer && answerBy !== null ? 'place_offered' : 'letter_ready'
  await tellOfLetter(scene, letter, message, { answer_by: shortMoment(answerBy) })
  return true
}

const takeDraft = once<{ id: string; at: number }, { id: string }[]>('take_draft', (tx, hole) =>
  tx
    .update(tx.deployments)
    .set({ status: 'released', changedAt: hole.at })
    .where(and(eq(tx.deployments.id, hole.id), eq(tx.deployments.status, 'draft')))
    .returning({ id: tx.deployments.id }),
)
const awaitAnswer = once<Patience & { id: string; version: number }, unknown>('await_answer', (tx, hole) =>
  tx
    .update(tx.deployments)
    .set({ answerBy: hole.answerBy, remindAt: hole.remindAt, rulesVersion: hole.version })
    .where(eq(tx.deployments.id, hole.id)),
)

function areIn({ deployments }: Pick<Read, 'deployments'>, { job, county, before }: Drafts) {
  return and(
    eq(deployments.status, 'draft'),
    job === undefined ? undefined : eq(deployments.jobCode, job),
    county === undefined ? undefined : eq(deployments.county, county),
    before === undefined ? undefined : lt(deployments.changedAt, before),
  )
}

/** A job's code as people type it; undefined where there is no such job. */
export async function codeOf(read: Read, typed: string): Promise<string | undefined> {
  const [job] = await read
    .select({ code: read.jobs.code })
    .from(read.jobs)
    .where(eq(read.jobs.codeKey, jobCode.read(typed) ?? ''))
  return job?.code
}
