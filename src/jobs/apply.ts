import { and, desc, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import { action, done, refused, type Scene } from '../action.ts'
import type { Clock } from '../base/clock.ts'
import { jobCode } from '../people/formats.ts'
import { type Holder, holderOf } from '../people/holder.ts'
import { missingVars } from '../people/profile.ts'
import { tell } from '../sms/outbox.ts'
import { broken, type Job, RULES, rulesFor, standingOf } from './eligibility.ts'
import { titleOf } from './vacancy.ts'

const ALPHABET = '23456789ABCDEFGHJKMNPQRSTVWXYZ'

/** What a person quotes at the counter: `A` and seven characters that cannot be mistaken for each other. */
export const newReference = (clock: Clock): string =>
  `A${Array.from({ length: 7 }, () => ALPHABET[clock.below(ALPHABET.length)]).join('')}`

/** Applies for a job, once. Refuses with the first rule that stands in the way. */
export const jobsApply = action({
  who: 'pin',
  input: z.object({ code: z.string() }),
  refusals: ['unknown', 'again', ...RULES],
  gives: ['reference', 'title', 'job', 'missing', 'missing_count'],
  sends: ['applied'],
  async apply(scene, { code }) {
    const { tx, at, tools } = scene
    const job = await jobOf(tx, jobCode.read(code) ?? '')
    if (!job) return refused('unknown')
    const holder = await holderOf(scene)
    const standing = await standingOf(scene, holder)
    const vars = { title: titleOf(job, scene.actor.language), job: job.code }
    const status = standing.applied.get(job.code)
    if (status !== undefined && status !== 'withdrawn') return refused('again', vars, holder.person.id)
    const [why] = broken(job, (await rulesFor(tx, [job])).get(job.exam) ?? {}, standing)
    if (why) return refused(why, { ...vars, ...missingVars(standing.missing) }, holder.person.id)
    const reference = await writeApplication(scene, holder, job)
    if (!reference) return refused('again', vars, holder.person.id)
    await tell(scene, {
      to: holder.msisdn,
      person: holder.person.id,
      message: 'applied',
      values: { ...vars, reference },
      language: scene.actor.language,
      class: 'reply',
      dedupe: `applied:${reference}:${at}:${tools.clock.id()}`,
    })
    return done({ ...vars, reference }, holder.person.id)
  },
})

/** By its code, or by the longest code that begins what was typed: `KCSE26INV please`. */
async function jobOf(tx: Scene['tx'], typed: string): Promise<Job | undefined> {
  const [exact] = await tx
    .select()
    .from(tx.jobs)
    .where(and(eq(tx.jobs.codeKey, typed), eq(tx.jobs.draft, false)))
  if (exact) return exact
  const [longest] = await tx
    .select()
    .from(tx.jobs)
    .where(and(eq(tx.jobs.draft, false), sql`${typed} like ${tx.jobs.codeKey} || '%'`))
    .orderBy(desc(sql`length(${tx.jobs.codeKey})`))
    .limit(1)
  return longest
}

/** The row, or undefined where there is one already. A withdrawn application is taken up again under its own reference. */
async function writeApplication({ tx, at, tools }: Scene, { person }: Holder, job: Job): Promise<string | undefined> {
  const { applications } = tx
  const mine = and(eq(applications.personId, person.id), eq(applications.jobCode, job.code))
  const [again] = await tx
    .update(applications)
    .set({ status: 'received', changedAt: at })
    .where(and(mine, eq(applications.status, 'withdrawn')))
    .returning()
  if (again) return again.reference
  for (let left = 4; left > 0; left--) {
    const [made] = await tx
      .insert(applications)
      .values({
        id: tools.clock.id(),
        reference: newReference(tools.clock),
        personId: person.id,
        jobCode: job.code,
        county: person.homeCounty,
        subCounty: person.homeSubCounty,
        status: 'received',
        at,
        changedAt: at,
      })
      .onConflictDoNothing()
      .returning()
    if (made) return made.reference
    // Nothing was written: the reference was taken (30 to the power of 7, so hardly ever), or the application stands.
    const [standing] = await tx.select({ id: applications.id }).from(applications).where(mine)
    if (standing) return undefined
  }
  return undefined
}
