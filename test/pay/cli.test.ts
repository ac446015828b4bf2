import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addDays, nairobiDay } from '../../src/base/dates.ts'
import { orderRules } from '../../src/catalogue.ts'
import { readConfig } from '../../src/config.ts'
import { openApp } from '../../src/open.ts'
import { answerOrder } from '../../src/orders/decide.ts'
import { writeField } from '../../src/people/profile-fields.ts'
import { seatOfficers } from '../kit/officers.ts'
import { operate } from '../kit/operator.ts'
import { cellsIn } from '../kit/sheet.ts'
import { settle } from '../kit/town.ts'
import { AGREES } from './kit.ts'

const WITO = new URL('../../src/cli/wito.js', import.meta.url).pathname
const JOB = 'KCSE26INV'
let folder: string
let opened: Awaited<ReturnType<typeof openApp>>
let keys: Record<string, string>
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wito-pay-cli-'))
  keys = {
    DATABASE_URL: `file:${folder}/wito.db`,
    LOG_LEVEL: 'silent',
    SECRET_KEYS: `a:${Buffer.alloc(32, 1).toString('base64')}`,
    INDEX_KEY: Buffer.alloc(32, 2).toString('base64'),
    PEPPER: Buffer.alloc(32, 3).toString('base64'),
  }
  opened = await openApp(readConfig({ NODE_ENV: 'test', ...keys }))
  const { app } = opened
  await settle(app)
  await operate(app, { account: { phone: '0700000901', national_id: '99100001', pin: '482917' } })
  const { read } = app.store
  const [person] = await read.select().from(read.people).where(eq(read.people.fullName, 'Achieng Odera'))
  const personId = person?.id ?? ''
  const days = [-9, -8, -7].map((ago) => addDays(nairobiDay(app.clock.now()), ago))
  await app.store.work('serve', async (tx) => {
    await tx
      .update(tx.jobs)
      .set({ startsOn: days[0] as string, endsOn: days[2] as string })
      .where(eq(tx.jobs.code, JOB))
    const place = { jobCode: JOB, centreCode: '42101002', county: 'Kisumu' }
    const stands = { reportOn: days[0] as string, reportAt: '07:00', status: 'accepted' as const, letterVersion: 1, changedAt: 0 }
    await tx.insert(tx.deployments).values({ ...place, ...stands, id: 'duty', personId })
    for (const day of days)
      await tx.insert(tx.attendance).values({ ...place, deploymentId: 'duty', day, mark: 'present', by: 'head', at: 0 })
    await writeField({ tx, tools: app, at: 0 }, personId, 'account_name', 'Somebody Else')
  })
})
afterAll(async () => {
  await opened?.close()
  rmSync(folder, { recursive: true, force: true })
})

type Ran = { code: number; out: string; err: string }
const wito = (...words: string[]): Promise<Ran> =>
  new Promise((ran) =>
    execFile(
      process.execPath,
      [WITO, ...words],
      { env: { PATH: process.env.PATH ?? '', HOME: folder, ...keys } },
      (error, out, err) => ran({ code: error ? Number(error.code ?? 1) : 0, out, err }),
    ),
  )

test('from a look before pay day to what the banks said, by command', async () => {
  expect(JSON.parse((await wito('pay', 'check', '--job', JOB, '--json')).out)).toEqual({ issues_found: 1, issues_mended: 0 })
  expect(await wito('pay', 'check', '--job', 'NOPE99')).toMatchObject({ code: 1, err: 'there is no job NOPE99\n' })
  expect((await wito('pay', 'prepare', '--job', 'KCSE26SUP')).err).toContain('is not over yet')
  const none = JSON.parse((await wito('pay', 'prepare', '--job', JOB, '--json')).out)
  expect(none).toMatchObject({ state: 'refused', lines: 0 })

  const { app } = opened
  const { read } = app.store
  await app.store.work('mend', async (tx) => {
    const [person] = await tx.select().from(tx.people).where(eq(tx.people.fullName, 'Achieng Odera'))
    await writeField({ tx, tools: app, at: 1 }, person?.id ?? '', 'account_name', 'ODERA ACHIENG')
  })
  const made = JSON.parse((await wito('pay', 'prepare', '--job', JOB, '--county', 'Kisumu', '--json')).out)
  expect(made).toMatchObject({ state: 'prepared', lines: 1, total_kes: 1_650 })
  expect((await wito('export', 'payments', '--list', made.list)).err).toContain('only an approved list')
  expect((await wito('pay', 'sent', made.list)).code).toBe(1)
  const [order] = await read.select().from(read.orders).where(eq(read.orders.id, made.list))
  await seatOfficers(app, AGREES)
  await answerOrder(app, AGREES, orderRules, { id: made.list, digest: order?.digest ?? '', yes: true })

  const csv = await wito('export', 'payments', '--list', made.list)
  expect(csv.code).toBe(0)
  expect(csv.out.trimEnd().split('\r\n').at(-1)).toMatch(new RegExp(`^control_sum,${made.control_sum},`))
  const book = join(folder, 'payments.xlsx')
  expect((await wito('export', 'payments', '--list', made.list, '--out', book)).code).toBe(0)
  const list = join(folder, 'payments.csv')
  writeFileSync(list, csv.out)
  const cells = await cellsIn(list, 'payments.csv')
  expect(cells.at(-2)?.at(-1)).toBe('1650')
  expect(await cellsIn(book, 'payments.xlsx')).toEqual(cells)
  expect((await wito('export', 'payments', '--list', made.list, '--out', book)).code).toBe(1)
  expect((await wito('pay', 'sent', made.list)).code).toBe(0)

  const line = csv.out.split('\r\n')[1]?.split(',')[0] ?? ''
  const file = join(folder, 'outcomes.csv')
  writeFileSync(file, `line,state,reference,reason\n${line},paid,QX1,\nnobody,paid,,\n`)
  const bad = await wito('import', 'payments', file)
  expect(bad).toMatchObject({ code: 1 })
  expect(bad.out).toContain('outcomes.csv:3 line: there is no such line')
  expect(bad.out).toContain('Nothing was taken in.')
  writeFileSync(file, `line,state,reference,reason\n${line},paid,QX1,\n`)
  expect(JSON.parse((await wito('import', 'payments', file, '--json')).out)).toMatchObject({ paid: 1, returned: 0, same: 0 })
  expect(JSON.parse((await wito('import', 'payments', file, '--json')).out)).toMatchObject({ paid: 0, same: 1 })
  expect((await read.select().from(read.payLines)).map(({ state }) => state)).toEqual(['paid'])
  for (const help of ['pay check', 'pay prepare', 'pay sent', 'export payments', 'import payments'])
    expect((await wito(...help.split(' '), '--help')).out).toContain('Example: wito')
}, 600_000)
