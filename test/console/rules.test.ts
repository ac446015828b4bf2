import { eq } from 'drizzle-orm'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectSound } from '../kit/axe.ts'
import { type Booted, boot } from '../kit/boot.ts'
import { openBrowser, press } from '../kit/browser.ts'
import { openOfficer } from '../kit/console.ts'

let service: Booted
let browser: Browser
let officer: Page
let exam: string
let code: string
beforeAll(async () => {
  ;[service, browser] = await Promise.all([boot({ DEMO: '1' }), openBrowser()])
  const { read } = service.app.store
  const job = (await read.select().from(read.jobs)).find(({ code: each }) => /^KCSE\d+INV$/.test(each))
  exam = job?.exam ?? ''
  code = job?.code ?? ''
  officer = (await openOfficer(service, browser, { role: 'officer' })).page
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await service?.close()
})

const goTo = (path: string, page = officer) => page.goto(`${service.url}/console/${path}`)
const main = async (page = officer) => (await page.textContent('main')) ?? ''
const sound = (page = officer) => expectSound(page)
const versionNow = async () => {
  const { series } = service.app.store.read
  return (await service.app.store.read.select().from(series).where(eq(series.exam, exam)))[0]?.version
}

test('rules are read, mended with a sentence for each mistake, and kept as versions', async () => {
  await goTo('rules')
  expect(await main()).toContain(exam)
  await sound()
  await goTo(`rules/${exam}`)
  await sound()
  const before = await officer.inputValue('#rules')
  await officer.fill('#rules', `${before}furthest_km: far\nsomething: 1\n`)
  await press(officer, 'main form button')
  expect(await main()).toContain('Nothing was saved')
  expect(await main()).toMatch(/furthest_km/)
  expect(await officer.inputValue('#rules')).toContain('furthest_km: far')
  await officer.fill('#rules', `${before}nominate:\n  invigilator:\n    Kisumu/Kisumu East: 7\n`)
  await press(officer, 'main form button')
  expect(await main()).toContain('Saved')
  const version = await versionNow()
  expect(await main()).toContain(`Version ${version}`)
  expect(await main()).toContain('Changed:')
  expect(await main()).toMatch(/nominate/)
})

test('two officers at once: the second is told, and loses nothing', async () => {
  const { page } = await openOfficer(service, browser, { role: 'officer' })
  await goTo(`rules/${exam}`, page)
  await goTo(`rules/${exam}`)
  const text = await officer.inputValue('#rules')
  await officer.fill('#rules', `${text}answer_days: 4\n`)
  await press(officer, 'main form button')
  const version = await versionNow()
  await page.fill('#rules', `${text}answer_days: 9\n`)
  await press(page, 'main form button')
  expect(await main(page)).toContain(`Somebody else saved version ${version}`)
  expect(await page.inputValue('#rules')).toContain('answer_days: 9')
  expect(await versionNow()).toBe(version)
  const county = await openOfficer(service, browser, { role: 'officer', counties: ['Kisumu'] })
  await goTo(`rules/${exam}`, county.page)
  expect(await county.page.locator('textarea').count()).toBe(0)
})

test('nominations stand beside their quotas, and leaving somebody out takes a reason', async () => {
  await goTo(`nominations?job=${code}`)
  expect(await main()).toContain('Nominations')
  await sound()
  const { read } = service.app.store
  const [row] = (await read.select().from(read.applications).where(eq(read.applications.jobCode, code))).filter(
    ({ status }) => status === 'received',
  )
  await goTo(`applications/${row?.id}`)
  await officer.selectOption('#to', 'unsuccessful')
  await press(officer, 'form.narrow button')
  expect(await main()).toContain('Why they are left out')
  await sound()
  await officer.selectOption('#reason', 'served_recently')
  await press(officer, 'main form button')
  const [after] = await read
    .select()
    .from(read.applications)
    .where(eq(read.applications.id, row?.id ?? ''))
  expect(after).toMatchObject({ status: 'unsuccessful', leftOut: 'served_recently' })
  await goTo(`nominations?job=${code}&county=${encodeURIComponent(row?.county ?? '')}`)
  expect(await main()).toContain('you served recently: 1')
})
