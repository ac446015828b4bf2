import type { Command } from 'commander'
import { eq } from 'drizzle-orm'
import type { App } from '../../app.ts'
import { Fault } from '../../base/fault.ts'
import { runKinds } from '../../catalogue.ts'
import { markSent } from '../../pay/approve.ts'
import { askCheck, CHECK_RUN } from '../../pay/issues.ts'
import { askList, PREPARE_RUN, prepareRunOf } from '../../pay/prepare.ts'
import { openRunner, type Run } from '../../runs/run.ts'
import { operator, printResult, progress, withApp } from '../desk.ts'

type Options = { job: string; county?: string; json?: boolean }
const LOOK_MS = 100

export function addPay(program: Command): void {
  const pay = program.command('pay').description('what stands before pay, and payment lists')
  pay
    .command('check')
    .description('look for what stands between each duty of a job and its pay, and tell each person what to mend')
    .requiredOption('--job <code>', 'of this job')
    .option('--county <county>', 'at the stations of one county')
    .option('--json', 'the result as one JSON object')
    .addHelpText('after', '\nExample: wito pay check --job KCSE26INV')
    .action(({ json, ...asked }: Options) =>
      withApp(async ({ app }) => {
        const run = await askCheck(app, operator(), asked)
        if (run === undefined) throw unknownJob(asked.job)
        printResult((await finish(app, run, 'looked at')).tally, json)
      }),
    )
  pay
    .command('prepare')
    .description('write a payment list of a job that is over; a second officer approves it in the console')
    .requiredOption('--job <code>', 'of this job')
    .option('--county <county>', 'at the stations of one county')
    .option('--json', 'the result as one JSON object')
    .addHelpText('after', '\nExample: wito pay prepare --job KCSE26INV --county Kisumu')
    .action(({ json, ...asked }: Options) =>
      withApp(async ({ app }) => {
        const result = await askList(app, operator(), asked)
        if ('refused' in result)
          throw result.refused === 'unknown_job'
            ? unknownJob(asked.job)
            : new Fault('bad_request', `${asked.job} is not over yet: a duty is paid once, after the last day`)
        await finish(app, prepareRunOf(result.list), 'looked at')
        const { paylists } = app.store.read
        const [list] = await app.store.read.select().from(paylists).where(eq(paylists.id, result.list))
        const { state, lines, totalKes, controlSum } = list ?? {}
        printResult({ list: result.list, state, lines, total_kes: totalKes, control_sum: controlSum }, json)
      }),
    )
  pay
    .command('sent <list>')
    .description('mark an approved list as handed to the banks')
    .addHelpText('after', '\nExample: wito pay sent 3f33e999-731e-4bfe-91c0-19ee7f373228')
    .action((list: string) =>
      withApp(async ({ app }) => {
        if (!(await markSent(app, operator(), list))) throw new Fault('bad_request', `the list ${list} is not an approved one`)
        printResult({ list, state: 'sent' }, false)
      }),
    )
}

const unknownJob = (job: string) => new Fault('not_found', `there is no job ${job}`)

/** Does the work here, or waits where a running service took it over. Throws a Fault where it broke off. */
async function finish(app: App, id: string, what: string): Promise<Run> {
  const { read } = app.store
  const kinds = { [CHECK_RUN]: runKinds[CHECK_RUN], [PREPARE_RUN]: runKinds[PREPARE_RUN] } as typeof runKinds
  const runner = openRunner({ app, kinds })
  const counting = progress(what)
  runner.start()
  try {
    for (;;) {
      const [run] = await read.select().from(read.runs).where(eq(read.runs.id, id))
      counting.at(run?.done ?? 0)
      if (run?.state === 'done') return run
      if (run?.state !== 'waiting' && run?.state !== 'running')
        throw new Fault('busy', `the work broke off: ${run?.why ?? 'somebody stopped it'}`)
      await app.clock.sleep(LOOK_MS)
    }
  } finally {
    counting.end()
    await runner.stop()
  }
}
