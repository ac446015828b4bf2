import type { Command } from 'commander'
import { acting } from '../../acting.ts'
import { type Named, type Verdict, verifyTrail } from '../../audit/verify.ts'
import { operator, print, printResult, progress, withApp } from '../desk.ts'

type Options = { json?: boolean; progress?: boolean }

const WORDS = {
  altered: ({ n }: Named) => `ALTERED: row ${n} is not what was linked`,
  missing: ({ n }: Named) => `MISSING: row ${n} was taken out`,
  cut: ({ n }: Named) => `CUT: the chain no longer holds row ${n}, which stands in audit.anchor`,
  unlinked: ({ n }: Named) => `UNLINKED: ${n} rows were put in by other hands; the first`,
} as const

export function addAudit(program: Command): void {
  program
    .command('audit')
    .description('the trail of who did and saw what')
    .command('verify')
    .description('walk the whole trail and name the first row that is not as it was written; exit code 1 where there is one')
    .option('--json', 'the result as one JSON object')
    .option('--progress', 'count on stderr even where nobody watches')
    .addHelpText('after', '\nExample: wito audit verify --json')
    .action((options: Options) =>
      withApp(async ({ app }) => {
        const counting = progress('checked', options.progress)
        const verdict = await verifyTrail(app, counting.at)
        counting.end()
        const { checked, broken } = verdict
        await acting(app, operator(), 'audit.verify', 'audit:verify', async () => [
          undefined,
          { outcome: broken?.fault ?? 'done', detail: { checked, ...(broken ? { n: broken.n } : {}) } },
        ])
        show(verdict, options.json)
        if (broken) process.exitCode = 1
      }),
    )
}

function show({ broken, ...counts }: Verdict, json: boolean | undefined): void {
  const at = broken?.at === undefined ? {} : { at: new Date(broken.at).toISOString() }
  printResult({ ...counts, whole: broken === undefined, ...(broken && json ? { broken: { ...broken, ...at } } : {}) }, json)
  if (!broken || json) return
  const named = [at.at, broken.action, broken.id && `id ${broken.id}`].filter(Boolean).join(', ')
  print(`${WORDS[broken.fault](broken)}${named ? ` (${named})` : ''}.`)
}
