import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { onTestFinished } from 'vitest'
import type { Actor } from '../../src/action.ts'
import { addDays } from '../../src/base/dates.ts'
import { counts } from '../../src/officers/confirm.ts'
import { answerOrder } from '../../src/orders/decide.ts'
import { approvePay, giveUp, markSent, payHindrance, payLook, refusePay } from '../../src/pay/approve.ts'
import { OUTCOME_RUN, outcomeRun } from '../../src/pay/import.ts'
import { askCheck, CHECK_RUN, checkRun } from '../../src/pay/issues.ts'
import { askList, PREPARE_RUN, prepareRun } from '../../src/pay/prepare.ts'
import { type FieldName, writeField } from '../../src/people/profile-fields.ts'
import type { Mark } from '../../src/store/schema.ts'
import type { Tx } from '../../src/store/store.ts'
import { seatOfficers } from '../kit/officers.ts'
import { finishRuns } from '../kit/runs.ts'
import { buildTown } from '../letters/kit.ts'

export const officer = (name: string): Actor => ({ via: 'console', name: `officer:${name}`, signed: false, language: 'en' })
export const PREPARES = officer('a')
export const AGREES = officer('b')
export const JOB = 'KCSE26INV'
/** Monday to Friday. */
export const DAYS = ['2026-11-02', '2026-11-03', '2026-11-04', '2026-11-05', '2026-11-06']
const kinds = { [CHECK_RUN]: checkRun, [PREPARE_RUN]: prepareRun, [OUTCOME_RUN]: outcomeRun }
const rules = {
  counts,
  kinds: { pay: approvePay },
  refusals: { pay: refusePay },
  withdrawals: { pay: refusePay },
  hindrances: { pay: payHindrance },
  looks: { pay: payLook },
}
/** What a profile says of where somebody is paid, unless a test says otherwise; undefined leaves a field out. */
const account = (n: number) => ({
  bank_code: '01',
  branch_code: '094',
  account_number: `11002233${String(n).padStart(4, '0')}`,
  account_name: `Achieng Number${n} Otieno`,
})

export type Office = Awaited<ReturnType<typeof openPayOffice>>

/** So many people who served five days and were marked present, the Monday after; what two officers and the work in the background do. */
export async function openPayOffice(count = 0) {
  const town = await buildTown()
  const { work } = town
  const dataFolder = mkdtempSync(join(tmpdir(), 'wito-pay-'))
  onTestFinished(() => rmSync(dataFolder, { recursive: true, force: true }))
  const app = { ...town.app, config: { ...town.app.config, dataFolder } }
  const { read } = app.store
  await seatOfficers(app, PREPARES, AGREES, officer('c'))
  await town.addJob(JOB, { endsOn: '2026-11-06' })

  const office = {
    ...town,
    app,
    get at() {
      return town.at
    },
    id: (n: number) => `d${n}-${JOB}`,
    async serve(
      n: number,
      {
        person = {},
        deployment = {},
        profile = {},
        marks = DAYS.map(() => 'present' as Mark),
      }: {
        person?: Parameters<typeof town.addPerson>[1]
        deployment?: Partial<Tx['deployments']['$inferInsert']>
        profile?: Partial<Record<FieldName, string | undefined>>
        marks?: (Mark | undefined)[]
      } = {},
    ) {
      await town.addPerson(n, person)
      await town.draft(n, JOB, { county: 'Kilele', ...deployment, status: 'accepted' })
      await office.profile(n, { ...account(n), ...profile })
      for (const [place, mark] of marks.entries()) if (mark) await office.mark(n, addDays(DAYS[0] as string, place), mark)
    },
    profile: (n: number, fields: Partial<Record<FieldName, string | undefined>>) =>
      work(async (tx) => {
        for (const [field, value] of Object.entries(fields))
          if (value !== undefined) await writeField({ tx, tools: app, at: town.at }, `p${n}`, field as FieldName, value)
      }),
    mark: (n: number, day: string, mark: Mark, changes: Partial<Tx['attendance']['$inferInsert']> = {}) =>
      work(async (tx) => {
        const row = { mark, by: 'head', at: town.at, ...changes }
        const place = { jobCode: JOB, centreCode: '10101001', county: 'Kilele' }
        await tx
          .insert(tx.attendance)
          .values({ deploymentId: office.id(n), day, ...place, ...row })
          .onConflictDoUpdate({ target: [tx.attendance.deploymentId, tx.attendance.day], set: row })
      }),
    /** Runs what waits, until nothing does. */
    finish: () => finishRuns(app, kinds),
    async check() {
      await askCheck(app, PREPARES, { job: JOB })
      await office.finish()
    },
    /** A list as it stands once it is written. */
    async prepare(id = 'list-1', county?: string) {
      const asked = await askList(app, PREPARES, { job: JOB, county, id })
      await office.finish()
      return asked
    },
    async answer(id: string, by: Actor, yes = true) {
      const [order] = await read.select().from(read.orders).where(eq(read.orders.id, id))
      const decided = await answerOrder(app, by, rules, { id, digest: order?.digest ?? '', yes })
      return decided.refused === 'hindered' ? decided.why : (decided.refused ?? decided.order?.state)
    },
    /** Prepared, agreed to and sent. */
    async send(id = 'list-1') {
      await office.prepare(id)
      await office.answer(id, AGREES)
      return markSent(app, PREPARES, id)
    },
    giveUp: (id: string) => giveUp(app, PREPARES, id),
    list: async (id = 'list-1') => (await read.select().from(read.paylists).where(eq(read.paylists.id, id)))[0],
    lines: async (id?: string) =>
      (await read.select().from(read.payLines)).filter(({ listId }) => id === undefined || listId === id),
    issues: async (n?: number) =>
      (await read.select().from(read.payIssues)).filter(({ personId }) => n === undefined || personId === `p${n}`),
    run: async (id: string) => (await read.select().from(read.runs).where(eq(read.runs.id, id)))[0],
  }
  for (let n = 1; n <= count; n++) await office.serve(n)
  town.goTo('2026-11-09')
  return office
}
