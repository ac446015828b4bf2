import { eq } from 'drizzle-orm'
import type { Scene } from '../action.ts'
import { nairobiDay } from '../base/dates.ts'
import type { Holder } from '../people/holder.ts'
import { type FieldName, readSome } from '../people/profile-fields.ts'
import type { Qualification } from '../store/schema.ts'
import { once, type Tx } from '../store/store.ts'
import { rulesOf, type SeriesRules } from './rules.ts'

export type Job = Tx['jobs']['$inferSelect']

/** The rules in the order in which a person can mend them, the hopeless ones first. Each has words and a cure in menus/words.yaml. */
export const RULES = [
  'not_open',
  'closed',
  'full',
  'qualification',
  'subject',
  'level',
  'gender',
  'county',
  'dates',
  'profile',
] as const
export type Rule = (typeof RULES)[number]

/** Everything a decision about one person needs, gathered once for all jobs. */
export type Standing = {
  today: string
  qualification: Qualification
  subjects: readonly string[]
  county: string
  level: string | undefined
  gender: string | undefined
  missing: readonly FieldName[]
  /** Jobs that this person has accepted, with their days. */
  committed: readonly { code: string; startsOn: string; endsOn: string }[]
  applied: ReadonlyMap<string, string>
}

const ORDER: readonly Qualification[] = ['certificate', 'diploma', 'degree', 'postgraduate']
const atLeast = (has: Qualification, needs: Qualification | null | undefined) =>
  !needs || ORDER.indexOf(has) >= ORDER.indexOf(needs)
const overlap = (a: { startsOn: string; endsOn: string }, b: { startsOn: string; endsOn: string }) =>
  a.startsOn <= b.endsOn && b.startsOn <= a.endsOn

/** Which rules stand between a person and a job: none, and they may apply. Pure. */
export function broken(job: Job, rules: SeriesRules, standing: Standing): Rule[] {
  const held = {
    not_open: standing.today >= job.opensOn,
    closed: standing.today <= job.closesOn && job.closedAt === null,
    full: job.places === null || job.taken < job.places,
    ...suiting(job, rules, standing),
    county: job.county === null || sameText(job.county, standing.county),
    dates: !standing.committed.some((other) => other.code !== job.code && overlap(other, job)),
    profile: standing.missing.length === 0,
  } satisfies Record<Rule, boolean>
  return RULES.filter((rule) => !held[rule])
}

export type Suited = Pick<Standing, 'qualification' | 'subjects' | 'level' | 'gender'>

/** What job and rules ask of the person alone, whatever the day. */
function suiting(job: Job, rules: SeriesRules, { qualification, subjects, level, gender }: Suited) {
  const wants = rules.subject_roles && !rules.subject_roles.includes(job.role) ? [] : job.subjects
  const only = rules.gender?.[job.code]
  return {
    qualification: atLeast(qualification, job.minQualification) && atLeast(qualification, rules.min_qualification?.[job.role]),
    subject: wants.length === 0 || wants.some((subject) => subjects.includes(subject)),
    // What is not known yet is not held against anybody who applies: the profile rule asks for it.
    level: !rules.levels || level === undefined || (rules.levels as string[]).includes(level),
    gender: only === undefined || gender === undefined || gender === only,
  }
}

/** What is asked again of whoever is to serve: a job for women alone is given to nobody of whom that is not known. Pure. */
export function unsuited(job: Job, rules: SeriesRules, person: Suited): (keyof ReturnType<typeof suiting>)[] {
  const held = suiting(job, rules, person)
  if (rules.gender?.[job.code] !== undefined && person.gender === undefined) held.gender = false
  return (Object.keys(held) as (keyof typeof held)[]).filter((rule) => !held[rule])
}

/** Names of places, whatever their case. */
export const sameText = (a: string, b: string) => a.trim().toLowerCase() === b.trim().toLowerCase()

/** The rules that a person cannot mend today by filling in the profile: what decides whether a job is shown among theirs. */
export const fits = (rules: readonly Rule[]): boolean => rules.every((rule) => rule === 'profile')

/** Reads what {@link broken} needs of a person. */
export async function standingOf(scene: Pick<Scene, 'tx' | 'tools' | 'at'>, holder: Holder): Promise<Standing> {
  const { tx, at } = scene
  const { person } = holder
  const { profile, missing } = await readSome(scene, person.id, ['subjects', 'teaching_level', 'gender'])
  const applied = await appliedTo(tx, { personId: person.id })
  const committed = (await dutiesOf(tx, { personId: person.id })).filter(({ status }) => status === 'accepted')
  return {
    today: nairobiDay(at),
    // What the council vetted counts; what a person typed fills only what the roll leaves open.
    qualification: person.qualification,
    subjects: person.subjects.length > 0 ? person.subjects : (profile.subjects ?? '').split(';').filter(Boolean),
    county: person.homeCounty,
    level: profile.teaching_level,
    gender: profile.gender,
    missing,
    committed,
    applied: new Map(applied.map(({ code, status }) => [code, status])),
  }
}

const appliedTo = once('applied_to', (tx, hole: { personId: never }) =>
  tx
    .select({ code: tx.applications.jobCode, status: tx.applications.status })
    .from(tx.applications)
    .where(eq(tx.applications.personId, hole.personId)),
)
// By the person alone: asked for the status too, SQLite without statistics may walk through everybody's of that status.
const dutiesOf = once('duties_of', (tx, hole: { personId: never }) =>
  tx
    .select({ status: tx.deployments.status, code: tx.jobs.code, startsOn: tx.jobs.startsOn, endsOn: tx.jobs.endsOn })
    .from(tx.deployments)
    .innerJoin(tx.jobs, eq(tx.jobs.code, tx.deployments.jobCode))
    .where(eq(tx.deployments.personId, hole.personId)),
)

/** The rules of the series of each job, each series read once. */
export async function rulesFor(tx: Tx, jobs: readonly Job[]): Promise<Map<string, SeriesRules>> {
  const rules = new Map<string, SeriesRules>()
  for (const exam of new Set(jobs.map((job) => job.exam))) rules.set(exam, await rulesOf(tx, exam))
  return rules
}
