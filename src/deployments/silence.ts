import { and, asc, eq, exists, gt, gte, lt, lte, or } from 'drizzle-orm'
import { acting, leaveTrace } from '../acting.ts'
import type { Actor, Scene } from '../action.ts'
import type { App } from '../app.ts'
import { nairobiDay, shortDay, shortMoment } from '../base/dates.ts'
import type { Msisdn } from '../base/msisdn.ts'
import { type Versioned, versionedRules } from '../jobs/rules.ts'
import { titleOf } from '../jobs/vacancy.ts'
import { type Source, sourceOf } from '../letters/freeze.ts'
import { tell } from '../sms/outbox.ts'
import type { Tx } from '../store/store.ts'
import { endDuty } from './end.ts'
import { offerOpening } from './offer.ts'

const SLICE = 50
const system: Actor = { via: 'system', name: 'system', signed: false, language: 'en' }

export type Swept = { reminded: number; accepted: number; ended: number; offered: number }

/** What time does to letters that were not answered: what silence counts as, reminders, and another try for places that stayed open. */
export async function sweepAnswers(app: App): Promise<Swept> {
  const swept: Swept = { reminded: 0, accepted: 0, ended: 0, offered: 0 }
  const at = app.clock.now()
  for (const series of await seriesOn(app, at)) {
    const { silence } = series.rules
    if (silence !== undefined)
      swept[silence === 'accept' ? 'accepted' : 'ended'] += await sweepOverdue(app, { ...series, silence }, at)
  }
  swept.reminded = await remind(app)
  swept.offered = await offerAgain(app)
  if (Object.values(swept).some((n) => n > 0))
    await acting(app, system, 'deployments.silence', 'deployments.silence', async () => [
      undefined,
      { outcome: 'done', detail: swept },
    ])
  return swept
}

/** Does something in slices of one unit, each after the last row of the one before, and gives to how many it was done. */
async function inSlices<C>(
  app: App,
  first: C,
  slice: (scene: Scene, after: C) => Promise<{ did: number; next: C | undefined }>,
): Promise<number> {
  let sum = 0
  for (let after: C | undefined = first; after !== undefined; ) {
    const cursor: C = after
    const { did, next } = await app.store.work('deployments.silence', (tx) =>
      slice({ tx, actor: system, at: app.clock.now(), tools: app }, cursor),
    )
    sum += did
    after = next
  }
  return sum
}

/** The series of jobs that are not over, with their rules. */
async function seriesOn({ store: { read } }: App, at: number): Promise<({ exam: string } & Versioned)[]> {
  const { jobs } = read
  const rows = await read
    .select({ exam: jobs.exam })
    .from(jobs)
    .where(gte(jobs.endsOn, nairobiDay(at)))
    .groupBy(jobs.exam)
  return Promise.all(rows.map(async ({ exam }) => ({ exam, ...(await versionedRules(read, exam)) })))
}

type Waiting = { id: string; answerBy: number }
type Series = { exam: string; version: number; silence: 'accept' | 'decline' }

/**
 * Goes once along the deadlines that have passed, in their order, and remembers how far it came: a quarter of a million letters that wait
 * are not looked at again every minute. Gives for how many silence counted.
 */
async function sweepOverdue(app: App, series: Series, to: number): Promise<number> {
  const place = `answers.overdue:${series.exam}:${series.version}`
  const { read } = app.store
  const [mark] = await read.select({ value: read.facts.value }).from(read.facts).where(eq(read.facts.name, place))
  return inSlices<Waiting>(app, { answerBy: Number(mark?.value ?? 0), id: '' }, async (scene, after) => {
    const { tx } = scene
    const rows = await waitingIn(tx, { exam: series.exam, after, to })
    let did = 0
    for (const row of rows) if (await countSilence(scene, row, series)) did++
    const next = rows.length === SLICE ? rows.at(-1) : undefined
    if (next === undefined) {
      const value = String(to)
      await tx.insert(tx.facts).values({ name: place, value }).onConflictDoUpdate({ target: tx.facts.name, set: { value } })
    }
    return { did, next }
  })
}

