import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { and, desc, eq } from 'drizzle-orm'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import writeXlsxFile from 'write-excel-file/node'
import { acting } from '../../src/acting.ts'
import { addDays } from '../../src/base/dates.ts'
import { orderKinds } from '../../src/catalogue.ts'
import { importDeployments } from '../../src/deployments/import.ts'
import { decideOrder } from '../../src/orders/order.ts'
import type { Tx } from '../../src/store/store.ts'
import { expectSound, faultsOf } from '../kit/axe.ts'
import { bomb } from '../kit/bomb.ts'
import { type Booted, boot } from '../kit/boot.ts'
import { openBrowser, press } from '../kit/browser.ts'
import { openOfficer } from '../kit/console.ts'
import { heldClock, POLL_MS } from '../kit/held-clock.ts'

type Person = Tx['people']['$inferSelect'] & { nationalId: string }
type Row = Record<'job_code' | 'national_id' | 'centre_code' | 'report_on' | 'report_at', string>

const held = heldClock()
let service: Booted
let browser: Browser
let officer: Page
let job: Tx['jobs']['$inferSelect']
let free: Person[]
let stations: Tx['stations']['$inferSelect'][]
beforeAll(async () => {
  ;[service, browser] = await Promise.all([boot({ DEMO: '1' }, held.clock), openBrowser()])
  const { read } = service.app.store
  const deployed = new Set((await read.select().from(read.deployments)).map(({ personId }) => personId))
  const roll = await read.select().from(read.people).where(eq(read.people.status, 'vetted'))
  const open = (person: (typeof roll)[number]) =>
    service.app.keyring.open(`people.national_id:${person.id}`, person.nationalIdSealed)
  free = roll.filter(({ id }) => !deployed.has(id)).map((person) => ({ ...person, nationalId: open(person) }))
  stations = await read.select().from(read.stations)
  ;[job] = (await read.select().from(read.jobs)).filter(({ code }) => /^KCSE\d+INV$/.test(code)) as [typeof job]
  officer = (await openOfficer(service, browser, { role: 'officer' })).page
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await service?.close()
})

const at = (path = '') => `${service.url}/console/deployments${path}`
const main = async (page = officer) => (await page.textContent('main')) ?? ''
const take = () => free.pop() as Person
const home = (person: Person, skip = 0) =>
  stations.filter(({ county, centreCode }) => county === person.homeCounty && centreCode !== person.workstationCode)[
    skip
  ] as (typeof stations)[number]
const rowOf = (person: Person, skip = 0): Row => ({
  job_code: job.code,
  national_id: person.nationalId,
  centre_code: home(person, skip).centreCode,
  report_on: job.startsOn,
  report_at: '07:00',
})
/** A draft, as an import leaves it. */
async function draft(person = take()) {
  const rows = async function* () {
    yield { row: 2, values: rowOf(person) }
  }
  expect(await importDeployments(service.app, rows())).toMatchObject({ made: 1 })
  return { person, ...(await heldOf(person)) }
}
async function heldOf({ id }: Pick<Person, 'id'>) {
  const { read } = service.app.store
  const [row] = await read
    .select()
    .from(read.deployments)
    .where(and(eq(read.deployments.personId, id), eq(read.deployments.jobCode, job.code)))
  return row as Tx['deployments']['$inferSelect']
}
const letterTexts = async ({ msisdn }: Person) =>
  (await service.phone(msisdn).inbox()).map(({ text }) => text).filter((text) => /\/l\/[0-9A-Z-]{19}/.test(text))
