import { eq, inArray } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { operator } from '../../src/acting.ts'
import { MINUTE } from '../../src/base/dates.ts'
import { type Client, enter } from '../../src/bench/client.ts'
import { RELEASE_RUN } from '../../src/deployments/release.ts'
import { newOfficer } from '../../src/officers/manage.ts'
import { startRun } from '../../src/runs/run.ts'
import { type Booted, boot } from '../kit/boot.ts'

let service: Booted
beforeAll(async () => {
  service = await boot({ DEMO: '1' })
}, 60_000)
afterAll(() => service?.close())

const DRAFTS = ['r1', 'r2', 'r3']

async function officer(username: string): Promise<{ client: Client; id: string }> {
  const added = await newOfficer(service.app, operator, { username, name: 'Made Up', role: 'officer', counties: [] })
  if (added === 'taken') throw new Error('the username is taken')
  return { client: await enter(service.url, added.link), id: added.id }
}

test('a release is stopped and let go on by the buttons of its page; nobody else has them, and nobody is told twice', async () => {
  const { app } = service
  const { read } = app.store
  const [mine, other] = [await officer('runs.mine'), await officer('runs.other')]
  const deployed = new Set((await read.select().from(read.deployments)).map(({ personId }) => personId))
  const free = (await read.select().from(read.people)).filter(({ id, status }) => !deployed.has(id) && status === 'vetted')
  const [job] = (await read.select().from(read.jobs)).filter(({ code }) => /^KCSE\d+INV$/.test(code))
  const [station] = await read.select().from(read.stations).limit(1)
  if (!job || !station) throw new Error('the demonstration has no exam')
  const { centreCode, county } = station
  await app.store.work('test', async (tx) => {
    await tx.delete(tx.deployments).where(eq(tx.deployments.status, 'draft'))
    const place = { jobCode: job.code, centreCode, county, reportOn: job.startsOn, reportAt: '07:00' }
    for (const [n, id] of DRAFTS.entries())
      await tx
        .insert(tx.deployments)
        .values({ ...place, id, personId: free[n]?.id ?? '', status: 'draft', letterVersion: 0, changedAt: 0 })
    const scene = { tx, at: app.clock.now(), tools: app }
    const input = { job: job.code, before: app.clock.now() }
    await startRun(scene, { kind: RELEASE_RUN, input, of: DRAFTS.length, by: `officer:${mine.id}`, id: 'a-release' })
    // As if another process were at it, so that it is still under way when the button is pressed.
    await tx
      .update(tx.runs)
      .set({ state: 'running', lease: 'other', leaseUntil: app.clock.now() + MINUTE })
      .where(eq(tx.runs.id, 'a-release'))
  })
  const state = async () => (await read.select().from(read.runs).where(eq(read.runs.id, 'a-release')))[0]?.state
  const letters = async () => (await read.select().from(read.letters).where(inArray(read.letters.deploymentId, DRAFTS))).length
  const [page, stop, resume] = ['', '/stop', '/resume'].map((path) => `/console/runs/a-release${path}`) as [
    string,
    string,
    string,
  ]

  await other.client.get('/console/account')
  for (const path of [stop, resume]) expect(await other.client.statusOf(path, {})).toBe(404)
  expect(await state()).toBe('running')
  expect(await mine.client.get(page)).toMatch(/action="\/console\/runs\/a-release\/stop"/)
  expect(await mine.client.post(stop, {})).toMatch(/action="\/console\/runs\/a-release\/resume"/)
  expect(await state()).toBe('stopped')
  await app.clock.sleep(700)
  expect(await letters()).toBe(0)
  await mine.client.post(resume, {})
  while ((await state()) !== 'done') await app.clock.sleep(50)
  expect(await letters()).toBe(DRAFTS.length)
  // Pressed once more, both buttons do nothing to what is over.
  await mine.client.get('/console/account')
  for (const path of [stop, resume]) await mine.client.post(path, {})
  expect(await state()).toBe('done')
  expect(await letters()).toBe(DRAFTS.length)
  const trail = (await read.select().from(read.audit)).filter(({ action }) => action.startsWith('runs.'))
  expect(trail.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
    'runs.stop done',
    'runs.resume done',
    'runs.stop over',
    'runs.resume over',
  ])
}, 60_000)
