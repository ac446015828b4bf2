import { and, asc, eq, exists, gt, inArray, ne, or, type SQL } from 'drizzle-orm'
import type { Scene } from '../action.ts'
import type { FieldName, Profile } from '../people/profile-fields.ts'
import type { Tx } from '../store/store.ts'
import { PAYEE_FIELDS } from './payee.ts'

export type Deployment = Tx['deployments']['$inferSelect']
export type Attendance = Tx['attendance']['$inferSelect']
export type Job = Tx['jobs']['$inferSelect']

/** All that decides whether and how somebody is paid for one duty. */
export type PayDuty = {
  deployment: Deployment
  person: Tx['people']['$inferSelect']
  profile: Profile
  /** When what the profile says of the account was last written, milliseconds since 1970. */
  accountAt: number
  marks: Attendance[]
}

const FIELDS: readonly FieldName[] = [...PAYEE_FIELDS, 'tsc_number']
type Look = Pick<Scene, 'tx' | 'tools'>

/** A duty that ended on the way counts as well where its person was there: whoever was replaced after three days served three days. */
const ended = ({ deployments: d, attendance: a, ...tx }: Look['tx']): SQL | undefined =>
  and(
    eq(d.status, 'revoked'),
    exists(
      tx
        .select({ day: a.day })
        .from(a)
        .where(and(eq(a.deploymentId, d.id), ne(a.mark, 'absent'))),
    ),
  )

/** The next duties of one job that count, by id, after `after`: two walks along the index of job and status, merged. */
export async function dutiesAfter(
  scene: Look,
  { job, county, after, most }: { job: string; county?: string | undefined; after: string; most: number },
): Promise<PayDuty[]> {
  const { tx } = scene
  const { deployments: d } = tx
  const here = county === undefined ? undefined : eq(d.county, county)
  const ids: string[] = []
  for (const counts of [eq(d.status, 'accepted'), ended(tx)]) {
    const rows = await tx
      .select({ id: d.id })
      .from(d)
      .where(and(eq(d.jobCode, job), counts, here, gt(d.id, after)))
      .orderBy(asc(d.id))
      .limit(most)
    ids.push(...rows.map(({ id }) => id))
  }
  const next = ids.sort().slice(0, most)
  return next.length === 0 ? [] : dutiesWhere(scene, inArray(d.id, next), most)
}

/** A person's duties that count. */
export const dutiesOf = (scene: Look, personId: string): Promise<PayDuty[]> => {
  const { deployments: d } = scene.tx
  return dutiesWhere(scene, and(eq(d.personId, personId), or(eq(d.status, 'accepted'), ended(scene.tx))), 100)
}

async function dutiesWhere({ tx, tools }: Look, where: SQL | undefined, most: number): Promise<PayDuty[]> {
  const { deployments: d, people, profileFields, attendance } = tx
  const rows = await tx
    .select({ deployment: d, person: people })
    .from(d)
    .innerJoin(people, eq(people.id, d.personId))
    .where(where)
    .orderBy(asc(d.id))
    .limit(most)
  if (rows.length === 0) return []
  const persons = [...new Set(rows.map(({ person }) => person.id))]
  const fields = await tx
    .select()
    .from(profileFields)
    .where(and(inArray(profileFields.personId, persons), inArray(profileFields.field, [...FIELDS])))
  const duties = rows.map(({ deployment }) => deployment.id)
  const marks = await tx
    .select()
    .from(attendance)
    .where(inArray(attendance.deploymentId, duties))
    .orderBy(asc(attendance.deploymentId), asc(attendance.day))
  const byPerson = Map.groupBy(fields, ({ personId }) => personId)
  const byDuty = Map.groupBy(marks, ({ deploymentId }) => deploymentId)
  return rows.map(({ deployment, person }) => {
    const theirs = byPerson.get(person.id) ?? []
    const open = ({ field, valueSealed }: (typeof theirs)[number]) =>
      tools.keyring.open(`profile_fields.${field}:${person.id}`, valueSealed)
    const ofAccount = theirs.filter(({ field }) => (PAYEE_FIELDS as readonly string[]).includes(field))
    return {
      deployment,
      person,
      profile: Object.fromEntries(theirs.map((row) => [row.field, open(row)])),
      accountAt: Math.max(0, ...ofAccount.map(({ at }) => at)),
      marks: byDuty.get(deployment.id) ?? [],
    }
  })
}
