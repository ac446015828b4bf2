import { and, asc, count, eq, gt } from 'drizzle-orm'
import type { Scene } from '../action.ts'
import type { App } from '../app.ts'
import { issueLetter } from '../letters/issue.ts'
import { operating } from '../letters/operator.ts'
import { tellOfLetter } from '../letters/send.ts'
import { jobCode } from '../people/formats.ts'
import { once, type Read } from '../store/store.ts'

const SLICE = 50

/** `held`: drafts of people who are suspended; they stay drafts. */
export type Published = { released: number; held: number; refused?: never }
type Progress = (done: number, of: number) => void

/**
 * Releases every draft deployment (of one job, by its code): a letter, a link and an SMS each. 50 people are one unit, so that hops go
 * on in between; when it is cut off, the next call goes on with those that are still drafts.
 */
export async function publish(
  app: App,
  { job: typed }: { job?: string | undefined } = {},
  onProgress?: Progress,
): Promise<Published | { refused: 'unknown_job' }> {
  const { read } = app.store
  const job = typed === undefined ? undefined : await codeOf(read, typed)
  if (typed !== undefined && job === undefined) return { refused: 'unknown_job' }
  const [drafts] = await read.select({ n: count() }).from(read.deployments).where(draftsOf(read, job))
  const of = drafts?.n ?? 0
  const sum: Published = { released: 0, held: 0 }
  for (let after: string | undefined = ''; after !== undefined; ) {
    const slice: Slice = await releaseSlice(app, job, after)
    sum.released += slice.released
    sum.held += slice.held
    after = slice.next
    onProgress?.(sum.released + sum.held, Math.max(of, sum.released + sum.held))
  }
  return sum
}

type Slice = { released: number; held: number; next: string | undefined }

/** The next drafts by id, after `after`. `next` is undefined when there are no more. */
function releaseSlice(app: App, job: string | undefined, after: string): Promise<Slice> {
  return operating<Slice>(app, 'deployments.publish', 'deployments.publish', async (scene) => {
    const { tx } = scene
    const { deployments, people } = tx
    const rows = await tx
      .select({ id: deployments.id, standing: people.status })
      .from(deployments)
      .innerJoin(people, eq(people.id, deployments.personId))
      .where(and(draftsOf(tx, job), gt(deployments.id, after)))
      .orderBy(asc(deployments.id))
      .limit(SLICE)
    let released = 0
    for (const { id, standing } of rows) if (standing === 'vetted' && (await release(scene, id))) released++
    const held = rows.filter(({ standing }) => standing !== 'vetted').length
    const next = rows.length === SLICE ? rows.at(-1)?.id : undefined
    return [
      { released, held, next },
      { outcome: 'done', detail: { released, held, ...(job ? { job } : {}) } },
    ]
  })
}

/** One person: guarded, so that two who publish at once never send two letters. */
async function release(scene: Scene, id: string): Promise<boolean> {
  const taken = await takeDraft(scene.tx, { id, at: scene.at })
  if (taken.length === 0) return false
  await tellOfLetter(scene, await issueLetter(scene, id))
  return true
}

const takeDraft = once<{ id: string; at: number }, { id: string }[]>('take_draft', (tx, hole) =>
  tx
    .update(tx.deployments)
    .set({ status: 'released', changedAt: hole.at })
    .where(and(eq(tx.deployments.id, hole.id), eq(tx.deployments.status, 'draft')))
    .returning({ id: tx.deployments.id }),
)

function draftsOf({ deployments }: Pick<Read, 'deployments'>, job: string | undefined) {
  return and(eq(deployments.status, 'draft'), job === undefined ? undefined : eq(deployments.jobCode, job))
}

async function codeOf(read: Read, typed: string): Promise<string | undefined> {
  const [job] = await read
    .select({ code: read.jobs.code })
    .from(read.jobs)
    .where(eq(read.jobs.codeKey, jobCode.read(typed) ?? ''))
  return job?.code
}
