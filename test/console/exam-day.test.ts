import { eq, inArray } from 'drizzle-orm'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dayCode } from '../../src/attendance/day-code.ts'
import { applyHeads, headRow } from '../../src/attendance/heads.ts'
import { disputePlace } from '../../src/attendance/own.ts'
import { addDays, nairobiDay } from '../../src/base/dates.ts'
import { writeRules } from '../../src/jobs/rules.ts'
import type { Tx } from '../../src/store/store.ts'
import { expectSound } from '../kit/axe.ts'
import { type Booted, boot } from '../kit/boot.ts'
import { openBrowser, press } from '../kit/browser.ts'
import { openOfficer } from '../kit/console.ts'

let service: Booted
let browser: Browser
let officer: Page
let job: Tx['jobs']['$inferSelect']
beforeAll(async () => {
  ;[service, browser] = await Promise.all([boot({ DEMO: '1' }), openBrowser()])
  const { read } = service.app.store
  ;[job] = (await read.select().from(read.jobs)).filter(({ code }) => /^KCSE\d+INV$/.test(code)) as [typeof job]
  const { deployments: d, applications: a } = read
  const deployed = new Set((await read.select().from(d)).map(({ personId }) => personId))
  const chosen = (await read.select().from(a).where(eq(a.jobCode, job.code)))
    .filter(({ personId }) => !deployed.has(personId))
    .slice(0, 30)
  expect(chosen.length).toBeGreaterThan(10)
  const ids = chosen.map(({ id }) => id)
  await service.app.store.work('test', (tx) => tx.update(a).set({ status: 'successful' }).where(inArray(a.id, ids)))
  officer = (await openOfficer(service, browser, { role: 'officer' })).page
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await service?.close()
})

const goTo = (path: string, page = officer) => page.goto(`${service.url}/console/${path}`)
const main = async (page = officer) => (await page.textContent('main')) ?? ''
const sound = (page = officer) => expectSound(page)
/** Until the run whose page is open has done its work. */
async function runOver(page = officer) {
  const id = decodeURIComponent(page.url().split('/runs/')[1] ?? '')
  const { read } = service.app.store
  for (;;) {
    const [run] = await read.select().from(read.runs).where(eq(read.runs.id, id))
    if (run?.state === 'done') return run
    if (run === undefined || run.state === 'failed') throw new Error(`the run ${id}: ${run?.why}`)
    await service.app.clock.sleep(50)
  }
}
const plans = async () => service.app.store.read.select().from(service.app.store.read.plans)
const placements = async (plan: string) => {
  const { placements: p } = service.app.store.read
  return service.app.store.read.select().from(p).where(eq(p.planId, plan))
}

