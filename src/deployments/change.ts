import { and, desc, eq } from 'drizzle-orm'
import { acting, type Trace } from '../acting.ts'
import type { Actor, Scene } from '../action.ts'
import type { App } from '../app.ts'
import { type Source, sourceOf } from '../letters/freeze.ts'
import { type Reissued, type Revoked, reissueHere, revokeHere } from '../letters/operate.ts'
import { plan } from './apply.ts'
import type { BadRow } from './check.ts'
import { checkDeployments, type RawRow } from './import.ts'
import { release } from './publish.ts'

/** What an officer had before their eyes: a deployment as it stood at `changedAt` (milliseconds since 1970). `once` names the one filling of the form. */
export type Seen = { id: string; changedAt: number; once: string }
/** `again`: this very form was sent before and did its work; `changed`: somebody changed the deployment since it was seen, nothing was done. */
export type Guarded<R> = R | 'again' | 'changed' | 'unknown'
/** Where and when: a station, a day and an hour `HH:MM`. */
export type Place = { centreCode: string; reportOn: string; reportAt: string }

/** Takes a deployment back and tells its holder; a draft that nobody was told of ends silently. `why` is kept in the audit trail: nothing personal. */
export function takeBack(app: App, by: Actor, seen: Seen, why: string): Promise<Guarded<Revoked>> {
  return guarded<Revoked>(app, by, 'letters.revoke', seen, (scene, source) =>
    source.deployment.letterVersion === 0 ? dropDraft(scene, source, why) : revokeHere(scene, source, why),
  )
}

export type NewLetter = Reissued | { refused: 'draft' }

/** The next version of the letter, by SMS; the one before ends. What was never released waits for two officers, as every draft. */
export function sendNewLetter(app: App, by: Actor, seen: Seen): Promise<Guarded<NewLetter>> {
  return guarded<NewLetter>(app, by, 'letters.reissue', seen, async (scene, source) => {
    const { status, letterVersion } = source.deployment
    if (status === 'draft' || letterVersion === 0)
      return [{ refused: 'draft' }, { outcome: 'draft', subject: source.person.id, detail: { deployment: seen.id } }]
    return reissueHere(scene, source)
  })
}

export type Moved = { moved: 'draft' | 'letter' } | { refused: 'same' | 'full' | 'busy' } | { bad: BadRow[] }

/**
 * Sends somebody to another station, day or hour, checked as a row of an import is. A draft stays a draft; who had a letter gets the next
 * one at once, and is asked anew. One that was declined or revoked is a draft again. `mine`: whether a county is this officer's business.
 */
export async function moveDeployment(
  app: App,
  by: Actor,
  { place, mine, ...seen }: Seen & { place: Place; mine: (county: string) => boolean },
): Promise<Guarded<Moved>> {
  const row = await rowOf(app, seen.id, place)
  if (!row) return 'unknown'
  const { planned, bad } = await checkDeployments(app, one(row), mine)
  const [wanted] = planned
  if (!wanted) return { bad }
  return guarded<Moved>(app, by, 'deployments.move', seen, async (scene, { deployment, person }) => {
    const fate = await plan(scene, wanted)
    const { centreCode, reportOn, reportAt } = wanted
    const trace = (outcome: string): Trace => ({
      outcome,
      subject: person.id,
      detail: { deployment: deployment.id, from: deployment.centreCode, to: centreCode, on: reportOn, at: reportAt },
    })
    if (fate === 'same' || fate === 'full' || fate === 'busy') return [{ refused: fate }, trace(fate)]
    const known = deployment.status === 'released' || deployment.status === 'accepted'
    if (known) await release(scene, deployment.id)
    return [{ moved: known ? 'letter' : 'draft' }, trace('done')]
  })
}

export type Entered = { entered: string } | { held: string } | { bad: BadRow[] } | { refused: 'full' | 'busy' }

