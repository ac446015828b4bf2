import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { orderRules } from '../../src/catalogue.ts'
import { enterDeployment, moveDeployment } from '../../src/deployments/change.ts'
import { importDeployments } from '../../src/deployments/import.ts'
import { writeRules } from '../../src/jobs/rules.ts'
import { askNotice } from '../../src/notices/ask.ts'
import { NOTICE_RUN, noticeRun } from '../../src/notices/carry-out.ts'
import { answerOrder } from '../../src/orders/decide.ts'
import { finishRuns } from '../kit/runs.ts'
import { idOf, onBothEngines } from '../letters/kit.ts'
import { AGREES, DAYS, JOB, officer, openPayOffice, PREPARES } from './kit.ts'

const everywhere = () => true
const [WORK, NEAR, FAR] = ['10101001', '10101002', '10101003'] as const

onBothEngines(() => {
  test('whoever was imported, typed or moved is paid for their own way: an allowance goes by the station where they served', async () => {
    const office = await openPayOffice()
    const { app } = office
    const { read } = app.store
    office.goTo('2026-10-01')
    await office.work(async (tx) => {
      // A degree of longitude is 111 km here.
      for (const [code, longitude] of [
        [WORK, 34],
        [NEAR, 34.1],
        [FAR, 34.5],
      ] as const)
        await tx.update(tx.stations).set({ latitude: 0, longitude }).where(eq(tx.stations.centreCode, code))
      const allowances = [
        { from_km: 5, kes: 300 },
        { from_km: 40, kes: 1_500 },
      ]
      await writeRules({ tx, at: office.at, actor: officer('a') }, 'KCSE2026', { allowances })
    })
    for (const n of [1, 2, 3, 4]) {
      await office.addPerson(n, { workstationCode: WORK })
      const account_name = `Achieng Number${n} Otieno`
      await office.profile(n, { bank_code: '01', branch_code: '094', account_number: `110022330${n}`, account_name })
    }
    const row = (n: number, centre_code: string) => ({
      job_code: JOB,
      national_id: idOf(n),
      centre_code,
      report_on: DAYS[0] as string,
      report_at: '07:00',
    })
    async function* file() {
      for (const [place, [n, centre]] of (
        [
          [1, NEAR],
          [2, NEAR],
          [3, NEAR],
        ] as const
      ).entries())
        yield { row: place + 2, values: row(n, centre) }
    }
    await importDeployments(app, file())
    await enterDeployment(app, PREPARES, { id: 'typed', values: row(4, FAR), mine: everywhere })
    const duty = async (n: number) => {
      const rows = await read
        .select()
        .from(read.deployments)
        .where(eq(read.deployments.personId, `p${n}`))
      const [found] = rows
      if (!found) throw new Error('no duty')
      return found
    }
    const place = { centreCode: FAR, reportOn: DAYS[0] as string, reportAt: '07:00' }
    const { id, changedAt } = await duty(2)
    await moveDeployment(app, PREPARES, { id, changedAt, once: 'm', place, mine: everywhere })
    // Only the third is left at the nearer station when all of it moves.
    await moveDeployment(app, PREPARES, {
      id: (await duty(1)).id,
      changedAt: (await duty(1)).changedAt,
      once: 'n',
      place: { ...place, centreCode: WORK },
      mine: everywhere,
    })
    await askNotice(app, PREPARES, { kind: 'moved', job: JOB, from: NEAR, to: FAR }, 'n1')
    const [order] = await read.select().from(read.orders).where(eq(read.orders.id, 'n1'))
    await answerOrder(app, AGREES, orderRules, {
      id: 'n1',
      digest: order?.digest ?? '',
      yes: true,
    })
    await finishRuns(app, { [NOTICE_RUN]: noticeRun })
    for (const n of [1, 2, 3, 4]) {
      const { id: deploymentId, centreCode, county } = await duty(n)
      await office.work(async (tx) => {
        await tx.update(tx.deployments).set({ status: 'accepted' }).where(eq(tx.deployments.id, deploymentId))
        for (const day of DAYS)
          await tx
            .insert(tx.attendance)
            .values({ deploymentId, day, jobCode: JOB, centreCode, county, mark: 'present', by: 'head', at: 0 })
      })
    }
    office.goTo('2026-11-09')
    await office.prepare()
    const lines = await office.lines()
    const paid = Object.fromEntries(lines.map(({ personId, allowanceKes }) => [personId, allowanceKes]))
    expect(paid).toEqual({ p1: 0, p2: 1_500, p3: 1_500, p4: 1_500 })
  })
})
