import { readFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { parse as parseYaml } from 'yaml'
import { z } from 'zod'
import type { App } from '../../app.ts'
import { applyHeads, headRow } from '../../attendance/heads.ts'
import { Fault } from '../../base/fault.ts'
import { deploymentRow } from '../../deployments/check.ts'
import { applyDeployments, checkDeployments } from '../../deployments/import.ts'
import { applyJobs, jobRow } from '../../jobs/job-row.ts'
import { seriesRules, writeRules } from '../../jobs/rules.ts'
import { applyStations, stationRow } from '../../jobs/station.ts'
import { applyOutcomes, BAD_OUTCOMES, checkOutcomes } from '../../pay/import.ts'
import { applyRoll, rollRow } from '../../people/roll.ts'
import { type BadRow, readCsv } from '../../sheets/csv.ts'
import type { Tx } from '../../store/store.ts'
import { operator, print, printResult, progress, stepBack, withApp } from '../desk.ts'

type Counts = Record<string, number>
type Kind = {
  // biome-ignore lint/suspicious/noExplicitAny: each kind reads and writes its own rows; the two are kept together here
  schema: z.ZodObject<any>
  key: string
  // biome-ignore lint/suspicious/noExplicitAny: as above
  apply(app: App, tx: Tx, rows: any[]): Promise<Counts>
}

const kinds = {
  roll: { schema: rollRow, key: 'national_id', apply: (app, tx, rows) => applyRoll(tx, app, app.clock.now(), rows) },
  stations: { schema: stationRow, key: 'centre_code', apply: (_, tx, rows) => applyStations(tx, rows) },
  heads: {
    schema: headRow,
    key: 'centre_code',
    apply: (app, tx, rows) => applyHeads({ tx, at: app.clock.now(), tools: app, actor: operator() }, rows),
  },
  jobs: { schema: jobRow, key: 'code', apply: (app, tx, rows) => applyJobs(tx, app.clock.now(), rows) },
} satisfies Record<string, Kind>

/** Beside a service that writes: as many rows as are written in so long, and a pause of half as long after them. */
const SLICE_MS = 20
const PAUSE = 0.5
const FEWEST = 5
/** Where nobody else writes. */
const MOST = 200
const MOST_SHOWN = 100
const UNEVEN = { column: 'row', message: 'has more or fewer cells than the header' }

type Options = { skipBad?: boolean; json?: boolean; progress?: boolean }
type Columns = { all: readonly string[]; needed: readonly string[] }
type Report = { file: string; rows: number; bad: BadRow[] } & Record<string, unknown>

export function addImport(program: Command): void {
  const command = program
    .command('import')
    .description('take in a file of the council; all of it or, where a row is bad, nothing')
  for (const kind of ['roll', 'stations', 'jobs', 'heads', 'deployments'] as const)
    command
      .command(`${kind} <file>`)
      .description(`${kind}.csv; see the README for its columns`)
      .option('--skip-bad', 'take in the good rows and name the others')
      .option('--json', 'the result as one JSON object')
      .addOption(new Option('--progress', 'count on stderr even where nobody watches'))
      .addHelpText('after', `\nExample: wito import ${kind} ${kind}.csv`)
      .action((file: string, options: Options) => {
        stepBack()
        return withApp(async ({ app }) =>
          finish(
            await (kind === 'deployments' ? importDeploymentsFile(app, file, options) : importFile(app, kind, file, options)),
            options,
          ),
        )
      })
  command
    .command('payments <file>')
    .description('payments.csv, what the banks said of a sent list: line, state (paid or returned), reference, reason')
    .option('--json', 'the result as one JSON object')
    .addHelpText('after', '\nExample: wito import payments payments.csv')
    .action((file: string, options: Options) => withApp(async ({ app }) => finish(await importPayments(app, file), options)))
  command
    .command('rules <file>')
    .description('the rules of exam series, YAML or JSON: { KCSE2026: { levels: [secondary], … } }')
    .option('--json', 'the result as one JSON object')
    .addHelpText('after', '\nExample: wito import rules rules.yaml')
    .action((file: string, options: Options) =>
      withApp(async ({ app }) => printResult(await importRules(app, file), options.json)),
    )
}

/** What the banks said: always all of it or nothing, as half of it would pay nobody. */
async function importPayments(app: App, file: string): Promise<Report> {
  const { outcomes, bad } = await checkOutcomes(app, { path: file, name: file })
  const named = bad.map(({ code, ...where }) => ({ ...where, message: BAD_OUTCOMES[code] }))
  const report = { file, rows: outcomes.length + bad.length, bad: named }
  return bad.length > 0 ? report : { ...report, ...(await applyOutcomes(app, operator(), outcomes)) }
}

/** What stands for a key among a million of them: a number takes a third of the room of its digits. The 1 keeps zeros at its head apart. */
const brief = (id: string): string | number => (/^\d{1,15}$/.test(id) ? Number(`1${id}`) : id)

/** How many rows the file has, and which of them are bad. */
async function checked({ schema, key }: Kind, columns: Columns, file: string, options: Options) {
  const seen = new Map<string | number, number>()
  const bad: BadRow[] = []
  let rows = 0
  const counting = progress('checked', options.progress)
  for await (const { line, values, uneven } of readCsv(file, columns.all, columns.needed)) {
    counting.at(++rows)
    if (uneven) {
      bad.push({ line, ...UNEVEN })
      continue
    }
    const read = schema.safeParse(values)
    if (!read.success)
      bad.push(...read.error.issues.map((issue) => ({ line, column: String(issue.path[0] ?? ''), message: issue.message })))
    const id = brief(String((read.success ? read.data[key] : values[key]) ?? ''))
    const first = seen.get(id)
    if (first === undefined) seen.set(id, line)
    else bad.push({ line, column: key, message: `the same as in line ${first}` })
  }
  counting.end()
  return { rows, bad }
}

/** Checks the whole file, then writes it in slices, each one unit. Cut off halfway, it is simply run again. */
export async function importFile(app: App, kind: keyof typeof kinds, file: string, options: Options): Promise<Report> {
  const about = kinds[kind] as Kind
  const { schema, apply } = about
  const all = Object.keys(schema.shape)
  const columns = { all, needed: all.filter((column) => !(schema.shape[column] as z.ZodType).safeParse('').success) }
  const { rows, bad } = await checked(about, columns, file, options)
  const counts: Counts = {}
  if (bad.length > 0 && !options.skipBad) return { file, rows, ...counts, bad }

  const lines = new Set(bad.map(({ line }) => line))
  const writing = progress('written', options.progress)
  let slice: unknown[] = []
  let most = FEWEST
  let written = 0
  const flush = async () => {
    const some = slice
    slice = []
    const began = app.clock.ticks()
    const result = await app.store.work(`import:${kind}`, (tx) => apply(app, tx, some))
    for (const [name, count] of Object.entries(result)) counts[name] = (counts[name] ?? 0) + count
    written += some.length
    writing.at(written)
    const took = app.clock.ticks() - began
    const beside = app.store.othersWrote()
    // On a busy machine a row takes longer, and holds up others for as long.
    most = beside ? Math.max(FEWEST, Math.min(MOST, Math.round((some.length * SLICE_MS) / took))) : MOST
    if (beside) await app.clock.sleep(PAUSE * took)
  }
  for await (const { line, values } of readCsv(file, columns.all, columns.needed)) {
    if (lines.has(line)) continue
    slice.push(schema.parse(values))
    if (slice.length >= most) await flush()
  }
  if (slice.length > 0) await flush()
  writing.end()
  await note(app, `import.${kind}`, counts)
  return { file, rows, ...counts, bad }
}

async function importDeploymentsFile(app: App, file: string, options: Options): Promise<Report> {
  const columns = Object.keys(deploymentRow.shape)
  let rows = 0
  const uneven: BadRow[] = []
  const counting = progress('checked', options.progress)
  async function* numbered() {
    for await (const { line, values, uneven: isUneven } of readCsv(
      file,
      columns,
      columns.filter((column) => column !== 'report_at'),
    )) {
      counting.at(++rows)
      if (isUneven) uneven.push({ line, ...UNEVEN })
      else yield { row: line, values }
    }
  }
  const { planned, bad: refused } = await checkDeployments(app, numbered())
  counting.end()
  const bad = [...uneven, ...refused.map(({ row: line, column, message }) => ({ line, column, message }))].sort(
    (a, b) => a.line - b.line,
  )
  const report = { file, rows, bad }
  if (bad.length > 0 && !options.skipBad) return report
  const { made, ...rest } = await applyDeployments(app, planned, undefined, operator())
  const counts = { added: made, ...rest }
  await note(app, 'import.deployments', counts)
  return { ...report, ...counts }
}

async function importRules(app: App, file: string): Promise<Counts> {
  const read = z
    .record(z.string().regex(/^[A-Z]{2,10}\d{4}$/, 'an exam and its year, e.g. KCSE2026'), seriesRules)
    .safeParse(parseYaml(readFileSync(file, 'utf8')))
  if (!read.success) throw new Fault('bad_file', `${file}: ${z.prettifyError(read.error)}`)
  const counts = await app.store.work('import:rules', async (tx) => {
    const fates = { changed: 0, same: 0 }
    for (const [exam, rules] of Object.entries(read.data)) {
      const version = await writeRules({ tx, at: app.clock.now(), actor: operator() }, exam, rules)
      fates[version === undefined ? 'same' : 'changed']++
    }
    return fates
  })
  await note(app, 'import.rules', counts)
  return counts
}

async function note(app: App, action: string, detail: Counts): Promise<void> {
  const { clock } = app
  const { name: actor, via } = operator()
  await app.store.work('audit', async (tx) => {
    await tx.insert(tx.audit).values({ id: clock.id(), at: clock.now(), actor, via, action, outcome: 'done', detail })
  })
}

function finish(report: Report, { json }: Options): void {
  const { bad, ...rest } = report
  if (json) print(JSON.stringify(report))
  else {
    for (const { line, column, message } of bad.slice(0, MOST_SHOWN)) print(`${report.file}:${line} ${column}: ${message}`)
    if (bad.length > MOST_SHOWN) print(`… and ${bad.length - MOST_SHOWN} more`)
    if (bad.length > 0 && !('added' in report)) print('Nothing was taken in.')
    printResult({ ...rest, bad: bad.length }, false)
  }
  if (bad.length > 0) process.exitCode = 1
}
