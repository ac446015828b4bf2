import { eq } from 'drizzle-orm'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { beginBroadcast } from '../../src/broadcasts/send.ts'
import { decideOrder } from '../../src/orders/order.ts'
import { applyRoll, rollRow } from '../../src/people/roll.ts'
import { ruleOf } from '../../src/sms/classes.ts'
import { bodyPlace } from '../../src/sms/outbox.ts'
import { stop } from '../../src/sms/report.ts'
import type { MessageClass, MessageStatus, OfficerRole } from '../../src/store/schema.ts'
import { faultsOf, isTooWide } from '../kit/axe.ts'
import { type Booted, boot } from '../kit/boot.ts'
import { openBrowser, press } from '../kit/browser.ts'
import { openOfficer } from '../kit/console.ts'

/** Slow enough that a broadcast can be stopped in its middle. */
const PER_SECOND = 40
const CROWD = 300
/** How long a message may take on a busy machine. */
const SOON = { timeout: 20_000, interval: 100 }

let service: Booted
let browser: Browser
const officers = new Map<string, { page: Page; context: BrowserContext }>()
beforeAll(async () => {
  ;[service, browser] = await Promise.all([boot({ SMS_PER_SECOND: String(PER_SECOND) }), openBrowser()])
  const { app } = service
  const people = Array.from({ length: CROWD + 2 }, (_, place) =>
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
    await applyRoll(tx, app, app.clock.now(), people)
    for (let place = 0; place < CROWD; place += 3)
      await tx.insert(tx.subscribers).values({ msisdn: numberOf(place), language: 'sw' })
    // Two of them want none.
    for (const place of [3, 4]) await stop(tx, numberOf(place), app.clock.now())
  })
  for (const [name, role, counties] of [
    ['officer', 'officer', []],
    ['approver', 'approver', []],
    ['clerk', 'clerk', []],
    ['lamu', 'officer', ['Lamu']],
  ] as [string, OfficerRole, string[]][])
    officers.set(name, await openOfficer(service, browser, { role, counties }))
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await service?.close()
})

const numberOf = (place: number) => `+2547110${String(place).padStart(5, '0')}`
const at = (path: string) => `${service.url}/console${path}`
function as(name: string): Page {
  const officer = officers.get(name)
  if (!officer) throw new Error(`there is no ${name}`)
  return officer.page
}
/** Axe finds nothing, and nothing is wider than a small phone. */
async function isWell(page: Page, name: string) {
  expect(await faultsOf(page), name).toEqual([])
  await page.setViewportSize({ width: 320, height: 700 })
  expect(await isTooWide(page), name).toBe(false)
  await page.setViewportSize({ width: 1280, height: 900 })
}
/** The same filled form, sent by two impatient presses: where each led. */
async function sendTwice(page: Page, selector: string): Promise<string[]> {
  const { action, fields } = await page.$eval(selector, (form) => ({
    action: (form as HTMLFormElement).action,
    fields: [...new FormData(form as HTMLFormElement)].map(([name, value]) => [name, String(value)] as const),
  }))
  const send = async () =>
    (await page.request.post(action, { form: Object.fromEntries(fields), maxRedirects: 0 })).headers().location
  return [(await send()) ?? '', (await send()) ?? '']
}
const bulk = () =>
  service.app.store.read.select().from(service.app.store.read.outbox).where(eq(service.app.store.read.outbox.class, 'bulk'))
const text = (page: Page) => page.textContent('main')

