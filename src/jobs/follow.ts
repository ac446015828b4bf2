import { and, desc, eq, inArray, lt, or, type SQL } from 'drizzle-orm'
import { z } from 'zod'
import { action, done, refused, type Scene } from '../action.ts'
import { holderOf, personOf } from '../people/holder.ts'
import { tell } from '../sms/outbox.ts'
import type { ApplicationStatus } from '../store/schema.ts'
import { once } from '../store/store.ts'
import { titleOf } from './vacancy.ts'

/** Before these a decision has not been taken: the person may still withdraw. */
export const UNDECIDED: ApplicationStatus[] = ['received', 'nominated']

type Page = { after?: { changedAt: number; id: string }; most?: number }

/** A person's applications with their jobs, the last changed first. */
export async function applicationsOf(scene: Scene, { after, most = 30 }: Page = {}) {
  const { tx } = scene
  const { applications } = tx
  const { person } = await personOf(scene)
  const earlier =
    after &&
    or(
      lt(applications.changedAt, after.changedAt),
      and(eq(applications.changedAt, after.changedAt), lt(applications.id, after.id)),
    )
  if (!after) return newestOf(tx, { personId: person.id, most })
  return withJobs(tx, and(eq(applications.personId, person.id), earlier)).limit(most)
}

/** One of a person's own, however old. */
export async function applicationOf(scene: Scene, id: string) {
  const { tx } = scene
  const { person } = await personOf(scene)
  const [found] = await oneOf(tx, { personId: person.id, id })
  return found
}

const newestOf = once('applications_of', (tx, hole: { personId: never; most: never }) =>
  withJobs(tx, eq(tx.applications.personId, hole.personId)).limit(hole.most),
)
const oneOf = once('application_of', (tx, hole: { personId: never; id: never }) =>
  withJobs(tx, and(eq(tx.applications.personId, hole.personId), eq(tx.applications.id, hole.id))),
)
const withJobs = (tx: Scene['tx'], which: SQL | undefined) => {
  const { applications, jobs } = tx
  return tx
    .select({ application: applications, job: jobs })
    .from(applications)
    .innerJoin(jobs, eq(jobs.code, applications.jobCode))
    .where(which)
    .orderBy(desc(applications.changedAt), desc(applications.id))
}

export const applicationsList = action({
  who: 'account',
  input: z.object({}),
  refusals: ['none'],
  gives: ['application', 'title', 'status'],
  reads: true,
  async apply(scene) {
    const rows = await applicationsOf(scene)
    if (rows.length === 0) return refused('none')
    const items = rows.map(({ application, job }) => ({
      application: application.id,
      title: titleOf(job, scene.actor.language),
      status: application.status,
    }))
    return done({ items })
  },
})

export const applicationsRead = action({
  who: 'account',
  input: z.object({ application: z.string() }),
  refusals: ['unknown'],
  gives: ['application', 'title', 'status', 'reference', 'job', 'undecided', 'why_left'],
  reads: true,
  async apply(scene, { application: id }) {
    const found = await applicationOf(scene, id)
    if (!found) return refused('unknown')
    const { application, job } = found
    return done({
      application: id,
      title: titleOf(job, scene.actor.language),
      status: application.status,
      reference: application.reference,
      job: job.code,
      undecided: UNDECIDED.includes(application.status),
      why_left:
        application.leftOut === null
          ? ''
          : `\n${scene.tools.phrases.word('left_out', application.leftOut, scene.actor.language)}`,
    })
  },
})

/** By SMS: every application in one line, the newest first; what does not fit one segment is left to the menu. */
export const applicationsStatus = action({
  who: 'person',
  input: z.object({}),
  refusals: ['none'],
  gives: ['standings'],
  reads: true,
  async apply(scene) {
    const { tools, actor } = scene
    const rows = await applicationsOf(scene)
    if (rows.length === 0) return refused('none')
    const standings = rows.map(({ application: { status, leftOut }, job }) => {
      const why = leftOut === null ? '' : ` (${tools.phrases.word('left_out', leftOut, actor.language)})`
      return `${job.code}: ${tools.phrases.word('status', status, actor.language)}${why}`
    })
    return done({ standings: standings.join('\n') })
  },
})

export const applicationsWithdraw = action({
  who: 'pin',
  input: z.object({ application: z.string() }),
  refusals: ['unknown', 'decided'],
  gives: ['title', 'reference'],
  sends: ['application_withdrawn'],
  async apply(scene, { application: id }) {
    const { tx, at, actor } = scene
    const found = await applicationOf(scene, id)
    if (!found) return refused('unknown')
    const [withdrawn] = await tx
      .update(tx.applications)
      .set({ status: 'withdrawn', changedAt: at })
      .where(and(eq(tx.applications.id, id), inArray(tx.applications.status, UNDECIDED)))
      .returning()
    if (!withdrawn) return refused('decided')
    const holder = await holderOf(scene)
    const values = { title: titleOf(found.job, actor.language), reference: withdrawn.reference }
    await tell(scene, {
      to: holder.msisdn,
      person: holder.person.id,
      message: 'application_withdrawn',
      values,
      language: actor.language,
      class: 'reply',
      dedupe: `withdrawn:${id}:${at}`,
    })
    return done(values, holder.person.id)
  },
})