const linkIn = (text: string | undefined) => `${service.url}/l/${/\/l\/([0-9A-Z-]{19})/.exec(text ?? '')?.[1]}`
/** Another officer agrees to the last release that was asked for. */
async function agree() {
  const { read } = service.app.store
  const [order] = await read.select().from(read.orders).where(eq(read.orders.kind, 'publish')).orderBy(desc(read.orders.askedAt))
  if (!order) throw new Error('nothing was asked for')
  const actor = { via: 'console', name: 'officer:second', signed: false, language: 'en' } as const
  return acting(service.app, actor, 'orders.decide', order.id, async (scene) => {
    const decided = await decideOrder(scene, { id: order.id, digest: order.digest, yes: true })
    if ('refused' in decided) throw new Error(decided.refused)
    await orderKinds.publish?.(scene, decided.order)
    return [order.id, { outcome: 'done' }]
  })
}
async function released() {
  const one = await draft()
  await officer.goto(at(`/release?job=${job.code}`))
  await press(officer, 'form.narrow button')
  await agree()
  await expect.poll(async () => (await heldOf(one.person)).status, soon).toBe('released')
  await expect.poll(async () => (await letterTexts(one.person)).length, soon).toBe(1)
  return { ...one, ...(await heldOf(one.person)) }
}
async function fill(page: Page, values: Partial<Row>) {
  for (const [name, value] of Object.entries(values))
    if (name === 'job_code') await page.selectOption('#job_code', value)
    else await page.fill(`#${name}`, value)
}
async function sound(page: Page, path: string) {
  await page.goto(at(path))
  await expectSound(page)
}
/** Letters go out in the background: at once, but a busy machine takes its time. */
const soon = { timeout: 15_000 }

describe('looking', () => {
  test('by state, with filters; by county and station; each figure leads to exactly those', async () => {
    const { read } = service.app.store
    const all = await read.select().from(read.deployments)
    await officer.goto(at())
    expect(await officer.locator('main nav [aria-current] strong').textContent()).toBe(
      String(all.filter(({ status }) => status === 'released').length),
    )
    await officer.goto(at('/places'))
    await press(officer, '.places tbody th a')
    const figure = officer.locator('.places tbody td a').first()
    const n = Number(await figure.textContent())
    await Promise.all([officer.waitForEvent('load'), figure.click()])
    expect(await officer.locator('main tbody tr').count()).toBe(n)
    await officer.goto(at('?status=released&centre=00000000'))
    expect(await officer.locator('main tbody tr').count()).toBe(0)
  }, 30_000)

  test('every page is sound: axe finds nothing, and none is wider than a small phone', async () => {
    const { id } = await draft()
    for (const path of [
      '?status=draft',
      '/places',
      `/jobs/${job.code}`,
      `/release?job=${job.code}`,
      '/new',
      '/import',
      `/${id}`,
      `/${id}/move`,
      `/${id}/revoke`,
    ])
      await sound(officer, path)
  }, 60_000)
})

describe('entering one', () => {
  test('what is wrong is said at its field and nothing typed is lost; mended, it is a draft', async () => {
    const person = take()
    await officer.goto(at('/new'))
    await fill(officer, { ...rowOf(person), national_id: '12', centre_code: '99999999' })
    await press(officer, 'form.narrow button')
    expect(await officer.textContent('#national_id-wrong')).toContain('7 or 8 digits')
    expect(await officer.inputValue('#report_on')).toBe(job.startsOn)
    await fill(officer, rowOf(person))
    await fill(officer, { centre_code: '99999999' })
    await press(officer, 'form.narrow button')
    expect(await officer.textContent('#centre_code-wrong')).toContain('no such station')
    expect(await faultsOf(officer)).toEqual([])
    await fill(officer, rowOf(person))
    await press(officer, 'form.narrow button')
    expect(await heldOf(person)).toMatchObject({ status: 'draft', reportOn: job.startsOn })
    expect(officer.url()).toContain(`/deployments/${(await heldOf(person)).id}`)
    await officer.goto(at('/new'))
    await fill(officer, rowOf(person))
    await press(officer, 'form.narrow button')
    expect(await main()).toContain('already deployed')
  }, 30_000)

  test('the same form twice enters once', async () => {
    const person = take()
    await officer.goto(at('/new'))
    await fill(officer, rowOf(person))
    const sent = await officer.locator('form.narrow').evaluate((form) => {
      const fields = [...new FormData(form as HTMLFormElement)] as [string, string][]
      const send = () => fetch(location.href, { method: 'POST', body: new URLSearchParams(fields) })
      return Promise.all([send(), send()]).then((answers) => answers.map(({ status, url }) => ({ status, url })))
    })
    const { id } = await heldOf(person)
    for (const answer of sent) expect(answer).toEqual({ status: 200, url: expect.stringContaining(id) })
  }, 30_000)
})

