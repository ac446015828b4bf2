import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import { stringify } from 'csv-stringify/sync'
import { and, asc, eq, gt } from 'drizzle-orm'
import type { App } from '../../app.ts'
import { openExport } from '../../audit/exported.ts'
import { Fault } from '../../base/fault.ts'
import { PAY_COLUMNS, takeFile } from '../../pay/file.ts'
import { safeCell } from '../../sheets/cells.ts'
import { csvOf, xlsxOf } from '../../sheets/write.ts'
import { operator, withApp } from '../desk.ts'

type Filter = { job?: string; status?: string; withIds?: boolean }
type Cell = string | number | null
/** A page of rows after a key, with the key of its last. */
type Page = { rows: Cell[][]; people: string[]; last: string | undefined }
type Table = { columns: string[]; page(app: App, filter: Filter, after: string): Promise<Page> }

const AT_ONCE = 1_000

const idOf = (
  { keyring }: App,
  { id, nationalIdSealed }: { id: string; nationalIdSealed: string },
  { withIds }: Filter,
): Cell[] => (withIds ? [keyring.open(`people.national_id:${id}`, nationalIdSealed)] : [])

const tables = {
  applications: {
    columns: [
      'reference',
      'job_code',
      'full_name',
      'phone',
      'home_county',
      'home_sub_county',
      'qualification',
      'status',
      'applied_at',
      'changed_at',
    ],
    async page(app, filter, after) {
      const { read } = app.store
      const { applications, people } = read
      const found = await read
        .select({ application: applications, person: people })
        .from(applications)
        .innerJoin(people, eq(people.id, applications.personId))
        .where(
          and(
            gt(applications.id, after),
            filter.job ? eq(applications.jobCode, filter.job) : undefined,
            filter.status ? eq(applications.status, filter.status as never) : undefined,
          ),
        )
        .orderBy(asc(applications.id))
        .limit(AT_ONCE)
      return {
        rows: found.map(({ application: a, person: p }) => [
          a.reference,
          a.jobCode,
          p.fullName,
          p.msisdn,
          p.homeCounty,
          p.homeSubCounty,
          p.qualification,
          a.status,
          time(a.at),
          time(a.changedAt),
          ...idOf(app, p, filter),
        ]),
        people: found.map(({ person }) => person.id),
        last: found.at(-1)?.application.id,
      }
    },
  },
  deployments: {
    columns: [
      'job_code',
      'full_name',
      'phone',
      'centre_code',
      'report_on',
      'report_at',
      'status',
      'letter_version',
      'reason',
      'changed_at',
    ],
    async page(app, filter, after) {
      const { read } = app.store
      const { deployments, people } = read
      const found = await read
        .select({ deployment: deployments, person: people })
        .from(deployments)
        .innerJoin(people, eq(people.id, deployments.personId))
        .where(
          and(
            gt(deployments.id, after),
            filter.job ? eq(deployments.jobCode, filter.job) : undefined,
            filter.status ? eq(deployments.status, filter.status as never) : undefined,
          ),
        )
        .orderBy(asc(deployments.id))
        .limit(AT_ONCE)
      const reason = (d: (typeof found)[number]['deployment']) =>
        d.reasonSealed === null ? '' : app.keyring.open(`deployments.reason:${d.id}`, d.reasonSealed)
      return {
        rows: found.map(({ deployment: d, person: p }) => [
          d.jobCode,
          p.fullName,
          p.msisdn,
          d.centreCode,
          d.reportOn,
          d.reportAt,
          d.status,
          d.letterVersion,
          reason(d),
          time(d.changedAt),
          ...idOf(app, p, filter),
        ]),
        people: found.map(({ person }) => person.id),
        last: found.at(-1)?.deployment.id,
      }
    },
  },
  audit: {
    columns: ['at', 'actor', 'via', 'action', 'subject', 'outcome', 'detail'],
    async page({ store: { read } }, _, after) {
      const { audit } = read
      const found = await read.select().from(audit).where(gt(audit.id, after)).orderBy(asc(audit.id)).limit(AT_ONCE)
      return {
        rows: found.map((row) => [
          time(row.at),
          row.actor,
          row.via,
          row.action,
          row.subject,
          row.outcome,
          row.detail ? JSON.stringify(row.detail) : '',
        ]),
        people: [],
        last: found.at(-1)?.id,
      }
    },
  },
} satisfies Record<string, Table>

