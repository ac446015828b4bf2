import { and, eq, inArray } from 'drizzle-orm'
import { acting, leaveTrace } from '../acting.ts'
import type { Actor } from '../action.ts'
import type { App } from '../app.ts'
import { Fault } from '../base/fault.ts'
import { type RunKind, startRun } from '../runs/run.ts'
import { readSheet } from '../sheets/read.ts'
import { dropStaged, keepReport, readReport, readStaged, stageRows } from '../sheets/staged.ts'
import { type Fate, type Planned, plan } from './apply.ts'
import { type BadRow, deploymentRow } from './check.ts'
import { checkDeployments, type RawRow } from './import.ts'

/** The name of the work in the background that writes what was uploaded and checked. */
export const IMPORT_RUN = 'deployments.import'
export const IMPORT_COLUMNS = Object.keys(deploymentRow.shape)
export const MOST_IMPORT_ROWS = 20_000
const NEEDED = IMPORT_COLUMNS.filter((column) => column !== 'report_at')
const SHOWN = 20
const CHUNK = 500

/** What a row would do, as far as it can be told before. */
type Looked = Exclude<Fate, 'full' | 'busy'>

/** What an officer looks at before anything is applied. `by` is whose upload it is; `good` rows wait sealed. */
export type ImportReport = {
  by: string
  name: string
  rows: number
  good: number
  bad: BadRow[]
  first: (Omit<Planned, 'row'> & { fate: Looked })[]
  fates: Record<Looked, number>
}

/**
 * Reads a table of deployments (CSV or XLSX, {@link MOST_IMPORT_ROWS} rows at most), checks every row and keeps the good ones sealed
 * under `id`. Applies nothing. Throws a Fault `bad_file` with one sentence where the file itself is wrong.
 */
export async function stageImport(
  app: App,
  { id, file, by, mine }: { id: string; file: { path: string; name: string }; by: string; mine: (county: string) => boolean },
): Promise<ImportReport> {
  const uneven: BadRow[] = []
  let rows = 0
  async function* counted(): AsyncGenerator<RawRow> {
    for await (const { line, values, uneven: isUneven } of readSheet(file, IMPORT_COLUMNS, NEEDED)) {
      if (++rows > MOST_IMPORT_ROWS)
        throw new Fault('bad_file', `this file has more than ${MOST_IMPORT_ROWS} rows; bring it in parts`)
      if (isUneven) uneven.push({ row: line, column: 'row', code: 'uneven', message: 'more or fewer cells than the header' })
      else yield { row: line, values }
    }
  }
  const { planned, bad: refused } = await checkDeployments(app, counted(), mine)
  if (rows === 0) throw new Fault('bad_file', 'this file has a header and no rows')
  const fates = await fatesOf(app, planned)
  const counts = { made: 0, changed: 0, same: 0 }
  for (const fate of fates) counts[fate]++
  const report: ImportReport = {
    by,
    name: file.name,
    rows,
    good: planned.length,
    bad: [...uneven, ...refused].sort((a, b) => a.row - b.row),
    first: planned.slice(0, SHOWN).map(({ row: _, ...each }, place) => ({ ...each, fate: fates[place] ?? 'made' })),
    fates: counts,
  }
  await stageRows(app, id, planned)
  await keepReport(app, id, report)
  return report
}

/** What each row would do to what is held now. */
async function fatesOf({ store: { read } }: App, planned: readonly Planned[]): Promise<Looked[]> {
  const { deployments: d } = read
  const held = new Map<string, string>()
  const place = (at: Pick<Planned, 'centreCode' | 'reportOn' | 'reportAt'>) => `${at.centreCode} ${at.reportOn} ${at.reportAt}`
  for (let start = 0; start < planned.length; start += CHUNK) {
    const ids = planned.slice(start, start + CHUNK).map(({ personId }) => personId)
    const rows = await read.select().from(d).where(inArray(d.personId, ids))
    for (const row of rows) held.set(`${row.personId} ${row.jobCode}`, place(row))
  }
  return planned.map((row) => {
    const before = held.get(`${row.personId} ${row.jobCode}`)
    return before === undefined ? 'made' : before === place(row) ? 'same' : 'changed'
  })
}

export const reportOf = (app: App, id: string): Promise<ImportReport | undefined> => readReport<ImportReport>(app, id)
export const importRunOf = (id: string): string => `import:${id}`

/** Puts the good rows in line. Sent twice it is one run. Undefined where there is no such upload of this officer's, or it has bad rows and nobody said to leave them out. */
export async function applyImport(app: App, by: Actor, id: string, skipBad: boolean): Promise<string | undefined> {
  const report = await reportOf(app, id)
  const run = importRunOf(id)
  if (!report) return (await isMine(app, by, run)) ? run : undefined
  if (report.by !== by.name || report.good === 0 || (report.bad.length > 0 && !skipBad)) return undefined
  return acting(app, by, 'deployments.import_begin', run, async (scene) => {
    await startRun(scene, { kind: IMPORT_RUN, input: { id }, of: report.good, by: by.name, id: run })
    return [run, { outcome: 'done', detail: { run, rows: report.good, left_out: report.bad.length } }]
  })
}

/** Throws an upload away before it is applied. */
export async function forgetImport(app: App, by: Actor, id: string): Promise<void> {
  const report = await reportOf(app, id)
  if (report?.by === by.name && !(await isMine(app, by, importRunOf(id)))) await dropStaged(app, id)
}

async function isMine({ store: { read } }: App, by: Actor, run: string): Promise<boolean> {
  const rows = await read
    .select({ id: read.runs.id })
    .from(read.runs)
    .where(and(eq(read.runs.id, run), eq(read.runs.by, by.name)))
  return rows.length > 0
}

export const importRun: RunKind<{ id: string }, { rows: Planned[]; next: string | undefined }> = {
  gather: (app, { id }, cursor) => readStaged<Planned>(app, id, cursor),
  async slice(scene, _, __, { rows, next }) {
    const tally = { made: 0, changed: 0, same: 0, full: 0, busy: 0 }
    for (const row of rows) tally[await plan(scene, row)]++
    await leaveTrace(scene, 'deployments.import', { outcome: 'done', detail: tally })
    return { next, done: rows.length, tally }
  },
  /** One that broke off may go on later, and needs its rows. */
  async over(app, { id }) {
    const { read } = app.store
    const [run] = await read
      .select({ state: read.runs.state })
      .from(read.runs)
      .where(eq(read.runs.id, importRunOf(id)))
    if (run?.state === 'done') await dropStaged(app, id)
  },
}