/** One new deployment, typed by hand as a row of an import. `id` is the form's `once`: sent twice it is entered once. */
export async function enterDeployment(
  app: App,
  by: Actor,
  { id, values, mine }: { id: string; values: RawRow['values']; mine: (county: string) => boolean },
): Promise<Entered> {
  const { planned, bad } = await checkDeployments(app, one(values), mine)
  const [wanted] = planned
  if (!wanted) return { bad }
  const { personId, jobCode } = wanted
  return acting<Entered>(app, by, 'deployments.enter', `deploy:${personId}`, async (scene) => {
    const { deployments } = scene.tx
    const trace = (outcome: string): Trace => ({ outcome, subject: personId, detail: { deployment: id, job: jobCode } })
    const [held] = await scene.tx
      .select({ id: deployments.id })
      .from(deployments)
      .where(and(eq(deployments.personId, personId), eq(deployments.jobCode, jobCode)))
    if (held) return held.id === id ? [{ entered: id }, trace('again')] : [{ held: held.id }, trace('held')]
    const fate = await plan(scene, wanted, id)
    return fate === 'full' || fate === 'busy' ? [{ refused: fate }, trace(fate)] : [{ entered: id }, trace('done')]
  })
}

/** Does it where the deployment still is what was seen, and marks it as changed. */
function guarded<R>(
  app: App,
  by: Actor,
  action: string,
  { id, changedAt, once }: Seen,
  unit: (scene: Scene, source: Source) => Promise<[R, Trace]>,
): Promise<Guarded<R>> {
  return acting<Guarded<R>>(app, by, action, `letter:${id}`, async (scene) => {
    const { tx, at } = scene
    const source = await sourceOf(tx, id)
    if (!source) return ['unknown', { outcome: 'unknown' }]
    const subject = source.person.id
    const taken = await tx
      .update(tx.deployments)
      .set({ changedAt: at })
      .where(and(eq(tx.deployments.id, id), eq(tx.deployments.changedAt, changedAt)))
      .returning({ id: tx.deployments.id })
    if (taken.length === 0) {
      const outcome = (await wasDone(scene, { action, subject, once })) ? 'again' : 'changed'
      return [outcome, { outcome, subject, detail: { deployment: id } }]
    }
    const [result, trace] = await unit(scene, source)
    return [result, { ...trace, detail: { ...trace.detail, once } }]
  })
}

/** The audit trail remembers which filling of a form did it. */
async function wasDone({ tx, actor }: Scene, { action, subject, once }: { action: string; subject: string; once: string }) {
  const { audit } = tx
  const recent = await tx
    .select({ actor: audit.actor, action: audit.action, outcome: audit.outcome, detail: audit.detail })
    .from(audit)
    .where(eq(audit.subject, subject))
    .orderBy(desc(audit.at))
    .limit(RECENT)
  return recent.some(
    (row) => row.actor === actor.name && row.action === action && row.outcome === 'done' && row.detail?.once === once,
  )
}

const RECENT = 50

async function dropDraft({ tx, at }: Scene, { deployment, person }: Source, why: string): Promise<[Revoked, Trace]> {
  const dropped = await tx
    .update(tx.deployments)
    .set({ status: 'revoked', held: null, changedAt: at })
    .where(and(eq(tx.deployments.id, deployment.id), eq(tx.deployments.status, 'draft')))
    .returning({ id: tx.deployments.id })
  const detail = { deployment: deployment.id, why }
  return dropped.length === 0
    ? [{ refused: 'already' }, { outcome: 'already', subject: person.id, detail }]
    : [{ revoked: true }, { outcome: 'done', subject: person.id, detail }]
}

/** A deployment as a row of an import would write it, at another place. */
async function rowOf({ store: { read }, keyring }: App, id: string, place: Place): Promise<RawRow['values'] | undefined> {
  const { deployments, people } = read
  const [held] = await read
    .select({ jobCode: deployments.jobCode, personId: people.id, sealed: people.nationalIdSealed })
    .from(deployments)
    .innerJoin(people, eq(people.id, deployments.personId))
    .where(eq(deployments.id, id))
  return (
    held && {
      job_code: held.jobCode,
      national_id: keyring.open(`people.national_id:${held.personId}`, held.sealed),
      centre_code: place.centreCode,
      report_on: place.reportOn,
      report_at: place.reportAt,
    }
  )
}

async function* one(values: RawRow['values']): AsyncGenerator<RawRow> {
  yield { row: 1, values }
}
