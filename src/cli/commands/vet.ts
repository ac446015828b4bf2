import type { Command } from 'commander'
import { printResult, withApp } from '../desk.ts'
import { decideAll, findApplications, wholeNumber } from './applications.ts'

type Options = { county?: string; subCounty: string; job?: string; limit?: number; dryRun?: boolean; json?: boolean }

export function addVet(program: Command): void {
  program
    .command('vet')
    .description('nominate the applicants of a sub-county whom the roll holds as vetted, the oldest application first')
    .requiredOption('--sub-county <name>', 'whose people')
    .option('--county <name>', 'where two counties have a sub-county of that name')
    .option('--job <code>', 'only for this job')
    .option('--limit <n>', 'the sub-county’s quota', wholeNumber)
    .option('--dry-run', 'count, and change nothing')
    .option('--json', 'the result as one JSON object')
    .addHelpText('after', '\nExample: wito vet --county Kisumu --sub-county "Kisumu East" --job KCSE26INV --limit 40')
    .action((options: Options) =>
      withApp(async ({ app }) => {
        const { county, subCounty, job, limit, dryRun, json } = options
        const found = await findApplications(app, {
          subCounty,
          from: ['received'],
          ...(county ? { county } : {}),
          ...(job ? { job } : {}),
        })
        const vetted = found.filter(({ standing }) => standing === 'vetted')
        const leftOut = {
          suspended: found.length - vetted.length,
          over_quota: Math.max(0, vetted.length - (limit ?? vetted.length)),
        }
        if (dryRun) return printResult({ would_nominate: vetted.length - leftOut.over_quota, ...leftOut }, json)
        const { done, ...refused } = await decideAll(
          app,
          vetted.map(({ id }) => id),
          'nominated',
          limit,
        )
        printResult({ nominated: done, ...leftOut, ...refused }, json)
      }),
    )
}
