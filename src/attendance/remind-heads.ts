import { and, asc, count, eq, gt, inArray, isNotNull, lte, ne, or } from 'drizzle-orm'
import type { App } from '../app.ts'
import { MINUTE, nairobiDay, startOfDay } from '../base/dates.ts'
import type { Msisdn } from '../base/msisdn.ts'
import { rulesOf } from '../jobs/rules.ts'
import { languageOf } from '../people/language.ts'
import { tell } from '../sms/outbox.ts'
import type { Tx } from '../store/store.ts'
import { millisOf } from './own.ts'
import { jobsOn } from './staffing.ts'

const SLICE = 50
const USUAL_HOUR = '07:00'

/**
 * Some minutes after the hour to report at, as the rules say: heads of stations where somebody on duty is not marked get an SMS. Each job
 * is gone through once a day, and whoever is the head of several jobs' people is told once. Gives how many were told.
 */
export async function remindHeads(app: App): Promise<number> {
  const { read } = app.store
  const at = app.clock.now()
  const day = nairobiDay(at)
  let told = 0
  for (const { code, exam } of await jobsOn(read, day)) {
    const { remind_heads_minutes: minutes, report_at = USUAL_HOUR } = await rulesOf(read, exam)
    if (minutes === undefined || at < startOfDay(day) + millisOf(report_at) + minutes * MINUTE) continue
    const done = { name: `heads.reminded:${code}`, value: day }
    const [before] = await read.select().from(read.facts).where(eq(read.facts.name, done.name))
    if (before?.value === day) continue
    for (let after: string | undefined = ''; after !== undefined; ) {
      const cursor: string = after
      const [some, next]: [number, string | undefined] = await app.store.work('heads.remind', async (tx) => {
        const slice = await remindSome(app, tx, { code, day, report_at, after: cursor })
        if (slice[1] === undefined)
          await tx.insert(tx.facts).values(done).onConflictDoUpdate({ target: tx.facts.name, set: done })
        return slice
      })
      told += some
      after = next
    }
  }
  return told
}

type Part = { code: string; day: string; report_at: string; after: string }

async function remindSome(app: App, tx: Tx, { code, day, report_at, after }: Part): Promise<[number, string | undefined]> {
  const { heads, stations, deployments: d, attendance: a, jobs } = tx
  const at = app.clock.now()
  const rows = await tx
    .select({ centre: d.centreCode, station: stations.name, msisdn: heads.msisdn, onDuty: count(), marked: count(a.mark) })
    .from(d)
    .innerJoin(jobs, eq(jobs.code, d.jobCode))
    .innerJoin(heads, eq(heads.centreCode, d.centreCode))
    .innerJoin(stations, eq(stations.centreCode, d.centreCode))
    .leftJoin(a, and(eq(a.deploymentId, d.id), eq(a.day, day)))
    .where(
      and(
        eq(d.jobCode, code),
        isNotNull(d.held),
        inArray(d.status, ['released', 'accepted']),
        // At the rehearsal whoever begins on the first day is there too. Who comes later in the day is not late yet.
        or(lte(d.reportOn, day), eq(d.reportOn, jobs.startsOn)),
        or(ne(d.reportOn, day), lte(d.reportAt, report_at)),
        gt(d.centreCode, after),
      ),
    )
    .groupBy(d.centreCode, stations.name, heads.msisdn)
    .orderBy(asc(d.centreCode))
    .limit(SLICE)
  let told = 0
  for (const { centre, station, msisdn, onDuty, marked } of rows) {
    if (Number(marked) >= Number(onDuty)) continue
    const language = await languageOf({ tx }, msisdn)
    const values = { station, centre, on_duty: Number(onDuty), open_marks: Number(onDuty) - Number(marked) }
    const dedupe = `head_reminder:${centre}:${day}`
    const message = { to: msisdn as Msisdn, message: 'head_reminder', values, language, class: 'notice', dedupe } as const
    if (await tell({ tx, at, tools: app }, message)) told++
  }
  return [told, rows.length === SLICE ? rows.at(-1)?.centre : undefined]
}