describe('the table of messages', () => {
  let made = 0
  async function message(of: { class: MessageClass; status: MessageStatus; county?: string; body?: string }) {
    const { app } = service
    const { read } = app.store
    const [person] = of.county ? await read.select().from(read.people).where(eq(read.people.homeCounty, of.county)).limit(1) : []
    const id = app.clock.id()
    const now = app.clock.now()
    await app.store.work('message', (tx) =>
      tx.insert(tx.outbox).values({
        id,
        dedupe: `table:${++made}`,
        msisdn: person?.msisdn ?? '+254799000001',
        personId: person?.id ?? null,
        class: of.class,
        rank: ruleOf(of.class).rank,
        bodySealed: app.keyring.seal(bodyPlace(id), of.body ?? 'secret 482915'),
        segments: 1,
        status: of.status,
        dueAt: now - made * 1000,
        expiresAt: now + 1e9,
        leaseUntil: 0,
        tries: 1,
        reason: of.status === 'failed' ? 'AbsentSubscriber' : null,
        cost: 'KES 0.8000',
        createdAt: now - made * 1000,
        changedAt: now,
      }),
    )
  }
  const rows = (page: Page) => page.locator('tbody tr').count()

  test('shows how each fared, narrowed by kind and status, never its text nor a whole number', async () => {
    await message({ class: 'notice', status: 'failed', county: 'Kwale' })
    await message({ class: 'otp', status: 'failed', county: 'Lamu' })
    await message({ class: 'otp', status: 'delivered' })
    for (let n = 0; n < 55; n++) await message({ class: 'reply', status: 'delivered', county: 'Kwale' })
    const page = as('officer')
    await page.goto(at('/messages'))
    expect(await rows(page)).toBe(50)
    await press(page, 'a[rel=next]')
    expect(await rows(page)).toBe(8)
    await page.goto(at('/messages?class=notice&status=failed'))
    expect(await rows(page)).toBe(1)
    expect(await text(page)).toContain('phone off or out of reach')
    await page.goto(at('/messages?status=failed'))
    expect(await rows(page)).toBe(2)
    const source = await page.content()
    for (const hidden of ['482915', numberOf(0), '+254799000001']) expect(source).not.toContain(hidden)
    expect(await page.inputValue('#status')).toBe('failed')
    await isWell(page, 'table')
    for (const odd of ['?status=nonsense&after=zz', `?after=${Buffer.from('["x","y"]').toString('base64url')}`])
      expect((await page.goto(at(`/messages${odd}`)))?.status()).toBe(200)
  }, 60_000)

  test('shows an officer of a county only what went to its people', async () => {
    const page = as('lamu')
    await page.goto(at('/messages'))
    expect(await rows(page)).toBe(1)
    expect(await text(page)).toContain('one-time password')
  })

  test('rates of delivery are the nation’s', async () => {
    const page = as('officer')
    await page.goto(at('/messages/delivery'))
    const otp = page.locator('tbody tr', { hasText: 'one-time password' }).first()
    expect(await otp.locator('td').allTextContents()).toEqual(['2', '0', '2', '1', '50.0 %', '1', '0', '0', '2', '1.6'])
    await isWell(page, 'delivery')
    expect((await as('lamu').goto(at('/messages/delivery')))?.status()).toBe(404)
  }, 60_000)
})

