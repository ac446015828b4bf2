import { type Command, InvalidArgumentError } from 'commander'
import { and, asc, eq, inArray } from 'drizzle-orm'
import type { App } from '../../app.ts'
import { Fault } from '../../base/fault.ts'
import { actions } from '../../catalogue.ts'
import { DECISIONS, type Decision } from '../../jobs/decide.ts'
import { LEFT_OUT, type LeftOut } from '../../jobs/quota.ts'
import { jobCode } from '../../people/formats.ts'
import { performing } from '../../perform.ts'
import type { ApplicationStatus } from '../../store/schema.ts'
import { operator, printResult, progress, withApp } from '../desk.ts'

/** Which applications are meant; what is absent does not narrow. */
export type Meant = {
  job?: string
  county?: string
  subCounty?: string
  from?: ApplicationStatus[]
  references?: string[]
  limit?: number
}

const AT_ONCE = 50

export const wholeNumber = (text: string): number => {
  const read = Number(text)
  if (!Number.isInteger(read) || read < 1) throw new InvalidArgumentError('a whole number, 1 or more.')
  return read
}

/** The applications that are meant, the oldest first. */
export async function findApplications({ store: { read } }: App, meant: Meant) {
  const { applications, people, jobs } = read
  if (meant.job !== undefined) {
    const known = await read
      .select({ code: jobs.code })
      .from(jobs)
      .where(eq(jobs.codeKey, jobCode.read(meant.job) ?? ''))
    if (known.length === 0) throw new Fault('not_found', `there is no job ${meant.job}`)
  }
  const found = await read
    .select({
      id: applications.id,
      reference: applications.reference,
      status: applications.status,
      job: applications.jobCode,
      standing: people.status,
    })
    .from(applications)
    .innerJoin(people, eq(people.id, applications.personId))
    .innerJoin(jobs, eq(jobs.code, applications.jobCode))
    .where(
      and(
        meant.job === undefined ? undefined : eq(jobs.codeKey, jobCode.read(meant.job) ?? ''),
        meant.county === undefined ? undefined : eq(people.homeCounty, meant.county),
        meant.subCounty === undefined ? undefined : eq(people.homeSubCounty, meant.subCounty),
        meant.from === undefined ? undefined : inArray(applications.status, meant.from),
        meant.references === undefined ? undefined : inArray(applications.reference, meant.references),
      ),
    )
    .orderBy(asc(applications.at), asc(applications.id))
  const unknown = (meant.references ?? []).filter((reference) => !found.some((each) => each.reference === reference))
  if (unknown.length > 0) throw new Fault('not_found', `there is no application ${unknown.join(', ')}`)
  return found
}

/** Decides them one after the other, fifty a unit, until `limit` are done. Returns how many went which way. */
export async function decideAll(
  app: App,
  ids: readonly string[],
  to: Decision,
  limit = Number.POSITIVE_INFINITY,
  reason?: LeftOut,
): Promise<Record<string, number>> {
  const counts: Record<string, number> = { done: 0 }
  const counting = progress('decided')
  let seen = 0
  while (seen < ids.length && (counts.done ?? 0) < limit) {
    const slice = ids.slice(seen, seen + Math.min(AT_ONCE, limit - (counts.done ?? 0)))
    const outcomes = await performing(app, actions, 'applications:decide', async (_, perform) => {
      const results: string[] = []
      for (const application of slice)
        results.push((await perform('applications.decide', operator(), { application, to, reason })).refused ?? 'done')
      return results
    })
    for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1
    seen += slice.length
    counting.at(seen)
  }
  counting.end()
  return counts
}

type Options = {
  job?: string
  to: Decision
  county?: string
  subCounty?: string
  reference?: string[]
  from?: ApplicationStatus
  limit?: number
  reason?: LeftOut
  dryRun?: boolean
  json?: boolean
}

export function addApplications(program: Command): void {
  program
    .command('applications')
    .description('decide applications; each person is told by SMS')
    .command('decide')
    .description('decide many at once, the oldest first')
    .requiredOption('--to <status>', DECISIONS.join(', '), (text: string) => {
      if (!(DECISIONS as string[]).includes(text)) throw new InvalidArgumentError(`one of ${DECISIONS.join(', ')}.`)
      return text as Decision
    })
    .option('--job <code>', 'only of this job')
    .option('--county <name>', 'only people of this county')
    .option('--sub-county <name>', 'only people of this sub-county')
    .option('--reference <reference...>', 'only these applications')
    .option('--from <status>', 'only those that stand so now')
    .option('--limit <n>', 'at most so many', wholeNumber)
    .option('--reason <code>', `with --to unsuccessful, why: ${LEFT_OUT.join(', ')}`, (text: string) => {
      const reason = LEFT_OUT.find((each) => each === text)
      if (!reason) throw new InvalidArgumentError(`one of ${LEFT_OUT.join(', ')}.`)
      return reason
    })
    .option('--dry-run', 'count, and change nothing')
    .option('--json', 'the result as one JSON object')
    .addHelpText('after', '\nExample: wito applications decide --job KCSE26INV --from nominated --to successful --limit 400')
    .action((options: Options) =>
      withApp(async ({ app }) => {
        const { job, county, subCounty, reference, from, to, limit, reason } = options
        if (!job && !reference) throw new Fault('bad_request', 'say which: --job CODE or --reference REF')
        const found = await findApplications(app, {
          ...(job ? { job } : {}),
          ...(county ? { county } : {}),
          ...(subCounty ? { subCounty } : {}),
          ...(reference ? { references: reference } : {}),
          ...(from ? { from: [from] } : {}),
        })
        const open = found.filter(({ status }) => status !== to && status !== 'withdrawn')
        if (options.dryRun)
          return printResult({ found: found.length, would_change: Math.min(open.length, limit ?? open.length) }, options.json)
        const counts = await decideAll(
          app,
          open.map(({ id }) => id),
          to,
          limit,
          reason,
        )
        printResult({ to, ...counts }, options.json)
      }),
    )
}
