import { and, asc, eq, gt, inArray, isNull } from 'drizzle-orm'
import type { Scene } from '../action.ts'
import type { App } from '../app.ts'
import { addDays, nairobiDay, shortDay } from '../base/dates.ts'
import type { Msisdn } from '../base/msisdn.ts'
import { languageOf } from '../people/language.ts'
import { tell } from '../sms/outbox.ts'
import { broken, fits, type Job, rulesFor, standingOf } from './eligibility.ts'
import { titleOf } from './vacancy.ts'

const DAYS_BEFORE = [3, 1] as const
const AT_ONCE = 50

/**
 * Tells those who agreed to alerts, qualify and have not applied of jobs that close in 3 days and in 1 day.
 * The dedupe key is (job, days, person): run twice, or killed halfway and run again, nobody is told twice. Returns how many were written.
 */
export async function remind(app: App): Promise<number> {
  const today = nairobiDay(app.clock.now())
  const days = DAYS_BEFORE.map((before) => addDays(today, before))
  const jobs = await app.store.read
    .select()
    .from(app.store.read.jobs)
    .where(
      and(
        inArray(app.store.read.jobs.closesOn, days),
        isNull(app.store.read.jobs.closedAt),
        eq(app.store.read.jobs.draft, false),
      ),
    )
  if (jobs.length === 0) return 0
  let told = 0
  for (let after = ''; ; ) {
    const slice = await app.store.work('remind', (tx) => remindSome(app, tx, jobs, after))
    told += slice.told
    if (slice.last === undefined) return told
    after = slice.last
  }
}

async function remindSome(app: App, tx: Scene['tx'], jobs: readonly Job[], after: string) {
  const at = app.clock.now()
  const holders = await tx
    .select({ account: tx.accounts, person: tx.people })
    .from(tx.accounts)
    .innerJoin(tx.people, eq(tx.people.id, tx.accounts.personId))
    .where(and(gt(tx.accounts.personId, after), eq(tx.accounts.alerts, true), eq(tx.people.status, 'vetted')))
    .orderBy(asc(tx.accounts.personId))
    .limit(AT_ONCE)
  const rules = await rulesFor(tx, jobs)
  let told = 0
  for (const { account, person } of holders) {
    const msisdn = account.msisdn as Msisdn
    const language = await languageOf({ tx }, msisdn)
    const scene: Scene = { tx, at, tools: app, actor: { via: 'system', name: 'schedule', signed: false, language } }
    const standing = await standingOf(scene, { account, person, msisdn })
    for (const job of jobs) {
      if (standing.applied.has(job.code) || !fits(broken(job, rules.get(job.exam) ?? {}, standing))) continue
      const values = { title: titleOf(job, language), closes: shortDay(job.closesOn), job: job.code }
      const dedupe = `closing:${job.code}:${job.closesOn}:${nairobiDay(at)}:${person.id}`
      if (await tell(scene, { to: msisdn, person: person.id, message: 'job_closing', values, language, class: 'bulk', dedupe }))
        told++
    }
  }
  return { told, last: holders.length < AT_ONCE ? undefined : holders.at(-1)?.person.id }
}