describe('plans', () => {
  test('needs stand beside the supply by county and sub-county, and a plan is made in the background', async () => {
    await goTo(`plans/${job.code}`)
    expect(await main()).toMatch(/Needs beside the supply/)
    expect(await main()).toMatch(/short|enough/)
    await sound()
    await press(officer, 'tbody th a')
    expect(await main()).toContain('Sub-county')
    await goTo(`plans/${job.code}`)
    // Sent twice it is one plan.
    const form = officer.locator('form[method=post]').filter({ hasText: 'Make a plan' })
    const fields = await form
      .locator('input')
      .evaluateAll((inputs) => inputs.map((each) => [(each as HTMLInputElement).name, (each as HTMLInputElement).value]))
    await officer.request.post(`${service.url}/console/plans/${job.code}`, {
      form: Object.fromEntries(fields) as Record<string, string>,
    })
    await press(officer, 'form[method=post] >> text=Make a plan')
    await runOver()
    expect(await plans()).toHaveLength(1)
    await goTo(`plans/${job.code}`)
    expect(await main()).toContain('ready to look at')
  })

  test('a plan says what it fills and why not, and takes an officer’s hand; refusals are in words', async () => {
    const [plan] = await plans()
    await goTo(`plans/one/${plan?.id}`)
    expect(await main()).toMatch(/Proven: no plan/)
    await sound()
    await press(officer, 'tbody th a')
    await sound()
    const fresh = (await placements(plan?.id ?? '')).filter(({ kind }) => kind === 'new')
    const [someone] = fresh
    if (!someone) throw new Error('the demonstration plans nobody')
    const station = `plans/one/${plan?.id}/station/${someone.centreCode}`
    await goTo(station)
    await sound()
    const [person] = await service.app.store.read
      .select()
      .from(service.app.store.read.people)
      .where(eq(service.app.store.read.people.id, someone.personId))
    const row = officer.locator('tr').filter({ has: officer.locator(`input[value="${someone.personId}"]`) })
    await row.locator('input[name=to]').fill(person?.workstationCode ?? '')
    await Promise.all([officer.waitForLoadState(), row.locator('button').click()])
    await officer.waitForSelector('[role=alert]')
    expect(await main()).toMatch(/may not serve there|needs nobody/)
    await goTo(station)
    const again = officer.locator('tr').filter({ has: officer.locator(`input[value="${someone.personId}"]`) })
    await Promise.all([officer.waitForURL(/said=/), again.locator('button').click()])
    expect(await main()).toContain('Changed in the plan')
    expect((await placements(plan?.id ?? '')).map(({ personId }) => personId)).not.toContain(someone.personId)
  })

  test('a marker’s job of two subjects is not planned, and the page says what to do', async () => {
    const exam = 'TRIAL2026'
    const { app } = service
    await app.store.work('test', async (tx) => {
      const trial = { code: 'TRIALEXM', codeKey: 'TRIALEXM', exam, role: 'examiner' as const, subjects: ['art', 'music'] }
      await tx.insert(tx.jobs).values({ ...job, ...trial })
      const scene = { tx, at: app.clock.now(), actor: { via: 'cli', name: 'test', signed: false, language: 'en' } as const }
      await writeRules(scene, exam, { marking: { '01001001': { art: 3, music: 2 } } })
    })
    await goTo('plans/TRIALEXM')
    expect(await main()).toContain('make one job for each subject')
    await press(officer, 'form[method=post] >> text=Make a plan')
    expect(await officer.textContent('[role=alert], .problem')).toContain('make one job for each subject')
    await sound()
  })

  test('two plans are compared, one is adopted once, and what was released stays', async () => {
    await goTo(`plans/${job.code}`)
    await press(officer, 'form[method=post] >> text=Make a plan')
    await runOver()
    await goTo(`plans/${job.code}`)
    await press(officer, 'form.filters button')
    expect(await main()).toMatch(/1 come in/)
    await sound()
    const { deployments: d } = service.app.store.read
    const before = (await service.app.store.read.select().from(d)).filter(({ status }) => status !== 'draft')
    const latest = (await plans()).sort((a, b) => b.at - a.at)[0]
    await goTo(`plans/one/${latest?.id}/adopt`)
    expect(await main()).toContain('Nobody is told')
    await press(officer, 'main form button')
    await runOver()
    const rows = await service.app.store.read.select().from(d)
    for (const row of before) expect(rows.find(({ id }) => id === row.id)).toEqual(row)
    expect(rows.filter(({ origin }) => origin === 'plan').length).toBe(latest?.summary.fresh)
    const older = (await plans()).sort((a, b) => a.at - b.at)[0]
    await goTo(`plans/one/${older?.id}/adopt`)
    await press(officer, 'main form button')
    expect(await main()).toContain('Another plan of this job was adopted')
  })

  test('an officer of one county sees that county and makes no plan', async () => {
    const [plan] = await plans()
    const rows = await placements(plan?.id ?? '')
    // Where somebody was released before, a station that needs nobody now may keep them.
    const county = rows.find(({ kind }) => kind === 'new')?.county ?? ''
    const { page } = await openOfficer(service, browser, { role: 'officer', counties: [county] })
    await goTo(`plans/one/${plan?.id}`, page)
    expect(await page.locator('tbody tr').count()).toBe(1)
    expect(await page.locator('text=Adopt this plan').count()).toBe(0)
    const elsewhere = rows.find((row) => row.county !== county)
    expect((await goTo(`plans/one/${plan?.id}/station/${elsewhere?.centreCode}`, page))?.status()).toBe(404)
    expect((await goTo(`plans/one/${plan?.id}/county/${elsewhere?.county}`, page))?.status()).toBe(404)
    await goTo(`plans/${job.code}`, page)
    expect(await main(page)).not.toContain('Make a plan')
  })
})

describe('places given up', () => {
  test('stand in a list, and a deployment shows everybody who has held its place', async () => {
    const { app } = service
    const { deployments: d } = app.store.read
    const [first, second] = (await app.store.read.select().from(d)).filter(({ origin }) => origin === 'plan')
    if (!first || !second) throw new Error('nobody was planned')
    await app.store.work('test', async (tx) => {
      await tx.update(tx.deployments).set({ status: 'declined', held: null }).where(eq(tx.deployments.id, first.id))
      const place = { jobCode: first.jobCode, centreCode: first.centreCode, county: first.county, seat: first.seat ?? 0 }
      await tx
        .update(tx.deployments)
        .set({ ...place, held: first.held, offeredFrom: first.id, origin: 'reserve' })
        .where(eq(tx.deployments.id, second.id))
      await tx.insert(tx.openings).values({ ...place, id: first.id, why: 'declined', state: 'offered', at: 1, changedAt: 1 })
    })
    await goTo('openings')
    expect(await main()).toContain('Nothing here')
    await goTo('openings?state=offered')
    expect(await main()).toContain('said no')
    await sound()
    await press(officer, 'tbody a')
    expect(await main()).toMatch(/Who has held this place[\s\S]*Declined[\s\S]*from the reserve list/)
    await sound()
  })
})

