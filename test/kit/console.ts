import { TOTP } from 'otpauth'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { acting } from '../../src/acting.ts'
import type { App } from '../../src/app.ts'
import { addOfficer, beginLink } from '../../src/officers/invite.ts'
import type { OfficerRole } from '../../src/store/schema.ts'
import { press } from './browser.ts'

export const PASSWORD = 'mto wa asubuhi 77'
let made = 0

/** Adds an officer, who opens the one-time link, chooses password and code, and is in. The page stands at `/console`. */
export async function openOfficer(
  { app, url }: { app: App; url: string },
  browser: Browser,
  { role, counties = [], viewport = { width: 1280, height: 900 } }: { role: OfficerRole; counties?: string[]; viewport?: Size },
): Promise<{ page: Page; context: BrowserContext; username: string; totp: TOTP; used: string }> {
  const username = `${role}.${++made}`
  const actor = { via: 'cli', name: 'operator:test', signed: false, language: 'en' } as const
  const added = await acting(app, actor, 'officers.add', username, async (scene) => [
    await addOfficer(scene, { username, name: `Zawadi ${role}`, role, counties }),
    { outcome: 'done' },
  ])
  if (added === 'taken') throw new Error('the username is taken')
  const context = await browser.newContext({ viewport })
  const page = await context.newPage()
  await page.goto(beginLink({ publicUrl: url }, added.token))
  await page.fill('#password', PASSWORD)
  await press(page, 'form.narrow button')
  const secret = (await page.textContent('main code'))?.replaceAll(' ', '') ?? ''
  const totp = new TOTP({ secret })
  const used = totp.generate()
  await page.fill('#code', used)
  await press(page, 'form.narrow button')
  await page.waitForURL(`${url}/console`)
  return { page, context, username, totp, used }
}
type Size = { width: number; height: number }
