import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Command, InvalidArgumentError } from 'commander'
import { inArray } from 'drizzle-orm'
import type { App } from '../../app.ts'
import { givenOut, openExport, type Part } from '../../audit/exported.ts'
import { addDays, isDay, readMoment } from '../../base/dates.ts'
import { type Affected, breachOf } from '../../officers/breach.ts'
import { csvOf } from '../../sheets/write.ts'
import { operator, print, withApp } from '../desk.ts'

type Options = { from: number; to: number; actor?: string[]; withContacts?: boolean; out?: string; json?: boolean }
const COLUMNS = ['person', 'full_name', 'fields', 'times', 'first_at', 'last_at', 'actors'] as const
const CONTACTS = ['phone', 'national_id'] as const
const AT_ONCE = 500

export function addBreach(program: Command): void {
  const moment = (text: string) => {
    const at = readMoment(text)
    if (at === undefined) throw new InvalidArgumentError('a day (2026-11-23) or a moment (2026-11-23T14:30, in Nairobi).')
    return at
  }
  program
    .command('breach')
    .description(
      'whose data were seen (on any page), taken or erased in a time, and what of them, from the audit trail: for the notice within 72 hours',
    )
    .requiredOption('--from <moment>', 'a day, or a moment in ISO 8601', moment)
    .requiredOption('--to <moment>', 'a day is meant to its end', (text: string) => moment(isDay(text) ? addDays(text, 1) : text))
    .option('--actor <actor...>', 'only by these: a username, link, operator, or as the trail names them')
    .option('--with-contacts', 'with phone and national ID, for the notice')
    .option('--out <file>', 'into this file, which must not be there yet and which only you can read')
    .option('--json', 'as one JSON object')
    .addHelpText('after', '\nExample: wito breach --from 2026-11-23 --to 2026-11-24T09:00 --actor z.kerubo --out affected.csv')
    .action((options: Options) => withApp(({ app }) => report(app, options)))
}

async function report(app: App, { from, to, actor = [], withContacts, out, json }: Options): Promise<void> {
  const { people, nobody, doubtful } = await breachOf(app, { from, to, actors: actor })
  const columns = [...COLUMNS, ...(withContacts ? CONTACTS : [])]
  const detail = { from: iso(from), to: iso(to), by: actor.join(' ') }
  const file = await openExport(app, operator(), 'breach.list', {
    detail,
    fields: withContacts ? ['name', ...CONTACTS] : ['name'],
  })
  const rows = givenOut(file, linesOf(app, people, withContacts === true))
  const into = out ? createWriteStream(out, { flags: 'wx', mode: 0o600 }) : process.stdout
  if (json) {
    const listed = []
    for await (const some of rows)
      for (const row of some) listed.push(Object.fromEntries(columns.map((name, n) => [name, row[n]])))
    const said = doubtful.map(({ at, ...rest }) => ({ at: iso(at), ...rest }))
    await pipeline(Readable.from([`${JSON.stringify({ ...detail, people: listed, nobody, doubtful: said })}\n`]), into, {
      end: out !== undefined,
    })
  } else await pipeline(Readable.from(csvOf(columns, rows)), into, { end: out !== undefined })
  if (nobody > 0) process.stderr.write(`${nobody} acts were about nobody of the roll.\n`)
  for (const { at, actor: by, action, detail: said } of doubtful)
    process.stderr.write(`NOT LISTED WHOLE: ${action} by ${by} at ${iso(at)}: ${JSON.stringify(said)}\n`)
  if (out) print(`${people.size} people: ${out}`)
  process.stderr.write('Whether the trail itself is whole says: wito audit verify\n')
  if (doubtful.length > 0) process.exitCode = 1
}

const iso = (at: number) => new Date(at).toISOString()

async function* linesOf(app: App, affected: ReadonlyMap<string, Affected>, contacts: boolean): AsyncGenerator<Part<string[]>> {
  const { read } = app.store
  const ids = [...affected.keys()].sort()
  for (let n = 0; n < ids.length; n += AT_ONCE) {
    const some = ids.slice(n, n + AT_ONCE)
    const people = await read.select().from(read.people).where(inArray(read.people.id, some))
    const accounts = await read.select().from(read.accounts).where(inArray(read.accounts.personId, some))
    const byId = new Map(people.map((person) => [person.id, person]))
    const numbers = new Map(accounts.map(({ personId, msisdn }) => [personId, msisdn]))
    const rows = some.map((id) => {
      const person = byId.get(id)
      const { fields, actors, times, first, last } = affected.get(id) as Affected
      const told = [id, person?.fullName ?? '', [...fields].sort().join(' '), String(times), iso(first), iso(last)]
      const idNumber = () => (person ? app.keyring.open(`people.national_id:${id}`, person.nationalIdSealed) : '')
      const how = contacts ? [numbers.get(id) ?? person?.msisdn ?? '', idNumber()] : []
      return [...told, [...actors].sort().join(' '), ...how]
    })
    yield { rows, people: some }
  }
}