describe('bringing a table', () => {
  const columns = ['job_code', 'national_id', 'centre_code', 'report_on', 'report_at'] as const
  const csvOf = (rows: Row[]) => [columns, ...rows.map((row) => columns.map((name) => row[name]))].join('\n')
  async function bring(name: string, content: string | Buffer, page = officer) {
    const path = join(service.folder, name)
    writeFileSync(path, content)
    await page.goto(at('/import'))
    await page.setInputFiles('#file', path)
    await press(page, 'form.narrow button')
  }
  const workbookOf = (rows: Row[]) =>
    writeXlsxFile([
      columns.map((value) => ({ value })),
      ...rows.map((row) => columns.map((name) => ({ value: row[name] }))),
    ]).toBuffer()
  const finished = () => officer.waitForSelector('#run >> text=Finished')

  test('good rows as XLSX: looked at, applied as a run, and sent twice they are there once', async () => {
    const people = [take(), take(), take()]
    await bring('good.xlsx', await workbookOf(people.map((person) => rowOf(person))))
    expect(await main()).toContain(people[0]?.fullName)
    expect(await heldOf(people[0] as Person)).toBeUndefined()
    expect(await faultsOf(officer)).toEqual([])
    const preview = officer.url()
    const sent = await officer.locator('form[action$="/apply"]').evaluate((form) => {
      const body = new URLSearchParams([...new FormData(form as HTMLFormElement)] as [string, string][])
      const send = () => fetch((form as HTMLFormElement).action, { method: 'POST', body })
      return Promise.all([send(), send()]).then((answers) => answers.map(({ url }) => url))
    })
    expect(new Set(sent).size).toBe(1)
    await officer.goto(sent[0] as string)
    await finished()
    for (const person of people) expect((await heldOf(person)).status).toBe('draft')
    await officer.goto(preview)
    expect(officer.url()).toBe(sent[0])
  }, 30_000)

  test('bad rows: each with line, column and sentence, to download too; nothing is applied unless they are left out', async () => {
    const [good, own] = [take(), take()]
    const far = addDays(job.endsOn, 30)
    await bring(
      'bad.csv',
      csvOf([
        rowOf(good),
        { ...rowOf(own), report_on: far },
        { ...rowOf(own), national_id: '=HYPERLINK(x)', centre_code: '1' },
        rowOf(good),
      ]),
    )
    const said = await main()
    for (const words of ["outside the job's days", '7 or 8 digits', '8 digits of a centre', 'stand in row 2'])
      expect(said).toContain(words)
    expect(said).not.toContain('HYPERLINK')
    const file = await officer.request.get(`${officer.url()}/bad.csv`)
    expect((await file.text()).trim().split('\r\n')).toHaveLength(5)
    expect(await faultsOf(officer)).toEqual([])
    await press(officer, 'form[action$="/apply"] button')
    expect(await main()).toContain('Nothing was applied')
    expect(await heldOf(good)).toBeUndefined()
    await officer.check('[name=skip]')
    await press(officer, 'form[action$="/apply"] button')
    await finished()
    expect((await heldOf(good)).status).toBe('draft')
  }, 30_000)

  test.each([
    ['a wrong type', 'picture.xlsx', () => Buffer.from('\xFF\xD8\xFF\xE0 no table at all', 'latin1'), /not taken/],
    ['no workbook', 'list.xlsx', () => Buffer.from('PK\u0003\u0004 nonsense'), /not an Excel file/],
    ['a bomb', 'bomb.xlsx', () => bomb(200_000_000), /too big/],
    ['nothing at all', 'empty.csv', () => '', /not empty/],
    ['a header alone', 'header.csv', () => csvOf([]), /no rows/],
    ['a missing column', 'short.csv', () => 'job_code,national_id\nX,1\n', /is missing/],
    ['over 4 MB', 'long.csv', () => 'a'.repeat(4 * 1024 * 1024 + 1), /over 4 MB/],
  ])('%s is one sentence, and nothing is kept', async (_, name, content, words) => {
    await bring(name, content())
    expect(await officer.textContent('#import-problem')).toMatch(words)
    expect(await officer.locator('#file').count()).toBe(1)
  })

  test('stopped and let go on, it writes every row once; what is another officer’s is not there', async () => {
    const people = Array.from({ length: 12 }, take)
    await bring('more.csv', csvOf(people.map((person) => rowOf(person))))
    const preview = officer.url()
    const other = (await openOfficer(service, browser, { role: 'officer' })).page
    expect((await other.goto(preview))?.status()).toBe(404)
    await other.context().close()
    // Nobody looks for work until we let them, so that Stop comes in time for certain.
    const gate = held.hold(POLL_MS)
    await gate.reached(2)
    await press(officer, 'form[action$="/apply"] button')
    await press(officer, 'form[action$="/stop"] button')
    expect(await officer.textContent('#run')).toContain('Stopped')
    gate.release()
    await service.app.clock.sleep(3 * POLL_MS)
    for (const person of people) expect(await heldOf(person)).toBeUndefined()
    await officer.reload()
    await press(officer, 'form[action$="/resume"] button')
    await finished()
    for (const person of people) expect((await heldOf(person)).status).toBe('draft')
  }, 30_000)

  test('a row of another county is a bad row', async () => {
    const person = take()
    const county = stations.find((station) => station.county !== person.homeCounty)?.county ?? ''
    const { page } = await openOfficer(service, browser, { role: 'officer', counties: [county] })
    await bring('far.csv', csvOf([rowOf(person)]), page)
    expect(await main(page)).toContain('not in your counties')
    expect(await page.locator('form[action$="/apply"]').count()).toBe(0)
    const { id } = await draft(person)
    for (const path of [`/${id}`, `/${id}/move`, `/${id}/revoke`, `/${id}/reissue`, `/places?county=${person.homeCounty}`])
      expect((await page.goto(at(path)))?.status(), path).toBe(404)
    await page.goto(at('?status=draft'))
    expect(await main(page)).not.toContain(person.fullName)
    await page.context().close()
  }, 30_000)
})

