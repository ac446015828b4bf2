import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Booted, boot } from '../kit/boot.ts'
import { openBrowser, press } from '../kit/browser.ts'
import { openOfficer } from '../kit/console.ts'
import { wantsPictures } from '../kit/pictures.ts'
import { openPortalVisit } from '../kit/portal.ts'

const FOLDER = new URL('../../docs/pictures', import.meta.url).pathname
const MOST_BYTES = 120_000

let service: Booted
let browser: Browser
const taken: string[] = []
beforeAll(async () => {
  ;[service, browser] = await Promise.all([boot({ DEMO: '1' }), openBrowser()])
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await service?.close()
})

/** The pictures of the README: made here, kept only when asked for (`PICTURES=1 npm test -- pictures`). */
async function take(page: Page, name: string) {
  const picture = await page.screenshot({ animations: 'disabled' })
  expect(picture.length, name).toBeLessThan(MOST_BYTES)
  expect(picture.length, name).toBeGreaterThan(5_000)
  taken.push(`${name}.png`)
  if (!wantsPictures) return
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(join(FOLDER, `${name}.png`), picture)
}

test('the main pages of both faces, as the README shows them', async () => {
  const phone = '+254700000003'
  await service.phone(phone).dial()
  const person = await openPortalVisit(service, browser, { phone, width: 360 })
  await take(person.page, 'portal-home')
  await person.page.goto(`${service.url}/portal/letters`)
  await take(person.page, 'portal-letters')
  await person.context.close()

  const { page } = await openOfficer(service, browser, { role: 'officer', viewport: { width: 1000, height: 640 } })
  await page.goto(`${service.url}/console`)
  await take(page, 'console-today')
  await page.goto(`${service.url}/console/people`)
  await page.fill('#q', '0700000003')
  await press(page, 'form.narrow button')
  await press(page, 'tbody a')
  await take(page, 'console-person')
  await page.goto(`${service.url}/console/applications`)
  await take(page, 'console-applications')
  await page.goto(`${service.url}/console/deployments/places`)
  await take(page, 'console-places')
  await page.goto(`${service.url}/console/menus`)
  await take(page, 'console-menus')

  expect(readdirSync(FOLDER).sort()).toEqual(taken.sort())
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  for (const name of taken) expect(readme, name).toContain(`docs/pictures/${name}`)
}, 90_000)
