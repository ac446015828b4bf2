import { and, eq, gte, inArray } from 'drizzle-orm'
import type { App } from '../app.ts'
import { yearOf } from '../base/dates.ts'
import type { Job } from '../jobs/eligibility.ts'
import type { SeriesRules } from '../jobs/rules.ts'
import { inNamed } from '../store/named.ts'
import type { Read } from '../store/store.ts'
import { firstYear, type Known, type Terms } from './bars.ts'
import { busyOf } from './busy.ts'

type Person = Read['people']['$inferSelect']
export type Looks = Pick<Read, 'select' | 'deployments' | 'jobs' | 'declarations' | 'profileFields'>
type Keyring = Pick<App['keyring'], 'open'>

/** Reads what may bar these people from a job, with a few queries for all of them. `from`: the first day that they would be there. */
export async function knownOf(
  read: Looks,
  keyring: Keyring,
  { job, rules, from = job.startsOn }: Terms & { from?: string },
  people: readonly Person[],
): Promise<(person: Person) => Known> {
  const ids = people.map(({ id }) => id)
  const words = await wordsOf(read, keyring, fieldsFor(rules, job, people), ids)
  const busy = await busyOf(read, job, ids, from)
  const where = await whereabouts(read, { year: yearOf(job.startsOn), rules }, ids)
  return (person) => ({
    suspended: person.status !== 'vetted',
    busy: busy.has(person.id),
    qualification: person.qualification,
    // What the council vetted counts; what a person typed fills what the roll leaves open.
    subjects: person.subjects.length > 0 ? person.subjects : (words(person.id, 'subjects') ?? '').split(';').filter(Boolean),
    level: words(person.id, 'teaching_level'),
    gender: words(person.id, 'gender'),
    workstation: person.workstationCode ?? words(person.id, 'workstation_code'),
    ...where(person.id),
  })
}

/** Where people work, as vetted or as they typed it. */
export async function workstationsOf(
  read: Looks,
  keyring: Keyring,
  people: readonly Person[],
): Promise<(person: Person) => string | undefined> {
  const lacking = people.filter(({ workstationCode }) => workstationCode === null).map(({ id }) => id)
  const words = await wordsOf(read, keyring, lacking.length > 0 ? ['workstation_code'] : [], lacking)
  return ({ id, workstationCode }) => workstationCode ?? words(id, 'workstation_code')
}

/** Where people served not too long ago, and what they declared. */
export async function whereabouts(
  read: Looks,
  { year, rules }: { year: number; rules: SeriesRules },
  ids: readonly string[],
): Promise<(personId: string) => Pick<Known, 'served' | 'declared'>> {
  if (ids.length === 0) return () => ({ served: [], declared: [] })
  const { deployments: d, jobs, declarations } = read
  const rows = await read
    .select({ personId: d.personId, centreCode: d.centreCode, startsOn: jobs.startsOn })
    .from(d)
    .innerJoin(jobs, eq(jobs.code, d.jobCode))
    .where(
      and(
        inArray(d.personId, [...ids]),
        inArray(inNamed(d.status), ['released', 'accepted']),
        gte(jobs.startsOn, `${firstYear(year, rules)}-01-01`),
      ),
    )
  const served = Map.groupBy(rows, ({ personId }) => personId)
  const declared = Map.groupBy(
    await read
      .select({ personId: declarations.personId, centreCode: declarations.centreCode })
      .from(declarations)
      .where(inArray(declarations.personId, [...ids])),
    ({ personId }) => personId,
  )
  return (personId) => ({
    served: (served.get(personId) ?? []).map(({ centreCode, startsOn }) => ({ centreCode, year: yearOf(startsOn) })),
    declared: (declared.get(personId) ?? []).map(({ centreCode }) => centreCode),
  })
}

/** Only what the rules ask for is opened at all. */
const fieldsFor = (rules: SeriesRules, job: Job, people: readonly Person[]): string[] => [
  ...(people.some(({ workstationCode }) => workstationCode === null) ? ['workstation_code'] : []),
  ...(rules.gender?.[job.code] ? ['gender'] : []),
  ...(rules.levels ? ['teaching_level'] : []),
  ...(job.subjects.length > 0 && people.some(({ subjects }) => subjects.length === 0) ? ['subjects'] : []),
]

async function wordsOf(
  read: Looks,
  keyring: Keyring,
  fields: readonly string[],
  ids: readonly string[],
): Promise<(personId: string, field: string) => string | undefined> {
  const typed = new Map<string, string>()
  const { profileFields: f } = read
  if (fields.length > 0 && ids.length > 0) {
    const cells = await read
      .select()
      .from(f)
      .where(and(inArray(f.personId, [...ids]), inArray(f.field, [...fields])))
    for (const { personId, field, valueSealed } of cells)
      typed.set(`${personId} ${field}`, keyring.open(`profile_fields.${field}:${personId}`, valueSealed))
  }
  return (personId, field) => typed.get(`${personId} ${field}`)
}
