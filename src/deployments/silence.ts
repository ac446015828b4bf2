import { and, asc, eq, exists, gt, gte, lt, or } from 'drizzle-orm'
import { acting } from '../acting.ts'
import type { Actor, Scene } from '../action.ts'
import type { App } from '../app.ts'
import { HOUR, nairobiDay, shortDay, shortMoment } from '../base/dates.ts'
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
  for (const { exam, rules, version } of await seriesOn(app, at)) {
    const { silence, remind_hours } = rules
    if (silence !== undefined) {
      const ended = await sweepWindow(app, { name: `overdue:${exam}:${version}`, exam, from: 0, to: at }, (scene, row) =>
        silence === 'accept' ? acceptForThem(scene, row) : endForThem(scene, row),
      )
      swept[silence === 'accept' ? 'accepted' : 'ended'] += ended
    }
    if (remind_hours !== undefined) {
      const to = at + remind_hours * HOUR
      swept.reminded += await sweepWindow(app, { name: `remind:${exam}:${version}`, exam, from: at, to }, remindOf)
    }
  }
  swept.offered = await offerAgain(app)
  if (Object.values(swept).some((n) => n > 0))
    await acting(app, system, 'deployments.silence', 'deployments.silence', async () => [
      undefined,
      { outcome: 'done', detail: swept },
    ])
  return swept
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
/** Deadlines of one series after `from` (or after where the last sweep of this name came to) and not after `to`. */
type Window = { name: string; exam: string; from: number; to: number }

/**
 * Goes once along the deadlines of a window, in their order, and remembers how far it came: a quarter of a million letters that wait are
 * not looked at again every minute. Gives for how many `each` did something.
 */
async function sweepWindow(
  app: App,
  { name, exam, from, to }: Window,
  each: (scene: Scene, row: Waiting) => Promise<boolean>,
): Promise<number> {
  const place = `answers.${name}`
  const { read } = app.store
  const [mark] = await read.select({ value: read.facts.value }).from(read.facts).where(eq(read.facts.name, place))
  let did = 0
  for (let after: Waiting | undefined = { answerBy: Math.max(from, Number(mark?.value ?? 0)), id: '' }; after !== undefined; ) {
    const cursor: Waiting = after
    const [done, next]: [number, Waiting | undefined] = await app.store.work('deployments.silence', async (tx) => {
      const scene: Scene = { tx, actor: system, at: app.clock.now(), tools: app }
      const rows = await waitingIn(tx, { exam, after: cursor, to })
      let some = 0
      for (const row of rows) if (await each(scene, row)) some++
      const last = rows.length === SLICE ? rows.at(-1) : undefined
      if (last === undefined) {
        const value = String(to)
        await tx.insert(tx.facts).values({ name: place, value }).onConflictDoUpdate({ target: tx.facts.name, set: { value } })
      }
      return [some, last]
    })
    did += done
    after = next
  }
  return did
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

async function endForThem(scene: Scene, { id }: Waiting): Promise<boolean> {
  const source = await sourceOf(scene.tx, id)
  const ended = await endDuty(scene, id, { to: 'declined', why: 'silent', offer: true, from: ['released'] })
  if (ended && source) await say(scene, source, 'deployment_lapsed')
  return ended
}

async function remindOf(scene: Scene, { id }: Waiting): Promise<boolean> {
  const source = await sourceOf(scene.tx, id)
  return source !== undefined && say(scene, source, 'deployment_reminder', `remind:${id}:${source.deployment.letterVersion}`)
}

async function acceptForThem(scene: Scene, { id }: Waiting): Promise<boolean> {
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

/** Open places of counties where somebody waits in reserve, each once. */
async function offerAgain(app: App): Promise<number> {
  let did = 0
  for (let after: string | undefined = ''; after !== undefined; ) {
    const cursor: string = after
    const [done, next]: [number, string | undefined] = await app.store.work('deployments.silence', async (tx) => {
      const scene: Scene = { tx, actor: system, at: app.clock.now(), tools: app }
      const rows = await openIn(scene, cursor)
      let some = 0
      for (const { opening } of rows) if ((await offerOpening(scene, opening)) !== undefined) some++
      return [some, rows.length === SLICE ? rows.at(-1)?.opening.id : undefined]
    })
    did += done
    after = next
  }
  return did
}

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
