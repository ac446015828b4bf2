import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROLES } from '../../src/officers/roles.ts'
import { faultsOf, isTooWide } from '../kit/axe.ts'
import { type Booted, boot } from '../kit/boot.ts'
import { openBrowser, press } from '../kit/browser.ts'
import { openOfficer, PASSWORD } from '../kit/console.ts'

let service: Booted
let browser: Browser
beforeAll(async () => {
  ;[service, browser] = await Promise.all([boot({ DEMO: '1' }), openBrowser()])
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await service?.close()
})
const at = (path: string) => `${service.url}/console${path}`

describe('coming in', () => {
  test('password, then a code that is good once; a wrong one is said and the next is taken', async () => {
    const { page, username, totp, used } = await openOfficer(service, browser, { role: 'clerk' })
    await press(page, 'form[action="/console/logout"] button')
    expect(await page.goto(at('')).then((response) => response?.status())).toBe(401)
    await page.fill('#username', username)
    await page.fill('#password', PASSWORD)
    await press(page, 'form.narrow button')
    // The code that was used to begin is worth nothing any more.
    await page.fill('#code', used)
    await press(page, 'form.narrow button')
    expect(await page.locator('#code-wrong').count()).toBe(1)
    await page.fill('#code', totp.generate({ timestamp: Date.now() + 30_000 }))
    await press(page, 'form.narrow button')
    expect(page.url()).toBe(at(''))
    await page.context().close()
  }, 60_000)

  test('a one-time link works once', async () => {
    const { page } = await openOfficer(service, browser, { role: 'administrator' })
    await page.goto(at('/officers/new'))
    await page.fill('#name', 'Made Up')
    await page.fill('#username', 'made.up')
    await press(page, 'main form button')
    const link = (await page.textContent('main'))?.match(/http\S+\/console\/begin\/[\w-]+/)?.[0] ?? ''
    expect((await fetch(link)).status).toBe(200)
    await page.goto(link)
    await page.fill('#password', PASSWORD)
    await press(page, 'form.narrow button')
    const secret = (await page.textContent('main code'))?.replaceAll(' ', '') ?? ''
    const { TOTP } = await import('otpauth')
    await page.fill('#code', new TOTP({ secret }).generate())
    await press(page, 'form.narrow button')
    expect((await fetch(link)).status).toBe(410)
    await page.context().close()
  }, 60_000)
})

describe('the rooms', () => {
  test.each(ROLES)(
    '%s: every link leads somewhere, what a role may not see is a 403, and axe finds no fault',
    async (role) => {
      const { page } = await openOfficer(service, browser, { role })
      for (const path of ['', '/account']) {
        expect((await page.goto(at(path)))?.status(), path).toBe(200)
        expect(await faultsOf(page), path).toEqual([])
        for (const href of await page
          .locator('a[href^="/console"]')
          .evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).href)))
          expect((await page.request.get(href)).status(), href).toBe(200)
      }
      const allowed = role === 'administrator' ? 200 : 403
      for (const path of ['/officers', '/officers/new']) expect((await page.goto(at(path)))?.status(), path).toBe(allowed)
      expect(await faultsOf(page)).toEqual([])
      await page.setViewportSize({ width: 320, height: 700 })
      await page.goto(at(''))
      expect(await isTooWide(page)).toBe(false)
      await page.context().close()
    },
    60_000,
  )
})
