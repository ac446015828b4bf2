import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import cron from 'node-cron'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { unlockFile } from '../src/backup/vault.ts'
import { DAY, MINUTE, nairobiDay, startOfDay } from '../src/base/dates.ts'
import { closeJobs } from '../src/jobs/close.ts'
import { remind } from '../src/jobs/remind.ts'
import { openTurns } from '../src/runs/turns.ts'
import { startSchedule, TASKS } from '../src/schedule.ts'
import { forgetLimits } from '../src/security/limits.ts'
import { checkCopy } from '../src/store/backup.ts'
import { expireSessions } from '../src/ussd/expire.ts'
import { type OpenDesk, openDesk, session } from './kit/desk.ts'
import { openNodes } from './kit/nodes.ts'
import { operate } from './kit/operator.ts'
import { startPostgres, type TestPostgres } from './kit/postgres.ts'

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

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres.stop())

describe.each([
  ['one SQLite file', () => Promise.resolve({})],
  ['one PostgreSQL', async () => ({ databaseUrl: await postgres.createDatabase() })],
])('two nodes on %s', (_, address) => {
  async function openTurning() {
    const { clock, apps } = await openNodes(await address())
    const stopping = new AbortController()
    onTestFinished(() => stopping.abort())
    const turns = apps.map((app) => openTurns(app, stopping.signal))
    return { clock, apps, turns: turns as [(typeof turns)[0], (typeof turns)[0]] }
  }
  const TTL = MINUTE - 5_000
  const key = (at: number) => `tidy: up:${new Date(at).toISOString()}`

  test('node-cron starts a task on one of them each second, and never on both at once', async () => {
    const { apps } = await openTurning()
    const begun: string[] = []
    const nodes = new Set<number>()
    let at = 0
    let most = 0
    const schedules = apps.map((app, node) =>
      startSchedule(app, [
        {
          name: 'tidy: up',
          when: '* * * * * *',
          async run() {
            most = Math.max(most, ++at)
            begun.push(new Date().toISOString().slice(0, 19))
            nodes.add(node)
            await app.clock.sleep(200)
            at--
          },
        },
      ]),
    )
    await expect.poll(() => begun.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(3)
    await Promise.all(schedules.map(({ stop }) => stop()))
    expect(new Set(begun).size).toBe(begun.length)
    expect(most).toBe(1)
    const { read } = apps[0].store
    expect(await read.select().from(read.leases)).toMatchObject([{ name: 'task: tidy: up', holder: null }])
  })

  test('of two who ask at one moment one has the turn; the other has the next one, once it is over', async () => {
    const { clock, turns } = await openTurning()
    const [a, b] = turns
    const minute = Math.floor(clock.now() / MINUTE) * MINUTE
    for (let n = 0; n < 20; n++) {
      const got = await Promise.all(turns.map((each) => each.shouldRun(key(minute + n * MINUTE), TTL)))
      expect(got.filter(Boolean)).toHaveLength(1)
      const [winner, loser] = got[0] ? [a, b] : [b, a]
      // While somebody is at it the next moment is skipped, and a moment that was taken is not given twice.
      expect(await loser.shouldRun(key(minute + n * MINUTE + 30_000), TTL)).toBe(false)
      await winner.over('tidy: up')
      expect(await loser.shouldRun(key(minute + n * MINUTE), TTL)).toBe(false)
    }
    expect(await b.shouldRun(key(minute + 30 * MINUTE), TTL)).toBe(true)
    expect(await a.shouldRun(`other:${new Date(minute).toISOString()}`, TTL)).toBe(true)
  })

  test('whoever dies at it is followed a minute later, and a clock that is set back by a day keeps nobody from it', async () => {
    const { clock, turns } = await openTurning()
    const [dead, b] = turns
    const now = () => Math.floor(clock.now() / MINUTE) * MINUTE
    expect(await dead.shouldRun(key(now()), TTL)).toBe(true)
    clock.move(MINUTE / 2)
    expect(await b.shouldRun(key(now() + MINUTE), TTL)).toBe(false)
    clock.move(MINUTE / 2)
    expect(await b.shouldRun(key(now() + MINUTE), TTL)).toBe(true)
    clock.move(-DAY)
    expect(await dead.shouldRun(key(now() + MINUTE), TTL)).toBe(true)
    // Who was followed gives nothing back that is another's.
    await b.over('tidy: up')
    clock.move(MINUTE / 4)
    expect(await b.shouldRun(key(now() + 2 * MINUTE), TTL)).toBe(false)
  })

  test('long work is renewed: nobody else begins it, however long it takes', async () => {
    const { apps, turns } = await openTurning()
    const [a, b] = turns
    const quick = 600
    expect(await a.shouldRun(key(0), quick)).toBe(true)
    await apps[0].clock.sleep(3 * quick)
    expect(await b.shouldRun(key(MINUTE), quick)).toBe(false)
    await a.over('tidy: up')
    expect(await b.shouldRun(key(2 * MINUTE), quick)).toBe(true)
  })
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
  expect(await expireSessions(desk.app)).toBe(1)
  const { read } = desk.app.store
  expect((await read.select().from(read.sessions)).map(({ msisdn }) => msisdn)).toEqual(['+254700000902'])
  expect(await read.select().from(read.hops)).toHaveLength(1)
  expect(await expireSessions(desk.app)).toBe(0)
})

test('limits that are over are forgotten, however many, and no other', async () => {
  const { store, clock } = desk.app
  const at = clock.now()
  await store.work('limits', async (tx) => {
    for (let n = 0; n < 1_300; n++)
      await tx.insert(tx.limits).values({ key: `test:${n}`, count: 1, until: n % 13 === 0 ? at + 60_000 : at })
  })
  await forgetLimits(desk.app)
  const left = (await store.read.select().from(store.read.limits)).filter(({ key }) => key.startsWith('test:'))
  expect(left).toHaveLength(100)
  expect(left.every(({ until }) => until > at)).toBe(true)
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