describe('releasing and after', () => {
  test('one officer asks, another agrees; one SMS each; the job’s page shows how far they are', async () => {
    const people = [(await draft()).person, (await draft()).person]
    await officer.goto(at(`?status=draft&job=${job.code}`))
    await press(officer, `a[href^="/console/deployments/release"]`)
    await press(officer, 'form.narrow button')
    expect(officer.url()).toContain('/console/approvals/')
    for (const person of people) expect(await letterTexts(person)).toEqual([])
    await agree()
    for (const person of people) await expect.poll(async () => (await letterTexts(person)).length, soon).toBe(1)
    await officer.goto(at(`/jobs/${job.code}`))
    await officer.waitForSelector('#watch:not([data-live])')
    const { read } = service.app.store
    const held = await read.select().from(read.deployments).where(eq(read.deployments.jobCode, job.code))
    const told = held.filter(({ status }) => ['released', 'accepted', 'declined'].includes(status)).length
    expect(await main()).toContain(`${told} of ${told} released`)
    for (const person of people) expect(await letterTexts(person)).toHaveLength(1)
  }, 60_000)

  test('moved, a letter of its own goes out and the old link is gone; an answer is asked anew', async () => {
    const one = await released()
    const [old] = await letterTexts(one.person)
    expect((await fetch(linkIn(old))).status).toBe(200)
    await officer.goto(at(`/${one.id}/move`))
    await press(officer, 'form.narrow button')
    expect(await main()).toContain('Nothing is different')
    await fill(officer, { report_on: '2020-01-01' })
    await press(officer, 'form.narrow button')
    expect(await officer.textContent('#report_on-wrong')).toContain("outside the job's days")
    await fill(officer, { report_on: addDays(job.startsOn, 1), report_at: '06:30' })
    await press(officer, 'form.narrow button')
    expect(await main()).toContain('Moved')
    await expect.poll(async () => (await letterTexts(one.person)).length, soon).toBe(2)
    expect((await fetch(linkIn(old))).status).toBe(410)
    expect((await fetch(linkIn((await letterTexts(one.person))[1]))).status).toBe(200)
    expect(await heldOf(one.person)).toMatchObject({ status: 'released', letterVersion: 2, reportAt: '06:30' })
    await sound(officer, `/${one.id}`)
  }, 30_000)

  test('the second officer is told what changed, and nothing is done; the same form twice acts once', async () => {
    const one = await released()
    const second = (await openOfficer(service, browser, { role: 'officer' })).page
    await second.goto(at(`/${one.id}/revoke`))
    await second.fill('#why', 'centre closed')
    await officer.goto(at(`/${one.id}/move`))
    await fill(officer, { report_on: addDays(job.startsOn, 2) })
    await press(officer, 'form.narrow button')
    await press(second, 'form.narrow button')
    expect(await second.textContent('.bad')).toMatch(/Another officer changed.*Day: was .*, is now/s)
    expect(await second.inputValue('#why')).toBe('centre closed')
    expect(await faultsOf(second)).toEqual([])
    expect((await heldOf(one.person)).status).toBe('released')
    const sent = await second.locator('form.narrow').evaluate((form) => {
      const body = new URLSearchParams([...new FormData(form as HTMLFormElement)] as [string, string][])
      const send = () => fetch((form as HTMLFormElement).action, { method: 'POST', body }).then(({ url }) => url)
      return Promise.all([send(), send()])
    })
    for (const url of sent) expect(url).toContain('said=deploy_revoke')
    expect((await heldOf(one.person)).status).toBe('revoked')
    const revoked = async () => (await service.phone(one.person.msisdn).inbox()).filter(({ text }) => !/\/l\//.test(text))
    await expect.poll(async () => (await revoked()).length, soon).toBe(1)
    const texts = await letterTexts(one.person)
    expect((await fetch(linkIn(texts.at(-1)))).status).toBe(410)
    await second.context().close()
  }, 30_000)

  test('issued again, the next version goes out; a draft never leaves by that way', async () => {
    const one = await released()
    await officer.goto(at(`/${one.id}/reissue`))
    await press(officer, 'form.narrow button')
    expect(await main()).toContain('Issued again')
    await expect.poll(async () => (await letterTexts(one.person)).length, soon).toBe(2)
    const waiting = await draft()
    await officer.goto(at(`/${waiting.id}/reissue`))
    await press(officer, 'form.narrow button')
    expect(await officer.textContent('#act-problem')).toContain('two officers agree')
    expect((await heldOf(waiting.person)).status).toBe('draft')
  }, 30_000)

  test('why somebody declined is hidden until an officer says why they look, and that is recorded', async () => {
    const one = await released()
    await service.phone(one.person.msisdn).sms(`DECLINE ${job.code} my child is ill`)
    await expect.poll(async () => (await heldOf(one.person)).status, soon).toBe('declined')
    await officer.goto(at(`/${one.id}`))
    expect(await main()).not.toContain('my child is ill')
    await press(officer, 'form[action$="/reason"] button')
    expect(await officer.textContent('#reason-problem')).toContain('why you need')
    await officer.fill('#why', 'to find another')
    await press(officer, 'form[action$="/reason"] button')
    expect(await main()).toContain('my child is ill')
    await officer.goto(at(`/${one.id}`))
    const said = await main()
    expect(said).not.toContain('my child is ill')
    expect(said).toContain('to find another')
  }, 30_000)

  test('a clerk looks and changes nothing', async () => {
    const one = await draft()
    const { page } = await openOfficer(service, browser, { role: 'clerk' })
    expect((await page.goto(at(`/${one.id}`)))?.status()).toBe(200)
    expect(await page.locator('a[href$="/move"], a[href$="/revoke"]').count()).toBe(0)
    for (const path of [`/${one.id}/move`, `/${one.id}/revoke`, '/new', '/import', '/release'])
      expect((await page.goto(at(path)))?.status(), path).toBe(403)
    await page.context().close()
  }, 30_000)
})
