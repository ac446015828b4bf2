import { and, eq, inArray } from 'drizzle-orm'
import type { Scene } from '../action.ts'
import type { SeriesRules } from '../jobs/rules.ts'
import type { Tx } from '../store/store.ts'
import { yearOf } from './check.ts'

type Person = Tx['people']['$inferSelect']
type Station = Pick<Tx['stations']['$inferSelect'], 'centreCode'>

/** Who of these may not serve at a station: their own, one where they served too lately, one that they declared. */
export async function barredAt(
  { tx, tools }: Pick<Scene, 'tx' | 'tools'>,
  { station: { centreCode }, rules, year }: { station: Station; rules: SeriesRules; year: number },
  people: readonly Person[],
): Promise<Set<string>> {
  const ids = people.map(({ id }) => id)
  if (ids.length === 0) return new Set()
  const { deployments: d, jobs, declarations, profileFields } = tx
  const barred = new Set<string>()
  const declared = await tx
    .select({ personId: declarations.personId })
    .from(declarations)
    .where(and(eq(declarations.centreCode, centreCode), inArray(declarations.personId, ids)))
  for (const { personId } of declared) barred.add(personId)
  const served = await tx
    .select({ personId: d.personId, startsOn: jobs.startsOn })
    .from(d)
    .innerJoin(jobs, eq(jobs.code, d.jobCode))
    .where(and(eq(d.centreCode, centreCode), inArray(d.personId, ids), inArray(d.status, ['released', 'accepted'])))
  for (const { personId, startsOn } of served) {
    const then = yearOf(startsOn)
    if (then < year && year - then <= (rules.years_since_served ?? 0)) barred.add(personId)
  }
  if (!rules.not_own_school) return barred
  for (const { id, workstationCode } of people) if (workstationCode === centreCode) barred.add(id)
  // What the council vetted counts; what a person typed fills what the roll leaves open.
  const typed = await tx
    .select()
    .from(profileFields)
    .where(and(eq(profileFields.field, 'workstation_code'), inArray(profileFields.personId, ids)))
  const vetted = new Set(people.filter(({ workstationCode }) => workstationCode !== null).map(({ id }) => id))
  for (const { personId, valueSealed } of typed)
    if (!vetted.has(personId) && tools.keyring.open(`profile_fields.workstation_code:${personId}`, valueSealed) === centreCode)
      barred.add(personId)
  return barred
}
