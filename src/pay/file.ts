import { eq, inArray } from 'drizzle-orm'
import { acting } from '../acting.ts'
import type { Actor } from '../action.ts'
import type { App } from '../app.ts'
import { givenOut, openExport, type Part } from '../audit/exported.ts'
import type { Tx } from '../store/store.ts'
import { type Line, linesOf, openPayee, sumsOf } from './sum.ts'

export type Paylist = Tx['paylists']['$inferSelect']

/** The columns of a payment list as banks get it. */
export const PAY_COLUMNS = [
  'line',
  'bank',
  'branch',
  'account',
  'account_name',
  'full_name',
  'job_code',
  'centre_code',
  'days',
  'total_kes',
] as const

export type Taken = { list: Paylist; rows: AsyncGenerator<string[][]> } | { refused: 'unknown' | 'not_approved' | 'changed' }

/**
 * An approved list for the banks: a row a line, under each bank its subtotal, then the total, and the control sum as the last line. Taking it
 * leaves a row in the trail. `changed`: its lines are not those that were approved, and no file is given.
 */
export async function takeFile(app: App, by: Actor, id: string, kind: 'csv' | 'xlsx'): Promise<Taken> {
  const { read } = app.store
  const [list] = await read.select().from(read.paylists).where(eq(read.paylists.id, id))
  if (!list) return { refused: 'unknown' }
  if (list.state !== 'approved' && list.state !== 'sent') return { refused: 'not_approved' }
  const now = await sumsOf(read, app.keyring, id)
  const outcome = now.controlSum === list.controlSum && now.totalKes === list.totalKes ? 'done' : 'changed'
  const detail = { list: id, kind, lines: now.lines, total_kes: now.totalKes }
  if (outcome === 'changed') {
    await acting(app, by, 'pay.export', `paylist:${id}`, async () => [undefined, { outcome, detail }])
    return { refused: 'changed' }
  }
  const file = await openExport(app, by, 'pay.export', { detail, fields: PAY_COLUMNS })
  return { list, rows: givenOut(file, rowsOf(app, list)) }
}

async function* rowsOf(app: App, list: Paylist): AsyncGenerator<Part<string[]>> {
  let bank: { code: string; lines: number; totalKes: number } | undefined
  for await (const lines of linesOf(app.store.read, list.id)) {
    const code = lines[0]?.bank ?? ''
    if (bank && bank.code !== code) yield sums(sumRow('subtotal', bank.code, bank))
    if (bank?.code !== code) bank = { code, lines: 0, totalKes: 0 }
    bank.lines += lines.length
    bank.totalKes += lines.reduce((sum, { totalKes }) => sum + totalKes, 0)
    yield { rows: await written(app, list, lines), people: lines.map(({ personId }) => personId) }
  }
  if (bank) yield sums(sumRow('subtotal', bank.code, bank))
  yield sums(sumRow('total', '', list), sumRow('control_sum', list.controlSum))
}

const sums = (...rows: string[][]): Part<string[]> => ({ rows, people: [] })

async function written(app: App, { jobCode }: Paylist, lines: readonly Line[]): Promise<string[][]> {
  const { read } = app.store
  const { people, deployments } = read
  const ids = lines.map(({ deploymentId }) => deploymentId)
  const found = await read
    .select({ id: deployments.id, centre: deployments.centreCode, name: people.fullName })
    .from(deployments)
    .innerJoin(people, eq(people.id, deployments.personId))
    .where(inArray(deployments.id, ids))
  const duties = new Map(found.map((row) => [row.id, row]))
  return lines.map((line) => {
    const { account, name, branch } = openPayee(app.keyring, line)
    const duty = duties.get(line.deploymentId)
    const sums = [String(line.days), String(line.totalKes)]
    return [line.id, line.bank, branch, account, name, duty?.name ?? '', jobCode, duty?.centre ?? '', ...sums]
  })
}

/** A row that sums up: what it is, of which bank, how many lines, how many shillings. */
function sumRow(what: string, of: string, sums?: { lines: number; totalKes: number }): string[] {
  const counts = sums ? [String(sums.lines), String(sums.totalKes)] : ['', '']
  return [what, of, ...Array.from({ length: PAY_COLUMNS.length - 4 }, () => ''), ...counts]
}
