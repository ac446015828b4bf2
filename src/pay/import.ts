import { eq, inArray } from 'drizzle-orm'
import { acting, leaveTrace } from '../acting.ts'
import type { Actor, Scene } from '../action.ts'
import type { App } from '../app.ts'
import { Fault } from '../base/fault.ts'
import { type RunKind, startRun } from '../runs/run.ts'
import { readSheet } from '../sheets/read.ts'
import { dropStaged, readStaged, stageRows } from '../sheets/staged.ts'
import { type Outcome, settleLine } from './outcome.ts'

/** The name of the work in the background that takes in what the banks said. */
export const OUTCOME_RUN = 'pay.import'
export const OUTCOME_COLUMNS = ['line', 'state', 'reference', 'reason'] as const
export const MOST_OUTCOMES = 400_000
const NEEDED = ['line', 'state']
const CHUNK = 500

/** What is wrong with a row, each with words on the console's page. */
export const BAD_OUTCOMES = {
  uneven: 'more or fewer cells than the header',
  state: "expected 'paid' or 'returned'",
  reference: 'expected letters, digits, - and / only, 21 at most',
  reason: 'a returned payment needs a reason of 48 characters at most',
  twin: 'the same line stands in the file before',
  unknown: 'there is no such line',
  not_sent: 'this line belongs to a list that was not sent',
  final: 'this payment was returned before, which is final',
} as const
export type BadOutcome = { line: number; column: string; code: keyof typeof BAD_OUTCOMES }
export type CheckedOutcomes = { outcomes: Outcome[]; bad: BadOutcome[] }

/**
 * Reads and checks a table of what became of payments; writes nothing. `mine`: whether a county is the business of whoever brings it.
 * Throws a Fault `bad_file` with one sentence where the file itself is wrong.
 */
export async function checkOutcomes(
  app: App,
  file: { path: string; name: string },
  mine: (county: string) => boolean = () => true,
): Promise<CheckedOutcomes> {
  const rows: (Outcome & { at: number })[] = []
  const bad: BadOutcome[] = []
  const seen = new Set<string>()
  let count = 0
  for await (const { line, values, uneven } of readSheet(file, OUTCOME_COLUMNS, NEEDED)) {
    if (++count > MOST_OUTCOMES) throw new Fault('bad_file', `this file has more than ${MOST_OUTCOMES} rows; bring it in parts`)
    const row = {
      line: values.line ?? '',
      state: (values.state ?? '').toLowerCase(),
      reference: values.reference ?? '',
      reason: values.reason ?? '',
    }
    const fault = uneven ? { column: 'row', code: 'uneven' as const } : formFault(row, seen)
    if (fault) bad.push({ line, ...fault })
    else rows.push({ ...row, state: row.state as Outcome['state'], at: line })
    seen.add(row.line)
  }
  if (count === 0) throw new Fault('bad_file', 'this file has a header and no rows')
  for (let start = 0; start < rows.length; start += CHUNK) {
    const some = rows.slice(start, start + CHUNK)
    const held = await heldLines(app, some)
    for (const row of some) {
      const code = standingFault(row, held.get(row.line), mine)
      if (code) bad.push({ line: row.at, column: code === 'unknown' ? 'line' : 'state', code })
    }
  }
  return { outcomes: rows.map(({ at: _, ...outcome }) => outcome), bad: bad.sort((a, b) => a.line - b.line) }
}

type Form = { line: string; state: string; reference: string; reason: string }
function formFault({ line, state, reference, reason }: Form, seen: ReadonlySet<string>): Omit<BadOutcome, 'line'> | undefined {
  if (state !== 'paid' && state !== 'returned') return { column: 'state', code: 'state' }
  if (!/^[\w/-]{0,21}$/.test(reference)) return { column: 'reference', code: 'reference' }
  const words = reason.trim().length
  if (state === 'returned' && (words === 0 || words > 48)) return { column: 'reason', code: 'reason' }
  return seen.has(line) ? { column: 'line', code: 'twin' } : undefined
}

type Held = { state: string; county: string }
async function heldLines({ store: { read } }: App, rows: readonly Outcome[]): Promise<Map<string, Held>> {
  const { payLines: l } = read
  const found = await read
    .select({ id: l.id, state: l.state, county: l.county })
    .from(l)
    .where(
      inArray(
        l.id,
        rows.map(({ line }) => line),
      ),
    )
  return new Map(found.map(({ id, ...held }) => [id, held]))
}

function standingFault({ state }: Outcome, held: Held | undefined, mine: (county: string) => boolean) {
  if (!held || !mine(held.county)) return 'unknown'
  if (held.state === 'prepared' || held.state === 'approved' || held.state === 'refused') return 'not_sent'
  return held.state === 'returned' && state === 'paid' ? 'final' : undefined
}

const SLICE = 50
export type Settled = { paid: number; returned: number; same: number }

/** Writes what was checked, 50 rows a unit. Cut off halfway, the same file is brought again. */
export async function applyOutcomes(app: App, by: Actor, outcomes: readonly Outcome[]): Promise<Settled> {
  const sum: Settled = { paid: 0, returned: 0, same: 0 }
  for (let start = 0; start < outcomes.length; start += SLICE) {
    const slice = outcomes.slice(start, start + SLICE)
    const some = await acting<Settled>(app, by, 'pay.import', 'pay.import', async (scene) => {
      const tally = await settleAll(scene, slice)
      return [tally, { outcome: 'done', detail: tally }]
    })
    for (const fate of Object.keys(sum) as (keyof Settled)[]) sum[fate] += some[fate]
  }
  return sum
}

async function settleAll(scene: Scene, outcomes: readonly Outcome[]): Promise<Settled> {
  const tally: Settled = { paid: 0, returned: 0, same: 0 }
  for (const outcome of outcomes) tally[await settleLine(scene, outcome)]++
  return tally
}

/** Keeps checked rows sealed and puts them in line. Gives the run's id. */
export async function beginOutcomes(app: App, by: Actor, outcomes: readonly Outcome[]): Promise<string> {
  const id = app.clock.id()
  await stageRows(app, id, outcomes)
  return acting(app, by, 'pay.import_begin', id, async (scene) => {
    await startRun(scene, { kind: OUTCOME_RUN, input: { id }, of: outcomes.length, by: by.name, id })
    return [id, { outcome: 'done', detail: { run: id, rows: outcomes.length } }]
  })
}

export const outcomeRun: RunKind<{ id: string }, { rows: Outcome[]; next: string | undefined }> = {
  gather: (app, { id }, cursor) => readStaged<Outcome>(app, id, cursor),
  async slice(scene, _, __, { rows, next }) {
    const { paid, returned, same } = await settleAll(scene, rows)
    await leaveTrace(scene, 'pay.import', { outcome: 'done', detail: { paid, returned, same } })
    return { next, done: rows.length, tally: { pay_paid: paid, pay_returned: returned, pay_same: same } }
  },
  /** One that broke off may go on later, and needs its rows. */
  async over(app, { id }) {
    const { runs } = app.store.read
    const [run] = await app.store.read.select({ state: runs.state }).from(runs).where(eq(runs.id, id))
    if (run?.state === 'done') await dropStaged(app, id)
  },
}
