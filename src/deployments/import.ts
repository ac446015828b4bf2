import type { ZodError } from 'zod'
import { acting, operator } from '../acting.ts'
import type { Actor } from '../action.ts'
import type { App } from '../app.ts'
import { type Fate, type Planned, plan } from './apply.ts'
import { BAD_CODES, type BadCode, type BadRow, checkDeployment, type DeploymentRow, deploymentRow } from './check.ts'
import { checkCounties, type Found, openLook } from './look.ts'

const SLICE = 50
const USUAL_HOUR = '07:00'

/** A row of the file: its number there, and its cells by column. */
export type RawRow = { row: number; values: Record<string, string> }
export type Imported = Record<Fate, number>

/** Checks every row, then writes them all, or none where one is bad. Can be run twice, and goes on where it was cut off. */
export async function importDeployments(
  app: App,
  rows: AsyncIterable<RawRow>,
  onProgress?: (done: number, of: number) => void,
  by: Actor = operator,
): Promise<Imported | { bad: BadRow[] }> {
  const { planned, bad } = await checkDeployments(app, rows)
  return bad.length > 0 ? { bad } : applyDeployments(app, planned, onProgress, by)
}

/**
 * Reads and checks rows against roll, jobs, stations, the rules of the exam and each other; writes nothing. `mine`: whether a county is
 * the business of whoever brings the rows; what is not is a bad row.
 */
export async function checkDeployments(
  app: App,
  rows: AsyncIterable<RawRow>,
  mine: (county: string) => boolean = () => true,
): Promise<{ planned: Planned[]; bad: BadRow[] }> {
  const lookUp = await openLook(app)
  const planned: Planned[] = []
  const bad: BadRow[] = []
  const seen = new Map<string, number>()
  const wanted = new Map<string, number>()

  const take = (row: number, values: DeploymentRow, found: Found) => {
    const wrong = [...checkDeployment(values, found), ...checkCounties(found, mine)]
    const { job, person } = found
    const key = `${person?.id} ${job?.code}`
    const twin = seen.get(key)
    if (job && person && twin !== undefined)
      wrong.push({
        column: 'national_id',
        code: 'twin',
        message: `the same person and job as in row ${twin}`,
        values: { row: twin },
      })
    if (job && person && wrong.length === 0) {
      seen.set(key, row)
      const takes = (wanted.get(job.code) ?? 0) + (found.alreadySuccessful ? 0 : 1)
      wanted.set(job.code, takes)
      if (job.places !== null && !found.alreadySuccessful && job.taken + takes > job.places)
        wrong.push({
          column: 'job_code',
          code: 'full',
          message: `all ${job.places} places of this job are taken`,
          values: { places: job.places },
        })
    }
    if (wrong.length > 0 || !job || !person) return bad.push(...wrong.map((fault) => ({ row, ...fault })))
    const { centre_code: centreCode, report_on: reportOn, report_at } = values
    const reportAt = report_at || found.rules.report_at || USUAL_HOUR
    return planned.push({ row, personId: person.id, jobCode: job.code, centreCode, reportOn, reportAt })
  }

  for await (const slice of slicesOf(rows)) {
    const read: { row: number; values: DeploymentRow }[] = []
    for (const { row, values } of slice) {
      const { success, data, error } = deploymentRow.safeParse(values)
      if (success) read.push({ row, values: data })
      else bad.push(...faultsOf(error).map((fault) => ({ row, ...fault })))
    }
    const found = await lookUp(read.map(({ values }) => values))
    read.forEach(({ row, values }, n) => void take(row, values, found[n] as Found))
  }
  return { planned, bad: bad.sort((a, b) => a.row - b.row) }
}

const faultsOf = (error: ZodError): Omit<BadRow, 'row'>[] =>
  error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((column) => ({ column, code: 'column', message: 'there is no such column' }))
      : [{ column: String(issue.path[0]), code: formOf(String(issue.path[0])), message: issue.message }],
  )

const formOf = (column: string): BadCode => BAD_CODES.find((code) => code === `form_${column}`) ?? 'column'

/** Writes what was checked, 50 rows a unit, each unit with its row in the audit trail. */
export async function applyDeployments(
  app: App,
  planned: readonly Planned[],
  onProgress?: (done: number, of: number) => void,
  by: Actor = operator,
): Promise<Imported> {
  const sum: Imported = { made: 0, changed: 0, same: 0, full: 0, busy: 0 }
  for (let start = 0; start < planned.length; start += SLICE) {
    const slice = planned.slice(start, start + SLICE)
    const fates = await acting<Imported>(app, by, 'deployments.import', 'deployments.import', async (scene) => {
      const counts: Imported = { made: 0, changed: 0, same: 0, full: 0, busy: 0 }
      for (const row of slice) counts[await plan(scene, row)]++
      return [counts, { outcome: 'done', detail: counts }]
    })
    for (const fate of Object.keys(sum) as Fate[]) sum[fate] += fates[fate]
    onProgress?.(start + slice.length, planned.length)
  }
  return sum
}

async function* slicesOf<T>(rows: AsyncIterable<T>): AsyncGenerator<T[]> {
  let slice: T[] = []
  for await (const row of rows) {
    slice.push(row)
    if (slice.length < SLICE) continue
    yield slice
    slice = []
  }
  if (slice.length > 0) yield slice
}
