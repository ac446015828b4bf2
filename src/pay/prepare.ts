import { eq } from 'drizzle-orm'
import { acting, leaveTrace } from '../acting.ts'
import type { Actor, Scene } from '../action.ts'
import type { App } from '../app.ts'
import { nairobiDay } from '../base/dates.ts'
import { type SeriesRules, versionedRules } from '../jobs/rules.ts'
import { askOrder } from '../orders/order.ts'
import { type RunKind, startRun } from '../runs/run.ts'
import { checkDuties } from './check.ts'
import { dutiesAfter, type Job, type PayDuty } from './duties.ts'
import { payeeOf, payeePlace } from './payee.ts'
import { type Sums, sumsOf } from './sum.ts'
import { paidMarks, worthOf } from './worth.ts'

/** The name of the work in the background that writes a payment list. */
export const PREPARE_RUN = 'pay.prepare'
export const prepareRunOf = (list: string): string => `pay:${list}`
const SLICE = 50

type PayRules = Pick<SeriesRules, 'rates' | 'allowances' | 'deductions' | 'late_day' | 'pay_rehearsal' | 'rehearsal_days_before'>
/** Everything that a list is made by, as it stood when it was asked for. */
export type Preparing = { list: string; job: string; county?: string | undefined; rules: PayRules }
export type AskedList = { list: string } | { refused: 'unknown_job' | 'not_over' }

/**
 * Begins a list of payments for one job, or for its stations in one county. Not before the job is over, as a duty is paid once. `id` is the
 * form's `once`: sent twice it is one list. The list, the run and the order for a second officer go by it.
 */
export function askList(
  app: App,
  by: Actor,
  { job: code, county, id = app.clock.id() }: { job: string; county?: string | undefined; id?: string },
): Promise<AskedList> {
  return acting<AskedList>(app, by, 'pay.prepare', `pay:${code}`, async (scene) => {
    const { tx, at } = scene
    const [job] = await tx.select().from(tx.jobs).where(eq(tx.jobs.code, code))
    if (!job) return [{ refused: 'unknown_job' }, { outcome: 'unknown_job' }]
    if (nairobiDay(at) <= job.endsOn) return [{ refused: 'not_over' }, { outcome: 'not_over', detail: { job: code } }]
    const { rules, version } = await versionedRules(tx, job.exam)
    const { rates, allowances, deductions, late_day, pay_rehearsal, rehearsal_days_before } = rules
    await tx
      .insert(tx.paylists)
      .values({
        id,
        jobCode: code,
        state: 'preparing',
        lines: 0,
        totalKes: 0,
        controlSum: '',
        rulesVersion: version,
        by: by.name,
        at,
        changedAt: at,
      })
      .onConflictDoNothing()
    const paying = { rates, allowances, deductions, late_day, pay_rehearsal, rehearsal_days_before }
    const input: Preparing = { list: id, job: code, county, rules: paying }
    await startRun(scene, { kind: PREPARE_RUN, input, by: by.name, id: prepareRunOf(id) })
    return [{ list: id }, { outcome: 'done', detail: { list: id, job: code, ...(county ? { county } : {}) } }]
  })
}

/** Where the cursor stands when all lines are written: they are summed up before the last slice, outside its unit. */
const SUMMED = 'summed'

export const prepareRun: RunKind<Preparing, Sums | undefined> = {
  gather: async ({ store, keyring }, { list }, cursor) => (cursor === SUMMED ? sumsOf(store.read, keyring, list) : undefined),
  async slice(scene, input, cursor, sums) {
    const { tx } = scene
    const [list] = await tx.select({ state: tx.paylists.state }).from(tx.paylists).where(eq(tx.paylists.id, input.list))
    const [job] = await tx.select().from(tx.jobs).where(eq(tx.jobs.code, input.job))
    // Somebody gave it up: going on would hold people who belong on another list.
    if (list?.state !== 'preparing' || !job) return { next: undefined, done: 0 }
    if (sums) {
      await finish(scene, input, sums)
      return { next: undefined, done: 0 }
    }
    const duties = await dutiesAfter(scene, { ...input, after: cursor ?? '', most: SLICE })
    const tally = await writeLines(scene, job, duties, input)
    const next = duties.length === SLICE ? duties.at(-1)?.deployment.id : SUMMED
    return { next, done: duties.length, tally }
  },
}

/** Looked at once more before money is promised: what is mended by now is paid, what is found now is not. */
async function writeLines(scene: Scene, job: Job, duties: readonly PayDuty[], { list, rules }: Preparing) {
  const { tx, at, tools } = scene
  const { open } = await checkDuties(scene, job, duties)
  const rows: (typeof tx.payLines.$inferInsert)[] = []
  for (const { deployment, person, profile, marks } of duties) {
    const payee = payeeOf(profile)
    const worth = worthOf({
      marks: paidMarks(marks, { deployment, job }, rules),
      role: job.role,
      dailyRateKes: job.dailyRateKes,
      metres: deployment.metres,
      rules,
    })
    if (!payee || !worth.paid || open.has(deployment.id)) continue
    const { paid: _, ...sums } = worth
    const id = tools.clock.id()
    rows.push({
      id,
      listId: list,
      deploymentId: deployment.id,
      live: deployment.id,
      personId: person.id,
      county: deployment.county,
      ...sums,
      bank: payee.bank,
      payeeSealed: tools.keyring.seal(payeePlace(id), JSON.stringify(payee.payee)),
      state: 'prepared',
      changedAt: at,
    })
  }
  // Who is on another list for this duty stays there, whichever of the two came first.
  const written =
    rows.length === 0 ? [] : await tx.insert(tx.payLines).values(rows).onConflictDoNothing().returning({ id: tx.payLines.id })
  return { pay_lines: written.length, pay_elsewhere: rows.length - written.length, pay_held: open.size }
}

/** Sums up, and asks for a second officer. A list of nobody is given up at once. */
async function finish(scene: Scene, { list: id, job, county }: Preparing, { lines, totalKes, controlSum }: Sums): Promise<void> {
  const { tx, at } = scene
  const state = lines === 0 ? 'refused' : 'prepared'
  const set = { state, lines, totalKes, controlSum, changedAt: at } as const
  await tx.update(tx.paylists).set(set).where(eq(tx.paylists.id, id))
  const detail = { list: id, job, lines, total_kes: totalKes, control_sum: controlSum }
  await leaveTrace(scene, 'pay.prepared', { outcome: lines === 0 ? 'nobody' : 'done', detail })
  if (lines === 0) return
  const input: PayOrder = { list: id, controlSum }
  const summary = { job, total_kes: totalKes, lines, control_sum: controlSum }
  await askOrder(scene, { kind: 'pay', subject: id, county: county ?? null, input, summary, id })
}

/** What a second officer agrees to: exactly these lines. */
export type PayOrder = { list: string; controlSum: string }
