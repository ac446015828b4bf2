import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import chromium from '@sparticuz/chromium'
import { type Browser, type Page, chromium as playwright } from 'playwright-core'

const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** A real headless Chromium: the one that npm brought, else the system's. Close it when done. */
export async function openBrowser(): Promise<Browser> {
  const own = await chromium.executablePath()
  const home = mkdtempSync(join(tmpdir(), 'wito-browser-'))
  const launch = (executablePath: string) =>
    playwright.launch({
      executablePath,
      headless: true,
      args: [...QUIET],
      env: { ...process.env, HOME: home } as Record<string, string>,
    })
  try {
    return await launch(own)
  } catch (reason) {
    if (!existsSync('/usr/bin/chromium')) throw reason
    return launch('/usr/bin/chromium')
  }
}

/** Presses what sends a form or leads on, and waits for the page that comes of it. */
export async function press(page: Page, selector: string): Promise<void> {
  const next = page.waitForEvent('load')
  // The switch of the language is a form too, on an answer with that form's own address.
  await page.locator(selector).and(page.locator(':not([name=speak])')).first().click()
  await next
}
