import { and, eq } from 'drizzle-orm'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { acting } from '../../src/acting.ts'
import { askRelease } from '../../src/deployments/release.ts'
import { forgetLastWords } from '../../src/people/erase.ts'
import { askErasure } from '../../src/people/erasure.ts'
import { faultsOf, isTooWide } from '../kit/axe.ts'
import { type Booted, boot } from '../kit/boot.ts'
import { openBrowser, press } from '../kit/browser.ts'
import { openOfficer } from '../kit/console.ts'
import { seatOfficers } from '../kit/officers.ts'

let service: Booted
let browser: Browser
let approver: Page
beforeAll(async () => {
  ;[service, browser] = await Promise.all([boot({ DEMO: '1' }), openBrowser()])
  await seatOfficers(service.app, by)
  ;({ page: approver } = await openOfficer(service, browser, { role: 'approver' }))
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await service?.close()
})
const at = (path = '') => `${service.url}/console/approvals${path}`
const read = () => service.app.store.read
const by = { via: 'console', name: 'officer:somebody', signed: false, language: 'en' } as const

/** Drafts of a job, as an import leaves them: three people whose deployments nobody released yet. */
async function drafts(): Promise<string> {
  const [job] = await read().select().from(read().jobs).limit(1)
  const code = job?.code ?? ''
  await service.app.store.work('drafts', async (tx) => {
    const some = await tx.select().from(tx.deployments).where(eq(tx.deployments.jobCode, code)).limit(3)
    const people = some.length > 0 ? some : await tx.select().from(tx.deployments).limit(3)
    for (const { id } of people)
      await tx.update(tx.deployments).set({ status: 'draft', jobCode: code, changedAt: 0 }).where(eq(tx.deployments.id, id))
  })
  return code
}
const drafted = (code: string) =>
  read()
    .select()
    .from(read().deployments)
    .where(and(eq(read().deployments.jobCode, code), eq(read().deployments.status, 'draft')))

describe('what one asked for and another decides', () => {
  test('letters wait for a second officer; a yes sends them once, however often it is sent', async () => {
    const code = await drafts()
    const asked = await askRelease(service.app, by, { job: code, id: 'order-release-1' })
    expect(asked).toEqual({ order: 'order-release-1' })
    await approver.goto(at())
    expect(await approver.textContent('table')).toContain('Release letters')
    expect(await faultsOf(approver)).toEqual([])
    await press(approver, 'tbody a')
    expect(await approver.textContent('dl')).toContain(code)
    expect(await faultsOf(approver)).toEqual([])
    const form = await approver
      .locator('form[action$="/agree"] input[type=hidden]')
      .evaluateAll((inputs) => (inputs as HTMLInputElement[]).map(({ name, value }) => [name, value] as [string, string]))
    await press(approver, 'form[action$="/agree"] button')
    expect(await approver.textContent('.good')).toContain('You agreed')
    await expect.poll(async () => (await drafted(code)).length, { timeout: 15_000 }).toBe(0)
    const again = await approver.request.post(at('/order-release-1/agree'), {
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      data: new URLSearchParams(form).toString(),
    })
    expect(await again.text()).toContain('You agreed')
    expect((await read().select().from(read().runs)).filter(({ id }) => id.includes('order-release-1'))).toHaveLength(1)
    // Its progress is seen by whoever decided, and by nobody else.
    const [run] = await read().select().from(read().runs)
    expect((await approver.goto(`${service.url}/console/runs/${run?.id}`))?.status()).toBe(200)
    const clerk = await openOfficer(service, browser, { role: 'clerk' })
    expect((await clerk.page.goto(`${service.url}/console/runs/${run?.id}`))?.status()).toBe(404)
    expect((await clerk.page.goto(at()))?.status()).toBe(403)
    expect((await clerk.page.goto(at('/order-release-1')))?.status()).toBe(404)
    await clerk.context.close()
  }, 60_000)

  test('nobody agrees to what they asked for themselves, to what has changed, or to what was decided before', async () => {
    const code = await drafts()
    await askRelease(service.app, by, { job: code, id: 'order-release-2' })
    const second = await openOfficer(service, browser, { role: 'approver' })
    for (const page of [approver, second.page]) await page.goto(at('/order-release-2'))
    await press(approver, 'form[action$="/refuse"] button')
    expect(await approver.textContent('.good')).toContain('You refused')
    await press(second.page, 'form[action$="/agree"] button')
    expect(await second.page.textContent('#order-problem')).toMatch(/decided/)
    expect(await drafted(code)).not.toEqual([])

    await askRelease(service.app, by, { job: code, id: 'order-release-3' })
    await second.page.goto(at('/order-release-3'))
    await second.page
      .locator('form[action$="/agree"] input[name=digest]')
      .evaluate((input) => input.setAttribute('value', 'another'))
    await press(second.page, 'form[action$="/agree"] button')
    expect(await second.page.locator('#order-problem').count()).toBe(1)
    const own = `officer:${(await read().select().from(read().officers)).find(({ username }) => username === second.username)?.id}`
    await service.app.store.work('own', (tx) =>
      tx.update(tx.orders).set({ askedBy: own }).where(eq(tx.orders.id, 'order-release-3')),
    )
    await second.page.goto(at('/order-release-3'))
    expect(await second.page.locator('form[action$="/agree"]').count()).toBe(0)
    expect(await drafted(code)).not.toEqual([])
    await press(second.page, 'form[action$="/cancel"] button')
    expect(await second.page.textContent('.good')).toContain('taken back')
    await second.page.goto(at('/history'))
    expect(await second.page.locator('tbody tr').count()).toBeGreaterThanOrEqual(3)
    await second.page.setViewportSize({ width: 320, height: 700 })
    expect(await isTooWide(second.page)).toBe(false)
    await second.context.close()
  }, 60_000)
})

