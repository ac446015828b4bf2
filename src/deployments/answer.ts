import { and, eq } from 'drizzle-orm'
import { z } from 'zod'
import { action, done, type Outcome, refused, type Scene } from '../action.ts'
import { lockPerson } from '../jobs/seat.ts'
import { jobCode } from '../people/formats.ts'
import { type Holder, personOf } from '../people/holder.ts'
import { tell } from '../sms/outbox.ts'
import { type Ending, endDuty } from './end.ts'
import { type Duty, deploymentsOf, mayAccept, mayDecline, varsOf } from './mine.ts'

const which = { deployment: z.string().optional(), code: z.string().optional() }
const gives = ['deployment', 'title', 'station', 'county', 'report_on', 'report_at', 'answer']

/** Accepts a deployment: the one that is named, or the only one that waits. */
export const deploymentsAccept = action<{ deployment?: string | undefined; code?: string | undefined }>({
  who: 'person',
  input: z.object(which),
  refusals: ['pin_needed', 'none', 'several', 'already', 'too_late', 'clash'],
  gives,
  sends: ['deployment_accepted'],
  async apply(scene, named) {
    if (!scene.actor.signed) return refused('pin_needed')
    const holder = await personOf(scene)
    await lockPerson(scene.tx, holder.person.id)
    const duties = await deploymentsOf(scene, holder.person.id)
    const now = scene.at
    const found = choose(duties, await understood(scene, duties, named), (duty) => mayAccept(duty, now), isWaiting)
    if ('refused' in found) return found
    const vars = varsOf(found, scene)
    if (!isWaiting(found)) return refused('already', vars, holder.person.id)
    if (!mayAccept(found, now)) return refused('too_late', vars, holder.person.id)
    if (duties.some((other) => clashes(other, found))) return refused('clash', vars, holder.person.id)
    if (!(await accept(scene, found))) return refused('already', vars, holder.person.id)
    return confirm(scene, holder, found, 'accepted')
  },
})

/** Declines a deployment, for good: its letter is worth nothing from then on. `DECLINE <job code> <reason>` names the job in the reason. */
export const deploymentsDecline = action<{ deployment?: string | undefined; code?: string | undefined; reason: string }>({
  who: 'person',
  input: z.object({ ...which, reason: z.string().min(1) }),
  refusals: ['pin_needed', 'none', 'several', 'already', 'too_late'],
  gives,
  sends: ['deployment_declined', 'place_offered'],
  async apply(scene, { reason, ...named }) {
    if (!scene.actor.signed) return refused('pin_needed')
    const holder = await personOf(scene)
    const duties = await deploymentsOf(scene, holder.person.id)
    const [first = '', ...rest] = reason.trim().split(/[\s,:-]+/)
    const codeFirst = named.code === undefined && named.deployment === undefined && duties.some((duty) => isNamed(duty, first))
    const now = scene.at
    const open = (duty: Duty) => mayDecline(duty, now)
    const meant = codeFirst ? { code: first } : await understood(scene, duties, named)
    const found = choose(duties, meant, (duty) => isWaiting(duty) && open(duty), open, isWaiting, isStanding)
    if ('refused' in found) return found
    const vars = varsOf(found, scene)
    if (found.deployment.status === 'declined') return refused('already', vars, holder.person.id)
    if (!open(found)) return refused('too_late', vars, holder.person.id)
    const words = (codeFirst && rest.length > 0 ? rest.join(' ') : reason).slice(0, MOST_REASON)
    const ending: Ending = { to: 'declined', why: 'declined', offer: true, reason: words, from: ['released', 'accepted'] }
    if (!(await endDuty(scene, found.deployment.id, ending))) return refused('already', vars, holder.person.id)
    return confirm(scene, holder, found, 'declined')
  },
})

const MOST_REASON = 200
const isWaiting = ({ deployment }: Duty) => deployment.status === 'released'
const isStanding = ({ deployment }: Duty) => deployment.status === 'accepted'
/** Words after the code do no harm: `KCSE26INV thank you`. */
const isNamed = ({ job }: Duty, text: string) =>
  jobCode.read(text.split(/\s/)[0] ?? '') === job.codeKey || jobCode.read(text)?.startsWith(job.codeKey) === true

type Named = { deployment?: string | undefined; code?: string | undefined }

/** A word that is no job's code is no code: `ACCEPT with thanks` accepts the one that waits, the code of somebody else's job does not. */
async function understood({ tx }: Scene, duties: readonly Duty[], named: Named): Promise<Named> {
  const { code } = named
  if (code === undefined || duties.some((duty) => isNamed(duty, code))) return named
  const known = await tx
    .select({ code: tx.jobs.code })
    .from(tx.jobs)
    .where(eq(tx.jobs.codeKey, jobCode.read(code) ?? ''))
  return known.length > 0 ? named : { ...named, code: undefined }
}

/** The deployment that is meant: the named one, else the only one of the first kind that has any: an old one never stands in the way. */
function choose(
  duties: readonly Duty[],
  { deployment, code }: Named,
  ...kinds: ((duty: Duty) => boolean)[]
): Duty | (Outcome & { refused: string }) {
  const said = duties.filter((duty) => (deployment ? duty.deployment.id === deployment : code ? isNamed(duty, code) : true))
  if (deployment || code) return said[0] ?? { refused: 'none' }
  for (const kind of kinds) {
    const [only, ...others] = said.filter(kind)
    if (only) return others.length > 0 ? { refused: 'several' } : only
  }
  return { refused: said.length > 0 ? 'already' : 'none' }
}

/** Two duties on the same days cannot both be done. */
function clashes(other: Duty, wanted: Duty): boolean {
  if (other.deployment.id === wanted.deployment.id || other.deployment.status !== 'accepted') return false
  return firstDay(other) <= wanted.job.endsOn && firstDay(wanted) <= other.job.endsOn
}

const firstDay = ({ deployment, job }: Duty) => [deployment.reportOn, job.startsOn].sort()[0] ?? job.startsOn

/** Guarded, as an operator may revoke or change it at the same moment, and locked, as another duty may be accepted by another door. */
async function accept({ tx, at }: Scene, { deployment }: Duty): Promise<boolean> {
  const { deployments } = tx
  const moved = await tx
    .update(deployments)
    .set({ status: 'accepted', answerBy: null, changedAt: at })
    .where(and(eq(deployments.id, deployment.id), eq(deployments.status, 'released')))
    .returning({ id: deployments.id })
  return moved.length > 0
}

async function confirm(
  scene: Scene,
  holder: Pick<Holder, 'person' | 'msisdn'>,
  duty: Duty,
  answer: 'accepted' | 'declined',
): Promise<Outcome> {
  const { deployment } = duty
  const vars = { ...varsOf(duty, scene), answer }
  await tell(scene, {
    to: holder.msisdn,
    person: holder.person.id,
    message: `deployment_${answer}`,
    values: vars,
    language: scene.actor.language,
    class: 'reply',
    dedupe: `${answer}:${deployment.id}:${deployment.letterVersion}`,
  })
  return done(vars, holder.person.id)
}
