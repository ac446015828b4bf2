import { eq } from 'drizzle-orm'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addDays, nairobiDay } from '../../src/base/dates.ts'
import { faultsOf, isTooWide } from '../kit/axe.ts'
import { type Booted, boot } from '../kit/boot.ts'
import { openBrowser, press } from '../kit/browser.ts'
import { openOfficer } from '../kit/console.ts'

let service: Booted
let browser: Browser
let page: Page
const today = nairobiDay(Date.now())
beforeAll(async () => {
  ;[service, browser] = await Promise.all([boot({ DEMO: '1' }), openBrowser()])
  ;({ page } = await openOfficer(service, browser, { role: 'officer' }))
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await service?.close()
})
const at = (path: string) => `${service.url}/console${path}`
const jobNow = async (code: string) => {
  const { read } = service.app.store
  const [job] = await read.select().from(read.jobs).where(eq(read.jobs.code, code))
  return job
}

async function fill(on: Page, values: Record<string, string>) {
  for (const [name, value] of Object.entries(values))
    if (['role', 'min_qualification'].includes(name)) await on.selectOption(`#${name}`, value)
    else await on.fill(`#${name}`, value)
}
const sample = {
  code: 'KCSE26TRY',
  title: 'KCSE invigilator (trial)',
  title_sw: 'Msimamizi wa KCSE (jaribio)',
  exam: 'KCSE2026',
  role: 'invigilator',
  opens_on: today,
  closes_on: addDays(today, 10),
  starts_on: addDays(today, 200),
  ends_on: addDays(today, 210),
  places: '5',
  daily_rate_kes: '550',
}

