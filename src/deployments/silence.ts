import { and, asc, eq, gt, isNull, lte, sql } from 'drizzle-orm'
import { acting } from '../acting.ts'
import type { Actor, Scene } from '../action.ts'
import type { App } from '../app.ts'
import { HOUR, nairobiDay, shortDay, shortMoment } from '../base/dates.ts'
import type { Msisdn } from '../base/msisdn.ts'
import { type SeriesRules, versionedRules } from '../jobs/rules.ts'
import { titleOf } from '../jobs/vacancy.ts'
import { type Source, sourceOf } from '../letters/freeze.ts'
import { tell } from '../sms/outbox.ts'
import type { Tx } from '../store/store.ts'
import { endDuty } from './end.ts'
import { offerOpening } from './offer.ts'

const SLICE = 50
const system: Actor = { via: 'system', name: 'system', signed: false, language: 'en' }

export type Swept = { reminded: number; accepted: number; ended: number; offered: number }

/** What time does to letters that were not answered: reminders, what silence counts as, and another try for places that stayed open. */
export async function sweepAnswers(app: App): Promise<Swept> {
  const ended = await inSlices(app, 'deployments.silence', overdueSlice)
  const reminded = await inSlices(app, 'deployments.remind', remindSlice)
  const offered = await inSlices(app, 'deployments.offer_again', offerSlice)
  return {
    reminded: reminded.did ?? 0,
    accepted: ended.accepted ?? 0,
    ended: ended.ended ?? 0,
    offered: offered.did ?? 0,
  }
}

type Counts = Record<string, number>
/** What a slice did, and where the next begins. */
type Step = { counts: Counts; next: string | undefined }

async function inSlices(app: App, action: string, slice: (scene: Scene, after: string) => Promise<Step>): Promise<Counts> {
  const sum: Counts = {}
  for (let after: string | undefined = ''; after !== undefined; ) {
    const cursor: string = after
    const { counts, next }: Step = await app.store.work('deployments.silence', (tx) =>
      slice({ tx, actor: system, at: app.clock.now(), tools: app }, cursor),
    )
    for (const [name, n] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + n
    after = next
  }
  if (Object.values(sum).some((n) => n > 0))
    await acting(app, system, action, action, async () => [undefined, { outcome: 'done', detail: sum }])
  return sum
}

type Waiting = { id: string; exam: string }
/** Letters released and not answered whose deadline lies in a span, by id. */
function waiting(tx: Tx, after: string, { from, to }: { from?: number; to: number }): Promise<Waiting[]> {
  const { deployments: d, jobs } = tx
  return tx
    .select({ id: d.id, exam: jobs.exam })
    .from(d)
    .innerJoin(jobs, eq(jobs.code, d.jobCode))
    .where(
      and(eq(d.status, 'released'), lte(d.answerBy, to), from === undefined ? undefined : gt(d.answerBy, from), gt(d.id, after)),
    )
    .orderBy(asc(d.id))
    .limit(SLICE)
}

async function overdueSlice(scene: Scene, after: string): Promise<Step> {
  const { tx, at } = scene
  const rows = await waiting(tx, after, { to: at - 1 })
  const rules = await rulesFor(tx, rows)
  const counts = { accepted: 0, ended: 0 }
  for (const { id, exam } of rows) {
    const { silence } = rules.get(exam) as SeriesRules
    if (silence === 'accept' && (await acceptForThem(scene, id))) counts.accepted++
    if (silence === 'decline') {
      const source = await sourceOf(tx, id)
      const ended = await endDuty(scene, id, { to: 'declined', why: 'silent', offer: true, from: ['released'] })
      if (ended && source) await say(scene, source, 'deployment_lapsed')
      if (ended) counts.ended++
    }
  }
  return { counts, next: rows.length === SLICE ? rows.at(-1)?.id : undefined }
}

async function acceptForThem(scene: Scene, id: string): Promise<boolean> {
  const { tx, at } = scene
  const taken = await tx
    .update(tx.deployments)
    .set({ status: 'accepted', answerBy: null, changedAt: at })
    .where(and(eq(tx.deployments.id, id), eq(tx.deployments.status, 'released')))
    .returning({ id: tx.deployments.id })
  const source = taken.length > 0 ? await sourceOf(tx, id) : undefined
  if (source) await say(scene, source, 'deployment_accepted')
  return taken.length > 0
}

async function remindSlice(scene: Scene, after: string): Promise<Step> {
  const { tx, at } = scene
  const { deployments: d, outbox, jobs } = tx
  // The longest that a rule may say; each letter is then held against its own.
  const rows = await tx
    .select({ id: d.id, exam: jobs.exam, answerBy: d.answerBy })
    .from(d)
    .innerJoin(jobs, eq(jobs.code, d.jobCode))
    .leftJoin(outbox, eq(outbox.dedupe, sql`'remind:' || ${d.id} || ':' || ${d.letterVersion}`))
    .where(
      and(eq(d.status, 'released'), gt(d.answerBy, at), lte(d.answerBy, at + 500 * HOUR), isNull(outbox.id), gt(d.id, after)),
    )
    .orderBy(asc(d.id))
    .limit(SLICE)
  const rules = await rulesFor(tx, rows)
  const counts = { did: 0 }
  for (const { id, exam, answerBy } of rows) {
    const { remind_hours } = rules.get(exam) as SeriesRules
    if (remind_hours === undefined || (answerBy ?? 0) - at > remind_hours * HOUR) continue
    const source = await sourceOf(tx, id)
    if (source && (await say(scene, source, 'deployment_reminder', `remind:${id}:${source.deployment.letterVersion}`)))
      counts.did++
  }
  return { counts, next: rows.length === SLICE ? rows.at(-1)?.id : undefined }
}

async function offerSlice(scene: Scene, after: string): Promise<Step> {
  const { tx, at } = scene
  const { openings, jobs } = tx
  const rows = await tx
    .select({ opening: openings })
    .from(openings)
    .innerJoin(jobs, eq(jobs.code, openings.jobCode))
    .where(and(eq(openings.state, 'open'), gt(openings.id, after), gt(jobs.endsOn, nairobiDay(at))))
    .orderBy(asc(openings.id))
    .limit(SLICE)
  const counts = { did: 0 }
  for (const { opening } of rows) if ((await offerOpening(scene, opening)) !== undefined) counts.did++
  return { counts, next: rows.length === SLICE ? rows.at(-1)?.opening.id : undefined }
}

async function rulesFor(tx: Tx, rows: readonly { exam: string }[]): Promise<Map<string, SeriesRules>> {
  const rules = new Map<string, SeriesRules>()
  for (const exam of new Set(rows.map((row) => row.exam))) rules.set(exam, (await versionedRules(tx, exam)).rules)
  return rules
}

function say(
  scene: Scene,
  { person, job, station, deployment, language }: Source,
  message: 'deployment_lapsed' | 'deployment_accepted' | 'deployment_reminder',
  dedupe = `${message}:${deployment.id}:${deployment.letterVersion}`,
): Promise<boolean> {
  return tell(scene, {
    to: person.msisdn as Msisdn,
    person: person.id,
    message,
    values: {
      title: titleOf(job, language),
      station: station.name,
      report_on: shortDay(deployment.reportOn),
      report_at: deployment.reportAt,
      answer_by: shortMoment(deployment.answerBy),
    },
    language,
    class: 'notice',
    dedupe,
  })
}
