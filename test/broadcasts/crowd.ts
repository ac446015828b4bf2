import type { Browser, BrowserContext, Page } from 'playwright-core'
import { expect } from 'vitest'
import { applyRoll, rollRow } from '../../src/people/roll.ts'
import { stop } from '../../src/sms/report.ts'
import type { OfficerRole } from '../../src/store/schema.ts'
import { faultsOf, isTooWide } from '../kit/axe.ts'
import { type Booted, boot } from '../kit/boot.ts'
import { openBrowser } from '../kit/browser.ts'
import { openOfficer } from '../kit/console.ts'

/** How many live in Kwale; two more live in Lamu. Every third reads Kiswahili; the fourth and the fifth sent STOP. */
export const CROWD = 300
export const numberOf = (place: number) => `+2547110${String(place).padStart(5, '0')}`
/** How long a message may take on a busy machine. */
export const SOON = { timeout: 20_000, interval: 100 }

const OFFICERS: readonly [name: string, role: OfficerRole, counties: string[]][] = [
  ['officer', 'officer', []],
  ['approver', 'approver', []],
  ['clerk', 'clerk', []],
  ['lamu', 'officer', ['Lamu']],
]

/** The whole service with a crowd on its roll, and officers who are in. */
export async function openCrowd(environment: Record<string, string> = {}) {
  const [service, browser]: [Booted, Browser] = await Promise.all([boot(environment), openBrowser()])
  const { app, url } = service
  const rows = Array.from({ length: CROWD + 2 }, (_, place) =>
    rollRow.parse({
      national_id: String(97_000_000 + place),
      full_name: `Made Up ${String.fromCharCode(65 + (place % 26))}`,
      phone: numberOf(place),
      tsc_number: '',
      kra_pin: '',
      qualification: 'degree',
      subjects: '',
      home_county: place < CROWD ? 'Kwale' : 'Lamu',
      home_sub_county: place < CROWD ? 'Msambweni' : 'Lamu West',
      workstation_code: '',
      status: 'vetted',
    }),
  )
  await app.store.work('roll', async (tx) => {
    await applyRoll(tx, app, app.clock.now(), rows)
    for (let place = 0; place < CROWD; place += 3)
      await tx.insert(tx.subscribers).values({ msisdn: numberOf(place), language: 'sw' })
    for (const place of [3, 4]) await stop(tx, numberOf(place), app.clock.now())
  })
  const officers = new Map<string, { page: Page; context: BrowserContext }>()
  for (const [name, role, counties] of OFFICERS) officers.set(name, await openOfficer(service, browser, { role, counties }))
  return {
    service,
    at: (path: string) => `${url}/console${path}`,
    as(name: string): Page {
      const officer = officers.get(name)
      if (!officer) throw new Error(`there is no ${name}`)
      return officer.page
    },
    async close() {
      await browser.close()
      await service.close()
    },
  }
}
export type Crowd = Awaited<ReturnType<typeof openCrowd>>

/** Axe finds nothing, and nothing is wider than a small phone. */
export async function isWell(page: Page, name: string): Promise<void> {
  expect(await faultsOf(page), name).toEqual([])
  await page.setViewportSize({ width: 320, height: 700 })
  expect(await isTooWide(page), name).toBe(false)
  await page.setViewportSize({ width: 1280, height: 900 })
}

/** The same filled form, sent by two impatient presses: where each led. */
export async function sendTwice(page: Page, selector: string): Promise<string[]> {
  const { action, fields } = await page.$eval(selector, (form) => ({
    action: (form as HTMLFormElement).action,
    fields: [...new FormData(form as HTMLFormElement)].map(([name, value]) => [name, String(value)] as const),
  }))
  const send = async () =>
    (await page.request.post(action, { form: Object.fromEntries(fields), maxRedirects: 0 })).headers().location ?? ''
  return [await send(), await send()]
}
