import { addDays, startOfDay } from '../base/dates.ts'
import { Fault } from '../base/fault.ts'
import { nationalId } from '../people/formats.ts'
import type { Keyring } from '../security/keyring.ts'
import type { Role } from '../store/schema.ts'
import type { Job, PayDuty } from './duties.ts'
import { isSamePayee } from './names.ts'
import { payeeOf } from './payee.ts'

/** What may stand between a duty and its pay; each has words in menus/words.yaml. */
export const ISSUE_KINDS = ['name', 'no_tsc', 'no_id', 'no_account', 'unmarked', 'no_deployment', 'disputed'] as const
export type IssueKind = (typeof ISSUE_KINDS)[number]
/** `since`: what came later than an officer's clearing is not cleared by it; milliseconds since 1970, 0 where it has no time. */
export type Finding = { kind: IssueKind; since: number }

const TEACHERS: readonly Role[] = ['supervisor', 'invigilator', 'examiner']

/** What is judged besides the duty: `isDutyDay` says whether anybody served at its station on a day. */
type Around = { job: Job; today: string; keyring: Pick<Keyring, 'open'>; isDutyDay(centreCode: string, day: string): boolean }

/** All that is wrong with one duty, as it stands. */
export function findingsOf(duty: PayDuty, around: Around): Finding[] {
  const { job, keyring } = around
  const found: (Finding | false | undefined)[] = [
    nameFinding(duty),
    TEACHERS.includes(job.role) && !hasTsc(duty) && { kind: 'no_tsc', since: 0 },
    !hasId(duty, keyring) && { kind: 'no_id', since: 0 },
    payeeOf(duty.profile) === undefined && { kind: 'no_account', since: 0 },
    unmarkedFinding(duty, around),
    duty.deployment.origin === 'spot' && duty.deployment.confirmedBy === null && { kind: 'no_deployment', since: 0 },
    disputeFinding(duty),
  ]
  return found.filter((each) => each !== undefined && each !== false)
}

function nameFinding({ profile, person, accountAt }: PayDuty): Finding | undefined {
  const { account_name: name } = profile
  return name === undefined || isSamePayee(name, person.fullName) ? undefined : { kind: 'name', since: accountAt }
}

const hasTsc = ({ person, profile }: PayDuty): boolean =>
  person.tscNumberSealed !== null || (profile.tsc_number !== undefined && profile.tsc_number !== 'NONE')

function hasId({ person: { id, nationalIdSealed } }: PayDuty, keyring: Pick<Keyring, 'open'>): boolean {
  try {
    return nationalId.read(keyring.open(`people.national_id:${id}`, nationalIdSealed)) !== undefined
  } catch (reason) {
    // A number that no key opens cannot be paid on: the person brings it again.
    if (reason instanceof Fault && reason.code === 'unsealable') return false
    throw reason
  }
}

function unmarkedFinding(duty: PayDuty, around: Around): Finding | undefined {
  const last = unmarkedDays(duty, around).at(-1)
  return last === undefined ? undefined : { kind: 'unmarked', since: startOfDay(addDays(last, 1)) }
}

/**
 * Days without a mark, from the first day of the job (or the one on which this person came to it) to the last, up to yesterday. A Saturday
 * or Sunday counts only where somebody else served at the station: most exams rest then.
 */
export function unmarkedDays({ deployment, marks }: PayDuty, { job, today, isDutyDay }: Omit<Around, 'keyring'>): string[] {
  const marked = new Set(marks.map(({ day }) => day))
  const first = [job.startsOn, deployment.reportOn].sort()[1] as string
  // Whoever was replaced is not asked about the days after.
  const until = deployment.status === 'revoked' ? (marks.at(-1)?.day ?? first) : job.endsOn
  const last = [until, addDays(today, -1)].sort()[0] as string
  const days: string[] = []
  for (let day = first; day <= last; day = addDays(day, 1))
    if (!marked.has(day) && (!isWeekend(day) || isDutyDay(deployment.centreCode, day))) days.push(day)
  return days
}

export const isWeekend = (day: string): boolean => [0, 6].includes(new Date(`${day}T00:00:00Z`).getUTCDay())

function disputeFinding({ marks }: PayDuty): Finding | undefined {
  const open = marks.filter(({ disputedAt, settledBy }) => disputedAt !== null && settledBy === null)
  return open.length === 0 ? undefined : { kind: 'disputed', since: Math.max(...open.map(({ disputedAt }) => disputedAt ?? 0)) }
}
