import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addDays, DAY, nairobiDay } from '../../src/base/dates.ts'
import { keepTraffic, trafficOf } from '../../src/ussd/traffic.ts'
import { faultsOf, isTooWide } from '../kit/axe.ts'
import { type Booted, boot } from '../kit/boot.ts'
import { openBrowser } from '../kit/browser.ts'
import { openOfficer } from '../kit/console.ts'

let service: Booted
let browser: Browser
let page: Page
beforeAll(async () => {
  ;[service, browser] = await Promise.all([boot({ DEMO: '1' }), openBrowser()])
  ;({ page } = await openOfficer(service, browser, { role: 'clerk' }))
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await service?.close()
})
const at = (path: string) => `${service.url}/console${path}`

test('counts what was shown and where calls ended, the same when it is counted twice', async () => {
  // Two who look at the jobs, one who hangs up at once.
  for (const number of ['+254700000002', '+254700000003']) {
    const phone = service.phone(number)
    await phone.dial()
    await phone.reply('1')
  }
  await service.phone('+254700000004').dial()
  const today = nairobiDay(Date.now())
  const counted = Object.fromEntries((await trafficOf(service.app, today)).map((row) => [row.screen, row]))
  expect(counted.home).toMatchObject({ shown: 3, left: 1 })
  expect((counted.jobs?.shown ?? 0) + (counted.jobs_none?.shown ?? 0)).toBe(2)
  expect((counted.jobs?.left ?? 0) + (counted.jobs_none?.left ?? 0)).toBe(2)

  const tomorrow = { ...service.app, clock: { ...service.app.clock, now: () => Date.now() + DAY } }
  await keepTraffic(tomorrow)
  await keepTraffic(tomorrow)
  const { read } = service.app.store
  const kept = await read.select().from(read.traffic)
  expect(kept.filter(({ screen }) => screen === 'home')).toEqual([{ day: today, screen: 'home', shown: 3, left: 1 }])

  // Yesterday's, as an officer sees it in the morning.
  await service.app.store.work('traffic', (tx) => tx.update(tx.traffic).set({ day: addDays(today, -1) }))
  await page.goto(at('/menus'))
  const row = page.locator('tbody tr', { has: page.locator('a[href$="/menus/home"]') })
  expect(await row.locator('td.right').allTextContents()).toEqual(['3', '33 %'])
  expect(await page.locator('svg a[href$="/menus/home"]').textContent()).toBe('home3 · 33 %')
}, 60_000)

test('shows every screen as a box and as a row, each with its words in both languages within 160 septets', async () => {
  await page.goto(at('/menus'))
  expect(await faultsOf(page)).toEqual([])
  const names = await page.locator('tbody a').allTextContents()
  expect(names.length).toBeGreaterThan(40)
  expect(new Set(names).size).toBe(names.length)
  expect(await page.locator('.tree svg a').count()).toBe(names.length)
  for (const name of names) {
    const answer = await page.request.get(at(`/menus/${name}`))
    expect(answer.status(), name).toBe(200)
    for (const [, septets] of (await answer.text()).matchAll(/<figcaption>(\d+) of 160/g))
      expect(Number(septets), name).toBeLessThanOrEqual(160)
  }
  await page.goto(at('/menus/job'))
  expect(await page.textContent('section[lang=en]')).toContain('Apply by')
  expect(await page.textContent('section[lang=sw]')).toContain('Omba kabla ya')
  expect(await faultsOf(page)).toEqual([])
  for (const name of ['constructor', 'apply', 'nothing'])
    expect((await page.goto(at(`/menus/${name}`)))?.status(), name).toBe(404)
  await page.setViewportSize({ width: 320, height: 700 })
  for (const path of ['/menus', '/menus/job']) {
    await page.goto(at(path))
    expect(await isTooWide(page), path).toBe(false)
  }
}, 60_000)
