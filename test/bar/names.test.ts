import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { importFile } from '../../src/cli/commands/import.ts'
import { importDeployments } from '../../src/deployments/import.ts'
import { publish } from '../../src/deployments/publish.ts'
import { draw } from '../../src/letters/draw.ts'
import { openLetter } from '../../src/letters/letter.ts'
import { loadLetterhead } from '../../src/letters/letterhead.ts'
import { openLetterWords } from '../../src/letters/words.ts'
import { codeOf } from '../../src/links/token.ts'
import { readSheet } from '../../src/sheets/read.ts'
import { bodyPlace } from '../../src/sms/outbox.ts'
import { isGsm7, septets } from '../../src/text/gsm7.ts'
import { segments } from '../../src/text/segments.ts'
import { isTooWide } from '../kit/axe.ts'
import { type Booted, boot } from '../kit/boot.ts'
import { openBrowser } from '../kit/browser.ts'
import { openOfficer } from '../kit/console.ts'
import { inDays } from '../kit/operator.ts'
import { openPortalVisit } from '../kit/portal.ts'
import { settle } from '../kit/town.ts'
import { canRead, readBack } from '../letters/one.ts'
import { send, step } from '../web/kit.ts'
import { hostileNames } from './hostile-names.ts'
import { size, tried } from './row.ts'

