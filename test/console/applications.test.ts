import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readSheet } from '../../src/sheets/read.ts'
import { faultsOf, isTooWide } from '../kit/axe.ts'
import { type Booted, boot } from '../kit/boot.ts'
import { openBrowser, press } from '../kit/browser.ts'
import { openOfficer } from '../kit/console.ts'

let service: Booted
let browser: Browser
let page: Page
beforeAll(async () => {
  ;[service, browser] = await Promise.all([boot({ DEMO: '1' }), openBrowser()])
  ;({ page } = await openOfficer(service, browser, { role: 'officer' }))
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await service?.close()
})
const at = (path: string) => `${service.url}/console/applications${path}`
const all = async () => {
  const { read } = service.app.store
  return read.select().from(read.applications)
}
const one = async (id: string) => (await all()).find((row) => row.id === id)
const shown = (on = page) => on.locator('tbody tr').count()

describe('the table', () => {
  test('filters, sorts, chooses columns and goes on page by page without losing or doubling a row', async () => {
    const rows = await all()
    await page.goto(at(''))
    expect(await shown()).toBe(Math.min(50, rows.length))
    expect(await faultsOf(page)).toEqual([])
    const seen: string[] = []
    for (let pages = 0; pages < 20; pages++) {
      seen.push(...(await page.locator('tbody a[href*="/applications/"]').allTextContents()))
      if ((await page.locator('a[rel=next]').count()) === 0) break
      await press(page, 'a[rel=next]')
    }
    expect(seen).toHaveLength(rows.length)
    expect(new Set(seen).size).toBe(rows.length)

    const received = rows.filter(({ status }) => status === 'received')
    await page.goto(at('?status=received'))
    expect(await page.textContent('caption')).toContain(String(received.length))
    const job = received[0]?.jobCode ?? ''
    await page.selectOption('#job', job)
    await page.click('summary:text("Columns")')
    for (const name of ['name', 'job', 'status', 'sub_county', 'at']) await page.uncheck(`input[value=${name}]`)
    await page.check('input[value=qualification]')
    await press(page, 'form.filters button')
    expect(await shown()).toBe(received.filter(({ jobCode }) => jobCode === job).length)
    expect((await page.locator('thead th').allTextContents()).map((text) => text.trim()).slice(1)).toEqual([
      'Reference',
      'Qualification',
    ])
  }, 60_000)

  test('a filter is kept by name, opened and deleted; another officer does not see it', async () => {
    await page.goto(at('?status=nominated'))
    await page.click('details.views summary')
    await page.fill('#name', 'Nominated <b>')
    await press(page, 'details.views form.narrow button')
    expect(page.url()).toContain('status=nominated')
    const other = await openOfficer(service, browser, { role: 'clerk' })
    await other.page.goto(at(''))
    expect(await other.page.textContent('details.views')).not.toContain('Nominated')
    await other.context.close()
    await page.goto(at(''))
    await page.click('details.views summary')
    await press(page, 'details.views li a')
    expect(page.url()).toContain('status=nominated')
    await page.click('details.views summary')
    await press(page, 'details.views li button')
    expect(await page.locator('details.views li').count()).toBe(0)
  }, 60_000)

  test('fits a narrow window', async () => {
    await page.setViewportSize({ width: 320, height: 700 })
    await page.goto(at(''))
    expect(await isTooWide(page)).toBe(false)
    await page.setViewportSize({ width: 1280, height: 900 })
  }, 30_000)
})

