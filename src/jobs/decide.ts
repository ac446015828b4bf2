import { and, eq, gt, isNull, lt, or, sql } from 'drizzle-orm'
import { z } from 'zod'
import { action, done, refused, type Scene } from '../action.ts'
import type { Msisdn } from '../base/msisdn.ts'
import { decidesAbout } from '../officers/officer.ts'
import { languageOf } from '../people/language.ts'
import { tell } from '../sms/outbox.ts'
import type { ApplicationStatus } from '../store/schema.ts'
import { LEFT_OUT, type LeftOut, mayNominate } from './quota.ts'
import { versionedRules } from './rules.ts'
import { titleOf } from './vacancy.ts'

/** From which standings a decision may lead to which: only forward, but for a reserve who is called up. */
const FROM = {
  nominated: ['received'],
  successful: ['received', 'nominated', 'reserve'],
  reserve: ['received', 'nominated'],
  unsuccessful: ['received', 'nominated', 'reserve'],
} satisfies Partial<Record<ApplicationStatus, ApplicationStatus[]>>

export type Decision = keyof typeof FROM
export const DECISIONS = Object.keys(FROM) as Decision[]

/** Changes one application's standing and tells the person. Places are counted down in the same unit. */
export const applicationsDecide = action<{ application: string; to: Decision; reason?: LeftOut | undefined }>({
  who: 'operator',
  input: z.object({
    application: z.string(),
    to: z.enum(['nominated', 'successful', 'reserve', 'unsuccessful']),
    reason: z.enum(LEFT_OUT).optional(),
  }),
  refusals: ['unknown', 'too_late', 'full', 'suspended', 'quota', 'sub_county'],
  gives: [],
  sends: [
    'application_nominated',
    'application_successful',
    'application_reserve',
    'application_unsuccessful',
    'application_left_out',
  ],
  async apply(scene, { application: id, to, reason }) {
    const { tx, at } = scene
    const [found] = await tx
      .select({ application: tx.applications, job: tx.jobs, person: tx.people })
      .from(tx.applications)
      .innerJoin(tx.jobs, eq(tx.jobs.code, tx.applications.jobCode))
      .innerJoin(tx.people, eq(tx.people.id, tx.applications.personId))
      .where(eq(tx.applications.id, id))
    if (!found) return refused('unknown')
    const { application, job, person } = found
    if (!(await decidesAbout(tx, scene.actor, application.subCounty))) return refused('sub_county', {}, person.id)
    if (application.status === to) return done({}, person.id)
    if (!(FROM[to] as ApplicationStatus[]).includes(application.status)) return refused('too_late', {}, person.id)
    if (to !== 'unsuccessful' && person.status === 'suspended') return refused('suspended', {}, person.id)
    const { rules, version } = await versionedRules(tx, job.exam)
    if (to === 'nominated' && (await mayNominate(tx, job, rules, application)).full) return refused('quota', {}, person.id)
    if (to === 'successful' && !(await takePlace(scene, job.code))) return refused('full', {}, person.id)
    const [moved] = await tx
      .update(tx.applications)
      .set({ status: to, rulesVersion: version, leftOut: to === 'unsuccessful' ? (reason ?? null) : null, changedAt: at })
      .where(and(eq(tx.applications.id, id), eq(tx.applications.status, application.status)))
      .returning({ id: tx.applications.id })
    if (!moved) {
      // Somebody else decided it in the same moment: nobody is told twice, and no place is lost.
      if (to === 'successful') await givePlaceBack(scene, job.code)
      return refused('too_late', {}, person.id)
    }
    const language = await languageOf(scene, person.msisdn)
    await tell(scene, {
      to: person.msisdn as Msisdn,
      person: person.id,
      message: to === 'unsuccessful' && reason ? 'application_left_out' : `application_${to}`,
      values: { title: titleOf(job, language), reference: application.reference, left_out: reason },
      language,
      class: 'notice',
      dedupe: `decided:${id}:${to}:${at}`,
    })
    return done({}, person.id)
  },
})

/** One place less, if there is one: counted down where it stands, so that two deciders never give the last one twice. */
export async function takePlace({ tx }: Pick<Scene, 'tx'>, code: string): Promise<boolean> {
  const { jobs } = tx
  const taken = await tx
    .update(jobs)
    .set({ taken: sql`${jobs.taken} + 1` })
    .where(and(eq(jobs.code, code), or(isNull(jobs.places), lt(jobs.taken, jobs.places))))
    .returning({ code: jobs.code })
  return taken.length > 0
}

/** Gives a place back: somebody who was successful does not come after all. Their application ends as withdrawn, by their own word. */
export async function leavePlace({ tx, at }: Pick<Scene, 'tx' | 'at'>, personId: string, code: string): Promise<void> {
  const { applications } = tx
  const left = await tx
    .update(applications)
    .set({ status: 'withdrawn', changedAt: at })
    .where(and(eq(applications.personId, personId), eq(applications.jobCode, code), eq(applications.status, 'successful')))
    .returning({ id: applications.id })
  if (left.length > 0) await givePlaceBack({ tx }, code)
}

async function givePlaceBack({ tx }: Pick<Scene, 'tx'>, code: string): Promise<void> {
  const { jobs } = tx
  await tx
    .update(jobs)
    .set({ taken: sql`${jobs.taken} - 1` })
    .where(and(eq(jobs.code, code), gt(jobs.taken, 0)))
}