/** Letters of a series that wait for an answer, by their deadline. */
async function waitingIn(tx: Tx, { exam, after, to }: { exam: string; after: Waiting; to: number }): Promise<Waiting[]> {
  const { deployments: d, jobs } = tx
  const rows = await tx
    .select({ id: d.id, answerBy: d.answerBy })
    .from(d)
    .innerJoin(jobs, eq(jobs.code, d.jobCode))
    .where(
      and(
        eq(d.status, 'released'),
        gte(d.answerBy, after.answerBy),
        lt(d.answerBy, to),
        eq(jobs.exam, exam),
        or(gt(d.answerBy, after.answerBy), gt(d.id, after.id)),
      ),
    )
    .orderBy(asc(d.answerBy), asc(d.id))
    .limit(SLICE)
  return rows.map(({ id, answerBy }) => ({ id, answerBy: answerBy ?? 0 }))
}

/** What the rules say that no answer is; the trail says by which version. */
async function countSilence(scene: Scene, row: Waiting, { silence, version }: Series): Promise<boolean> {
  const source = await sourceOf(scene.tx, row.id)
  const counted = silence === 'accept' ? await acceptForThem(scene, row) : await endForThem(scene, row)
  if (!counted || !source) return counted
  await say(scene, source, silence === 'accept' ? 'deployment_accepted' : 'deployment_lapsed')
  await leaveTrace(scene, 'deployments.silence', {
    outcome: silence === 'accept' ? 'accepted' : 'declined',
    subject: source.person.id,
    detail: { deployment: row.id, rules: version },
  })
  return true
}

const endForThem = (scene: Scene, { id }: Waiting): Promise<boolean> =>
  endDuty(scene, id, { to: 'declined', why: 'silent', offer: true, from: ['released'] })

async function acceptForThem({ tx, at }: Scene, { id }: Waiting): Promise<boolean> {
  const taken = await tx
    .update(tx.deployments)
    .set({ status: 'accepted', answerBy: null, changedAt: at })
    .where(and(eq(tx.deployments.id, id), eq(tx.deployments.status, 'released')))
    .returning({ id: tx.deployments.id })
  return taken.length > 0
}

/** Whoever is due, and still has time to answer. A letter that was reminded of is not due any more. */
const remind = (app: App): Promise<number> =>
  inSlices(app, 0, async (scene, round) => {
    const { tx, at } = scene
    const { deployments: d } = tx
    const due = await tx
      .select({ id: d.id })
      .from(d)
      .where(and(eq(d.status, 'released'), lte(d.remindAt, at)))
      .orderBy(asc(d.remindAt), asc(d.id))
      .limit(SLICE)
    let did = 0
    for (const { id } of due) {
      await tx.update(d).set({ remindAt: null }).where(eq(d.id, id))
      const source = await sourceOf(tx, id)
      if (source && (source.deployment.answerBy ?? 0) > at && (await say(scene, source, 'deployment_reminder'))) did++
    }
    return { did, next: due.length === SLICE ? round + 1 : undefined }
  })

/** Open places of counties where somebody waits in reserve, each once. */
const offerAgain = (app: App): Promise<number> =>
  inSlices(app, '', async (scene, after) => {
    const rows = await openIn(scene, after)
    let did = 0
    for (const { opening } of rows) if ((await offerOpening(scene, opening)) !== undefined) did++
    return { did, next: rows.length === SLICE ? rows.at(-1)?.opening.id : undefined }
  })

function openIn({ tx, at }: Scene, after: string) {
  const { openings: o, jobs, reserves: r } = tx
  const someone = tx
    .select({ id: r.personId })
    .from(r)
    .where(and(eq(r.jobCode, o.jobCode), eq(r.state, 'waiting'), eq(r.county, o.county)))
  return tx
    .select({ opening: o })
    .from(o)
    .innerJoin(jobs, eq(jobs.code, o.jobCode))
    .where(and(eq(o.state, 'open'), gt(o.id, after), gt(jobs.endsOn, nairobiDay(at)), exists(someone)))
    .orderBy(asc(o.id))
    .limit(SLICE)
}

function say(
  scene: Scene,
  { person, job, station, deployment, language }: Source,
  message: 'deployment_lapsed' | 'deployment_accepted' | 'deployment_reminder',
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
    dedupe: `${message}:${deployment.id}:${deployment.letterVersion}`,
  })
}
