import { and, eq, gt, gte, isNull, lt, lte } from 'drizzle-orm'
import { acting } from '../acting.ts'
import type { Actor } from '../action.ts'
import type { App } from '../app.ts'
import { nairobiDay } from '../base/dates.ts'
import type { Tx } from '../store/store.ts'
import type { Job } from './eligibility.ts'
import { codeKeyOf, type JobRow, valuesOf } from './job-row.ts'

/** What may still change of a job that people can see: nothing that decides who qualifies, and no day that somebody planned with. */
const OPEN_TO_CHANGE = ['title', 'titleSw', 'places', 'dailyRateKes'] as const satisfies (keyof Job)[]

export type Changed = { done: true } | { stale: Job } | { refused: 'unknown' | 'taken' | 'places' }

/** Writes a new draft, which nobody else sees. Sent twice it is written once; `taken` where another job has that code. */
export function writeDraft(app: App, by: Actor, row: JobRow): Promise<Changed> {
  return acting<Changed>(app, by, 'jobs.draft', `job:${row.code}`, async ({ tx, at }) => {
    const written = await tx
      .insert(tx.jobs)
      .values({ ...valuesOf(row), taken: 0, closedAt: null, draft: true, changedAt: at })
      .onConflictDoNothing()
      .returning({ code: tx.jobs.code })
    if (written.length > 0) return [{ done: true }, { outcome: 'done', subject: row.code }]
    const [held] = await tx
      .select()
      .from(tx.jobs)
      .where(eq(tx.jobs.codeKey, codeKeyOf(row.code)))
    const again = held?.draft === true && differs(held, valuesOf(row)).length === 0
    return again
      ? [{ done: true }, { outcome: 'again', subject: row.code }]
      : [{ refused: 'taken' }, { outcome: 'taken', subject: row.code }]
  })
}

/**
 * Changes a job as somebody saw it at `changedAt`: of a draft everything, of a published one what nobody has relied on. `stale` with how it
 * stands now where another officer was quicker.
 */
export function changeJob(app: App, by: Actor, { row, changedAt }: { row: JobRow; changedAt: number }): Promise<Changed> {
  return acting<Changed>(app, by, 'jobs.change', `job:${row.code}`, async ({ tx, at }) => {
    const [held] = await tx.select().from(tx.jobs).where(eq(tx.jobs.code, row.code))
    if (!held) return [{ refused: 'unknown' }, { outcome: 'unknown', subject: row.code }]
    const values = held.draft ? valuesOf(row) : onlyOpen(valuesOf(row))
    // The same once more: a form that was sent twice.
    if (differs(held, values).length === 0) return [{ done: true }, { outcome: 'again', subject: row.code }]
    if (held.changedAt !== changedAt) return [{ stale: held }, { outcome: 'stale', subject: row.code }]
    const changed = await tx
      .update(tx.jobs)
      .set({ ...values, changedAt: at })
      .where(and(eq(tx.jobs.code, row.code), eq(tx.jobs.changedAt, changedAt), fitsPlaces(tx, values.places)))
      .returning({ code: tx.jobs.code })
    if (changed.length === 0) return [{ refused: 'places' }, { outcome: 'places', subject: row.code }]
    return [{ done: true }, { outcome: 'done', subject: row.code, detail: { fields: differs(held, values).join(', ') } }]
  })
}

const fitsPlaces = ({ jobs }: Tx, places: number | null | undefined) => (places == null ? undefined : lte(jobs.taken, places))

type Values = ReturnType<typeof valuesOf>
const onlyOpen = (values: Values): Partial<Values> =>
  Object.fromEntries(OPEN_TO_CHANGE.map((name) => [name, values[name]])) as Partial<Values>

/** Which columns of a job differ from these values. */
export const differs = (held: Job, values: Partial<Values>): (keyof Values)[] =>
  (Object.keys(values) as (keyof Values)[]).filter((name) => JSON.stringify(held[name]) !== JSON.stringify(values[name]))

export type Moved = 'done' | 'stale'

/** Makes a draft a job that people see. Refused as `stale` where it is none any more, or its last day has passed. */
export const publishJob = (app: App, by: Actor, code: string, changedAt: number): Promise<Moved> =>
  move(app, by, 'jobs.publish', code, (tx, at) =>
    tx
      .update(tx.jobs)
      .set({ draft: false, closedAt: null, changedAt: at })
      .where(
        and(
          eq(tx.jobs.code, code),
          eq(tx.jobs.draft, true),
          eq(tx.jobs.changedAt, changedAt),
          gte(tx.jobs.closesOn, nairobiDay(at)),
        ),
      )
      .returning({ code: tx.jobs.code }),
  )

/** Closes a job before its day: nobody can apply any more. */
export const closeJob = (app: App, by: Actor, code: string): Promise<Moved> =>
  move(app, by, 'jobs.close', code, (tx, at) =>
    tx
      .update(tx.jobs)
      .set({ closedAt: at, changedAt: at })
      .where(and(eq(tx.jobs.code, code), eq(tx.jobs.draft, false), isNull(tx.jobs.closedAt)))
      .returning({ code: tx.jobs.code }),
  )

/** Moves the last day on, never back, and opens a job again that was closed. */
export const extendJob = (app: App, by: Actor, code: string, closesOn: string): Promise<Moved> =>
  move(app, by, 'jobs.extend', code, (tx, at) =>
    tx
      .update(tx.jobs)
      .set({ closesOn, closedAt: null, changedAt: at })
      .where(and(eq(tx.jobs.code, code), eq(tx.jobs.draft, false), lt(tx.jobs.closesOn, closesOn), gt(tx.jobs.endsOn, closesOn)))
      .returning({ code: tx.jobs.code }),
  )

/** Throws a draft away. */
export const dropDraft = (app: App, by: Actor, code: string): Promise<Moved> =>
  move(app, by, 'jobs.drop', code, (tx) =>
    tx
      .delete(tx.jobs)
      .where(and(eq(tx.jobs.code, code), eq(tx.jobs.draft, true)))
      .returning({ code: tx.jobs.code }),
  )

function move(
  app: App,
  by: Actor,
  action: string,
  code: string,
  unit: (tx: Tx, at: number) => PromiseLike<{ code: string }[]>,
): Promise<Moved> {
  return acting<Moved>(app, by, action, `job:${code}`, async ({ tx, at }) => {
    const result = (await unit(tx, at)).length > 0 ? 'done' : 'stale'
    return [result, { outcome: result, subject: code }]
  })
}
