import type { Command } from 'commander'
import { ADOPT_RUN, adoptPlan, adoptRun } from '../../allocation/adopt.ts'
import { comparePlans } from '../../allocation/compare.ts'
import { planOf } from '../../allocation/overview.ts'
import { makePlan, type PlanRefused, type PlanSummary } from '../../allocation/plan.ts'
import type { App } from '../../app.ts'
import { Fault } from '../../base/fault.ts'
import { codeOf, publish } from '../../deployments/publish.ts'
import { finishRun, operator, printResult, progress, withApp } from '../desk.ts'

type Options = { job?: string; all?: boolean; json?: boolean }

export function addDeploy(program: Command): void {
  const deploy = program.command('deploy').description('plan, compare and release deployments')
  deploy
    .command('plan')
    .description('assign successful applicants of a job to its stations: nothing counts before it is adopted')
    .requiredOption('--job <code>', 'of this job')
    .option('--adopt', 'make it the drafts of the job at once; letters still wait for deploy publish')
    .option('--json', 'the result as one JSON object')
    .addHelpText('after', '\nExample: wito deploy plan --job KCSE26INV')
    .action(({ job, adopt, json }: Options & { job: string; adopt?: boolean }) =>
      withApp(async ({ app }) => {
        const watch = { read: progress('read'), assigned: progress('assigned'), written: progress('written') }
        const code = await codeOf(app.store.read, job)
        if (code === undefined) throw new Fault('not_found', `there is no job ${job}`)
        const made = await makePlan(app, operator(), code, (what, done) => watch[what].at(done))
        for (const each of Object.values(watch)) each.end()
        if (made.refused) throw new Fault('bad_settings', WHY_NOT[made.refused])
        const adopted = adopt ? await adoptNow(app, made.id) : {}
        const plan = { plan: made.id, ...kilometres(made.summary), ...adopted }
        printResult(plan, json)
      }),
    )
  deploy
    .command('compare <before> <after>')
    .description('what a later plan does otherwise than an earlier one of the same job')
    .option('--json', 'the result as one JSON object')
    .addHelpText('after', '\nExample: wito deploy compare PLAN PLAN')
    .action((before: string, after: string, { json }: Options) =>
      withApp(async ({ app }) => {
        const { read } = app.store
        const plans = [await planOf(read, before), await planOf(read, after)]
        if (plans.some((plan) => plan === undefined)) throw new Fault('not_found', 'there is no such plan')
        if (plans[0]?.jobCode !== plans[1]?.jobCode) throw new Fault('bad_request', 'the two plans are of different jobs')
        printResult(await comparePlans(read, before, after), json)
      }),
    )
  deploy
    .command('adopt <plan>')
    .description('make a plan the drafts of its job: what was released stays as it is')
    .option('--json', 'the result as one JSON object')
    .addHelpText('after', '\nExample: wito deploy adopt PLAN')
    .action((plan: string, { json }: Options) => withApp(async ({ app }) => printResult(await adoptNow(app, plan), json)))
  deploy
    .command('publish')
    .description('issue the letters of the drafts and tell each person by SMS; stopped halfway, it goes on where it was')
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

const WHY_NOT: Record<PlanRefused, string> = {
  unknown_job: 'there is no such job',
  no_rule: 'the rules of this exam do not say how many of this role there are to be (candidates_per)',
  one_subject: 'markers are counted by subject: make one job for each subject, which names that subject alone',
}

const km = (metres: number) => Math.round(metres / 100) / 10

/** As people read it: kilometres, with the mean way and what no plan of the same blocks can go below. */
function kilometres({ metres, worst, bound, ...counts }: PlanSummary): Record<string, number> {
  const ways = Math.max(1, counts.fresh)
  return { ...counts, km: km(metres), km_bound: km(bound), km_mean: km(metres / ways), km_worst: km(worst) }
}

async function adoptNow(app: App, plan: string): Promise<Record<string, number>> {
  const asked = await adoptPlan(app, operator(), plan)
  if ('refused' in asked) {
    if (asked.refused === 'unknown') throw new Fault('not_found', 'there is no such plan')
    const why = asked.refused === 'older' ? 'another plan of this job was adopted since it was made' : 'it is still being made'
    throw new Fault('bad_request', `this plan cannot be adopted: ${why}`)
  }
  return finishRun(app, { [ADOPT_RUN]: adoptRun }, asked.run)
}