test('an approver whom nobody has confirmed reads why there is nothing to press, and a second administrator what to look at', async () => {
  const code = await drafts()
  await askRelease(service.app, by, { job: code, id: 'order-release-4' })
  const lonely = await openOfficer(service, browser, { role: 'approver' })
  const second = await openOfficer(service, browser, { role: 'administrator' })
  const { officers } = read()
  const named = eq(officers.username, lonely.username)
  const broughtIn = [{ by: 'officer:somebody', at: 1 }]
  await service.app.store.work('lonely', (tx) => tx.update(tx.officers).set({ confirmedAt: null, broughtIn }).where(named))
  const [row] = await read().select().from(officers).where(named)
  for (const [page, address, words] of [
    [lonely.page, at('/order-release-4'), 'Ask a second administrator to confirm you'],
    [second.page, `${service.url}/console/officers/${row?.id}`, 'Ask them yourself whether they have logged in'],
    [second.page, `${service.url}/console/officers`, 'waits for a second administrator'],
  ] as const)
    for (const width of [1200, 320]) {
      await page.setViewportSize({ width, height: 800 })
      await page.goto(address)
      expect(await page.textContent('main')).toContain(words)
      expect(await page.locator('form[action$="/agree"], form[action$="/refuse"]').count()).toBe(0)
      expect(await faultsOf(page)).toEqual([])
      expect(await isTooWide(page), `${address} at ${width}`).toBe(false)
    }
  for (const { context } of [lonely, second]) await context.close()
}, 60_000)

test('a person is erased when nobody counts on them: not found, not named, not reached, and told last of all', async () => {
  const phone = service.phone('+254700000002')
  await phone.dial()
  await phone.reply('1')
  await phone.sms('STATUS')
  const [person] = await read().select().from(read().people).where(eq(read().people.msisdn, '+254700000002'))
  if (!person) throw new Error('nobody has that number')
  await service.app.store.work('name', (tx) =>
    tx.update(tx.people).set({ fullName: 'Canary Uniquename' }).where(eq(tx.people.id, person.id)),
  )
  const [letter] = await read().select().from(read().letters).limit(1)
  await askErasure(service.app, { ...by, name: `person:${person.id}` }, { id: person.id, county: person.homeCounty })

  // While a station counts on them it waits.
  const lend = (to: string) =>
    service.app.store.work('lend', (tx) =>
      tx
        .update(tx.deployments)
        .set({ personId: to, status: 'accepted' })
        .where(eq(tx.deployments.id, letter?.deploymentId ?? '')),
    )
  await lend(person.id)
  await approver.goto(at(`/erasure:${person.id}`))
  expect(await approver.textContent('dl')).toContain('Canary Uniquename')
  await press(approver, 'form[action$="/agree"] button')
  expect(await approver.locator('#order-problem').count()).toBe(1)
  expect((await read().select().from(read().accounts).where(eq(read().accounts.personId, person.id))).length).toBe(1)
  await lend(letter?.personId ?? '')

  const elsewhere = await openOfficer(service, browser, {
    role: 'approver',
    counties: [person.homeCounty === 'Lamu' ? 'Kwale' : 'Lamu'],
  })
  expect((await elsewhere.page.goto(at(`/erasure:${person.id}`)))?.status()).toBe(404)
  await elsewhere.context.close()

  await approver.goto(at(`/erasure:${person.id}`))
  await press(approver, 'form[action$="/agree"] button')
  expect(await approver.textContent('.good')).toContain('You agreed')
  await expect
    .poll(async () => (await phone.inbox()).some(({ text }) => /erased|zimefutwa/.test(text)), { timeout: 15_000 })
    .toBe(true)
  // What the gateway reports of it later is forgotten as well.
  await expect
    .poll(async () => (await forgetLastWords(service.app)) < 0 || (await holding('+254700000002')), { timeout: 20_000 })
    .toEqual([])
  for (const what of ['+254700000002', 'Canary Uniquename', 'canary', person.nationalIdIndex, person.tscNumberIndex ?? 'none'])
    expect(await holding(what), what).toEqual([])
  // The same look does find what is there.
  expect(await holding(person.homeCounty)).toContain('people')
  const [left] = await read().select().from(read().people).where(eq(read().people.id, person.id))
  expect(service.app.keyring.open(`people.national_id:${person.id}`, left?.nationalIdSealed ?? '')).toBe('erased')
  expect((await phone.dial()).text).not.toContain('Canary')
}, 90_000)

/** The tables in which a text stands anywhere. */
async function holding(what: string): Promise<string[]> {
  const found: string[] = []
  for (const [name, table] of Object.entries(read()))
    if (typeof table === 'object' && table !== null && 'getSQL' in table) {
      const rows = await acting(service.app, by, 'test.look', 'look', async ({ tx }) => [
        await tx.select().from(tx[name as 'people']),
        { outcome: 'done' },
      ])
      if (JSON.stringify(rows).includes(what)) found.push(name)
    }
  return found
}
