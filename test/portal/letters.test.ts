import { eq } from 'drizzle-orm'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { faultsOf } from '../kit/axe.ts'
import { type Booted, boot } from '../kit/boot.ts'
import { openBrowser, press } from '../kit/browser.ts'
import { operate } from '../kit/operator.ts'
import { openPortalVisit } from '../kit/portal.ts'
import { settle } from '../kit/town.ts'

const [ACHIENG, BARAKA] = ['+254700000901', '+254700000902'] as const
let service: Booted
let browser: Browser
beforeAll(async () => {
  ;[service, browser] = await Promise.all([boot(), openBrowser()])
  const { app } = service
  await settle(app)
  await operate(app, { account: { phone: ACHIENG, national_id: '99100001', pin: '830564' } })
  await operate(app, { deploy: { national_id: '99100001', job: 'KCSE26INV', centre: '42101002' }, publish: true })
  await operate(app, { reserve: { national_id: '99100002', job: 'KCSE26INV' } })
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await service?.close()
})

test.each([
  ['en', 'Please say why you decline.'],
  ['sw', 'Tafadhali eleza kwa nini unakataa.'],
] as const)('a duty cannot be declined without a reason, in %s', async (language, asked) => {
  const { page, context } = await openPortalVisit(service, browser, { phone: ACHIENG, script: true })
  await page.goto(`${service.url}/portal/letters?lang=${language}`)
  expect(await page.locator('form[action$="/decline"]').count()).toBe(1)
  await page.locator('main details summary').click()
  expect(await faultsOf(page)).toEqual([])
  // A browser that does not hold people to `required` sends nothing but blanks.
  await page.fill('input[name=reason]', '   ')
  await press(page, 'form[action$="/decline"] button')
  expect(await page.textContent('body')).toContain(asked)
  expect(await page.locator('form[action$="/decline"]').count()).toBe(1)
  await context.close()
})

test('declined on the web with a reason, the letter is void, the words are kept sealed, and the reserve is asked at once', async () => {
  const { app } = service
  const { read } = app.store
  const { page, context } = await openPortalVisit(service, browser, { phone: ACHIENG })
  await page.goto(`${service.url}/portal/letters?lang=en`)
  await page.locator('main details summary').click()
  await page.fill('input[name=reason]', 'My child is ill')
  await press(page, 'form[action$="/decline"] button')
  expect(await page.textContent('main')).toContain('declined')
  expect(await page.locator('form[action$="/accept"], form[action$="/decline"], a[href$="/pdf"]').count()).toBe(0)
  await context.close()
  const [mine] = await read.select().from(read.deployments).where(eq(read.deployments.status, 'declined'))
  expect(mine).toMatchObject({ held: null })
  expect(app.keyring.open(`deployments.reason:${mine?.id}`, mine?.reasonSealed ?? '')).toBe('My child is ill')
  expect(mine?.reasonSealed).not.toContain('child')
  const letters = await read
    .select()
    .from(read.letters)
    .where(eq(read.letters.deploymentId, mine?.id ?? ''))
  expect(letters.every(({ revokedAt }) => revokedAt !== null)).toBe(true)
  await service.phone(ACHIENG).waitForSms('You declined KCSE Invigilator')
  const offered = await service.phone(BARAKA).waitForSms('KCSE Invigilator, Kilima Kirefu Girls')
  expect(offered.text).toContain('/l/')
})
