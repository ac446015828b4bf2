import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tryThese } from '../../src/demo/demo.ts'
import { type Booted, boot } from '../kit/boot.ts'
import { openBrowser } from '../kit/browser.ts'

let service: Booted
let browser: Browser
beforeAll(async () => {
  ;[service, browser] = await Promise.all([boot({ DEMO: '1' }), openBrowser()])
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await service?.close()
})

const [, ready, lettered] = tryThese

async function openPhone(page: Page, number: string) {
  await page.goto(`${service.url}/simulator`)
  await page.locator(`.person[data-phone="${number}"]`).click()
  const handset = page.getByLabel(`Phone ${number}`, { exact: true })
  await handset.waitFor()
  const screen = handset.locator('.screen')
  return {
    handset,
    screen,
    async dial() {
      await handset.getByRole('button', { name: 'Call', exact: true }).first().click()
      await screen.filter({ hasText: /Wito|cut off/ }).waitFor()
    },
    async type(input: string, until: string | RegExp) {
      await handset.locator('.typing input').fill(input)
      await handset.locator('.send').click()
      await screen.filter({ hasText: until }).waitFor({ timeout: 10_000 })
    },
  }
}

test('a newcomer dials on the simulator, is within the budget and sees the wire', async () => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
  const failures: string[] = []
  page.on('pageerror', (error) => failures.push(error.message))
  page.on('console', (message) => void (message.type() === 'error' && failures.push(message.text())))
  const phone = await openPhone(page, ready.phone)
  await phone.dial()
  await phone.type('1', 'Jobs that fit you')
  expect(await phone.handset.locator('.septets').textContent()).toMatch(/^\d+ \/ 160 septets$/)
  expect(await phone.handset.locator('.where').textContent()).toContain('jobs')
  await page.locator('#wire li').first().waitFor()
  expect(await page.locator('#wire').textContent()).toContain('/ussd')
  expect(await page.content()).not.toContain(readFileSync(`${service.folder}/secrets.json`, 'utf8').match(/[0-9a-f]{48}/)?.[0])
  await phone.handset.locator('.write input').fill('JOBS')
  await phone.handset.getByRole('button', { name: 'Send SMS' }).click()
  await phone.handset.locator('.inbox li').filter({ hasText: 'Open to you' }).waitFor()
  expect(failures).toEqual([])
  await page.close()
})

test('dials, opens the link in the SMS and downloads the letter', async () => {
  const page = await browser.newPage()
  const phone = await openPhone(page, lettered.phone)
  await phone.dial()
  await phone.type('3', 'waits for your answer')
  await phone.type('1', 'Get letter link')
  await phone.type('1', 'Letter code')
  const link = phone.handset.locator('.inbox a').first()
  await link.waitFor()
  const [letter] = await Promise.all([page.context().waitForEvent('page'), link.click()])
  await letter.waitForLoadState()
  await letter.locator('input[name=id_last4]').fill('0003')
  const [download] = await Promise.all([
    letter.waitForEvent('download'),
    letter.locator('button, input[type=submit]').first().click(),
  ])
  expect(download.suggestedFilename()).toMatch(/^letter-KCSE-INV-\d{4}-\d{7}\.pdf$/)
  expect(
    readFileSync(await download.path())
      .subarray(0, 5)
      .toString(),
  ).toBe('%PDF-')
  await page.close()
})

test('stacks and stays whole at 320 px, with nothing cut off', async () => {
  const page = await browser.newPage({ viewport: { width: 320, height: 640 } })
  await openPhone(page, tryThese[0].phone)
  const overflow = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')
  expect(overflow).toBeLessThanOrEqual(0)
  await page.close()
})
