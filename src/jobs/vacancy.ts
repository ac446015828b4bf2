import { and, asc, eq, gte, isNull } from 'drizzle-orm'
import { z } from 'zod'
import { action, done, type Item, refused, type Scene } from '../action.ts'
import type { Tools } from '../app.ts'
import { nairobiDay, shortDay } from '../base/dates.ts'
import { holderOf } from '../people/holder.ts'
import { missingVars } from '../people/profile.ts'
import type { Language } from '../store/schema.ts'
import { broken, fits, type Job, type Rule, rulesFor, standingOf } from './eligibility.ts'

const MOST_LISTED = 60

export const titleOf = (job: Pick<Job, 'title' | 'titleSw'>, language: Language): string =>
  language === 'sw' ? job.titleSw : job.title

/** Jobs whose window has not passed, with the rules that stand between each and this person. */
export async function judged(scene: Scene) {
  const { tx, at } = scene
  const standing = await standingOf(scene, await holderOf(scene))
  const jobs = await tx
    .select()
    .from(tx.jobs)
    .where(and(gte(tx.jobs.closesOn, nairobiDay(at)), isNull(tx.jobs.closedAt), eq(tx.jobs.draft, false)))
    .orderBy(asc(tx.jobs.closesOn), asc(tx.jobs.code))
    .limit(500)
  const rules = await rulesFor(tx, jobs)
  return jobs.map((job) => ({
    job,
    why: broken(job, rules.get(job.exam) ?? {}, standing),
    status: standing.applied.get(job.code),
  }))
}

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
    const [job] = await tx.select().from(tx.jobs).where(eq(tx.jobs.code, code))
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