describe('staffing', () => {
  let duty: Tx['deployments']['$inferSelect']
  const today = () => nairobiDay(service.app.clock.now())
  beforeAll(async () => {
    const { app } = service
    await app.store.work('test', async (tx) => {
      await tx
        .update(tx.jobs)
        .set({ startsOn: today(), endsOn: addDays(today(), 5) })
        .where(eq(tx.jobs.code, job.code))
      await tx.update(tx.deployments).set({ reportOn: today() }).where(eq(tx.deployments.jobCode, job.code))
    })
    const { deployments: d } = app.store.read
    ;[duty] = (await app.store.read.select().from(d).where(eq(d.jobCode, job.code))).filter(
      ({ status, held }) => status === 'released' && held !== null,
    ) as [typeof duty]
    const head = headRow.parse({ centre_code: duty.centreCode, name: 'Peter Mwangi', phone: '0700000951' })
    const by = { via: 'cli', name: 'test', signed: false, language: 'en' } as const
    await app.store.work(
      'test',
      async (tx) => void (await applyHeads({ tx, at: app.clock.now(), tools: app, actor: by }, [head])),
    )
  })

  test('shows the gaps first, by county, by station, and the station with its people and the day’s code', async () => {
    await goTo('staffing')
    expect(await main()).toMatch(/[\d,]+ of [\d,]+ are not known to be there/)
    await sound()
    const gapsOf = async (table: number, page = officer) =>
      (await page.locator('table').nth(table).locator('tbody tr td:nth-child(2)').allTextContents()).map((text) =>
        Number(text.replace(/\D/g, '')),
      )
    // Counties, and below them the worst stations of all counties, so that headquarters need not open each.
    for (const table of [0, 1]) {
      const gaps = await gapsOf(table)
      expect(gaps.length).toBeGreaterThan(1)
      expect(gaps).toEqual([...gaps].sort((a, b) => b - a))
    }
    expect(await gapsOf(1)).not.toContain(0)
    // Stations of the plan that nobody was sent to are among them.
    const { planNeeds, deployments: all } = service.app.store.read
    const held = new Set((await service.app.store.read.select().from(all)).filter((row) => row.held).map((row) => row.centreCode))
    const empty = (await service.app.store.read.select().from(planNeeds)).find(({ centreCode }) => !held.has(centreCode))
    if (empty) {
      await goTo(`staffing?county=${encodeURIComponent(empty.county)}&job=${job.code}`)
      expect(await main()).toContain(empty.centreCode)
    }
    const narrow = await openOfficer(service, browser, { role: 'officer', counties: [duty.county] })
    await goTo('staffing', narrow.page)
    expect(await narrow.page.locator('table').nth(0).locator('tbody tr').count()).toBe(1)
    const places = await narrow.page.locator('table').nth(1).locator('tbody th small').allTextContents()
    expect(places.every((text) => text.endsWith(`, ${duty.county}`))).toBe(true)
    await goTo(`staffing?county=${encodeURIComponent(duty.county)}&job=${job.code}`)
    await sound()
    await goTo(`staffing/${duty.centreCode}`)
    expect(await main()).toContain(dayCode(service.app, duty.centreCode, today()))
    expect(await main()).toContain('Peter Mwangi')
    await sound()
    const row = officer.locator('tr').filter({ has: officer.locator(`input[value="${duty.id}"]`) })
    await row.locator('select').selectOption('late')
    await Promise.all([officer.waitForURL(/said=/), row.locator('button').click()])
    expect(await main()).toContain('late (by an officer)')
    await press(officer, 'text=Send the head a new one-time PIN')
    expect(await main()).toContain('is on its way')
    const { page } = await openOfficer(service, browser, { role: 'officer', counties: ['Lamu'] })
    expect((await goTo(`staffing/${duty.centreCode}`, page))?.status()).toBe(duty.county === 'Lamu' ? 200 : 404)
    const clerk = await openOfficer(service, browser, { role: 'clerk' })
    await goTo(`staffing/${duty.centreCode}`, clerk.page)
    expect(await clerk.page.locator('select[name=mark]').count()).toBe(0)
    await goTo('staffing?day=2020-01-01')
    expect(await main()).toContain('No job is on duty on this day')
  })

  test('a disputed day is read, which is recorded, and decided once', async () => {
    const { app } = service
    await app.store.work('test', (tx) =>
      tx
        .update(tx.attendance)
        .set({
          disputedAt: app.clock.now(),
          disputeSealed: app.keyring.seal(disputePlace(duty.id, today()), 'I came at six'),
          settledBy: null,
        })
        .where(eq(tx.attendance.deploymentId, duty.id)),
    )
    await goTo('disputes')
    expect(await main()).toContain('I came at six')
    await sound()
    await officer.selectOption('select[name=mark]', 'present')
    await press(officer, 'main form button')
    expect(await main()).toContain('The person is told by SMS')
    expect(await main()).toContain('Nobody disputes a day')
    const { read } = app.store
    const [row] = await read.select().from(read.attendance).where(eq(read.attendance.deploymentId, duty.id))
    expect(row).toMatchObject({ mark: 'present' })
    const trail = await read.select().from(read.audit).where(eq(read.audit.action, 'attendance.read_dispute'))
    expect(trail.map(({ subject }) => subject)).toContain(duty.personId)
  })
})