describe('the inbox', () => {
  const write = (from: string, body: string) => service.phone(from).sms(body)
  const waiting = async (page: Page) => {
    await page.goto(at('/messages/inbox'))
    return page.locator('tbody a').allTextContents()
  }
  const answersTo = async (number: string) => (await service.phone(number).inbox()).map((sms) => sms.text)

  test('hides long numbers in the list, and shows all of a message to whoever opens it', async () => {
    await write(numberOf(10), 'Zxqv my id is 34567890, when do we begin?')
    const page = as('clerk')
    expect(await waiting(page)).toEqual(['Zxqv my id is ••••••••, when do we begin?'])
    await isWell(page, 'inbox')
    await press(page, 'tbody a')
    expect(await page.textContent('pre')).toContain('34567890')
    expect(await page.content()).not.toContain(numberOf(10))
    await isWell(page, 'inbox-one')
    const { read } = service.app.store
    const [trace] = await read.select().from(read.audit).where(eq(read.audit.action, 'inbox.look'))
    expect(JSON.stringify(trace)).not.toContain('34567890')
  }, 60_000)

  test('says what does not fit and keeps what was typed, counts on the server and with script', async () => {
    const page = as('clerk')
    await waiting(page)
    await press(page, 'tbody a')
    await page.fill('#text', 'Karibu “sana”')
    expect(await page.textContent('output')).toBe('13 / 160')
    await press(page, 'form.narrow button:not(.second)')
    expect(await page.textContent('#text-wrong')).toContain('“')
    expect(await page.inputValue('#text')).toBe('Karibu “sana”')
    await page.fill('#text', 'a'.repeat(161))
    await press(page, 'form.narrow button:not(.second)')
    expect(await page.textContent('#text-wrong')).toContain('161')
    await page.fill('#text', 'Costs 5 €')
    await press(page, 'button[name=count]')
    expect(await page.textContent('form.narrow [role=status]')).toContain('10 of 160')
    expect(await page.inputValue('#text')).toBe('Costs 5 €')
    expect(await answersTo(numberOf(10))).toHaveLength(1)
  }, 60_000)

  test('is answered by one of two clerks, once; the other is told who, and keeps what was typed', async () => {
    const [page, second] = [as('clerk'), as('officer')]
    for (const each of [page, second]) {
      await waiting(each)
      await press(each, 'tbody a')
    }
    await page.fill('#text', 'We begin on Monday.')
    expect(await sendTwice(page, 'form.narrow')).toEqual(Array(2).fill('/console/messages/inbox?said=inbox_answered'))
    await second.fill('#text', 'On Tuesday.')
    await press(second, 'form.narrow button:not(.second)')
    expect(await second.textContent('[role=alert]')).toContain('Zawadi clerk')
    expect(await second.textContent('pre:last-of-type')).toContain('On Tuesday.')
    await expect.poll(() => answersTo(numberOf(10)), SOON).toContain('We begin on Monday.')
    expect((await answersTo(numberOf(10))).filter((sms) => sms.includes('begin on'))).toHaveLength(1)
    expect(await waiting(page)).toEqual([])
  }, 60_000)

  test('an answer goes to a number that sent STOP; one may be put aside; a county sees its own and strangers', async () => {
    await write(numberOf(3), 'Zxqv one')
    await write(numberOf(CROWD), 'Zxqv two')
    await write('+254722999888', 'Zxqv three')
    const lamu = as('lamu')
    expect((await waiting(lamu)).sort()).toEqual(['Zxqv three', 'Zxqv two'])
    const { read } = service.app.store
    const [kwale] = await read
      .select()
      .from(read.inbound)
      .where(eq(read.inbound.msisdn, numberOf(3)))
    expect((await lamu.goto(at(`/messages/inbox/${kwale?.id}`)))?.status()).toBe(404)
    const page = as('clerk')
    await page.goto(at(`/messages/inbox/${kwale?.id}`))
    await page.fill('#text', 'Asante.')
    await press(page, 'form.narrow button:not(.second)')
    await expect.poll(() => answersTo(numberOf(3)), SOON).toContain('Asante.')
    while ((await waiting(page)).length > 0) {
      await press(page, 'tbody a')
      await press(page, 'form[action$="/aside"] button')
      expect(await page.textContent('.good')).toContain('Put aside')
    }
    expect((await as('approver').goto(at('/messages/inbox')))?.status()).toBe(403)
  }, 60_000)
})

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
  const agree = async (_page: Page, id: string) => {
    const { app } = service
    const { read } = app.store
    const [order] = await read.select().from(read.orders).where(eq(read.orders.id, id))
    await app.store.work('agree', async (tx) => {
      const scene = {
        tx,
        actor: { via: 'console', name: 'officer:x', signed: false, language: 'en' } as const,
        at: app.clock.now(),
        tools: app,
      }
      const decided = await decideOrder(scene, { id, digest: order?.digest ?? '', yes: true })
      if ('order' in decided) await beginBroadcast(scene, decided.order)
    })
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
    const { read } = service.app.store
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
    await page.goto(`${service.url}${draft}`)
    await counted(page)
    const [order, same] = await sendTwice(page, '#cast form')
    expect(order).toContain('said=cast_asked')
    expect(same).toBe(order)
    await page.goto(`${service.url}${order}`)
    expect(await page.textContent('.good')).toContain('second officer')
    const { read } = service.app.store
    expect(await read.select().from(read.orders)).toHaveLength(1)
    expect(await bulk()).toEqual([])
  }, 60_000)

  test('goes out when a second officer agrees, once to each in their language, and to nobody who sent STOP', async () => {
    const { read } = service.app.store
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
      expect((await service.phone(numberOf(place)).inbox()).filter((sms) => sms.text === expected)).toHaveLength(1)
    for (const place of [3, 4, CROWD])
      expect((await service.phone(numberOf(place)).inbox()).filter((sms) => Object.values(texts).includes(sms.text))).toEqual([])
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
            (await service.phone(msisdn).inbox()).filter((sms) => Object.values(texts).includes(sms.text)).length,
        ),
    )
    expect(got).toEqual(Array(20).fill(1))
  }, 60_000)

  test('an officer of a county writes to it alone and sees no other’s; clerk and approver write none', async () => {
    const lamu = as('lamu')
    await lamu.goto(at('/messages/broadcasts'))
    expect(await lamu.locator('tbody tr').count()).toBe(0)
    const { read } = service.app.store
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
