import { eq } from 'drizzle-orm'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { press } from '../kit/browser.ts'
import { CROWD, type Crowd, isWell, numberOf, openCrowd, SOON, sendTwice } from './crowd.ts'

let crowd: Crowd
const at = (path: string) => crowd.at(path)
const as = (name: string) => crowd.as(name)
const text = (page: Page) => page.textContent('main')
beforeAll(async () => {
  // Slow enough that a broadcast can be stopped in its middle.
  crowd = await openCrowd({ SMS_PER_SECOND: '40' })
}, 120_000)
afterAll(() => crowd?.close())
const bulk = () => {
  const { read } = crowd.service.app.store
  return read.select().from(read.outbox).where(eq(read.outbox.class, 'bulk'))
}

describe('a broadcast', () => {
  const texts = { en: 'The rehearsal is on Friday at 8.', sw: 'Mazoezi ni Ijumaa saa mbili.' }
  async function fill(page: Page, county = 'Kwale', more: Record<string, string> = {}) {
    await page.goto(at('/messages/broadcasts/new'))
    await page.fill('#text_en', texts.en)
    await page.fill('#text_sw', texts.sw)
    await page.selectOption('#county', county)
    for (const [name, value] of Object.entries(more)) await page.fill(`#${name}`, value)
  }
  const counted = (page: Page) => page.waitForSelector('main dl')
  async function ask(page: Page): Promise<string> {
    await fill(page)
    await press(page, 'main form > button')
    await counted(page)
    await press(page, '#cast form button')
    return new URL(page.url()).pathname.split('/').at(-1) ?? ''
  }
  const agree = async (page: Page, id: string) => {
    await page.goto(at(`/approvals/${id}`))
    await press(page, 'form[action$="/agree"] button')
  }

  test('is not begun with a text that cannot be sent, or a place that is not', async () => {
    const page = as('officer')
    await fill(page, 'Kwale', { text_en: 'Welcome 😀', sub_county: 'Atlantis' })
    await isWell(page, 'new')
    await press(page, 'main form > button')
    expect(await page.textContent('#text_en-wrong')).toContain('😀')
    expect(await page.textContent('#sub_county-wrong')).toContain('Kwale')
    expect(await page.inputValue('#text_sw')).toBe(texts.sw)
    expect(await page.inputValue('#county')).toBe('Kwale')
    await isWell(page, 'new-wrong')
    await page.selectOption('#county', '')
    await press(page, 'main form > button')
    expect(await page.textContent('#sub_county-wrong')).toContain('county')
    const { read } = crowd.service.app.store
    expect(await read.select().from(read.orders)).toEqual([])
  }, 60_000)

  test('shows how many, in which language, and what it costs; a form sent twice is one draft and one order', async () => {
    const page = as('officer')
    await fill(page, 'Kwale', { text_en: 'x'.repeat(170), sub_county: 'msambweni' })
    await press(page, 'main form > button')
    await counted(page)
    const shown = (await text(page)) ?? ''
    // A hundred read Kiswahili; of the two that sent STOP one does.
    expect(shown).toContain('298 (199 in English, 99 in Kiswahili)')
    expect(shown).toContain('397.6')
    expect(shown).toContain('more than one SMS')
    await isWell(page, 'draft')
    await press(page, 'a[href*="?from="]')
    expect(await page.inputValue('#text_en')).toBe('x'.repeat(170))
    expect(await page.inputValue('#sub_county')).toBe('Msambweni')
    await page.fill('#text_en', texts.en)
    const [draft, again] = await sendTwice(page, 'main form')
    expect(again).toBe(draft)
    await page.goto(`${crowd.service.url}${draft}`)
    await counted(page)
    const [order, same] = await sendTwice(page, '#cast form')
    expect(order).toContain('said=cast_asked')
    expect(same).toBe(order)
    await page.goto(`${crowd.service.url}${order}`)
    expect(await page.textContent('.good')).toContain('second officer')
    const { read } = crowd.service.app.store
    expect(await read.select().from(read.orders)).toHaveLength(1)
    expect(await bulk()).toEqual([])
  }, 60_000)

  test('goes out when a second officer agrees, once to each in their language, and to nobody who sent STOP', async () => {
    const { read } = crowd.service.app.store
    const [order] = await read.select().from(read.orders)
    const page = as('officer')
    await page.goto(at(`/approvals/${order?.id}`))
    expect(await page.locator('form[action$="/agree"]').count()).toBe(0)
    const approver = as('approver')
    await approver.goto(at(`/approvals/${order?.id}`))
    for (const part of [texts.en, texts.sw, '298', '238.4']) expect(await text(approver)).toContain(part)
    await agree(approver, order?.id ?? '')
    await expect
      .poll(async () => (await bulk()).filter(({ status }) => status === 'delivered').length, { timeout: 30_000, interval: 300 })
      .toBe(CROWD - 2)
    const rows = await bulk()
    expect(new Set(rows.map(({ msisdn }) => msisdn)).size).toBe(CROWD - 2)
    for (const [place, expected] of [
      [0, texts.sw],
      [1, texts.en],
      [299, texts.en],
    ] as const)
      expect((await crowd.service.phone(numberOf(place)).inbox()).filter((sms) => sms.text === expected)).toHaveLength(1)
    for (const place of [3, 4, CROWD])
      expect(
        (await crowd.service.phone(numberOf(place)).inbox()).filter((sms) => Object.values(texts).includes(sms.text)),
      ).toEqual([])
    await page.goto(at(`/messages/broadcasts/${order?.id}`))
    expect(await text(page)).toContain('298 of 298 have left.')
    expect(await page.locator('form[action$="/stop"]').count()).toBe(0)
    await isWell(page, 'one')
  }, 60_000)

  test('is stopped in its middle: what has not left is taken back and stays back', async () => {
    const page = as('officer')
    const id = await ask(page)
    await agree(as('approver'), id)
    const mine = async () => (await bulk()).filter(({ dedupe }) => dedupe.includes(id))
    await expect.poll(async () => (await mine()).filter(({ status }) => status === 'delivered').length, SOON).toBeGreaterThan(5)
    await page.goto(at(`/messages/broadcasts/${id}`))
    await page.click('summary')
    await press(page, 'form[action$="/stop"] button')
    expect(await page.textContent('.good')).toContain('Stopped')
    await expect
      .poll(async () => (await mine()).filter(({ status }) => ['queued', 'sending', 'sent'].includes(status)).length, SOON)
      .toBe(0)
    const rows = await mine()
    const back = rows.filter(({ reason }) => reason === 'stopped')
    const left = rows.filter(({ status }) => status === 'delivered')
    expect(back.length).toBeGreaterThan(20)
    expect(back.length + left.length).toBe(rows.length)
    await page.goto(at(`/messages/broadcasts/${id}`))
    expect(await text(page)).toContain(`Taken back: ${back.length}. Had left already: ${left.length}.`)
    await isWell(page, 'stopped')
    const got = await Promise.all(
      back
        .slice(0, 20)
        .map(
          async ({ msisdn }) =>
            (await crowd.service.phone(msisdn).inbox()).filter((sms) => Object.values(texts).includes(sms.text)).length,
        ),
    )
    expect(got).toEqual(Array(20).fill(1))
  }, 60_000)

  test('an officer of a county writes to it alone and sees no other’s; clerk and approver write none', async () => {
    const lamu = as('lamu')
    await lamu.goto(at('/messages/broadcasts'))
    expect(await lamu.locator('tbody tr').count()).toBe(0)
    const { read } = crowd.service.app.store
    const [order] = await read.select().from(read.orders)
    expect((await lamu.goto(at(`/messages/broadcasts/${order?.id}`)))?.status()).toBe(404)
    await lamu.goto(at('/messages/broadcasts/new'))
    expect(await lamu.locator('#county option').allTextContents()).toEqual(['Choose', 'Lamu'])
    await lamu.fill('#text_en', texts.en)
    await lamu.fill('#text_sw', texts.sw)
    await press(lamu, 'main form > button')
    expect(await lamu.textContent('#county-wrong')).toContain('your counties')
    await lamu.evaluate(() => {
      const option = document.querySelector('#county option:last-child') as HTMLOptionElement
      option.value = 'Kwale'
    })
    await lamu.selectOption('#county', 'Kwale')
    await press(lamu, 'main form > button')
    expect(await lamu.textContent('#county-wrong')).toContain('your counties')
    for (const name of ['clerk', 'approver'])
      expect((await as(name).goto(at('/messages/broadcasts/new')))?.status(), name).toBe(403)
    const page = as('approver')
    await page.goto(at('/messages/broadcasts'))
    expect(await page.locator('tbody tr').count()).toBe(2)
    await isWell(page, 'list')
    await page.goto(at(`/messages/broadcasts/draft/${order?.id}`))
    expect(await page.textContent('h1')).not.toContain('Before')
  }, 60_000)
})
