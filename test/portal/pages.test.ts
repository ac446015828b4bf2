import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { faultsOf, isTooWide } from '../kit/axe.ts'
import { type Booted, boot } from '../kit/boot.ts'
import { openBrowser, press } from '../kit/browser.ts'
import { operate } from '../kit/operator.ts'
import { CHOSEN, openPortalVisit } from '../kit/portal.ts'
import { profileAnswers, settle } from '../kit/town.ts'

const ACHIENG = '+254700000901'
const BARAKA = '+254700000902'
const ESTHER = '+254700000905'
let service: Booted
let browser: Browser
beforeAll(async () => {
  ;[service, browser] = await Promise.all([boot(), openBrowser()])
  await settle(service.app)
  await operate(service.app, { account: { phone: ACHIENG, national_id: '99100001', pin: '830564' } })
  await operate(service.app, { account: { phone: BARAKA, national_id: '99100002', pin: '830564', profile: 'none' } })
  await operate(service.app, { deploy: { national_id: '99100001', job: 'KCSE26EXM-MAT', centre: '42101002' }, publish: true })
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await service?.close()
})

const ROOMS = [
  '',
  '/jobs',
  '/jobs/KCSE26INV',
  '/applications',
  '/letters',
  '/pay',
  '/profile',
  '/profile/kin',
  '/profile/schools',
  '/messages',
  '/privacy',
  '/security',
]
const at = (path: string) => `${service.url}/portal${path}`

describe('every page of the portal', () => {
  test.each(['en', 'sw'])(
    'in %s: no fault that axe finds, no script, under 14 KB, no wider than 320 px',
    async (language) => {
      const { page, context } = await openPortalVisit(service, browser, { phone: ACHIENG, script: true, width: 320 })
      await page.goto(at(`?lang=${language}`))
      for (const room of ROOMS) {
        const response = await page.goto(at(room))
        expect(response?.status(), room).toBe(200)
        const source = (await response?.text()) ?? ''
        expect(Buffer.byteLength(source), room).toBeLessThan(14_000)
        expect(source, room).not.toMatch(/<script|javascript:|\son\w+=/i)
        expect(source).toContain(`<html lang="${language}"`)
        expect(await isTooWide(page), room).toBe(false)
        expect(await faultsOf(page), room).toEqual([])
        for (const href of await page
          .locator('a[href^="/portal"]')
          .evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).href)))
          expect((await page.request.get(href)).status(), `${room} leads to ${href}`).toBeLessThan(400)
      }
      await context.close()
    },
    90_000,
  )

  test('is closed to whoever is not logged in, and leads back after the login', async () => {
    for (const room of ROOMS) expect((await fetch(at(room))).status, room).toBe(401)
    const { page, context } = await openPortalVisit(service, browser, { phone: BARAKA })
    await press(page, 'header form button, nav form button, aside form button, .aside button')
    await page.goto(at('/letters'))
    await page.fill('#username', BARAKA)
    await page.fill('#password', CHOSEN)
    await press(page, 'main form button')
    expect(page.url()).toBe(at('/letters'))
    await context.close()
  }, 60_000)
})

describe('without script', () => {
  test('a new account: the page says the same to a stranger, and the one-time password comes by SMS', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    const create = async (phone: string, id: string) => {
      await page.goto(at('/new'))
      await page.fill('#phone', phone)
      await page.fill('#phone_again', phone)
      await page.fill('#national_id', id)
      await press(page, 'main form button')
      return page.textContent('main')
    }
    expect(await create(ESTHER, '99100005')).toBe(await create('0711999999', '99100005'))
    expect((await service.phone(ESTHER).waitForSms(/\b\d{8}\b/)).text).toContain('+254700000905')
    expect(await service.phone('+254711999999').inbox()).toEqual([])
    await context.close()
  }, 60_000)

  test('completes the profile, is told what is wrong, applies once, and withdraws', async () => {
    const { page, context } = await openPortalVisit(service, browser, { phone: BARAKA })
    await page.goto(at('/jobs/KCSE26INV'))
    expect(await page.locator('form[action$="/apply"] button').count()).toBe(0)
    for (const group of ['personal', 'bank', 'education', 'work', 'kin', 'numbers']) {
      await page.goto(at(`/profile/${group}`))
      for (const [name, value] of Object.entries(profileAnswers)) {
        const input = page.locator(`main #${name}`)
        if ((await input.count()) === 0) continue
        if ((await input.evaluate((node) => node.tagName)) === 'SELECT') await input.selectOption({ index: Number(value) || 1 })
        else await input.fill(value)
      }
      await press(page, 'main form button')
      if (group === 'bank') {
        expect(await page.textContent('#account_name-wrong')).toMatch(/differs from your name/)
        expect(await page.inputValue('#account_name')).toBe('Achieng Odera')
        await page.fill('#account_name', 'BARAKA MWANGOME')
        await press(page, 'main form button')
      }
      expect(page.url(), group).toMatch(/saved=(?!nothing)/)
    }
    expect(await page.textContent('main')).toMatch(/complete/)
    expect(await page.textContent('main')).not.toContain('1100223344')
    expect((await page.goto(at('/profile/bank')))?.status()).toBe(404)
    await page.goto(at('/jobs/KCSE26INV'))
    await press(page, 'form[action$="/apply"] button')
    expect(page.url()).toContain('/portal/applications?said=applied')
    await service.phone(BARAKA).waitForSms(/A[2-9A-Z]{7}/)
    await press(page, 'a[href$="/withdraw"]')
    await press(page, 'main form button')
    expect(page.url()).toContain('/portal/applications?said=withdrawn')
    await context.close()
  }, 90_000)

  test('a form that another page sent is refused', async () => {
    const { page, context } = await openPortalVisit(service, browser, { phone: ACHIENG })
    const foreign = await page.request.post(at('/privacy/alerts'), {
      form: { on: '0' },
      headers: { 'Sec-Fetch-Site': 'cross-site' },
      maxRedirects: 0,
    })
    expect(foreign.status()).toBe(403)
    const unproven = await page.request.post(at('/privacy/alerts'), { form: { on: '0' }, maxRedirects: 0 })
    expect(unproven.status()).toBe(303)
    expect(unproven.headers().location).toBe('/portal?said=form_old')
    const { read } = service.app.store
    expect((await read.select().from(read.accounts)).every(({ alerts }) => alerts)).toBe(true)
    await context.close()
  }, 60_000)

  test('accepts a duty and downloads its letter', async () => {
    const { page, context } = await openPortalVisit(service, browser, { phone: ACHIENG })
    await page.goto(at('/letters'))
    await press(page, 'form[action$="/accept"] button')
    await service.phone(ACHIENG).waitForSms(/accepted|Accepted/)
    const href = await page.getAttribute('a[href$="/pdf"]', 'href')
    const pdf = await page.request.get(`${service.url}${href}`)
    expect(pdf.headers()['content-type']).toBe('application/pdf')
    expect((await pdf.body()).subarray(0, 5).toString()).toBe('%PDF-')
    await context.close()
  }, 60_000)
})
