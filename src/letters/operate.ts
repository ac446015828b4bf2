import { and, desc, eq, inArray } from 'drizzle-orm'
import { acting, operator, type Trace } from '../acting.ts'
import type { Actor, Scene } from '../action.ts'
import type { App } from '../app.ts'
import { shortDay } from '../base/dates.ts'
import type { Msisdn } from '../base/msisdn.ts'
import { holdSeat } from '../jobs/seat.ts'
import { titleOf } from '../jobs/vacancy.ts'
import { linkTo } from '../links/link.ts'
import { tell } from '../sms/outbox.ts'
import { type Source, sourceOf } from './freeze.ts'
import { issueLetter, revokeLetters } from './issue.ts'
import { lettersOf, linkOf, tellOfLetter } from './send.ts'

/** Names one deployment: by the reference printed on its letter, or by its id. */
export type Meant = { reference: string } | { deployment: string }
export type Reissued = { reference: string; version: number } | { refused: 'unknown' | 'declined' | 'suspended' }
export type Revoked = { revoked: true } | { refused: 'unknown' | 'already' }

const keyOf = (meant: Meant) => `letter:${'reference' in meant ? tidy(meant.reference) : meant.deployment}`
const tidy = (reference: string) => reference.trim().toUpperCase()

/**
 * Issues the next version of a letter and sends its link: the version before, and its links, end. Where the person had accepted,
 * that stands; a deployment that was revoked or waited as a draft is released.
 */
export function reissue(app: App, meant: Meant, by: Actor = operator): Promise<Reissued> {
  return acting<Reissued>(app, by, 'letters.reissue', keyOf(meant), async (scene) => {
    const source = await find(scene, meant)
    return source ? reissueHere(scene, source) : refuse('unknown')
  })
}

/** The same in the unit that is open, with what its audit row keeps. */
export async function reissueHere(scene: Scene, { deployment, person }: Source): Promise<[Reissued, Trace]> {
  const { tx, at } = scene
  const refused = (code: 'declined' | 'suspended') => refuse(code, person.id)
  if (deployment.status === 'declined') return refused('declined')
  if (person.status === 'suspended') return refused('suspended')
  await tx
    .update(tx.deployments)
    .set({ status: 'released', changedAt: at })
    .where(and(eq(tx.deployments.id, deployment.id), inArray(tx.deployments.status, ['draft', 'revoked'])))
  // Whoever was revoked had given the place up.
  await holdSeat(scene, deployment.id)
  const letter = await issueLetter(scene, deployment.id)
  await tellOfLetter(scene, letter)
  const { reference, version } = letter
  const detail = { deployment: deployment.id, reference, version }
  return [
    { reference, version },
    { outcome: 'done', subject: person.id, detail },
  ]
}

/** Takes a letter back, and with it the duty, and tells the holder. `why` is kept in the audit trail: say nothing personal in it. */
export function revoke(app: App, { why, ...meant }: Meant & { why: string }, by: Actor = operator): Promise<Revoked> {
  return acting<Revoked>(app, by, 'letters.revoke', keyOf(meant), async (scene) => {
    const source = await find(scene, meant)
    return source ? revokeHere(scene, source, why) : refuse('unknown')
  })
}

/** The same in the unit that is open, with what its audit row keeps. */
export async function revokeHere(scene: Scene, source: Source, why: string): Promise<[Revoked, Trace]> {
  const { tx, at } = scene
  const { deployment, person, job, station, language } = source
  if ((await revokeLetters(scene, deployment.id, 'revoked')) === 0) return refuse('already', person.id)
  await tx
    .update(tx.deployments)
    .set({ status: 'revoked', held: null, answerBy: null, changedAt: at })
    .where(and(eq(tx.deployments.id, deployment.id), inArray(tx.deployments.status, ['draft', 'released', 'accepted'])))
  await tell(scene, {
    to: person.msisdn as Msisdn,
    person: person.id,
    message: 'letter_revoked',
    values: { title: titleOf(job, language), station: station.name },
    language,
    class: 'notice',
    dedupe: `letter_revoked:${deployment.id}:${deployment.letterVersion}`,
  })
  return [{ revoked: true }, { outcome: 'done', subject: person.id, detail: { deployment: deployment.id, why } }]
}

/** An officer sends the link of a letter in force once more. `key` names this one filling of the form: sent twice it goes out once. */
export function sendAgain(
  app: App,
  by: Actor,
  { deployment, key }: { deployment: string; key: string },
): Promise<'done' | 'not_in_force'> {
  return acting<'done' | 'not_in_force'>(app, by, 'letters.send_again', `letter:${deployment}`, async (scene) => {
    const source = await sourceOf(scene.tx, deployment)
    const row = source && (await lettersOf(scene, source.person.id)).find((each) => each.deployment.id === deployment)
    if (!source || !row) return ['not_in_force', { outcome: 'not_in_force', subject: source?.person.id }]
    const { person, language } = source
    const code = await linkTo(scene, row.letter, row.job.endsOn)
    await tell(scene, {
      to: person.msisdn as Msisdn,
      person: person.id,
      message: 'letter_again',
      values: {
        title: titleOf(row.job, language),
        station: row.station.name,
        report_on: shortDay(row.deployment.reportOn),
        report_at: row.deployment.reportAt,
        link: linkOf(scene.tools, code),
        letter_code: code,
      },
      language,
      class: 'notice',
      dedupe: `letter_again:${row.letter}:${key}`,
    })
    return ['done', { outcome: 'done', subject: person.id, detail: { deployment } }]
  })
}

function refuse<C extends string>(code: C, personId?: string): [{ refused: C }, Trace] {
  return [{ refused: code }, { outcome: code, subject: personId }]
}

async function find({ tx }: Scene, meant: Meant): Promise<Source | undefined> {
  if ('deployment' in meant) return sourceOf(tx, meant.deployment)
  const [letter] = await tx
    .select({ deployment: tx.letters.deploymentId })
    .from(tx.letters)
    .where(eq(tx.letters.reference, tidy(meant.reference)))
    .orderBy(desc(tx.letters.version))
    .limit(1)
  return letter && sourceOf(tx, letter.deployment)
}
