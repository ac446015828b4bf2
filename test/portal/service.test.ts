import { eq } from 'drizzle-orm'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addDays, nairobiDay } from '../../src/base/dates.ts'
import { faultsOf, isTooWide } from '../kit/axe.ts'
import { type Booted, boot } from '../kit/boot.ts'
import { openBrowser, press } from '../kit/browser.ts'
import { operate } from '../kit/operator.ts'
import { openPortalVisit } from '../kit/portal.ts'
import { settle } from '../kit/town.ts'

const ACHIENG = '+254700000901'
let service: Booted
let browser: Browser
beforeAll(async () => {
  ;[service, browser] = await Promise.all([boot(), openBrowser()])
  await settle(service.app)
  await operate(service.app, { account: { phone: ACHIENG, national_id: '99100001', pin: '830564' } })
  await operate(service.app, { deploy: { national_id: '99100001', job: 'KCSE26INV', centre: '42101002' }, publish: true })
  const today = nairobiDay(service.app.clock.now())
  await service.app.store.work('test', async (tx) => {
    await tx
      .update(tx.jobs)
      .set({ startsOn: addDays(today, -2), endsOn: addDays(today, 3) })
      .where(eq(tx.jobs.code, 'KCSE26INV'))
    await tx.update(tx.deployments).set({ reportOn: addDays(today, -2), status: 'accepted' })
    const [duty] = await tx.select().from(tx.deployments)
    if (!duty) return
    const { id: deploymentId, jobCode, centreCode, county } = duty
    const where = { deploymentId, jobCode, centreCode, county, by: 'head', at: 0 }
    await tx.insert(tx.attendance).values({ ...where, day: addDays(today, -2), mark: 'present' })
    await tx.insert(tx.attendance).values({ ...where, day: addDays(today, -1), mark: 'absent' })
  })
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await service?.close()
})

test('the days of a duty are shown as they were marked, and a wrong one is disputed once, without script', async () => {
  const { page, context } = await openPortalVisit(service, browser, { phone: ACHIENG })
  await page.goto(`${service.url}/portal/letters`)
  await press(page, 'text=My days, as they were marked')
  const main = async () => (await page.textContent('main')) ?? ''
  expect(await main()).toMatch(/not marked[\s\S]*absent[\s\S]*present/)
  const absent = page.locator('li').filter({ hasText: 'absent' })
  await absent.locator('summary').click()
  await absent.locator('input[name=reason]').fill('I was there all day')
  await Promise.all([page.waitForURL(/said=/), absent.locator('button').click()])
  expect(await main()).toContain('An officer will look at this day')
  expect(await main()).toContain('being looked at')
  const { read } = service.app.store
  const [row] = (await read.select().from(read.attendance)).filter(({ disputedAt }) => disputedAt !== null)
  expect(row?.mark).toBe('absent')
  expect(row?.disputeSealed).toMatch(/^v1\./)
  expect((await page.goto(`${service.url}/portal/days/nobody`))?.status()).toBe(404)
  await context.close()
  const looking = await openPortalVisit(service, browser, { phone: ACHIENG, script: true, width: 320 })
  await looking.page.goto(`${service.url}/portal/days/${row?.deploymentId}`)
  expect(await faultsOf(looking.page)).toEqual([])
  expect(await isTooWide(looking.page)).toBe(false)
})

test('schools are declared and taken back; an unknown code is said kindly', async () => {
  const { page } = await openPortalVisit(service, browser, { phone: ACHIENG })
  const main = async () => (await page.textContent('main')) ?? ''
  await page.goto(`${service.url}/portal/profile/schools`)
  await page.fill('#centre', '99999999')
  await press(page, 'form.narrow button')
  expect(await main()).toContain('No school has this centre code')
  await page.fill('#centre', '42102001')
  await page.selectOption('#why', 'interest')
  await press(page, 'form.narrow button')
  expect(await main()).toContain('Ziwa Kuu Boys')
  await press(page, 'text=Take back')
  expect(await main()).toContain('You have declared no school')
})
