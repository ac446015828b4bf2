import { eq } from 'drizzle-orm'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HOUR } from '../../src/base/dates.ts'
import { orderKinds } from '../../src/catalogue.ts'
import { decideOrder } from '../../src/orders/order.ts'
import { makeChanges } from '../../src/people/change-effect.ts'
import { readProfile } from '../../src/people/profile-fields.ts'
import { faultsOf, isTooWide } from '../kit/axe.ts'
import { type Booted, boot } from '../kit/boot.ts'
import { openBrowser, press } from '../kit/browser.ts'
import { operate } from '../kit/operator.ts'
import { openPortalVisit } from '../kit/portal.ts'
import { settle } from '../kit/town.ts'

const ACHIENG = '+254700000901'
const BARAKA = '+254700000902'
const NEW = '+254700000951'
const PIN = '830564'
const NEXT = 'main form button'
let service: Booted
let browser: Browser
beforeAll(async () => {
  ;[service, browser] = await Promise.all([boot(), openBrowser()])
  await settle(service.app)
  await operate(service.app, { account: { phone: ACHIENG, national_id: '99100001', pin: PIN } })
  await operate(service.app, { account: { phone: BARAKA, national_id: '99100002', pin: PIN } })
  // Their first one-time passwords are there before a newer one is asked for.
  await Promise.all([ACHIENG, BARAKA].map((phone) => service.phone(phone).waitForSms(/one-time password/)))
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await service?.close()
})

const at = (path: string) => `${service.url}/portal${path}`
const codesTo = async (phone: string) =>
  (await service.phone(phone).inbox()).flatMap(({ text }) => /^(\d{6}) is your code/.exec(text)?.[1] ?? [])
/** The code that comes to a phone because of what is done. */
async function codeOf(phone: string, does: () => Promise<unknown>): Promise<string> {
  const before = (await codesTo(phone)).length
  await does()
  await expect.poll(async () => (await codesTo(phone)).length).toBeGreaterThan(before)
  return (await codesTo(phone)).at(-1) ?? ''
}
const said = (page: Page) => page.textContent('main')
const wrongCode = (code: string) => (code === '000000' ? '000001' : '000000')

async function orderOf(phone: string, kind: 'bank' | 'phone') {
  const { read } = service.app.store
  const [account] = await read.select().from(read.accounts).where(eq(read.accounts.msisdn, phone))
  const orders = await read
    .select()
    .from(read.orders)
    .where(eq(read.orders.subject, account?.personId ?? ''))
  return orders.filter((order) => order.kind === kind)
}
/** A second officer's answer, as the approvals page gives it. */
async function agree(id: string) {
  const { app } = service
  await app.store.work(`order:${id}`, async (tx) => {
    const [order] = await tx.select().from(tx.orders).where(eq(tx.orders.id, id))
    const actor = { via: 'console', name: 'officer:second', signed: false, language: 'en' } as const
    const scene = { tx, actor, at: app.clock.now(), tools: app }
    const decided = await decideOrder(scene, { id, digest: order?.digest ?? '', yes: true })
    if (!('order' in decided)) throw new Error('the order was not decided')
    await orderKinds[decided.order.kind]?.(scene, decided.order)
  })
}
/** The clock of everything that runs by itself, so many hours on. */
const hoursLater = (hours: number) => {
  const { app } = service
  return makeChanges({ ...app, clock: { ...app.clock, now: () => app.clock.now() + hours * HOUR } })
}

async function fillBank(page: Page, account: string, pin = PIN) {
  await page.goto(at('/change/bank'))
  await page.fill('#bank_code', '02')
  await page.fill('#account_number', account)
  await page.fill('#pin', pin)
  await press(page, NEXT)
}
const bankOf = async (phone: string) => {
  const [account] = (await service.app.store.read.select().from(service.app.store.read.accounts)).filter(
    ({ msisdn }) => msisdn === phone,
  )
  return service.app.store.work('look', (tx) => readProfile({ tx, tools: service.app }, account?.personId ?? ''))
}

