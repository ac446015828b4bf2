import { eq } from 'drizzle-orm'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { expect } from 'vitest'
import type { Booted } from './boot.ts'
import { press } from './browser.ts'

export const CHOSEN = 'kahawa ya asubuhi 7'
const ONE_TIME = /\b\d{8}\b/
type State = Awaited<ReturnType<BrowserContext['storageState']>>
/** What each person's browser remembers: one-time passwords are limited, as they should be. */
const browsers = new Map<string, State>()

/** Logs a person in, the first time by a one-time password. The page stands at `/portal`. Without script unless asked. */
export async function openPortalVisit(
  service: Booted,
  browser: Browser,
  { phone, script = false, width = 360 }: { phone: string; script?: boolean; width?: number },
): Promise<{ page: Page; context: BrowserContext }> {
  const key = `${service.url} ${phone}`
  const known = browsers.get(key)
  const context = await browser.newContext({
    javaScriptEnabled: script,
    viewport: { width, height: 760 },
    ...(known ? { storageState: known } : {}),
  })
  const page = await context.newPage()
  page.setDefaultTimeout(10_000)
  if (!known) await logInFirst(service, page, phone)
  await page.goto(`${service.url}/portal`)
  if ((await page.locator('#password').count()) > 0) await logIn(page, phone, CHOSEN)
  expect(new URL(page.url()).pathname).toBe('/portal')
  browsers.set(key, await context.storageState())
  return { page, context }
}

async function logInFirst(service: Booted, page: Page, phone: string) {
  const texts = async () => (await service.phone(phone).inbox()).map(({ text }) => text).filter((text) => ONE_TIME.test(text))
  // A password of before that is still on its way must not be taken for the one that is asked for here.
  const { read } = service.app.store
  const written = await read.select({ class: read.outbox.class }).from(read.outbox).where(eq(read.outbox.msisdn, phone))
  const before = written.filter((row) => row.class === 'otp').length
  await expect.poll(async () => (await texts()).length).toBe(before)
  await page.goto(`${service.url}/portal/forgot`)
  await page.fill('#username', phone)
  await press(page, 'main form button')
  await expect.poll(async () => (await texts()).length).toBeGreaterThan(before)
  await page.goto(`${service.url}/portal/login`)
  await logIn(page, phone, ONE_TIME.exec((await texts()).at(-1) ?? '')?.[0] ?? '')
  await page.fill('#password', CHOSEN)
  await press(page, 'main form button')
}

async function logIn(page: Page, phone: string, password: string) {
  await page.fill('#username', phone)
  await page.fill('#password', password)
  await press(page, 'main form button')
}
