import type { Command } from 'commander'
import { Fault } from '../../base/fault.ts'
import { publish } from '../../deployments/publish.ts'
import { operator, printResult, progress, withApp } from '../desk.ts'

type Options = { job?: string; all?: boolean; json?: boolean }

export function addDeploy(program: Command): void {
  program
    .command('deploy')
    .description('release deployments')
    .command('publish')
    .description('issue the letters of what was imported and tell each person by SMS; stopped halfway, it goes on where it was')
    .option('--job <code>', 'of one job')
    .option('--all', 'of every job')
    .option('--json', 'the result as one JSON object')
    .addHelpText('after', '\nExample: wito deploy publish --job KCSE26INV')
    .action(({ job, all, json }: Options) =>
      withApp(async ({ app }) => {
        if ((job === undefined) === (all !== true)) throw new Fault('bad_request', 'say which: --job CODE or --all')
        const counting = progress('released')
        const result = await publish(app, job === undefined ? {} : { job }, counting.at, operator())
        counting.end()
        if (result.refused) throw new Fault('not_found', `there is no job ${job}`)
        printResult(result, json)
      }),
    )
}