describe('the bank account', () => {
  test('is refused with a wrong PIN, a wrong code, an account that is no account, and one that we have', async () => {
    const { page, context } = await openPortalVisit(service, browser, { phone: ACHIENG })
    await page.goto(at('/profile'))
    await press(page, 'a[href="/portal/change/bank"]')
    expect(await page.inputValue('#bank_code')).toBe('01')
    expect(await page.inputValue('#account_number')).toBe('')
    await fillBank(page, 'no account!')
    expect(await page.textContent('#account_number-wrong')).toContain('no account number')
    expect(await page.inputValue('#bank_code')).toBe('02')
    await fillBank(page, '123456')
    expect(await page.textContent('#account_number-wrong')).toContain('not the usual form')
    await fillBank(page, '5566778899', '111111')
    expect(await page.textContent('#pin-wrong')).toMatch(/not right. Tries left before it is locked: 4/)
    expect(await page.inputValue('#account_number')).toBe('5566778899')
    expect(await page.inputValue('#pin')).toBe('')
    await page.fill('#pin', '12')
    await press(page, NEXT)
    expect(await page.textContent('#pin-wrong')).toContain('6 digits')
    await page.goto(at('/change/bank'))
    await page.fill('#account_number', '1100223344')
    await page.fill('#pin', PIN)
    await press(page, NEXT)
    expect(await said(page)).toContain('the account that we have already')
    expect(await codesTo(ACHIENG)).toEqual([])
    const code = await codeOf(ACHIENG, () => fillBank(page, '5566778899'))
    await page.fill('#code_bank', wrongCode(code))
    await press(page, NEXT)
    expect(await page.textContent('#code_bank-wrong')).toContain('not right')
    expect(await said(page)).toContain('+2547***901')
    expect(await orderOf(ACHIENG, 'bank')).toEqual([])
    expect((await bankOf(ACHIENG)).account_number).toBe('1100223344')
    await context.close()
  }, 60_000)

  test('with PIN and code waits for an officer, can be cancelled, and one waits at a time', async () => {
    const { page, context } = await openPortalVisit(service, browser, { phone: ACHIENG })
    const code = await codeOf(ACHIENG, () => fillBank(page, '5566778899'))
    await page.fill('#code_bank', code)
    await press(page, NEXT)
    expect(page.url()).toContain('/portal/profile?said=change_asked')
    expect(await said(page)).toMatch(/A change waits/)
    await service.phone(ACHIENG).waitForSms(/change of your bank account was asked for.*Not you\?/)
    const [order] = await orderOf(ACHIENG, 'bank')
    expect(order).toMatchObject({ state: 'asked', county: 'Kisumu', summary: {} })
    expect((order?.effectAt ?? 0) - (order?.askedAt ?? 0)).toBe(72 * HOUR)
    await page.goto(at('/change/bank'))
    expect(await page.locator('#pin').count()).toBe(0)
    await press(page, 'main form button')
    expect(page.url()).toContain('said=change_cancelled')
    await service.phone(ACHIENG).waitForSms(/bank account was cancelled/)
    expect((await orderOf(ACHIENG, 'bank'))[0]?.state).toBe('cancelled')
    await hoursLater(80)
    expect((await bankOf(ACHIENG)).account_number).toBe('1100223344')
    await context.close()
  }, 60_000)

  test('sent twice it asks once; agreed to it counts after 72 hours, not before', async () => {
    const { page, context } = await openPortalVisit(service, browser, { phone: BARAKA })
    await page.goto(at('/change/bank'))
    await page.fill('#account_number', '9988776655')
    await page.fill('#account_name', 'Baraka Mwangome')
    await page.fill('#pin', PIN)
    const code = await codeOf(BARAKA, () => press(page, NEXT))
    await page.fill('#code_bank', code)
    const again = await page.context().newPage()
    const fields = await page
      .locator('main form')
      .first()
      .locator('input')
      .evaluateAll((inputs) =>
        Object.fromEntries(inputs.map((input) => [(input as HTMLInputElement).name, (input as HTMLInputElement).value])),
      )
    await press(page, NEXT)
    const second = await again.request.post(at('/change/bank/confirm'), { form: fields, maxRedirects: 0 })
    expect(second.headers().location).toBe('/portal/profile?said=change_asked')
    const orders = await orderOf(BARAKA, 'bank')
    expect(orders).toHaveLength(1)
    await agree(orders[0]?.id ?? '')
    await page.goto(at('/profile'))
    expect(await said(page)).toContain('An officer agreed')
    await hoursLater(71)
    expect((await bankOf(BARAKA)).account_number).toBe('1100223344')
    await Promise.all([hoursLater(73), hoursLater(73)])
    expect(await bankOf(BARAKA)).toMatchObject({ account_number: '9988776655', account_name: 'Baraka Mwangome', bank_code: '01' })
    expect((await orderOf(BARAKA, 'bank'))[0]?.state).toBe('done')
    const { read } = service.app.store
    const acts = await read.select().from(read.audit).where(eq(read.audit.action, 'people.change_bank'))
    expect(acts.map(({ outcome }) => outcome)).toEqual(['done'])
    await context.close()
  }, 60_000)
})

