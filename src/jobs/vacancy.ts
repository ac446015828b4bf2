import { and, asc, eq, gt, gte, isNull, or } from 'drizzle-orm'
import { z } from 'zod'
import { action, done, type Item, refused, type Scene } from '../action.ts'
import type { Tools } from '../app.ts'
import { nairobiDay, shortDay } from '../base/dates.ts'
import { holderOf } from '../people/holder.ts'
import { missingVars } from '../people/profile.ts'
import type { Language } from '../store/schema.ts'
import { once, type Tx } from '../store/store.ts'
import { broken, fits, type Job, type Rule, rulesFor, standingOf } from './eligibility.ts'

const MOST_LISTED = 60
const AT_ONCE = 500

export const titleOf = (job: Pick<Job, 'title' | 'titleSw'>, language: Language): string =>
  language === 'sw' ? job.titleSw : job.title

/** `after`: the last job that was seen already. */
export type Wanted = {
  exam?: string | undefined
  role?: string | undefined
  after?: { closesOn: string; code: string } | undefined
}

/** Jobs whose window has not passed, with the rules that stand between each and this person; 500 at a time. */
export async function judged(scene: Scene, { exam, role, after }: Wanted = {}) {
  const { tx } = scene
  const { jobs } = tx
  const standing = await standingOf(scene, await holderOf(scene))
  const today = nairobiDay(scene.at)
  const found =
    exam === undefined && role === undefined && after === undefined
      ? await offered(tx, { today, most: AT_ONCE })
      : await tx
          .select()
          .from(jobs)
          .where(
            and(
              isOffered(tx, today),
              exam === undefined ? undefined : eq(jobs.exam, exam),
              role === undefined ? undefined : eq(jobs.role, role as Job['role']),
              after && or(gt(jobs.closesOn, after.closesOn), and(eq(jobs.closesOn, after.closesOn), gt(jobs.code, after.code))),
            ),
          )
          .orderBy(asc(jobs.closesOn), asc(jobs.code))
          .limit(AT_ONCE)
  const rules = await rulesFor(tx, found)
  return found.map((job) => ({
    job,
    why: broken(job, rules.get(job.exam) ?? {}, standing),
    status: standing.applied.get(job.code),
  }))
}

const offered = once('jobs_offered', (tx, hole: { today: never; most: never }) =>
  tx.select().from(tx.jobs).where(isOffered(tx, hole.today)).orderBy(asc(tx.jobs.closesOn), asc(tx.jobs.code)).limit(hole.most),
)
const byCode = once('job_by_code', (tx, hole: { code: never }) => tx.select().from(tx.jobs).where(eq(tx.jobs.code, hole.code)))

export type Judged = Awaited<ReturnType<typeof judged>>[number]

/** The first jobs that fit, or that do not; reads on until there are `most`, or no more. */
export async function judgedUntil(scene: Scene, wanted: Wanted & { fitting: boolean }, most: number): Promise<Judged[]> {
  const all: Judged[] = []
  let { after } = wanted
  while (all.length < most) {
    const some = await judged(scene, { ...wanted, after })
    all.push(...some.filter(({ why }) => fits(why) === wanted.fitting))
    after = some.at(-1)?.job
    if (some.length < AT_ONCE) break
  }
  return all
}

/** Which exams and roles there are to choose between. */
export async function kindsOffered(scene: Scene): Promise<{ exam: string; role: Job['role'] }[]> {
  const { tx } = scene
  const { exam, role } = tx.jobs
  return tx
    .select({ exam, role })
    .from(tx.jobs)
    .where(isOffered(tx, nairobiDay(scene.at)))
    .groupBy(exam, role)
}

const isOffered = ({ jobs }: Tx, today: string) => and(gte(jobs.closesOn, today), isNull(jobs.closedAt), eq(jobs.draft, false))

const asItem = (job: Job, language: Language): Item => ({ job: job.code, title: titleOf(job, language) })
const isOpenTo = ({ why, status }: { why: readonly Rule[]; status: string | undefined }) =>
  fits(why) && (!status || status === 'withdrawn')

/** Open jobs that this person qualifies for and has not applied to, the first to close first. */
export const jobsOpen = action({
  who: 'account',
  input: z.object({}),
  refusals: ['none'],
  gives: ['job', 'title'],
  reads: true,
  async apply(scene) {
    const items = (await judged(scene)).filter(isOpenTo).map(({ job }) => asItem(job, scene.actor.language))
    return items.length === 0 ? refused('none') : done({ items: items.slice(0, MOST_LISTED) })
  },
})

/** The others, so that nobody wonders why a job is missing. */
export const jobsOthers = action({
  who: 'account',
  input: z.object({}),
  refusals: ['none'],
  gives: ['job', 'title'],
  reads: true,
  async apply(scene) {
    const items = (await judged(scene)).filter(({ why }) => !fits(why)).map(({ job }) => asItem(job, scene.actor.language))
    return items.length === 0 ? refused('none') : done({ items: items.slice(0, MOST_LISTED) })
  },
})

/** The same by SMS: the codes. */
export const jobsCodes = action({
  who: 'account',
  input: z.object({}),
  refusals: ['none'],
  gives: ['codes'],
  sends: [],
  reads: true,
  async apply(scene) {
    const codes = (await judged(scene)).filter(isOpenTo).map(({ job }) => job.code)
    return codes.length === 0 ? refused('none') : done({ codes: codes.join(', ') })
  },
})

/** One job in full, and whether this person may apply now. */
export const jobsRead = action({
  who: 'account',
  input: z.object({ job: z.string() }),
  refusals: ['unknown'],
  gives: [
    'job',
    'title',
    'role',
    'starts',
    'ends',
    'rate',
    'closes',
    'needs',
    'place',
    'reasons',
    'missing',
    'missing_count',
    'standing',
    'status',
  ],
  reads: true,
  async apply(scene, { job: code }) {
    const { tx, actor } = scene
    const [job] = await byCode(tx, { code })
    if (!job || job.draft) return refused('unknown')
    const standing = await standingOf(scene, await holderOf(scene))
    const why = broken(job, (await rulesFor(tx, [job])).get(job.exam) ?? {}, standing)
    const status = standing.applied.get(job.code)
    const applied = status !== undefined && status !== 'withdrawn'
    return done({
      ...jobVars(job, actor.language, scene.tools),
      reasons: why,
      ...missingVars(standing.missing),
      // A profile that is not complete is met at Apply, which then leads to what is missing.
      standing: applied ? 'applied' : fits(why) ? 'open' : 'blocked',
      status: status ?? 'received',
    })
  },
})

/** A job in the words of its screens. */
export const jobVars = (job: Job, language: Language, tools: Pick<Tools, 'phrases'>) => ({
  ...asItem(job, language),
  role: job.role,
  starts: shortDay(job.startsOn),
  ends: shortDay(job.endsOn),
  rate: job.dailyRateKes,
  closes: shortDay(job.closesOn),
  needs: needsOf(job, language, tools),
  place: job.county ?? tools.phrases.word('job', 'anywhere', language),
})

function needsOf(job: Job, language: Language, { phrases }: Pick<Tools, 'phrases'>): string {
  const qualification = job.minQualification ? phrases.word('qualification', job.minQualification, language) : undefined
  const needs = [qualification, ...job.subjects].filter(Boolean)
  return needs.length > 0 ? needs.join(', ') : phrases.word('job', 'nothing', language)
}
