import { eq } from 'drizzle-orm'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ruleOf } from '../../src/sms/classes.ts'
import { bodyPlace } from '../../src/sms/outbox.ts'
import type { MessageClass, MessageStatus } from '../../src/store/schema.ts'
import { CROWD, type Crowd, isWell, numberOf, openCrowd, SOON, sendTwice } from '../broadcasts/crowd.ts'
import { press } from '../kit/browser.ts'

let crowd: Crowd
const at = (path: string) => crowd.at(path)
const as = (name: string) => crowd.as(name)
const text = (page: Page) => page.textContent('main')
beforeAll(async () => {
  crowd = await openCrowd()
}, 120_000)
afterAll(() => crowd?.close())

describe('the table of messages', () => {
  let made = 0
  async function message(of: { class: MessageClass; status: MessageStatus; county?: string; body?: string }) {
    const { app } = crowd.service
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
  const write = (from: string, body: string) => crowd.service.phone(from).sms(body)
  const waiting = async (page: Page) => {
    await page.goto(at('/messages/inbox'))
    return page.locator('tbody a').allTextContents()
  }
  const answersTo = async (number: string) => (await crowd.service.phone(number).inbox()).map((sms) => sms.text)

  test('hides long numbers in the list, and shows all of a message to whoever opens it', async () => {
    await write(numberOf(10), 'Zxqv my id is 34567890, when do we begin?')
    const page = as('clerk')
    expect(await waiting(page)).toEqual(['Zxqv my id is ••••••••, when do we begin?'])
    await isWell(page, 'inbox')
    await press(page, 'tbody a')
    expect(await page.textContent('pre')).toContain('34567890')
    expect(await page.content()).not.toContain(numberOf(10))
    await isWell(page, 'inbox-one')
    const { read } = crowd.service.app.store
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
    const { read } = crowd.service.app.store
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
