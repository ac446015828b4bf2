import { and, eq, inArray, lt, sql } from 'drizzle-orm'
import type { Scene } from '../action.ts'
import { addDays, nairobiDay } from '../base/dates.ts'
import { readMsisdn } from '../base/msisdn.ts'
import { titleOf } from '../jobs/vacancy.ts'
import { languageOf } from '../people/language.ts'
import { tell } from '../sms/outbox.ts'
import type { Job, PayDuty } from './duties.ts'
import { type Finding, findingsOf, type IssueKind, isWeekend } from './findings.ts'

export type Checked = { found: number; mended: number; open: Map<string, IssueKind[]> }

/**
 * Looks at duties of one job and keeps what stands between each and its pay: what is new is told to the person, what is mended closes.
 * Gives what is open, by deployment. What an officer cleared stays so, unless something newer is wrong.
 */
export async function checkDuties(scene: Scene, job: Job, duties: readonly PayDuty[]): Promise<Checked> {
  const { tx, at, tools } = scene
  const { payIssues } = tx
  const checked: Checked = { found: 0, mended: 0, open: new Map() }
  if (duties.length === 0) return checked
  const ids = duties.map(({ deployment }) => deployment.id)
  const held = await tx.select().from(payIssues).where(inArray(payIssues.deploymentId, ids))
  const known = new Map(held.map((row) => [`${row.deploymentId} ${row.kind}`, row]))
  const served = await daysServed(scene, job, duties)
  const around = {
    job,
    today: nairobiDay(at),
    keyring: tools.keyring,
    isDutyDay: (centre: string, day: string) => served.has(`${centre} ${day}`),
  }
  for (const duty of duties) {
    const { id } = duty.deployment
    const found = findingsOf(duty, around)
    const open: IssueKind[] = []
    for (const finding of found) {
      const row = known.get(`${id} ${finding.kind}`)
      const fresh = row?.state !== 'open' && (await keep(scene, duty, finding))
      if (fresh) checked.found++
      if (fresh) await tellOf(scene, job, duty, finding.kind)
      if (fresh || row?.state === 'open') open.push(finding.kind)
    }
    if (open.length > 0) checked.open.set(id, open)
    for (const row of held.filter(({ deploymentId, state }) => deploymentId === id && state === 'open')) {
      if (found.some(({ kind }) => kind === row.kind)) continue
      await tx
        .update(payIssues)
        .set({ state: 'mended', changedAt: at })
        .where(and(eq(payIssues.deploymentId, id), eq(payIssues.kind, row.kind), eq(payIssues.state, 'open')))
      checked.mended++
    }
  }
  return checked
}

/** Whether it is new: two checks that find the same at once keep and tell it once. */
async function keep({ tx, at }: Scene, { deployment: d, person }: PayDuty, { kind, since }: Finding): Promise<boolean> {
  const { payIssues } = tx
  const made = await tx
    .insert(payIssues)
    .values({
      deploymentId: d.id,
      kind,
      jobCode: d.jobCode,
      personId: person.id,
      county: d.county,
      state: 'open',
      at,
      changedAt: at,
    })
    .onConflictDoNothing()
    .returning({ kind: payIssues.kind })
  if (made.length > 0) return true
  const one = and(eq(payIssues.deploymentId, d.id), eq(payIssues.kind, kind))
  const again = { state: 'open' as const, clearedBy: null, changedAt: at }
  const mended = await tx
    .update(payIssues)
    .set(again)
    .where(and(one, eq(payIssues.state, 'mended')))
    .returning({ kind: payIssues.kind })
  if (mended.length > 0) return true
  const newer = await tx
    .update(payIssues)
    .set(again)
    .where(and(one, eq(payIssues.state, 'cleared'), lt(payIssues.changedAt, since)))
    .returning({ kind: payIssues.kind })
  return newer.length > 0
}

async function tellOf(scene: Scene, job: Job, { deployment, person }: PayDuty, kind: IssueKind): Promise<void> {
  const to = readMsisdn(person.msisdn)
  // Somebody erased has no number.
  if (to === undefined) return
  const language = await languageOf(scene, to)
  await tell(scene, {
    to,
    person: person.id,
    message: 'pay_issue',
    values: { title: titleOf(job, language), pay_issue: kind },
    language,
    class: 'notice',
    dedupe: `pay_issue:${deployment.id}:${kind}:${scene.at}`,
  })
}

/** Saturdays and Sundays of the job on which somebody served, as `centre day`. */
async function daysServed({ tx }: Scene, job: Job, duties: readonly PayDuty[]): Promise<Set<string>> {
  const { attendance } = tx
  const rest: string[] = []
  for (let day = job.startsOn; day <= job.endsOn; day = addDays(day, 1)) if (isWeekend(day)) rest.push(day)
  if (rest.length === 0) return new Set()
  const centres = [...new Set(duties.map(({ deployment }) => deployment.centreCode))]
  const rows = await tx
    .select({ centre: attendance.centreCode, day: attendance.day })
    .from(attendance)
    .where(
      and(
        inArray(attendance.centreCode, centres),
        inArray(attendance.day, rest),
        // As an expression it cannot lead an engine to the index by job, which holds every station's rows.
        eq(sql`${attendance.jobCode} || ''`, job.code),
        inArray(attendance.mark, ['present', 'late']),
      ),
    )
    .groupBy(attendance.centreCode, attendance.day)
  return new Set(rows.map(({ centre, day }) => `${centre} ${day}`))
}
