import { eq } from 'drizzle-orm'
import { acting, leaveTrace } from '../acting.ts'
import type { Actor } from '../action.ts'
import type { App } from '../app.ts'
import { Fault } from '../base/fault.ts'
import { type RunKind, startRun } from '../runs/run.ts'
import { readSheet } from '../sheets/read.ts'
import { dropStaged, keepReport, readReport, readStaged, stageRows } from '../sheets/staged.ts'
import { applyPaired, changedBy, keepsNumber, type Paired, pairRoll, ROLL_COLUMNS, type RollRow, rollRow } from './roll.ts'

export const COMPARE_RUN = 'roll.compare'
export const APPLY_RUN = 'roll.apply'
/** More than this is brought at the command line, which has no limit. */
export const MOST_ROLL_ROWS = 100_000
const NEEDED = ROLL_COLUMNS.filter((column) => !rollRow.shape[column].safeParse('').success)
const MOST_FAULTS = 20_000

/** What is wrong with one cell: never what stood in it. `code` has words for people. */
export type BadCell = { row: number; column: string; code: 'uneven' | 'twice' | 'county' | 'wrong' }
/** An upload as an officer looks at it; `counties` are theirs, empty for the whole nation. */
export type RollReport = { by: string; name: string; rows: number; good: number; bad: BadCell[]; counties: readonly string[] }

export const compareRunOf = (id: string): string => `compare:${id}`
export const applyRunOf = (id: string): string => `roll:${id}`
export const rollReport = (app: App, id: string): Promise<RollReport | undefined> => readReport<RollReport>(app, id)

/**
 * Reads a roll (CSV or XLSX), checks every row, keeps the good ones sealed under `id`, and begins to compare them with what is held.
 * Applies nothing. Throws a Fault `bad_file` with one sentence where the file itself is wrong.
 */
export async function stageRoll(
  app: App,
  by: Actor,
  { id, file, counties }: { id: string; file: { path: string; name: string }; counties: readonly string[] },
): Promise<RollReport> {
  const bad: BadCell[] = []
  const seen = new Set<string>()
  let rows = 0
  const fault = (row: number, column: string, code: BadCell['code']) => {
    if (bad.length < MOST_FAULTS) bad.push({ row, column, code })
  }
  async function* goodRows(): AsyncGenerator<RollRow> {
    for await (const { line, values, uneven } of readSheet(file, ROLL_COLUMNS, NEEDED)) {
      if (++rows > MOST_ROLL_ROWS)
        throw new Fault('bad_file', `this file has more than ${MOST_ROLL_ROWS} rows; use wito import roll`)
      if (uneven) {
        fault(line, 'row', 'uneven')
        continue
      }
      const read = rollRow.safeParse(values)
      if (!read.success) {
        for (const column of new Set(read.error.issues.map((issue) => String(issue.path[0])))) fault(line, column, 'wrong')
        continue
      }
      const { national_id: key, home_county: county } = read.data
      if (seen.has(key)) fault(line, 'national_id', 'twice')
      else if (counties.length > 0 && !counties.includes(county)) fault(line, 'home_county', 'county')
      else yield read.data
      seen.add(key)
    }
  }
  const good = await stageRows(app, id, goodRows())
  if (rows === 0) throw new Fault('bad_file', 'this file has a header and no rows')
  const report: RollReport = { by: by.name, name: file.name, rows, good, bad, counties }
  await keepReport(app, id, report)
  await acting(app, by, 'roll.upload', `roll:${id}`, async (scene) => {
    await startRun(scene, { kind: COMPARE_RUN, input: { id }, of: good, by: by.name, id: compareRunOf(id) })
    return [undefined, { outcome: 'done', detail: { rows, good, bad: bad.length } }]
  })
  return report
}

/** Puts the good rows in line. Sent twice it is one run. Undefined where it is not this officer's, or has bad rows and nobody said to leave them out. */
export async function applyUpload(app: App, by: Actor, id: string, skipBad: boolean): Promise<string | undefined> {
  const run = applyRunOf(id)
  const report = await rollReport(app, id)
  if (report?.by !== by.name || report.good === 0 || (report.bad.length > 0 && !skipBad)) return undefined
  return acting(app, by, 'roll.apply_begin', run, async (scene) => {
    await startRun(scene, { kind: APPLY_RUN, input: { id, counties: report.counties }, of: report.good, by: by.name, id: run })
    return [run, { outcome: 'done', detail: { run, rows: report.good, left_out: report.bad.length } }]
  })
}

/** Throws an upload away that was not applied. */
export async function forgetUpload(app: App, by: Actor, id: string): Promise<void> {
  const report = await rollReport(app, id)
  if (report?.by === by.name && (await stateOf(app, applyRunOf(id))) === undefined) await dropStaged(app, id)
}

async function stateOf({ store: { read } }: App, run: string) {
  const [found] = await read.select({ state: read.runs.state }).from(read.runs).where(eq(read.runs.id, run))
  return found?.state
}

/** The first rows that are new or change something, for the eye. */
export async function sampleOf(app: App, id: string, most: number): Promise<{ paired: Paired; changed: string[] | undefined }[]> {
  const { rows } = await readStaged<RollRow>(app, id, null)
  const pairs = await pairRoll(app.store.read, app, rows)
  return pairs
    .map((paired) => ({ paired, changed: changedBy(app, paired) }))
    .filter(({ changed }) => changed?.length !== 0)
    .slice(0, most)
}

type Gathered = { rows: RollRow[]; next: string | undefined }

/** Somebody who is held in a county of other officers is theirs, whatever the file says. */
const isOthers = ({ before }: Paired, counties: readonly string[]) =>
  before !== undefined && counties.length > 0 && !counties.includes(before.homeCounty)

/** Counts what each row would do, and how often each column would change. Writes nothing but its own progress. */
export const compareRun: RunKind<{ id: string }, Gathered> = {
  async gather(app, { id }, cursor) {
    // Thrown away meanwhile: nothing is left to compare.
    return (await rollReport(app, id)) ? readStaged<RollRow>(app, id, cursor) : { rows: [], next: undefined }
  },
  async slice({ tx, tools }, _, __, { rows, next }) {
    const tally: Record<string, number> = { added: 0, changed: 0, same: 0 }
    const add = (name: string) => {
      tally[name] = (tally[name] ?? 0) + 1
    }
    for (const paired of await pairRoll(tx, tools, rows)) {
      const changed = changedBy(tools, paired)
      if (keepsNumber(paired)) add('kept')
      add(changed === undefined ? 'added' : changed.length === 0 ? 'same' : 'changed')
      for (const column of changed ?? []) add(`column_${column}`)
    }
    return { next, done: rows.length, tally }
  },
}

export const applyRollRun: RunKind<{ id: string; counties: readonly string[] }, Gathered> = {
  gather: (app, { id }, cursor) => readStaged<RollRow>(app, id, cursor),
  async slice(scene, { counties }, _, { rows, next }) {
    const { tx, tools, at } = scene
    const pairs = await pairRoll(tx, tools, rows)
    const mine = pairs.filter((paired) => !isOthers(paired, counties))
    const applied = { ...(await applyPaired(tx, tools, at, mine)), elsewhere: pairs.length - mine.length }
    await leaveTrace(scene, 'roll.apply', { outcome: 'done', detail: applied })
    return { next, done: rows.length, tally: applied }
  },
  /** One that broke off may go on later, and needs its rows. */
  async over(app, { id }) {
    if ((await stateOf(app, applyRunOf(id))) === 'done') await dropStaged(app, id)
  },
}
