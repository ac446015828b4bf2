import { and, desc, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import { action, done, refused, type Scene } from '../action.ts'
import type { Clock } from '../base/clock.ts'
import { jobCode } from '../people/formats.ts'
import { type Holder, holderOf } from '../people/holder.ts'
import { missingVars } from '../people/profile.ts'
import { tell } from '../sms/outbox.ts'
import { once, type Tx } from '../store/store.ts'
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
    const reference = status === undefined ? await write(scene, holder, job) : await takeUp(scene, holder, job)
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
  const [exact] = await byKey(tx, { key: typed })
  if (exact && !exact.draft) return exact
  const [longest] = await tx
    .select()
    .from(tx.jobs)
    .where(and(eq(tx.jobs.draft, false), sql`${typed} like ${tx.jobs.codeKey} || '%'`))
    .orderBy(desc(sql`length(${tx.jobs.codeKey})`))
    .limit(1)
  return longest
}

/** A withdrawn application again, under its own reference; undefined where it is not withdrawn any more. */
async function takeUp({ tx, at }: Scene, { person }: Holder, job: Job): Promise<string | undefined> {
  const { applications } = tx
  const [again] = await tx
    .update(applications)
    .set({ status: 'received', changedAt: at })
    .where(and(isOf(tx, person.id, job.code), eq(applications.status, 'withdrawn')))
    .returning({ reference: applications.reference })
  return again?.reference
}

/** A new row; undefined where there is one already. */
async function write({ tx, at, tools }: Scene, { person }: Holder, job: Job): Promise<string | undefined> {
  for (let left = 4; left > 0; left--) {
    const [made] = await insert(tx, {
      id: tools.clock.id(),
      reference: newReference(tools.clock),
      personId: person.id,
      jobCode: job.code,
      county: person.homeCounty,
      subCounty: person.homeSubCounty,
      at,
    })
    if (made) return made.reference
    // Nothing was written: the reference was taken (30 to the power of 7, so hardly ever), or the application stands.
    const [standing] = await tx
      .select({ id: tx.applications.id })
      .from(tx.applications)
      .where(isOf(tx, person.id, job.code))
    if (standing) return undefined
  }
  return undefined
}

const isOf = ({ applications }: Pick<Tx, 'applications'>, personId: string, code: string) =>
  and(eq(applications.personId, personId), eq(applications.jobCode, code))

const byKey = once<{ key: string }, Job[]>('job_by_key', (tx, hole) =>
  tx.select().from(tx.jobs).where(eq(tx.jobs.codeKey, hole.key)),
)

type Row = { id: string; reference: string; personId: string; jobCode: string; county: string; subCounty: string; at: number }
const insert = once<Row, { reference: string }[]>('apply', (tx, hole) =>
  tx
    .insert(tx.applications)
    .values({
      id: hole.id,
      reference: hole.reference,
      personId: hole.personId,
      jobCode: hole.jobCode,
      county: hole.county,
      subCounty: hole.subCounty,
      status: 'received',
      at: hole.at,
      changedAt: hole.at,
    })
    .onConflictDoNothing()
    .returning({ reference: tx.applications.reference }),
)
