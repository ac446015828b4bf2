import { readFileSync } from 'node:fs'
import { eq } from 'drizzle-orm'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addDocument } from '../../src/people/documents.ts'
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
const at = (path: string) => `${service.url}/console${path}`
const personBehind = async (msisdn: string) => {
  const { read } = service.app.store
  const [person] = await read.select().from(read.people).where(eq(read.people.msisdn, msisdn))
  if (!person) throw new Error('nobody has that number')
  return person
}
const traces = async (action: string, subject: string) => {
  const { read } = service.app.store
  return (await read.select().from(read.audit).where(eq(read.audit.subject, subject))).filter((row) => row.action === action)
}

async function find(text: string, on = page): Promise<string[]> {
  await on.goto(at('/people'))
  await on.fill('#q', text)
  await press(on, 'form.narrow button')
  expect(new URL(on.url()).search).toBe('')
  return on.locator('tbody a').allTextContents()
}

describe('finding somebody', () => {
  test('by name in any order and by beginnings, by national ID, by phone in any form, by TSC number', async () => {
    const chebet = await personBehind('+254700000003')
    for (const text of ['Chebet Kirui', 'kirui CHEBET', 'kir che', '0700 000 003', '254700000003', '+254700000003'])
      expect(await find(text), text).toContain(chebet.fullName)
    const id = service.app.keyring.open(`people.national_id:${chebet.id}`, chebet.nationalIdSealed)
    expect(await find(id)).toEqual([chebet.fullName])
    const tsc = service.app.keyring.open(`people.tsc_number:${chebet.id}`, chebet.tscNumberSealed ?? '')
    expect(await find(tsc)).toContain(chebet.fullName)
    expect(await find('Nobody Hasthisname')).toEqual([])
    expect(await find(`';--<b>`)).toEqual([])
    expect(await faultsOf(page)).toEqual([])
  }, 60_000)

  test('fifty at a time, each once, to the end', async () => {
    const { read } = service.app.store
    const all = (await read.select().from(read.people)).filter(({ fullName }) => /(^| )(ba|Ba)/i.test(fullName))
    expect(await find('ba')).toHaveLength(Math.min(50, all.length))
    const names = await page.locator('tbody a').evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).href))
    for (let more = 0; more < 20 && (await page.locator('main form:not(.narrow) button').count()) > 0; more++) {
      await press(page, 'main form:not(.narrow) button')
      names.push(...(await page.locator('tbody a').evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).href))))
    }
    expect(new Set(names).size).toBe(all.length)
  }, 60_000)

  test('an officer of a county finds and sees nobody of another', async () => {
    const chebet = await personBehind('+254700000003')
    const other = chebet.homeCounty === 'Lamu' ? 'Kwale' : 'Lamu'
    const elsewhere = await openOfficer(service, browser, { role: 'officer', counties: [other] })
    expect(await find('0700000003', elsewhere.page)).toEqual([])
    expect(await find('Chebet Kirui', elsewhere.page)).toEqual([])
    for (const path of [`/people/${chebet.id}`, `/people/${chebet.id}/reveal/national_id`])
      expect((await elsewhere.page.goto(at(path)))?.status()).toBe(404)
    await elsewhere.context.close()
    const here = await openOfficer(service, browser, { role: 'clerk', counties: [chebet.homeCounty] })
    expect(await find('Chebet Kirui', here.page)).toContain(chebet.fullName)
    await here.context.close()
  }, 60_000)
})

