import { cpSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import writeXlsxFile from 'write-excel-file/node'
import { systemClock } from '../../src/base/clock.ts'
import { ROLL_COLUMNS } from '../../src/people/roll.ts'
import { faultsOf, isTooWide } from '../kit/axe.ts'
import { bomb } from '../kit/bomb.ts'
import { type Booted, boot } from '../kit/boot.ts'
import { openBrowser, press } from '../kit/browser.ts'
import { openOfficer } from '../kit/console.ts'
import { BREATH_MS, heldClock } from '../kit/held-clock.ts'

const held = heldClock()
let service: Booted
let browser: Browser
let page: Page
beforeAll(async () => {
  ;[service, browser] = await Promise.all([boot({ DEMO: '1' }, held.clock), openBrowser()])
  ;({ page } = await openOfficer(service, browser, { role: 'officer' }))
}, 180_000)
afterAll(async () => {
  await browser?.close()
  await service?.close()
})
const at = (path = '') => `${service.url}/console/roll${path}`
type Row = Partial<Record<(typeof ROLL_COLUMNS)[number], string>>
const fresh = (n: number, more: Row = {}): Row => ({
  national_id: `9880${String(n).padStart(4, '0')}`,
  full_name: `Made Up${n % 2 ? 'Odd' : 'Even'}`,
  phone: `+254700000${String(600 + (n % 300)).padStart(3, '0')}`,
  qualification: 'degree',
  subjects: 'biology;chemistry',
  home_county: 'Kisumu',
  home_sub_county: 'Kisumu East',
  status: 'vetted',
  ...more,
})
const csv = (rows: readonly Row[], head: readonly string[] = ROLL_COLUMNS) =>
  `${head.join(',')}\n${rows.map((row) => head.map((name) => row[name as keyof Row] ?? '').join(',')).join('\n')}\n`
const file = (name: string, content: string | Buffer) => {
  const path = join(service.folder, name)
  writeFileSync(path, content)
  return path
}
async function bring(path: string, on = page) {
  await on.goto(at())
  await on.setInputFiles('#file', path)
  await press(on, 'main form button')
}
const people = async (on = service) => {
  const { read } = on.app.store
  return read.select().from(read.people)
}
const finished = (on = page, word = 'Finished') =>
  expect.poll(async () => on.goto(on.url()).then(() => on.textContent('#run')), { timeout: 20_000 }).toContain(word)

test('says in a sentence why a file cannot be used, and changes nothing', async () => {
  const before = (await people()).length
  const wrong: [string, string | Buffer, RegExp][] = [
    ['empty.csv', '', /./],
    ['head.csv', `${ROLL_COLUMNS.join(',')}\n`, /no rows/],
    ['columns.csv', csv([fresh(1)], [...ROLL_COLUMNS, 'shoe_size']), /shoe_size/],
    ['missing.csv', csv([fresh(1)], ROLL_COLUMNS.slice(1)), /national_id/],
    ['bomb.xlsx', bomb(200_000_000), /too big/],
    ['picture.xlsx', `PK\x03\x04${'x'.repeat(200)}`, /./],
  ]
  for (const [name, content, why] of wrong) {
    await bring(file(name, content))
    expect(await page.textContent('#roll-problem'), name).toMatch(why)
  }
  await page.goto(at())
  await press(page, 'main form button')
  expect(await page.textContent('#roll-problem')).toContain('choose a file')
  expect(await faultsOf(page)).toEqual([])
  expect((await people()).length).toBe(before)
}, 60_000)

test('shows faults by row and column, never what stood there, and what would change; applies only when told, once', async () => {
  const [someone] = (await people()).filter(({ msisdn }) => msisdn === '+254700000003')
  const id = service.app.keyring.open(`people.national_id:${someone?.id}`, someone?.nationalIdSealed ?? '')
  const renamed = fresh(1, { national_id: id, full_name: 'Chebet Newname', phone: '+254700000555' })
  const rows = [fresh(1), fresh(2), fresh(3, { phone: 'secret-canary' }), fresh(1), renamed]
  await bring(file('roll.csv', csv(rows)))
  const text = (await page.textContent('main')) ?? ''
  expect(text).toContain('5 rows, 3 good, 2 with faults')
  expect(text).not.toContain('secret-canary')
  expect(text).toContain('Chebet Kirui → Chebet Newname')
  expect(await faultsOf(page)).toEqual([])
  await finished()
  expect(await page.textContent('#run')).toMatch(/new people\s*2/)
  expect(await page.textContent('#run')).toContain('another number in the file')
  const bad = await page.request.get(`${page.url()}/bad.csv`)
  expect((await bad.text()).split('\r\n').slice(1, 3)).toEqual([
    '4,phone,"a Kenyan mobile number, e.g. 0712345678"',
    '5,national_id,this national ID stands in an earlier row too',
  ])
  await press(page, 'form[action$="/apply"] button')
  expect(await page.textContent('#roll-problem')).toContain('Mend the file')
  const form = await page
    .locator('form[action$="/apply"] input[type=hidden]')
    .evaluateAll((inputs) => (inputs as HTMLInputElement[]).map(({ name, value }) => [name, value] as [string, string]))
  const action = page.url().replace(/\/apply$/, '')
  await page.check('input[name=skip]')
  await press(page, 'form[action$="/apply"] button')
  await finished()
  const again = await page.request.post(`${action}/apply`, {
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    data: new URLSearchParams([...form, ['skip', '1']]).toString(),
  })
  expect(again.url()).toBe(page.url())
  const after = await people()
  expect(after.filter(({ fullName }) => fullName.startsWith('Made Up'))).toHaveLength(2)
  // The number of an account changes only through its owner and an officer.
  expect(after.find((each) => each.id === someone?.id)).toMatchObject({ fullName: 'Chebet Newname', msisdn: '+254700000003' })
  const { read } = service.app.store
  const traces = await read.select().from(read.audit).where(eq(read.audit.action, 'roll.apply'))
  expect(traces.reduce((sum, { detail }) => sum + Number(detail?.added), 0)).toBe(2)
}, 60_000)

test('takes a workbook of some thousand rows in slices; stopped and gone on with, every row is there once', async () => {
  const rows = Array.from({ length: 3_000 }, (_, n) => fresh(1_000 + n, { phone: '+254700000599' }))
  const sheet = [
    ROLL_COLUMNS.map((value) => ({ value })),
    ...rows.map((row) => ROLL_COLUMNS.map((name) => ({ value: row[name] ?? '' }))),
  ]
  const path = join(service.folder, 'roll.xlsx')
  await writeXlsxFile(sheet as never).toFile(path)
  await bring(path)
  expect(await page.textContent('main')).toContain('3,000 rows, 3,000 good')
  await finished()
  const gate = held.hold(BREATH_MS)
  await press(page, 'form[action$="/apply"] button')
  // After its first slice it waits for us, so that Stop finds it under way for certain.
  await gate.reached()
  const mine = async (on = service) => (await people(on)).filter(({ msisdn }) => msisdn === '+254700000599').length
  expect(await mine()).toBe(100)
  const id = page.url().split('/').at(-1) ?? ''
  const left = `${service.folder}-left`
  cpSync(service.folder, left, { recursive: true })
  await page.goto(page.url())
  await press(page, 'form[action$="/stop"] button')
  expect(await page.textContent('#run')).toContain('Stopped')
  gate.release()
  await service.app.clock.sleep(1_000)
  expect(await mine()).toBe(100)
  await page.goto(page.url())
  await press(page, 'form[action$="/resume"] button')
  await finished()
  expect(await mine()).toBe(3_000)

  // What a process left behind that died after the first slice: another start goes on with it when its lease is over.
  const clock = { ...systemClock, now: () => Date.now() + 5 * 60_000 }
  const again = await boot({ DATABASE_URL: `file:${left}/wito.db` }, clock)
  const { read } = again.app.store
  const state = async () => (await read.select().from(read.runs).where(eq(read.runs.id, id)))[0]
  await expect.poll(async () => (await state())?.state, { timeout: 60_000 }).toBe('done')
  expect(await state()).toMatchObject({ done: 3_000, tally: { added: 3_000 } })
  expect(await mine(again)).toBe(3_000)
  await again.close()
  rmSync(left, { recursive: true, force: true })
}, 180_000)

test('is for officers; one of a county brings that county’s rows only, and takes nobody from another', async () => {
  for (const role of ['clerk', 'approver', 'administrator'] as const) {
    const other = await openOfficer(service, browser, { role })
    expect((await other.page.goto(at()))?.status(), role).toBe(403)
    await other.context.close()
  }
  const [elsewhere] = (await people()).filter(({ homeCounty }) => homeCounty === 'Lamu')
  const id = service.app.keyring.open(`people.national_id:${elsewhere?.id}`, elsewhere?.nationalIdSealed ?? '')
  const county = await openOfficer(service, browser, { role: 'officer', counties: ['Kisumu'] })
  await bring(
    file('mine.csv', csv([fresh(9_001, { home_county: 'Lamu' }), fresh(9_002), fresh(1, { national_id: id })])),
    county.page,
  )
  expect(await county.page.textContent('table')).toContain('not one of your counties')
  await county.page.check('input[name=skip]')
  await press(county.page, 'form[action$="/apply"] button')
  await finished(county.page)
  expect(await county.page.textContent('#run')).toMatch(/left alone\s*1/)
  expect((await people()).find((each) => each.id === elsewhere?.id)?.homeCounty).toBe('Lamu')
  await county.page.setViewportSize({ width: 320, height: 700 })
  await county.page.goto(at())
  expect(await isTooWide(county.page)).toBe(false)
  await county.context.close()
}, 60_000)
