import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import cron from 'node-cron'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { unlockFile } from '../src/backup/vault.ts'
import { DAY, nairobiDay, startOfDay } from '../src/base/dates.ts'
import { closeJobs } from '../src/jobs/close.ts'
import { remind } from '../src/jobs/remind.ts'
import { startSchedule, TASKS } from '../src/schedule.ts'
import { checkCopy } from '../src/store/backup.ts'
import { expireSessions } from '../src/ussd/expire.ts'
import { type OpenDesk, openDesk, session } from './kit/desk.ts'
import { operate } from './kit/operator.ts'

let desk: OpenDesk
let settledOn: number
beforeEach(async () => {
  desk = await openDesk()
  settledOn = startOfDay(nairobiDay(desk.clock.now()))
})
afterEach(() => desk.close())

const account = (national_id: string, phone: string) => operate(desk.app, { account: { phone, national_id, pin: '482917' } })
const texts = async (phone: string, part: string) => (await desk.texts(phone)).filter((text) => text.includes(part))
/** To noon, so many days before the town's jobs close, 20 days after it was settled. */
const daysBeforeClosing = (days: number) => desk.clock.move(settledOn + (20 - days) * DAY + DAY / 2 - desk.clock.now())

test('every task has a time that node-cron understands, and the schedule starts and stops', async () => {
  for (const { when } of TASKS) expect(cron.validate(when)).toBe(true)
  await startSchedule(desk.app).stop()
})

test('a job is closed once its last day has passed, and once only', async () => {
  expect(await closeJobs(desk.app)).toEqual(['KCSE26SEC'])
  expect(await closeJobs(desk.app)).toEqual([])
  daysBeforeClosing(-1)
  expect((await closeJobs(desk.app)).sort()).toEqual(['KCSE26DRV', 'KCSE26EXM-MAT', 'KCSE26INV', 'KCSE26SUP'])
})

describe('reminders of closing jobs', () => {
  const reminder = 'KCSE Invigilator fits you and closes'

  test('go out 3 days and 1 day before, once each, to those who qualify and have not applied', async () => {
    await account('99100001', '+254700000901')
    await account('99100006', '+254700000906')
    await session(desk.desk, '+254700000906').dial()
    await desk.app.store.work('t', async (tx) => {
      const [person] = (await tx.select().from(tx.people)).filter(({ msisdn }) => msisdn === '+254700000906')
      const at = desk.clock.now()
      await tx.insert(tx.applications).values({
        id: 'x',
        reference: 'AXXXXXXX',
        personId: person?.id ?? '',
        jobCode: 'KCSE26INV',
        county: 'Kwale',
        subCounty: 'Kwale',
        status: 'received',
        at,
        changedAt: at,
      })
    })
    daysBeforeClosing(4)
    expect(await remind(desk.app)).toBe(0)
    daysBeforeClosing(3)
    expect(await remind(desk.app)).toBeGreaterThan(0)
    expect(await remind(desk.app)).toBe(0)
    expect(await texts('+254700000901', reminder)).toHaveLength(1)
    expect(await texts('+254700000906', reminder)).toHaveLength(0)
    expect(await texts('+254700000901', 'Driver')).toHaveLength(0)
    daysBeforeClosing(2)
    expect(await remind(desk.app)).toBe(0)
    daysBeforeClosing(1)
    await remind(desk.app)
    expect(await texts('+254700000901', reminder)).toHaveLength(2)
  })

  test('never to somebody who turned alerts off, stopped, or has no account', async () => {
    await account('99100001', '+254700000901')
    await account('99100006', '+254700000906')
    await desk.app.store.work('t', async (tx) => {
      await tx.insert(tx.subscribers).values({ msisdn: '+254700000906', language: 'en', stoppedAt: 1 })
    })
    const call = session(desk.desk, '+254700000901')
    await call.dial()
    await call.type('4', '482917', '98')
    const last = await call.type('7')
    expect(last).toMatch(/My profile/)
    daysBeforeClosing(3)
    expect(await remind(desk.app)).toBe(0)
  })
})

test('what a session remembered is forgotten after two days, the rest stays', async () => {
  await session(desk.desk, '+254700000901').dial()
  desk.clock.move(2 * DAY + 60_000)
  await session(desk.desk, '+254700000902').dial()
  expect(await expireSessions(desk.app)).toBe(2)
  const { read } = desk.app.store
  expect((await read.select().from(read.sessions)).map(({ msisdn }) => msisdn)).toEqual(['+254700000902'])
  expect(await read.select().from(read.hops)).toHaveLength(1)
  expect(await expireSessions(desk.app)).toBe(0)
})

test('the nightly backup is proved before it counts, and only the newest are kept', async () => {
  const backUp = TASKS.find(({ name }) => name === 'back up')
  const folder = join(desk.folder, 'backups')
  for (let night = 0; night < 16; night++) {
    await backUp?.run(desk.app)
    desk.clock.move(DAY)
  }
  expect(existsSync(folder)).toBe(true)
  const kept = readdirSync(folder).sort()
  expect(kept).toHaveLength(14)
  const plain = join(desk.folder, 'unlocked.db')
  await unlockFile(desk.app.keyring, join(folder, kept.at(-1) ?? ''), plain)
  expect(checkCopy(plain)).toMatchObject({ people: 6, stations: 3, jobs: 6 })
})