describe('one person', () => {
  test('shows no number in clear, and one field for a reason that is kept', async () => {
    const chebet = await personBehind('+254700000003')
    const id = service.app.keyring.open(`people.national_id:${chebet.id}`, chebet.nationalIdSealed)
    await page.goto(at(`/people/${chebet.id}`))
    const text = await page.content()
    expect(text).not.toContain(id)
    expect(text).not.toContain('+254700000003')
    expect(await faultsOf(page)).toEqual([])
    await page.setViewportSize({ width: 320, height: 700 })
    expect(await isTooWide(page)).toBe(false)
    await page.setViewportSize({ width: 1280, height: 900 })

    await page.goto(at(`/people/${chebet.id}/reveal/national_id`))
    await press(page, 'form.narrow button')
    expect(await page.locator('#reason-wrong').count()).toBe(1)
    await page.selectOption('#reason', 'papers')
    await press(page, 'form.narrow button')
    expect(await page.textContent('main')).toContain(id)
    expect(await faultsOf(page)).toEqual([])
    const [trace] = await traces('people.reveal', chebet.id)
    expect(trace).toMatchObject({ outcome: 'done', detail: { field: 'national_id', reason: 'papers' } })
    expect(trace?.actor).toMatch(/^officer:/)
    expect(JSON.stringify(trace)).not.toContain(id)
    expect((await page.goto(at(`/people/${chebet.id}/reveal/status`)))?.status()).toBe(404)
  }, 60_000)

  test('a certificate is fetched by who may look, and that is kept; not by another name', async () => {
    const chebet = await personBehind('+254700000003')
    const [other] = (await service.app.store.read.select().from(service.app.store.read.people)).filter(
      ({ id }) => id !== chebet.id,
    )
    const paper = Buffer.from('%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\nstartxref\n9\n%%EOF')
    const by = { via: 'web', name: `person:${chebet.id}`, signed: true, language: 'en' } as const
    const added = await addDocument(service.app, by, { personId: chebet.id, label: 'My degree', bytes: paper, once: 'once' })
    expect(added).toHaveProperty('id')
    await page.goto(at(`/people/${chebet.id}`))
    expect(await page.textContent('main')).toContain('My degree')
    const file = page.waitForEvent('download')
    await page.click('form[action*="/papers/"] button')
    expect(readFileSync(await (await file).path())).toEqual(paper)
    expect((await traces('people.reveal', chebet.id)).map(({ detail }) => detail?.field)).toContain('certificate')
    const action = (await page.locator('form[action*="/papers/"]').getAttribute('action')) ?? ''
    const csrf = (await page.locator('form[action*="/papers/"] input[name=csrf]').getAttribute('value')) ?? ''
    const wrong = await page.request.post(service.url + action.replace(chebet.id, other?.id ?? ''), { form: { csrf } })
    expect(wrong.status()).toBe(404)
  }, 60_000)

  test('has one timeline: dialled, wrote, was sent, and by whom', async () => {
    const phone = service.phone('+254700000003')
    await phone.dial()
    await phone.sms('STATUS')
    await expect.poll(async () => (await phone.inbox()).length).toBeGreaterThan(0)
    const { id } = await personBehind('+254700000003')
    await page.goto(at(`/people/${id}`))
    const line = await page.textContent('.timeline')
    for (const part of ['Dialled', 'Sent STATUS by SMS', 'SMS to them, notice', 'A masked field was looked at', 'Zawadi officer'])
      expect(line).toContain(part)
  }, 60_000)

  test('gets the letter again once, however often the button is pressed', async () => {
    const { id } = await personBehind('+254700000003')
    const links = async () => (await service.phone('+254700000003').inbox()).filter(({ text }) => text.includes('/l/')).length
    const before = await links()
    await page.goto(at(`/people/${id}`))
    const form = await page
      .locator('form[action$="/letter"]')
      .first()
      .locator('input[type=hidden]')
      .evaluateAll((inputs) => (inputs as HTMLInputElement[]).map(({ name, value }) => [name, value] as [string, string]))
    await press(page, 'form[action$="/letter"] button')
    expect(await page.textContent('.good')).toContain('goes out by SMS')
    const sent = await page.request.post(at(`/people/${id}/letter`), {
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      data: new URLSearchParams(form).toString(),
    })
    expect(await sent.text()).toContain('goes out by SMS')
    await expect.poll(links).toBe(before + 1)
    expect(await traces('letters.send_again', id)).toHaveLength(2)
  }, 60_000)

  test('is unlocked after wrong tries', async () => {
    const { id } = await personBehind('+254700000002')
    const lock = () =>
      service.app.store.work('guesses', (tx) =>
        tx
          .insert(tx.guesses)
          .values({ key: 'pin:+254700000002', tries: 5, lockedUntil: Date.now() + 900_000 })
          .onConflictDoNothing(),
      )
    await lock()
    await page.goto(at(`/people/${id}`))
    expect(await page.textContent('form[action$="/unlock"]')).toContain('locked until')
    await press(page, 'form[action$="/unlock"] button')
    expect(await page.locator('form[action$="/unlock"]').count()).toBe(0)
    expect(await traces('people.unlock', id)).toHaveLength(1)
  }, 60_000)

  test('is suspended by one of two officers; the other is told how it stands; then it is taken back', async () => {
    const { id } = await personBehind('+254700000005')
    const second = await openOfficer(service, browser, { role: 'clerk' })
    for (const [each, why] of [
      [page, 'identity'],
      [second.page, 'conduct'],
    ] as const) {
      await each.goto(at(`/people/${id}`))
      await each.click('details:has(.danger) summary')
      await each.selectOption('#reason', why)
    }
    await press(page, 'button.danger')
    expect(await page.textContent('.good')).toContain('Suspended')
    await press(second.page, 'button.danger')
    // What the first one did, why and who it was: not only that something changed.
    expect(await second.page.textContent('.bad')).toMatch(
      /Another officer changed this.*Suspended: Identity in doubt \(Zawadi officer, .*\d{4}/s,
    )
    expect((await personBehind('+254700000005')).status).toBe('suspended')
    await page.click('details:has(.danger) summary')
    await page.selectOption('#reason', 'other')
    await press(page, 'button.danger')
    expect((await personBehind('+254700000005')).status).toBe('vetted')
    await expect
      .poll(
        async () =>
          (await service.phone('+254700000005').inbox()).filter(({ text }) => /registration|usajili/i.test(text)).length,
      )
      .toBe(2)
    await second.context.close()
  }, 60_000)

  test('an approver sees and may look, and can change nothing; an auditor does not come here', async () => {
    const { id } = await personBehind('+254700000003')
    const approver = await openOfficer(service, browser, { role: 'approver' })
    await approver.page.goto(at(`/people/${id}`))
    expect(await approver.page.locator('form[action*="/people/"]:not([action*="/papers/"])').count()).toBe(0)
    expect(await approver.page.locator('a[href*="/reveal/"]').count()).toBeGreaterThan(3)
    await approver.context.close()
    const auditor = await openOfficer(service, browser, { role: 'auditor' })
    expect((await auditor.page.goto(at('/people')))?.status()).toBe(403)
    await auditor.context.close()
  }, 60_000)
})