describe('a job', () => {
  test('is written as a draft: wrong fields are said in words, sent twice it is written once', async () => {
    await page.goto(at('/jobs/new'))
    for (const [name, value] of [
      ['daily_rate_kes', 'much'],
      ['closes_on', addDays(today, -20)],
    ] as const) {
      await fill(page, { ...sample, [name]: value })
      await press(page, 'form.narrow button')
      expect(await page.locator(`#${name}-wrong`).count(), name).toBe(1)
    }
    expect(await page.inputValue('#title')).toBe(sample.title)
    expect(await faultsOf(page)).toEqual([])
    await fill(page, sample)
    await press(page, 'form.narrow button')
    expect(page.url()).toContain('/console/jobs/KCSE26TRY')
    await page.goto(at('/jobs/new'))
    await fill(page, sample)
    await press(page, 'form.narrow button')
    expect(page.url()).toContain('/console/jobs/KCSE26TRY')
    await page.goto(at('/jobs/new'))
    await fill(page, { ...sample, title: 'Another' })
    await press(page, 'form.narrow button')
    expect(await page.textContent('#code-wrong')).toContain('Another job')
    expect(await jobNow('KCSE26TRY')).toMatchObject({ draft: true, title: sample.title, taken: 0 })
  }, 60_000)

  test('is seen on a phone in both languages before anybody else sees it, each screen within 160 septets', async () => {
    await page.goto(at('/jobs/KCSE26TRY'))
    const screens = await page.locator('pre.phone').allTextContents()
    expect(screens.length).toBeGreaterThanOrEqual(8)
    expect(screens.join('\n')).toContain('1. KCSE invigilator (trial)')
    expect(screens.join('\n')).toContain('Msimamizi wa KCSE (jaribio)')
    expect(screens.join('\n')).toContain('KES 550 kwa siku')
    for (const caption of await page.locator('figure.screen figcaption').allTextContents())
      expect(Number(/^\d+/.exec(caption)?.[0])).toBeLessThanOrEqual(160)
    expect(await faultsOf(page)).toEqual([])
    await page.setViewportSize({ width: 320, height: 700 })
    expect(await isTooWide(page)).toBe(false)
    await page.setViewportSize({ width: 1280, height: 900 })
    expect((await service.phone('+254700000002').dial()).text).not.toContain('trial')
  }, 60_000)

  test('is changed by one of two officers; the other hears what changed and loses nothing', async () => {
    const second = await openOfficer(service, browser, { role: 'officer' })
    for (const each of [page, second.page]) await each.goto(at('/jobs/KCSE26TRY/edit'))
    await page.fill('#title', 'KCSE invigilator, trial run')
    await press(page, 'form.narrow button')
    await second.page.fill('#title', `A title "in quotes" that is much too long for any phone <b>`)
    await second.page.fill('#daily_rate_kes', '600')
    await press(second.page, 'form.narrow button')
    const said = (await second.page.textContent('[role=alert]')) ?? ''
    expect(said).toContain('Another officer changed this job')
    expect(said).toContain('KCSE invigilator, trial run')
    expect(await second.page.inputValue('#title')).toContain('in quotes')
    expect(await jobNow('KCSE26TRY')).toMatchObject({ title: 'KCSE invigilator, trial run', dailyRateKes: 550 })
    await press(second.page, 'form.narrow button')
    expect(await jobNow('KCSE26TRY')).toMatchObject({ dailyRateKes: 600 })
    expect(await second.page.textContent('section[lang=en]')).toContain('cuts this title')
    await second.page.goto(at('/jobs/KCSE26TRY/edit'))
    await second.page.fill('#title', sample.title)
    await press(second.page, 'form.narrow button')
    await second.context.close()
  }, 60_000)

  test('is published, found by phone, extended, closed, and then gone', async () => {
    const phone = service.phone('+254700000002')
    const lists = async () => {
      const dialled = await phone.dial()
      const shown = await phone.reply('1')
      let all = shown.text
      for (let more = 0; more < 4 && /98/.test(all.split('\n').at(-1) ?? ''); more++) all += `\n${(await phone.reply('98')).text}`
      return `${dialled.text}\n${all}`
    }
    await page.goto(at('/jobs/KCSE26TRY'))
    await press(page, 'form[action$="/publish"] button')
    expect(await page.textContent('.good')).toContain('Published')
    expect(await lists()).toContain('(trial)')
    // What decides who qualifies cannot change any more.
    await page.goto(at('/jobs/KCSE26TRY/edit'))
    expect(await page.locator('#county, #subjects, #closes_on').count()).toBe(0)
    await page.goto(at('/jobs/KCSE26TRY'))
    await page.fill('#closes_on', addDays(today, 30))
    await press(page, 'form[action$="/extend"] button')
    expect(await jobNow('KCSE26TRY')).toMatchObject({ closesOn: addDays(today, 30) })
    await page.click('details:has(form[action$="/close"]) summary')
    await press(page, 'form[action$="/close"] button')
    expect(await page.textContent('.good')).toContain('Closed')
    expect(await lists()).not.toContain('(trial)')
    await page.goto(at('/jobs?state=closed'))
    expect(await page.textContent('table')).toContain('KCSE26TRY')
    expect(await faultsOf(page)).toEqual([])
  }, 60_000)

  test('a draft is thrown away; a published one cannot be', async () => {
    await page.goto(at('/jobs/new'))
    await fill(page, { ...sample, code: 'KCSE26AWAY' })
    await press(page, 'form.narrow button')
    await press(page, 'form[action$="/drop"] button')
    expect(await jobNow('KCSE26AWAY')).toBeUndefined()
    await page.goto(at('/jobs/KCSE26TRY'))
    expect(await page.locator('form[action$="/drop"]').count()).toBe(0)
  }, 60_000)
})

test('a clerk reads; an officer of a county writes for that county only', async () => {
  const clerk = await openOfficer(service, browser, { role: 'clerk' })
  await clerk.page.goto(at('/jobs'))
  expect(await clerk.page.locator('tbody tr').count()).toBeGreaterThan(5)
  expect((await clerk.page.goto(at('/jobs/new')))?.status()).toBe(403)
  await clerk.context.close()
  const county = await openOfficer(service, browser, { role: 'officer', counties: ['Kisumu'] })
  expect((await county.page.goto(at('/jobs/KCSE26TRY')))?.status()).toBe(200)
  expect(await county.page.locator('main form').count()).toBe(0)
  expect((await county.page.goto(at('/jobs/KCSE26TRY/edit')))?.status()).toBe(404)
  await county.page.goto(at('/jobs/new'))
  await fill(county.page, { ...sample, code: 'KSM26', county: 'Lamu' })
  await press(county.page, 'form.narrow button')
  expect(await county.page.textContent('#county-wrong')).toContain('your own')
  await county.page.fill('#county', 'Kisumu')
  await press(county.page, 'form.narrow button')
  expect(await jobNow('KSM26')).toMatchObject({ county: 'Kisumu', draft: true })
  const elsewhere = await openOfficer(service, browser, { role: 'officer', counties: ['Lamu'] })
  expect((await elsewhere.page.goto(at('/jobs/KSM26')))?.status()).toBe(404)
  await elsewhere.context.close()
  await county.context.close()
}, 60_000)
