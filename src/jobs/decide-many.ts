import { and, eq } from 'drizzle-orm'
import { acting, leaveTrace } from '../acting.ts'
import type { Actor, Scene } from '../action.ts'
import type { App } from '../app.ts'
import { type RunKind, startRun } from '../runs/run.ts'
import { applicationsDecide, type Decision } from './decide.ts'
import { type Application, listApplications, type Position, type Which } from './overview.ts'
import type { LeftOut } from './quota.ts'

/** The name of the work in the background that decides all applications of a filter. */
export const DECIDE_RUN = 'jobs.decide'
/** What an officer can tick on one page, and what is decided in one unit. */
export const MOST_TICKED = 50

/** A row as the officer saw it. */
export type Ticked = { id: string; changedAt: number }
/** All of a filter, as it stood when the officer saw its count; `which.counties` holds it to the officer's own. */
export type DecideAll = { to: Decision; reason?: LeftOut | undefined; which: Which & { asOf: number } }
/** The ticked rows of one page, kept so that the same form sent twice shows the same result. */
export type DecideTicked = { to: Decision; reason?: LeftOut | undefined; ticked: readonly Ticked[] }

/**
 * How one row fared: `as_before` stood there already; `moved_on` was changed by somebody since it was seen, and is left as it is;
 * the others as `applications.decide` refuses.
 */
export type Fared = 'decided' | 'as_before' | 'moved_on' | 'unknown' | 'too_late' | 'full' | 'suspended' | 'quota' | 'sub_county'

async function decideOne(
  scene: Scene,
  { id, changedAt, status }: Application,
  { to, reason }: Pick<DecideAll, 'to' | 'reason'>,
): Promise<Fared> {
  if (status === to) return 'as_before'
  const { applications } = scene.tx
  // Takes hold of the row as it was seen: whoever decides it at the same time waits, and then finds it changed.
  const [held] = await scene.tx
    .update(applications)
    .set({ changedAt })
    .where(and(eq(applications.id, id), eq(applications.changedAt, changedAt), eq(applications.status, status)))
    .returning({ id: applications.id })
  if (!held) return 'moved_on'
  const outcome = await applicationsDecide.apply(scene, { application: id, to, reason }, undefined)
  const refused = outcome.refused as Exclude<Fared, 'decided'> | undefined
  await leaveTrace(scene, 'applications.decide', {
    outcome: refused ?? 'done',
    subject: outcome.about,
    detail: { application: id, to, ...(reason ? { reason } : {}) },
  })
  return refused ?? 'decided'
}

const count = (tally: Record<string, number>, fared: Fared) => {
  tally[fared] = (tally[fared] ?? 0) + 1
}

/**
 * Decides the rows that an officer ticked, at most {@link MOST_TICKED}, each only as it was seen and only in the officer's `counties`
 * (undefined: all). `once` names the form: sent twice it acts once. What came of it is kept as a run that is over.
 */
export function decideTicked(
  app: App,
  by: Actor,
  { to, reason, ticked, counties, once }: DecideTicked & { counties: readonly string[] | undefined; once: string },
): Promise<void> {
  return acting<void>(app, by, 'applications.decide_ticked', `decide:${once}`, async (scene) => {
    const { tx, at } = scene
    const [before] = await tx.select({ id: tx.runs.id }).from(tx.runs).where(eq(tx.runs.id, once))
    if (before) return [undefined, { outcome: 'again', detail: { run: once } }]
    const input: DecideTicked = { to, reason, ticked }
    await startRun(scene, { kind: DECIDE_RUN, input, of: ticked.length, by: by.name, id: once })
    const tally: Record<string, number> = {}
    for (const { id, changedAt } of ticked.slice(0, MOST_TICKED)) {
      const [row] = await tx.select().from(tx.applications).where(eq(tx.applications.id, id))
      if (!row || (counties && !counties.includes(row.county))) count(tally, 'unknown')
      else if (row.changedAt !== changedAt) count(tally, 'moved_on')
      else count(tally, await decideOne(scene, row, { to, reason }))
    }
    await tx.update(tx.runs).set({ state: 'done', done: ticked.length, tally, changedAt: at }).where(eq(tx.runs.id, once))
    return [undefined, { outcome: 'done', detail: { run: once, to, ...tally } }]
  })
}

/** Puts the decision of a whole filter in line. `of` is how many it will meet, where that was counted; `once` as above. */
export function askDecideAll(
  app: App,
  by: Actor,
  { to, reason, which, of, once }: DecideAll & { of: number | undefined; once: string },
): Promise<void> {
  return acting<void>(app, by, 'applications.decide_all', `decide:${once}`, async (scene) => {
    const input: DecideAll = { to, reason, which: { ...which, asOf: Math.min(which.asOf, scene.at) } }
    await startRun(scene, { kind: DECIDE_RUN, input, of, by: by.name, id: once })
    return [undefined, { outcome: 'done', detail: { run: once, to } }]
  })
}

/** First come, first served: in the order of applying, {@link MOST_TICKED} a slice. */
export const decideRun: RunKind<DecideAll> = {
  async slice(scene, { to, reason, which }, cursor) {
    const after = cursor === null ? undefined : (JSON.parse(cursor) as Position)
    const rows = await listApplications(scene.tx, which, { after, limit: MOST_TICKED })
    const tally: Record<string, number> = {}
    for (const row of rows) count(tally, await decideOne(scene, row, { to, reason }))
    const last = rows.at(-1)
    const next = last && rows.length === MOST_TICKED ? JSON.stringify({ at: last.at, id: last.id }) : undefined
    return { next, done: rows.length, tally }
  },
}
