import { eq } from 'drizzle-orm'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { linkTrail } from '../../src/audit/chain.ts'
import { faultsOf, isTooWide } from '../kit/axe.ts'
import { type Booted, boot } from '../kit/boot.ts'
import { openBrowser, press } from '../kit/browser.ts'
import { openOfficer } from '../kit/console.ts'

let service: Booted
let browser: Browser
beforeAll(async () => {
  ;[service, browser] = await Promise.all([boot({ DEMO: '1' }), openBrowser()])
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await service?.close()
})
const at = (path = '') => `${service.url}/console/audit${path}`

test('an auditor filters the trail, takes it away, and checks that it is whole; then that it is not', async () => {
  const officer = await openOfficer(service, browser, { role: 'officer' })
  await officer.page.goto(`${service.url}/console/people`)
  await officer.page.fill('#q', '0700000003')
  await press(officer.page, 'form.narrow button')
  await press(officer.page, 'tbody a')
  await officer.page.goto(`${officer.page.url()}/reveal/national_id`)
  await officer.page.selectOption('#reason', 'call')
  await press(officer.page, 'form.narrow button')
  expect((await officer.page.goto(at()))?.status()).toBe(403)

  // Some hundred people who said that they want no more alerts, five in every moment.
  await service.app.store.work('many', async (tx) => {
    for (let n = 0; n < 230; n++)
      await tx.insert(tx.audit).values({
        id: `many-${String(n).padStart(3, '0')}`,
        at: Date.now() - 60_000 + Math.floor(n / 5),
        actor: `person:${n}`,
        via: 'sms',
        action: 'alerts.stop',
        subject: `person-${n}`,
        outcome: 'done',
      })
  })
  const { page } = await openOfficer(service, browser, { role: 'auditor' })
  await page.goto(at())
  expect(await page.locator('tbody tr').count()).toBe(50)
  expect(await faultsOf(page)).toEqual([])
  const seen: (string | null)[] = []
  await page.goto(at('?action=alerts.stop'))
  for (;;) {
    seen.push(
      ...(await page.locator('tbody td:nth-child(6) a').evaluateAll((links) => links.map((link) => link.getAttribute('href')))),
    )
    if ((await page.locator('a[rel=next]').count()) === 0) break
    await press(page, 'a[rel=next]')
  }
  expect(seen).toHaveLength(230)
  expect(new Set(seen).size).toBe(230)

  await page.goto(at())
  await page.fill('#actor', officer.username)
  await page.fill('#action', 'people.reveal')
  await press(page, 'form.filters button')
  expect(await page.locator('tbody tr').count()).toBe(1)
  expect(await page.textContent('tbody')).toMatch(/Zawadi officer.*field: national_id, reason: call/s)
  const taken = await page.request.get(at(`/export.csv?action=people.reveal`))
  expect(taken.headers()['content-disposition']).toMatch(/attachment; filename="audit-/)
  expect((await taken.text()).trim().split('\r\n')).toHaveLength(2)
  const { read } = service.app.store
  expect(await read.select().from(read.audit).where(eq(read.audit.action, 'audit.export'))).toHaveLength(1)
  await page.setViewportSize({ width: 320, height: 700 })
  await page.goto(at())
  expect(await isTooWide(page)).toBe(false)

  const later = { ...service.app, clock: { ...service.app.clock, now: () => Date.now() + 60_000 } }
  await linkTrail(later)
  const check = async () => {
    await page.goto(at())
    await press(page, 'form[action$="/verify"] button')
    await expect
      .poll(async () => page.goto(page.url()).then(() => page.textContent('#run')), { timeout: 15_000 })
      .toContain('Finished')
    return (await page.textContent('#run')) ?? ''
  }
  expect(await check()).not.toMatch(/ALTERED|MISSING|CUT|PUT IN/)
  const [reveal] = await read.select().from(read.audit).where(eq(read.audit.action, 'people.reveal'))
  await service.app.store.work('meddle', (tx) =>
    tx
      .update(tx.audit)
      .set({ actor: 'officer:another' })
      .where(eq(tx.audit.id, reveal?.id ?? '')),
  )
  expect(await check()).toContain('ALTERED')
}, 90_000)

test('no cell of the export is a formula, whatever stands in the trail', async () => {
  const formula = '=HYPERLINK("http://127.0.0.1/","pay")'
  await service.app.store.work('formula', (tx) =>
    tx.insert(tx.audit).values({
      id: 'formula',
      at: Date.now(),
      actor: `@${formula}`,
      via: 'console',
      action: formula,
      subject: formula,
      outcome: '+1',
      detail: { '=1+1': formula },
    }),
  )
  const { page, context } = await openOfficer(service, browser, { role: 'auditor' })
  const taken = await page.request.get(at(`/export.csv?subject=${encodeURIComponent(formula)}`))
  const [, row = '', ...more] = (await taken.text()).trim().split('\r\n')
  expect(more).toEqual([])
  expect(row.match(/HYPERLINK/g)).toHaveLength(4)
  // Nowhere does a cell begin with what a spreadsheet would reckon.
  expect(row).not.toMatch(/(^|,)"?[=+@-]/)
  await page.goto(at(`?subject=${encodeURIComponent(formula)}`))
  expect(await page.locator('tbody tr').count()).toBe(1)
  await context.close()
}, 60_000)
