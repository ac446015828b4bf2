import { asc, eq } from 'drizzle-orm'
import { z } from 'zod'
import { action, done, refused, type Scene } from '../action.ts'
import { nairobiDay, shortDay, shortMoment } from '../base/dates.ts'
import { versionedRules } from '../jobs/rules.ts'
import { titleOf } from '../jobs/vacancy.ts'
import { holderOf } from '../people/holder.ts'
import type { DeploymentStatus } from '../store/schema.ts'
import { once } from '../store/store.ts'
import { dutyDays, isOnDuty } from './days.ts'

/** A draft is not the person's business yet, and one that was revoked no longer is. */
const SHOWN: DeploymentStatus[] = ['released', 'accepted', 'declined']

/** The person's deployments with their jobs and stations, the next to report to first. */
export async function deploymentsOf({ tx }: Pick<Scene, 'tx'>, personId: string) {
  return (await ofPerson(tx, { personId })).filter(({ deployment }) => SHOWN.includes(deployment.status))
}

// By the person alone: asked for the status too, SQLite without statistics may walk through everybody's of that status.
const ofPerson = once('deployments_of', (tx, hole: { personId: never }) => {
  const { deployments, jobs, stations } = tx
  return tx
    .select({ deployment: deployments, job: jobs, station: stations })
    .from(deployments)
    .innerJoin(jobs, eq(jobs.code, deployments.jobCode))
    .innerJoin(stations, eq(stations.centreCode, deployments.centreCode))
    .where(eq(deployments.personId, hole.personId))
    .orderBy(asc(deployments.reportOn), asc(deployments.id))
})

export type Duty = Awaited<ReturnType<typeof deploymentsOf>>[number]

/** Until its deadline, and the end of the reporting day, someone may still say yes, or no for the first time. `at` in milliseconds since 1970. */
export const mayAccept = ({ deployment }: Duty, at: number): boolean =>
  deployment.status === 'released' &&
  nairobiDay(at) <= deployment.reportOn &&
  (deployment.answerBy === null || at <= deployment.answerBy)

/** Who accepted may change their mind until the day before; a no is final. */
export const mayDecline = (duty: Duty, at: number): boolean =>
  mayAccept(duty, at) || (duty.deployment.status === 'accepted' && nairobiDay(at) < duty.deployment.reportOn)

/** A deployment in the words of screens and messages. */
export const varsOf = ({ deployment, job, station }: Duty, { actor }: Pick<Scene, 'actor'>) => ({
  deployment: deployment.id,
  title: titleOf(job, actor.language),
  station: station.name,
  county: station.county,
  report_on: shortDay(deployment.reportOn),
  report_at: deployment.reportAt,
  answer: deployment.status,
})

/** A line of its own while an answer is awaited, else nothing. */
function deadlineLine(duty: Duty, { at, actor, tools }: Scene): string {
  const { answerBy } = duty.deployment
  if (answerBy === null || !mayAccept(duty, at)) return ''
  return `\n${tools.phrases.word('answer_till', 'by', actor.language)} ${shortMoment(answerBy)}`
}

export const deploymentsMine = action({
  who: 'account',
  input: z.object({}),
  refusals: ['none'],
  gives: ['deployment', 'title', 'station', 'county', 'report_on', 'report_at', 'answer'],
  reads: true,
  async apply(scene) {
    const duties = await deploymentsOf(scene, (await holderOf(scene)).person.id)
    return duties.length === 0 ? refused('none') : done({ items: duties.map((duty) => varsOf(duty, scene)) })
  },
})

export const deploymentsRead = action({
  who: 'account',
  input: z.object({ deployment: z.string() }),
  refusals: ['none'],
  gives: [
    'deployment',
    'title',
    'station',
    'county',
    'report_on',
    'report_at',
    'answer',
    'answer_till',
    'can_accept',
    'can_decline',
    'has_letter',
    'on_duty_today',
    'has_days',
  ],
  reads: true,
  async apply(scene, { deployment: id }) {
    const duties = await deploymentsOf(scene, (await holderOf(scene)).person.id)
    const duty = duties.find(({ deployment }) => deployment.id === id)
    if (!duty) return refused('none')
    return done({
      ...varsOf(duty, scene),
      answer_till: deadlineLine(duty, scene),
      can_accept: mayAccept(duty, scene.at),
      can_decline: mayDecline(duty, scene.at),
      has_letter: duty.deployment.status !== 'declined',
      ...(await daysOf(scene, duty)),
    })
  },
})

/** Whether today is a day of this duty, and whether any day of it has come. */
async function daysOf({ tx, at }: Scene, duty: Duty): Promise<{ on_duty_today: boolean; has_days: boolean }> {
  if (duty.deployment.held === null) return { on_duty_today: false, has_days: false }
  const { rules } = await versionedRules(tx, duty.job.exam)
  const today = nairobiDay(at)
  return { on_duty_today: isOnDuty({ ...duty, rules }, today), has_days: dutyDays({ ...duty, rules }, today).length > 0 }
}
