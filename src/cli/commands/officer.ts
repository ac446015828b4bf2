import { type Command, InvalidArgumentError } from 'commander'
import { eq } from 'drizzle-orm'
import { Fault } from '../../base/fault.ts'
import { type Confirmed, confirmOfficer, seenOf } from '../../officers/confirm.ts'
import { readUsername } from '../../officers/invite.ts'
import { newOfficer } from '../../officers/manage.ts'
import { unknownPlaces } from '../../officers/places.ts'
import { ROLES } from '../../officers/roles.ts'
import type { OfficerRole } from '../../store/schema.ts'
import { operator, printResult, withApp } from '../desk.ts'

type Options = { name: string; username: string; role: OfficerRole; county?: string[]; subCounty?: string[]; json?: boolean }

/** What may stand in an operator's way. */
const NOT_CONFIRMED: Readonly<Partial<Record<Confirmed, string>>> = {
  unknown: 'no longer works here',
  not_begun: 'has not opened the one-time link yet: confirm when they are in, and you know that it is they',
  changed: 'was changed by somebody else just now: look again',
}

export function addOfficers(program: Command): void {
  const officer = program.command('officer').description('who may work in the console')
  officer
    .command('add')
    .description(
      'add an officer, who needs nobody to confirm them; prints the one-time link by which they choose password and code',
    )
    .requiredOption('--name <name>', 'as colleagues know them')
    .requiredOption('--username <username>', 'what they log in with', (text: string) => {
      const username = readUsername(text)
      if (username === undefined) throw new InvalidArgumentError('3 to 40 small letters, digits, dots or hyphens.')
      return username
    })
    .requiredOption('--role <role>', ROLES.join(', '), (text: string) => {
      const role = ROLES.find((each) => each === text)
      if (!role) throw new InvalidArgumentError(`one of ${ROLES.join(', ')}.`)
      return role
    })
    .option('--county <county...>', 'only these counties; without it the whole nation')
    .option('--sub-county <sub-county...>', 'vets and nominates only people of these; without it of all their counties')
    .option('--json', 'the result as one JSON object')
    .addHelpText(
      'after',
      '\nExample: wito officer add --name "Zawadi Kerubo" --username z.kerubo --role officer --county Kisumu --sub-county "Kisumu East"',
    )
    .action(({ name, username, role, county = [], subCounty = [], json }: Options) =>
      withApp(async ({ app }) => {
        if (subCounty.length > 0 && county.length === 0)
          throw new Fault('bad_request', 'say of which county the sub-counties are: --county NAME')
        const { county: noCounty, subCounty: noSubCounty } = await unknownPlaces(app.store.read, {
          counties: county,
          subCounties: subCounty,
        })
        const wrong = noCounty ?? noSubCounty
        if (wrong !== undefined)
          throw new Fault('bad_request', `${wrong}: no station and nobody of the roll is there; look how it is written`)
        const added = await newOfficer(app, operator(), { name, username, role, counties: county, subCounties: subCounty })
        if (added === 'taken') throw new Fault('bad_request', `another officer has the username ${username}`)
        printResult({ link: added.link, valid_days: 3 }, json)
      }),
    )
  officer
    .command('confirm <username>')
    .description('confirm an officer whom one administrator invited or gave more, where there is no second one to do it')
    .option('--json', 'the result as one JSON object')
    .addHelpText('after', '\nExample: wito officer confirm z.kerubo')
    .action((username: string, { json }: Pick<Options, 'json'>) =>
      withApp(async ({ app }) => {
        const { read } = app.store
        const [row] = await read.select().from(read.officers).where(eq(read.officers.username, username))
        if (!row) throw new Fault('not_found', `no officer has the username ${username}`)
        const confirmed = await confirmOfficer(app, operator(), { id: row.id, seen: seenOf(row) })
        if (confirmed !== 'done' && confirmed !== 'already')
          throw new Fault('bad_request', `${row.name} ${NOT_CONFIRMED[confirmed] ?? `is not confirmed: ${confirmed}`}`)
        const { name, role, counties } = row
        printResult({ name, role, counties: counties.join(', ') || 'the whole nation', confirmed: true }, json)
      }),
    )
}