const SECRET = 'the-secret-of-this-gateway'
const names = hostileNames(size({ quick: 60, full: 500 }))
const refused = new Set<number>()
type Someone = { id: string; name: string; phone: string; nationalId: string; code: string }
let folder: string
let service: Booted
let browser: Browser
let console: Page
let cookie: string
let everybody: Someone[]
const idOf = (n: number) => String(41_000_000 + n)
const phoneOf = (n: number) => `+25471200${String(n).padStart(4, '0')}`

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wito-names-'))
  ;[service, browser] = await Promise.all([boot({ CALLBACK_SECRETS: SECRET }), openBrowser()])
  const { app } = service
  const { read } = app.store
  await settle(app)
  const town = (await read.select().from(read.people)).length
  const roll = names.map((full_name, n) => ({
    national_id: idOf(n),
    full_name,
    phone: phoneOf(n),
    tsc_number: '',
    kra_pin: '',
    qualification: 'degree',
    subjects: 'mathematics',
    home_county: 'Kisumu',
    home_sub_county: 'Kisumu East',
    workstation_code: '42101001',
    status: 'vetted',
  }))
  const file = join(folder, 'roll.csv')
  writeFileSync(file, stringify(roll, { header: true, quoted: true }))
  const report = await importFile(app, 'roll', file, { skipBad: true })
  const held = await read.select().from(read.people)
  const ids = new Map(held.map((person) => [person.msisdn, person]))
  for (const n of names.keys()) if (!ids.has(phoneOf(n) as never)) refused.add(n)
  expect(held.length - town).toBe(names.length - refused.size)
  // What is no name, is too long, or holds what nobody can see.
  const isNone = (name: string) => !/^\P{Cc}{1,120}$/u.test(name.trim())
  expect([...refused]).toEqual([...names.keys()].filter((n) => isNone(names[n] ?? '')))
  expect(report.bad?.length).toBe(refused.size)
  const taken = [...names.keys()].filter((n) => !refused.has(n))
  async function* duties() {
    for (const n of taken) {
      const day = inDays(app, 60)
      yield {
        row: n,
        values: { job_code: 'KCSE26INV', national_id: idOf(n), centre_code: '42101002', report_on: day, report_at: '07:00' },
      }
    }
  }
  const imported = await importDeployments(app, duties())
  if ('bad' in imported && imported.bad.length > 0) throw new Error(JSON.stringify(imported.bad.slice(0, 3)))
  const hash = await app.hasher.hash('kahawa ya asubuhi 7')
  await app.store.work('accounts', async (tx) => {
    for (const n of taken)
      await tx.insert(tx.accounts).values({
        personId: ids.get(phoneOf(n) as never)?.id ?? '',
        msisdn: phoneOf(n),
        passwordHash: hash,
        alerts: false,
        createdAt: app.clock.now(),
      })
  })
  await publish(app, {})
  const links = await read.select().from(read.links)
  const letters = new Map((await read.select().from(read.letters)).map((letter) => [letter.personId, letter.id]))
  everybody = taken.map((n) => {
    const person = ids.get(phoneOf(n) as never)
    const link = links.find(({ letterId }) => letterId === letters.get(person?.id ?? ''))
    return {
      id: person?.id ?? '',
      name: person?.fullName ?? '',
      phone: phoneOf(n),
      nationalId: idOf(n),
      code: codeOf(app.keyring, 'download', link?.id ?? ''),
    }
  })
  const officer = await openOfficer(service, browser, { role: 'officer' })
  console = officer.page
  cookie = (await officer.context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
}, 180_000)
afterAll(async () => {
  await browser?.close()
  await service?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** What the page of somebody hostile did that a page must not. */
const deeds: string[] = []
function watch(page: Page) {
  page.on('dialog', (dialog) => {
    deeds.push(`a dialog on ${page.url()}`)
    void dialog.dismiss()
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(service.url) && !request.url().startsWith('data:'))
      deeds.push(`${page.url()} asked ${request.url()}`)
  })
}
/** Nothing ran, nothing was built of a name, and nothing reaches beyond a narrow window. */
async function look(page: Page, path: string): Promise<void> {
  if (path) await page.goto(service.url + path)
  const found = await page.evaluate(() => ({
    pwned: 'pwned' in globalThis,
    built: [
      ...document.querySelectorAll(
        'main :is(script,img,svg,iframe,style,meta,object,[onload],[onerror],[onfocus],[onmouseover]), main a[href^="javascript:" i], h1 ~ h1',
      ),
    ].length,
    framed: document.querySelectorAll('main').length === 1 && document.querySelector('footer') !== null,
  }))
  if (found.pwned || found.built > 0 || !found.framed) deeds.push(`${page.url()}: ${JSON.stringify(found)}`)
  if (await isTooWide(page)) deeds.push(`${page.url()} is too wide`)
}

test('in the console: only text, in a real browser', async (context) => {
  watch(console)
  await console.setViewportSize({ width: 320, height: 640 })
  const seen = new Set<string>()
  for (let path: string | null = '/console/applications?job=KCSE26INV'; path; ) {
    await look(console, path)
    const cells = console.locator('tbody a[href^="/console/people/"]')
    for (const text of await cells.allTextContents()) seen.add(text)
    const next = console.locator('a[rel="next"]')
    const href: string | null = (await next.count()) > 0 ? await next.getAttribute('href') : null
    path = href && new URL(href, console.url()).href.replace(service.url, '')
  }
  expect(seen).toEqual(new Set(everybody.map(({ name }) => name)))
  const chosen = everybody.slice(0, size({ quick: 24, full: 160 }))
  for (const { id, name } of chosen) {
    await look(console, `/console/people/${id}`)
    // As it was typed, letter by letter: nothing of it was taken for anything else.
    expect(await console.locator('h1').first().textContent()).toContain(name)
  }
  expect(deeds).toEqual([])
  tried(
    context,
    `${names.length} names, ${refused.size} refused by the import; ${chosen.length} pages of people and ${seen.size} cells in a browser`,
  )
}, 180_000)

test('in the portal and on the pages of a letter: only text', async () => {
  for (const { phone, code, nationalId } of everybody.slice(0, size({ quick: 1, full: 8 }))) {
    const { page, context } = await openPortalVisit(service, browser, { phone, script: true, width: 320 })
    watch(page)
    for (const path of ['/portal', '/portal/profile', '/portal/letters', '/portal/privacy', '/portal/messages', `/v/${code}`])
      await look(page, path)
    await page.goto(`${service.url}/l/${code}`)
    await page.fill('#id_last4', nationalId.slice(-4))
    await Promise.all([page.waitForEvent('load'), page.click('button[name="as"]')])
    await look(page, '')
    await context.close()
  }
  expect(deeds).toEqual([])
}, 180_000)

test('in CSV and XLSX: no cell is a formula, and every name is there', async () => {
  // A sign of something unreadable is left out of a workbook; the apostrophe is our own.
  const bare = (text: string) => text.replace(/^'/, '').replaceAll('\ufffd', '').trim()
  const wanted = new Set(everybody.map(({ name }) => bare(name)))
  for (const kind of ['csv', 'xlsx']) {
    const file = await send(service.url, 'GET', `/console/applications/export.${kind}?job=KCSE26INV`, undefined, { cookie })
    expect(file.status).toBe(200)
    const path = join(folder, `a.${kind}`)
    writeFileSync(path, file.bytes)
    const rows: string[][] = kind === 'csv' ? parse(file.body, { bom: true }) : []
    if (kind === 'xlsx') {
      const head =
        (
          parse((await send(service.url, 'GET', '/console/applications/export.csv', undefined, { cookie })).body, {
            bom: true,
            to: 1,
          }) as string[][]
        )[0] ?? []
      const columns = head.map((name) => name.toLowerCase())
      for await (const { values } of readSheet({ path, name: 'a.xlsx' }, columns, columns))
        rows.push(columns.map((column) => values[column] ?? ''))
    }
    const cells = rows.flat()
    expect(cells.filter((cell) => /^[=+\-@\t\r\n＝＋－＠]/.test(cell))).toEqual([])
    const there = new Set(cells.map(bare))
    expect([...wanted].filter((name) => !there.has(name))).toEqual([])
  }
}, 60_000)

test('by phone: every screen within its budget, every SMS in GSM-7 and one segment', async () => {
  const callback = (name: string, form: Record<string, string>) =>
    send(service.url, 'POST', `/callbacks/${SECRET}/${name}`, String(new URLSearchParams(form)))
  for (const [n, { phone, code }] of everybody.entries()) {
    const screen = await callback('ussd', step('', { sessionId: `ATUid_${n}`, phoneNumber: phone }))
    expect(screen.body).toMatch(/^CON Wito\. Hello \S/)
    expect(isGsm7(screen.body) && septets(screen.body) <= 160, screen.body).toBe(true)
    const asks = { id: `ATXid_${n}`, from: `+25471300${String(n).padStart(4, '0')}`, to: '22262', date: '2026-05-03T06:04:45Z' }
    expect((await callback('sms', { ...asks, text: `VERIFY ${code}` })).status).toBe(200)
  }
  const { read } = service.app.store
  const texts = (await read.select().from(read.outbox)).map((row) => service.app.keyring.open(bodyPlace(row.id), row.bodySealed))
  expect(texts.filter((text) => text.startsWith('Genuine'))).toHaveLength(everybody.length)
  for (const text of texts) {
    expect(segments(text), text).toMatchObject({ encoding: 'GSM-7', count: 1 })
    // What bends lines, or what cannot be seen, is gone.
    expect(text).not.toMatch(/\p{Cf}|[^\P{Cc}\n]/u)
  }
}, 120_000)

test('on paper: drawn on one page, in letters that can be read', async () => {
  const letters = await service.app.store.read.select().from(service.app.store.read.letters)
  const every = Math.ceil(everybody.length / size({ quick: 6, full: 60 }))
  // Those that no font of ours can draw are among them.
  for (const { id, name } of everybody.filter((one, n) => n % every === 0 || /^日本|^Ａ|^W+$/.test(one.name))) {
    const [letter] = letters.filter(({ personId }) => personId === id)
    const opened = await openLetter(service.app, letter?.id ?? '')
    if (!opened) throw new Error(`${name} has no letter`)
    // Throws where it needs a second page.
    const pdf = await draw(opened.facts, openLetterWords(), loadLetterhead())
    expect(pdf.subarray(0, 5).toString(), name).toBe('%PDF-')
    if (!canRead) continue
    const { line, info } = readBack(pdf)
    expect(info.Pages, name).toBe('1')
    const squeezed = line.replace(/\s/g, '')
    // A letter without a shape is seen to be missing: never nothing in its place.
    if (/[\p{sc=Han}\p{sc=Arabic}\p{sc=Hebrew}]/u.test(name)) expect(squeezed, name).toContain('\ufffd')
    for (const word of name.match(/[A-Za-z]{3,20}/g) ?? []) expect(squeezed, name).toContain(word)
  }
}, 180_000)