describe('the phone number', () => {
  test('needs a code from each of both numbers; then the account moves, and the old number opens nothing', async () => {
    const { page, context } = await openPortalVisit(service, browser, { phone: ACHIENG })
    const start = async (phone: string) => {
      await page.goto(at('/change/phone'))
      await page.fill('#phone', phone)
      await page.fill('#pin', PIN)
      await press(page, NEXT)
    }
    await start('12345')
    expect(await page.textContent('#phone-wrong')).toContain('not a Kenyan mobile number')
    await start('0700 000 901')
    expect(await page.textContent('#phone-wrong')).toContain('your number already')
    let old = ''
    const fresh = await codeOf(NEW, async () => {
      old = await codeOf(ACHIENG, () => start('0700 000 951'))
    })
    await page.fill('#code_phone_old', old)
    await page.fill('#code_phone_new', wrongCode(fresh))
    await press(page, NEXT)
    // What was right is not asked again.
    expect(await page.locator('#code_phone_old').count()).toBe(0)
    expect(await page.textContent('#code_phone_new-wrong')).toContain('not right')
    const newer = await codeOf(NEW, () => press(page, 'button[name="again"]'))
    expect(await said(page)).toContain('A new code is on its way')
    await page.fill('#code_phone_new', newer)
    await press(page, NEXT)
    expect(page.url()).toContain('said=change_asked')
    await service.phone(ACHIENG).waitForSms(/change of your phone number was asked for/)
    await service.phone(NEW).waitForSms(/This number is to take the place of another/)
    const [order] = await orderOf(ACHIENG, 'phone')
    await agree(order?.id ?? '')
    await Promise.all([hoursLater(73), hoursLater(73)])
    expect((await page.goto(at('/profile')))?.status()).toBe(401)
    const { read } = service.app.store
    const moved = await read.select().from(read.accounts)
    expect(moved.map(({ msisdn }) => msisdn).sort()).toEqual([BARAKA, NEW])
    const texts = (await read.select().from(read.outbox)).filter(({ dedupe }) => dedupe.startsWith('phone_changed:'))
    expect(texts.map(({ msisdn }) => msisdn).sort()).toEqual([ACHIENG, NEW])
    await context.close()
  }, 60_000)

  test('of another account is not taken: who holds it learns so only after its code', async () => {
    const { page, context } = await openPortalVisit(service, browser, { phone: BARAKA })
    await page.goto(at('/change/phone'))
    await page.fill('#phone', NEW)
    await page.fill('#pin', PIN)
    let old = ''
    const fresh = await codeOf(NEW, async () => {
      old = await codeOf(BARAKA, () => press(page, NEXT))
    })
    await page.fill('#code_phone_old', old)
    await page.fill('#code_phone_new', fresh)
    await press(page, NEXT)
    expect(await said(page)).toContain('has an account of its own')
    expect(await orderOf(BARAKA, 'phone')).toEqual([])
    await context.close()
  }, 60_000)
})

describe('the pages', () => {
  test.each(['en', 'sw'])(
    'in %s: no fault that axe finds, under 14 KB, no wider than 320 px',
    async (language) => {
      const { page, context } = await openPortalVisit(service, browser, { phone: BARAKA, script: true, width: 320 })
      await page.goto(at(`?lang=${language}`))
      const look = async (name: string) => {
        expect(Buffer.byteLength(await page.content()), name).toBeLessThan(14_000)
        expect(await isTooWide(page), name).toBe(false)
        expect(await faultsOf(page), name).toEqual([])
      }
      await page.goto(at('/profile'))
      await look('profile')
      await page.goto(at('/change/phone'))
      await look('phone')
      await page.goto(at('/change/bank'))
      await look('bank')
      await page.fill('#account_number', '12')
      await page.fill('#pin', '1')
      await press(page, NEXT)
      await look('bank-wrong')
      await page.fill('#account_number', '7788990011')
      await page.fill('#account_name', 'Baraka Mwangome')
      await page.fill('#pin', PIN)
      await press(page, NEXT)
      if ((await page.locator('#sure_account_name, [name="sure_account_name"]').count()) > 0)
        throw new Error('the name is in doubt')
      await look('codes')
      await page.fill('#code_bank', '000000')
      await press(page, NEXT)
      await look('codes-wrong')
      expect((await page.goto(at('/change/nothing')))?.status()).toBe(404)
      await context.close()
    },
    60_000,
  )
})
