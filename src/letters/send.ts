import { and, asc, eq, gte, inArray, isNull } from 'drizzle-orm'
import type { Scene } from '../action.ts'
import type { Tools } from '../app.ts'
import { nairobiDay, shortDay } from '../base/dates.ts'
import type { Msisdn } from '../base/msisdn.ts'
import { titleOf } from '../jobs/vacancy.ts'
import { makeLink } from '../links/link.ts'
import { tell } from '../sms/outbox.ts'
import type { Issued } from './issue.ts'

/** What an SMS carries: short enough to share a segment with its sentence. */
export const linkOf = ({ publicUrl }: Pick<Tools, 'publicUrl'>, code: string): string => `${publicUrl}/l/${code}`

/** Tells a person of a letter that was just issued, with a link of its own, in the words of `message`. */
export async function tellOfLetter(
  scene: Scene,
  { id, source }: Issued,
  message = 'letter_ready',
  more: Record<string, string> = {},
): Promise<void> {
  const { person, job, station, deployment, language } = source
  const code = await makeLink(scene, id, job.endsOn)
  await tell(scene, {
    to: person.msisdn as Msisdn,
    person: person.id,
    message,
    values: {
      ...more,
      title: titleOf(job, language),
      station: station.name,
      report_on: shortDay(deployment.reportOn),
      report_at: deployment.reportAt,
      link: linkOf(scene.tools, code),
    },
    language,
    class: 'notice',
    dedupe: `letter_ready:${id}`,
  })
}

/** The person's letters in force of duties that are not over, the next to report to first. */
export async function lettersOf({ tx, at }: Pick<Scene, 'tx' | 'at'>, personId: string) {
  const { letters, deployments, jobs, stations } = tx
  return tx
    .select({ letter: letters.id, deployment: deployments, job: jobs, station: stations })
    .from(letters)
    .innerJoin(deployments, eq(deployments.id, letters.deploymentId))
    .innerJoin(jobs, eq(jobs.code, deployments.jobCode))
    .innerJoin(stations, eq(stations.centreCode, deployments.centreCode))
    .where(
      and(
        eq(letters.personId, personId),
        isNull(letters.revokedAt),
        inArray(deployments.status, ['released', 'accepted']),
        gte(jobs.endsOn, nairobiDay(at)),
      ),
    )
    .orderBy(asc(deployments.reportOn), asc(deployments.id))
}