const time = (at: number) => new Date(at).toISOString()

/** A cell that no spreadsheet takes for a formula. Phones keep their digits: `+254…` becomes `254…`. */
function plainCell(cell: Cell): string {
  const text = cell === null ? '' : String(cell)
  return /^\+254\d{9}$/.test(text) ? text.slice(1) : safeCell(text)
}

type Options = Filter & { out?: string }

export function addExport(program: Command): void {
  const command = program.command('export').description('write a table as CSV, to the terminal or a file')
  for (const name of Object.keys(tables) as (keyof typeof tables)[]) {
    const sub = command
      .command(name)
      .description(`the ${name}`)
      .option('--out <file>', 'into this file, which must not be there yet')
    if (name !== 'audit')
      sub
        .option('--job <code>', 'only of this job')
        .option('--status <status>', 'only those that stand so')
        .option('--with-ids', 'with national ID numbers; handle such a file with care')
    sub
      .addHelpText('after', `\nExample: wito export ${name} --out ${name}.csv`)
      .action((options: Options) => withApp(({ app }) => write(app, name, options)))
  }
  command
    .command('payments')
    .description('an approved payment list, by bank, for the banks; it holds account numbers')
    .requiredOption('--list <id>', 'this list')
    .option('--out <file>', 'into this file, which must not be there yet; XLSX where its name ends so')
    .addHelpText('after', '\nExample: wito export payments --list 3f33e999-731e-4bfe-91c0-19ee7f373228 --out payments.xlsx')
    .action((options: { list: string; out?: string }) => withApp(({ app }) => writePayments(app, options)))
}

const NO_FILE = {
  unknown: 'there is no such list',
  not_approved: 'only an approved list goes to the banks',
  changed: 'the payments of this list are not those that were approved: the control sum differs',
}

async function writePayments(app: App, { list, out }: { list: string; out?: string }): Promise<void> {
  const kind = out?.toLowerCase().endsWith('.xlsx') ? 'xlsx' : 'csv'
  const taken = await takeFile(app, operator(), list, kind)
  if ('refused' in taken) throw new Fault('bad_request', NO_FILE[taken.refused])
  if (kind === 'csv') {
    const to = out ? createWriteStream(out, { flags: 'wx', mode: 0o600 }) : process.stdout
    return pipeline(Readable.from(csvOf(PAY_COLUMNS, taken.rows)), to, { end: out !== undefined })
  }
  const book = await xlsxOf(PAY_COLUMNS, taken.rows)
  if (book === 'too_many_rows') throw new Fault('too_large', 'a workbook cannot hold so many rows; write a CSV')
  await writeFile(out ?? '', book, { flag: 'wx', mode: 0o600 })
}

async function write(app: App, name: keyof typeof tables, { out, ...filter }: Options): Promise<void> {
  const table: Table = tables[name]
  const columns = [...table.columns, ...(filter.withIds ? ['national_id'] : [])]
  const to: Writable = out ? createWriteStream(out, { flags: 'wx', mode: 0o600 }) : process.stdout
  const failed = out ? once(to, 'error').then(([reason]) => Promise.reject(reason)) : new Promise<never>(() => undefined)
  const put = async (rows: Cell[][]) => {
    if (!to.write(stringify(rows.map((row) => row.map(plainCell))))) await Promise.race([once(to, 'drain'), failed])
  }
  const said = [filter.job && `job=${filter.job}`, filter.status && `status=${filter.status}`].filter(Boolean).join(' ')
  const file = await openExport(app, operator(), `${name}.export`, { detail: { kind: 'csv', filter: said }, fields: columns })
  await put([columns])
  for (let after = ''; ; ) {
    const { rows, people, last } = await table.page(app, filter, after)
    if (last === undefined) break
    await file.note(people)
    await put(rows)
    after = last
  }
  await file.end()
  if (out) {
    to.end()
    await Promise.race([once(to, 'finish'), failed])
  }
}
