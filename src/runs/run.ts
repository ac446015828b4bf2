import { and, asc, eq, gt, inArray, lt, or, sql } from 'drizzle-orm'
import type { Scene } from '../action.ts'
import type { App } from '../app.ts'
import { MINUTE } from '../base/dates.ts'
import { Fault } from '../base/fault.ts'
import { claiming } from '../store/claim.ts'
import type { Tx } from '../store/store.ts'

export type Run = Tx['runs']['$inferSelect']
/** What one slice did: where the next begins (undefined: that was all), how many it dealt with, and its counts. */
export type Slice = { next: string | undefined; done: number; tally?: Record<string, number> }

/** One kind of long work. Each slice is one unit, small enough that hops go on in between. */
export type RunKind<I, F = undefined> = {
  /** What the next slice needs and is slow to get, outside the unit: rows of a file. */
  gather?(app: App, input: I, cursor: string | null): Promise<F>
  slice(scene: Scene, input: I, cursor: string | null, facts: F): Promise<Slice>
  /** After the last slice: a file is taken away. Outside a unit. One that was stopped or broke off may go on, and needs its file. */
  over?(app: App, input: I): Promise<void>
}
// biome-ignore lint/suspicious/noExplicitAny: each kind reads its own input; the table holds them all
export type RunKinds = Readonly<Record<string, RunKind<any, any>>>

const placeOf = (id: string) => `runs.input:${id}`

/** Puts work in line, in the unit that is open: it begins when that unit is durable. Returns its id. */
export async function startRun(
  { tx, at, tools }: Pick<Scene, 'tx' | 'at' | 'tools'>,
  {
    kind,
    input,
    of,
    by,
    id = tools.clock.id(),
  }: { kind: string; input: unknown; of?: number | undefined; by: string; id?: string },
): Promise<string> {
  await tx
    .insert(tx.runs)
    .values({
      id,
      kind,
      inputSealed: tools.keyring.seal(placeOf(id), JSON.stringify(input)),
      state: 'waiting',
      done: 0,
      of: of ?? null,
      tally: {},
      leaseUntil: 0,
      by,
      at,
      changedAt: at,
    })
    .onConflictDoNothing()
  return id
}

/** Stops it before its next slice; what it has done stays done. False where it was over already. */
export async function stopRun({ tx, at }: Pick<Scene, 'tx' | 'at'>, id: string): Promise<boolean> {
  const stopped = await tx
    .update(tx.runs)
    .set({ state: 'stopped', lease: null, changedAt: at })
    .where(and(eq(tx.runs.id, id), inArray(tx.runs.state, ['waiting', 'running'])))
    .returning({ id: tx.runs.id })
  return stopped.length > 0
}

/** Lets a stopped or failed one go on where it was. */
export async function resumeRun({ tx, at }: Pick<Scene, 'tx' | 'at'>, id: string): Promise<boolean> {
  const resumed = await tx
    .update(tx.runs)
    .set({ state: 'waiting', why: null, changedAt: at })
    .where(and(eq(tx.runs.id, id), inArray(tx.runs.state, ['stopped', 'failed'])))
    .returning({ id: tx.runs.id })
  return resumed.length > 0
}

/** What the run was asked to do. */
export const inputOf = <I>({ keyring }: Pick<App, 'keyring'>, run: Pick<Run, 'id' | 'inputSealed'>): I =>
  JSON.parse(keyring.open(placeOf(run.id), run.inputSealed)) as I

export type Runner = {
  start(): void
  /** Finishes the slice under way and begins no other. */
  stop(): Promise<void>
  /** Resolves when nothing waits or runs. */
  idle(): Promise<void>
}

const POLL_MS = 300
/** Longer than any slice, so that a lease that ran out means that its process died. */
const LEASE_MS = 60_000
/** Between two slices hops have the storage to themselves. */
const BREATH_MS = 5
/** One long import must not hold up everybody's letters. */
const LANES = 2

