import { type Command, InvalidArgumentError } from 'commander'
import { Fault } from '../../base/fault.ts'
import { readUsername } from '../../officers/invite.ts'
import { newOfficer } from '../../officers/manage.ts'
import { ROLES } from '../../officers/roles.ts'
import type { OfficerRole } from '../../store/schema.ts'
import { operator, printResult, withApp } from '../desk.ts'

type Options = { name: string; username: string; role: OfficerRole; county?: string[]; subCounty?: string[]; json?: boolean }

export function addOfficerCommand(program: Command): void {
  program
    .command('officer')
    .description('who may work in the console')
    .command('add')
    .description('add an officer; prints the one-time link by which they choose password and code')
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
        const added = await newOfficer(app, operator(), { name, username, role, counties: county, subCounties: subCounty })
        if (added === 'taken') throw new Fault('bad_request', `another officer has the username ${username}`)
        printResult({ link: added.link, valid_days: 3 }, json)
      }),
    )
}
