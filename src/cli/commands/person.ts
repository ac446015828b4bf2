import { writeFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import type { Command } from 'commander'
import { eq } from 'drizzle-orm'
import { acting } from '../../acting.ts'
import type { App } from '../../app.ts'
import { Fault } from '../../base/fault.ts'
import { orderRules } from '../../catalogue.ts'
import { answerOrder } from '../../orders/decide.ts'
import { CORRECTABLE, type Correction, correct } from '../../people/correct.ts'
import { documentsOf, openDocument } from '../../people/documents.ts'
import { askErasure } from '../../people/erasure.ts'
import { findOne } from '../../people/find.ts'
import { everythingHeld } from '../../people/held.ts'
import { hold, release } from '../../people/holds.ts'
import type { Person } from '../../people/search.ts'
import { operator, print, printResult, withApp } from '../desk.ts'

const WHO = 'national ID or row id; - reads it from standard input, so that it stands in no list of processes'
const NOT_YET = {
  held: 'a legal hold says that nothing about this person may be erased; the order goes on waiting',
  on_duty: 'this person has a letter for a duty that is not over; the order goes on waiting',
  unpaid: 'money is on its way to this person; the order goes on waiting',
  own: 'whoever asked cannot agree: a second operator must, under another account of this machine, or an officer in the console',
  unknown: 'there is no such order to erase somebody',
  changed: 'the order is not what it was; look again',
  over: 'this order was decided before',
  unconfirmed: 'whoever agrees must be confirmed as an officer first',
  asker_unconfirmed: 'the officer who asked was not confirmed by a second administrator; they ask again when they are',
} as const

type Erase = { reason?: string; approve?: string; json?: boolean }
type Hold = { reason?: string; release?: boolean }

export function addPerson(program: Command): void {
  const person = program
    .command('person')
    .description('what a person may ask for: everything held, a correction, erasure; legal holds')
  person
    .command('export <person>')
    .description(`everything held of somebody, certificates too, as JSON; ${WHO}`)
    .option('--out <file>', 'into this file, which must not be there yet and which only you can read')
    .addHelpText('after', '\nExample: wito person export - --out person.json')
    .action((who: string, { out }: { out?: string }) =>
      withApp(async ({ app }) => {
        const held = `${JSON.stringify(await exported(app, await find(app, who)), null, 2)}\n`
        if (out) await writeFile(out, held, { flag: 'wx', mode: 0o600 })
        else process.stdout.write(held)
      }),
    )
  const corrected = person
    .command('correct <person>')
    .description(`correct what the roll says of somebody, who is told by SMS; an empty value takes out; ${WHO}`)
    .requiredOption('--reason <reason>', 'kept in the audit trail')
  for (const name of CORRECTABLE) corrected.option(`--${name.replaceAll('_', '-')} <value>`, `as in roll.csv, column ${name}`)
  corrected
    .option('--json', 'the result as one JSON object')
    .addHelpText(
      'after',
      '\nThe phone number changes only by the person’s own wish, with codes to both numbers, an officer’s yes and three days: in the portal.' +
        '\n\nExample: wito person correct 3f33e999-731e-4bfe-91c0-19ee7f373228 --home-county Kisumu --reason "letter of 3 May"',
    )
    .action((who: string, options: Correct) => withApp(({ app }) => correctOne(app, who, options)))
  person
    .command('erase [person]')
    .description(`ask that somebody be erased, or as a second operator carry it out; ${WHO}`)
    .option('--reason <reason>', 'why, with the order')
    .option('--approve <order>', 'agree to what another operator, or the person, asked for')
    .option('--json', 'the result as one JSON object')
    .addHelpText('after', '\nExample: wito person erase --approve erasure:3f33e999-731e-4bfe-91c0-19ee7f373228')
    .action((who: string | undefined, options: Erase) => withApp(({ app }) => eraseOne(app, who, options)))
  person
    .command('hold <person>')
    .description(`forbid that anything about somebody be erased or forgotten, or allow it again; ${WHO}`)
    .option('--reason <reason>', 'by whose order; kept sealed')
    .option('--release', 'the hold is over')
    .addHelpText(
      'after',
      '\nExample: wito person hold 3f33e999-731e-4bfe-91c0-19ee7f373228 --reason "High Court, petition 12 of 2026"',
    )
    .action((who: string, options: Hold) => withApp(({ app }) => holdOne(app, who, options)))
}

async function find(app: App, who: string): Promise<Person> {
  const found = await findOne(app, who === '-' ? (await text(process.stdin)).trim() : who)
  if (!found) throw new Fault('not_found', 'nobody on the roll has this national ID or row id')
  return found
}

async function exported(app: App, { id }: Person): Promise<Record<string, unknown>> {
  const held = await acting(app, operator(), 'people.export', id, async (scene) => [
    await everythingHeld(scene, id),
    { outcome: 'done', subject: id },
  ])
  const files = []
  for (const { id: document, label } of await documentsOf(app, id)) {
    const opened = await openDocument(app, document)
    if (opened) files.push({ label, type: opened.type, base64: opened.bytes.toString('base64') })
  }
  return { ...held, certificate_files: files }
}

type Correct = { reason: string; json?: boolean } & Record<string, unknown>

async function correctOne(app: App, who: string, { reason, json, ...options }: Correct): Promise<void> {
  const given: Correction = {}
  for (const name of CORRECTABLE) {
    const value = options[name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())]
    if (typeof value === 'string') given[name] = value
  }
  if (Object.keys(given).length === 0) throw new Fault('bad_request', 'say what to correct: see wito person correct --help')
  const { id } = await find(app, who)
  const result = await correct(app, operator(), { id, given, reason })
  if ('refused' in result) throw new Fault('not_found', 'nobody on the roll has this row id')
  if ('bad' in result)
    throw new Fault('bad_request', result.bad.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'))
  printResult({ person: id, changed: result.changed }, json)
}

async function eraseOne(app: App, who: string | undefined, { reason, approve, json }: Erase): Promise<void> {
  if ((who === undefined) === (approve === undefined))
    throw new Fault('bad_request', 'name a person to ask for their erasure, or an order to agree to with --approve')
  if (who !== undefined) {
    if (!reason) throw new Fault('bad_request', 'say why with --reason')
    const { id, homeCounty: county } = await find(app, who)
    const order = await askErasure(app, operator(), { id, county }, reason)
    printResult({ order, state: 'asked' }, json)
    if (!json) print('A second operator carries it out with --approve, or an officer in the console.')
    return
  }
  const { orders } = app.store.read
  const [order] = await app.store.read
    .select()
    .from(orders)
    .where(eq(orders.id, approve ?? ''))
  if (order?.kind !== 'erasure') throw new Fault('not_found', NOT_YET.unknown)
  const decided = await answerOrder(app, operator(), orderRules, { id: order.id, digest: order.digest, yes: true })
  if (decided.refused === 'hindered') throw new Fault('bad_request', NOT_YET[decided.why as keyof typeof NOT_YET] ?? decided.why)
  if (decided.refused) throw new Fault('bad_request', NOT_YET[decided.refused])
  printResult({ order: order.id, person: order.subject, state: 'erased' }, json)
}

async function holdOne(app: App, who: string, { reason, release: over }: Hold): Promise<void> {
  if ((reason === undefined) === (over === undefined))
    throw new Fault('bad_request', 'say --reason to hold, or --release when it is over')
  const { id } = await find(app, who)
  if (over) {
    if ((await release(app, operator(), id)) === 'not_held') throw new Fault('bad_request', 'no hold is on this person')
    return void print(`Released: ${id}.`)
  }
  const held = await hold(app, operator(), id, reason ?? '')
  print(held === 'done' ? `Held: ${id}.` : `Held before: ${id}.`)
}