/** Does the work that waits in the table, slice by slice, and what another process left behind. */
export function openRunner({ app, kinds }: { app: App; kinds: RunKinds }): Runner {
  const stopping = new AbortController()
  let lanes: Promise<unknown> | undefined
  let busy = 0
  let dry = 0

  async function lane() {
    while (!stopping.signal.aborted) {
      try {
        const run = await claim(app, Object.keys(kinds))
        if (run) {
          busy++
          await work(run).finally(() => busy--)
          continue
        }
      } catch (reason) {
        app.log.error({ err: reason }, 'background work could not be looked for')
      }
      dry++
      await app.clock.sleep(POLL_MS, stopping.signal)
    }
  }

  async function work(run: Run) {
    const kind = kinds[run.kind]
    if (!kind) throw new Fault('bad_settings', `there is no background work '${run.kind}'`)
    const input = inputOf(app, run)
    let cursor = run.cursor
    try {
      for (let more = true; more; ) {
        if (stopping.signal.aborted) return await giveBack(app, run)
        const facts = await kind.gather?.(app, input, cursor)
        const slice = await oneSlice(app, run, (scene) => kind.slice(scene, input, cursor, facts))
        if (slice === undefined) return
        cursor = slice.next ?? null
        more = slice.next !== undefined
        if (more) await app.clock.sleep(BREATH_MS, stopping.signal)
      }
      await kind.over?.(app, input)
    } catch (reason) {
      app.log.error({ err: reason, run: run.kind }, 'background work failed')
      await fail(app, run, reason)
    }
  }

  return {
    start() {
      lanes ??= Promise.all(Array.from({ length: LANES }, lane))
    },
    async stop() {
      stopping.abort()
      await lanes
    },
    async idle() {
      const enough = dry + LANES + 1
      do await app.clock.sleep(POLL_MS / 4)
      while (dry < enough || busy > 0)
    },
  }
}

/** Takes the oldest that waits, or one whose process died. */
function claim({ store, clock }: App, kinds: string[]): Promise<Run | undefined> {
  const lease = clock.id()
  return store.work(`runs:claim:${lease}`, async (tx) => {
    const { runs } = tx
    const at = clock.now()
    // One that reaches further than any does is from before the wall clock was set back.
    const over = or(lt(runs.leaseUntil, at), gt(runs.leaseUntil, at + LEASE_MS + MINUTE))
    const free = or(eq(runs.state, 'waiting'), and(eq(runs.state, 'running'), over))
    const [next] = await claiming(
      tx
        .select({ id: runs.id })
        .from(runs)
        .where(and(free, inArray(runs.kind, kinds)))
        .orderBy(asc(runs.at))
        .limit(1),
    )
    if (!next) return undefined
    const [run] = await tx
      .update(runs)
      .set({ state: 'running', lease, leaseUntil: at + LEASE_MS, changedAt: at })
      .where(and(eq(runs.id, next.id), free))
      .returning()
    return run
  })
}

/** Not an error: somebody stopped it, or another process took it over while we were away. The slice is undone. */
class NotOurs extends Error {}

/** The slice, and that it was done, in one unit: it is never done twice and never forgotten. Undefined where the run is no longer ours. */
async function oneSlice(app: App, run: Run, slice: (scene: Scene) => Promise<Slice>): Promise<Slice | undefined> {
  const { store, clock } = app
  try {
    return await store.work(`run:${run.id}`, async (tx) => {
      const { runs } = tx
      const at = clock.now()
      const actor = { via: 'system', name: run.by, signed: false, language: 'en' } as const
      const result = await slice({ tx, actor, at, tools: app })
      const [held] = await tx.select({ tally: runs.tally }).from(runs).where(eq(runs.id, run.id))
      const tally = { ...held?.tally }
      for (const [name, n] of Object.entries(result.tally ?? {})) tally[name] = (tally[name] ?? 0) + n
      const over = result.next === undefined
      const kept = await tx
        .update(runs)
        .set({
          cursor: result.next ?? null,
          done: sql`${runs.done} + ${result.done}`,
          tally,
          state: over ? 'done' : 'running',
          leaseUntil: at + LEASE_MS,
          changedAt: at,
        })
        .where(and(eq(runs.id, run.id), eq(runs.state, 'running'), eq(runs.lease, run.lease ?? '')))
        .returning({ id: runs.id })
      if (kept.length === 0) throw new NotOurs()
      return result
    })
  } catch (reason) {
    if (reason instanceof NotOurs) return undefined
    throw reason
  }
}

async function giveBack({ store, clock }: App, run: Run): Promise<void> {
  await store.work(`run:${run.id}`, async (tx) => {
    await tx
      .update(tx.runs)
      .set({ state: 'waiting', lease: null, changedAt: clock.now() })
      .where(and(eq(tx.runs.id, run.id), eq(tx.runs.state, 'running'), eq(tx.runs.lease, run.lease ?? '')))
  })
}

/** A fault's code, or that it was a mistake of ours: the whole of it stands in the log. */
async function fail({ store, clock }: App, run: Run, reason: unknown): Promise<void> {
  const why = reason instanceof Fault ? reason.code : 'mistake'
  await store.work(`run:${run.id}`, async (tx) => {
    await tx
      .update(tx.runs)
      .set({ state: 'failed', why, lease: null, changedAt: clock.now() })
      .where(and(eq(tx.runs.id, run.id), eq(tx.runs.state, 'running'), eq(tx.runs.lease, run.lease ?? '')))
  })
}