describe('deciding', () => {
  test('ticked ones, once however often it is sent, and the person is told once', async () => {
    await page.goto(at('?status=received'))
    const ticks = page.locator('input[name=id]')
    const ids = [0, 1].map(async (n) => (await ticks.nth(n).getAttribute('value'))?.split('.')[0] ?? '')
    const [first = '', second = ''] = await Promise.all(ids)
    for (const n of [0, 1]) await ticks.nth(n).check()
    await page.selectOption('#to', 'reserve')
    await press(page, 'button:text("Those ticked")')
    expect(await page.textContent('main')).toContain('2 applications')
    expect(await faultsOf(page)).toEqual([])
    const form = await page
      .locator('main form input[type=hidden]')
      .evaluateAll((inputs) => (inputs as HTMLInputElement[]).map(({ name, value }) => [name, value] as [string, string]))
    await press(page, 'main form button')
    expect(page.url()).toContain('/console/runs/')
    expect(await page.textContent('#run')).toContain('decided')
    const again = await page.request.post(at('/decide/yes'), {
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      data: new URLSearchParams(form).toString(),
    })
    expect(again.url()).toBe(page.url())
    for (const id of [first, second]) {
      const row = await one(id)
      expect(row?.status).toBe('reserve')
      const { read } = service.app.store
      const sent = await read
        .select()
        .from(read.outbox)
        .where(eq(read.outbox.personId, row?.personId ?? ''))
      expect(sent.filter(({ dedupe }) => dedupe.startsWith(`decided:${id}`))).toHaveLength(1)
    }
    await page.goto(at(`/${first}`))
    expect(await page.textContent('.timeline')).toContain('Zawadi officer')
    expect(await faultsOf(page)).toEqual([])
  }, 60_000)

  test('what another officer decided meanwhile is left alone and said', async () => {
    const second = await openOfficer(service, browser, { role: 'officer' })
    for (const each of [page, second.page]) {
      await each.goto(at('?status=received'))
      await each.locator('input[name=id]').nth(0).check()
      await each.selectOption('#to', each === page ? 'unsuccessful' : 'reserve')
      await press(each, 'button:text("Those ticked")')
    }
    await press(page, 'main form button')
    await press(second.page, 'main form button')
    expect(second.page.url()).toContain('/decide/yes')
    expect(await second.page.textContent('.bad')).toMatch(/Another officer changed these meanwhile.*: unsuccessful \(/is)
    expect(await second.page.locator('main form').count()).toBe(0)
    expect(await faultsOf(second.page)).toEqual([])
    await second.context.close()
  }, 60_000)

  test('all of a filter in the background, in the officer’s own counties only', async () => {
    const [some] = (await all()).filter(({ status }) => status === 'received')
    const county = some?.county ?? ''
    const mine = (await all()).filter((row) => row.status === 'received' && row.county === county)
    const others = (await all()).filter((row) => row.status === 'received' && row.county !== county)
    const clerk = await openOfficer(service, browser, { role: 'clerk', counties: [county] })
    await clerk.page.goto(at('?status=received&county=Nowhere'))
    expect(await shown(clerk.page)).toBe(0)
    await clerk.page.goto(at('?status=received'))
    expect(await shown(clerk.page)).toBe(Math.min(50, mine.length))
    expect(await clerk.page.locator('#to option').allTextContents()).toEqual(['nominated'])
    await press(clerk.page, 'button:text("All of this filter")')
    await press(clerk.page, 'main form button')
    await expect
      .poll(async () => clerk.page.goto(clerk.page.url()).then(() => clerk.page.textContent('#run')))
      .toContain('Finished')
    const after = await all()
    expect(mine.every(({ id }) => after.find((row) => row.id === id)?.status === 'nominated')).toBe(true)
    expect(others.every(({ id }) => after.find((row) => row.id === id)?.status === 'received')).toBe(true)
    expect((await clerk.page.goto(at(`/${others[0]?.id}`)))?.status()).toBe(404)
    // A clerk who sends an officer's form is refused.
    await clerk.page.goto(at('?status=nominated'))
    await clerk.page
      .locator('#to')
      .evaluate((select) => select.insertAdjacentHTML('beforeend', '<option value="successful">x</option>'))
    await clerk.page.selectOption('#to', 'successful')
    const answer = clerk.page.waitForResponse((response) => response.request().method() === 'POST')
    await clerk.page.click('button:text("All of this filter")')
    expect((await answer).status()).toBe(403)
    await clerk.context.close()
  }, 60_000)
})

describe('taking them away', () => {
  test('as CSV and XLSX: the same rows and columns, no formula in any cell, and a row in the trail', async () => {
    const evil = '=HYPERLINK("http://example.test","x")'
    const [row] = await all()
    await service.app.store.work('evil', (tx) =>
      tx
        .update(tx.people)
        .set({ fullName: evil })
        .where(eq(tx.people.id, row?.personId ?? '')),
    )
    const rows = await all()
    for (const kind of ['csv', 'xlsx'] as const) {
      const answer = await page.request.get(at(`/export.${kind}?columns=reference&columns=name&columns=status`))
      expect(answer.headers()['content-disposition']).toMatch(/^attachment; filename="applications-\d{4}-\d\d-\d\d\./)
      const path = join(service.folder, `out.${kind}`)
      writeFileSync(path, await answer.body())
      if (kind === 'csv') expect(readFileSync(path, 'utf8')).toContain(`"'=HYPERLINK(""http://example.test"",""x"")"`)
      const read: Record<string, string>[] = []
      for await (const { values } of readSheet({ path, name: `out.${kind}` }, ['reference', 'name', 'status'], []))
        read.push(values)
      expect(read).toHaveLength(rows.length)
      expect(new Set(read.map((each) => each.reference))).toEqual(new Set(rows.map(({ reference }) => reference)))
      expect(read.filter((each) => /^[=+@-]/.test(each.name ?? ''))).toEqual([])
    }
    const { read } = service.app.store
    const traces = await read.select().from(read.audit).where(eq(read.audit.action, 'applications.export'))
    expect(traces.map(({ detail }) => detail?.kind)).toEqual(['csv', 'xlsx'])
  }, 60_000)
})
