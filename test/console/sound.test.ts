import { eq } from 'drizzle-orm'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { operator } from '../../src/acting.ts'
import { HOUR } from '../../src/base/dates.ts'
import { newOfficer } from '../../src/officers/manage.ts'
import { startRun } from '../../src/runs/run.ts'
import { expectSound } from '../kit/axe.ts'
import { type Booted, boot } from '../kit/boot.ts'
import { openBrowser, press } from '../kit/browser.ts'
import { openOfficer, PASSWORD } from '../kit/console.ts'

let service: Booted
let browser: Browser
beforeAll(async () => {
  ;[service, browser] = await Promise.all([boot({ DEMO: '1' }), openBrowser()])
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await service?.close()
})
const at = (path = '') => `${service.url}/console${path}`
const officerBy = async (username: string) => {
  const { read } = service.app.store
  const [officer] = await read.select().from(read.officers).where(eq(read.officers.username, username))
  return officer?.id ?? ''
}
/** A run of this officer's that goes on elsewhere until we say that it is over. */
async function runOf(officer: string, id: string) {
  const { app } = service
  await app.store.work('test', async (tx) => {
    const scene = { tx, at: app.clock.now(), tools: app }
    await startRun(scene, { kind: 'roll.apply', input: {}, of: 300, by: `officer:${officer}`, id })
    await tx
      .update(tx.runs)
      .set({ state: 'running', done: 100, tally: { added: 100 }, lease: 'other', leaseUntil: app.clock.now() + HOUR })
      .where(eq(tx.runs.id, id))
  })
}

test('coming in: login, code, beginning and enrolment are sound', async () => {
  const added = await newOfficer(service.app, operator, { username: 'sound.one', name: 'Made Up', role: 'clerk', counties: [] })
  if (added === 'taken') throw new Error('the username is taken')
  const page = await browser.newPage()
  await page.goto(at(`/begin/${added.link.split('/').at(-1)}`))
  await expectSound(page)
  await page.fill('#password', 'short')
  await press(page, 'form.narrow button')
  await expectSound(page)
  await page.fill('#password', PASSWORD)
  await press(page, 'form.narrow button')
  expect(await page.locator('.qr svg').count()).toBe(1)
  await expectSound(page)
  await page.goto(at('/login'))
  await expectSound(page)
  await page.fill('#username', 'sound.one')
  await page.fill('#password', 'wrong')
  await press(page, 'form.narrow button')
  expect(await page.locator('#login-problem').count()).toBe(1)
  await expectSound(page)
  await page.fill('#password', PASSWORD)
  await press(page, 'form.narrow button')
  await page.waitForSelector('#code')
  await expectSound(page)
  await page.close()
}, 120_000)

test('an administrator’s pages are sound: an officer’s, with what is wrong too, and the settings', async () => {
  const { page, username } = await openOfficer(service, browser, { role: 'administrator' })
  await page.goto(at(`/officers/${await officerBy(username)}`))
  await expectSound(page)
  await page.fill('#counties', 'Kisomu')
  await press(page, 'main form.narrow button')
  expect(await page.locator('#counties-wrong').count()).toBe(1)
  await expectSound(page)
  await page.goto(at('/settings'))
  await expectSound(page)
  await page.context().close()
}, 120_000)

test('a run’s page is sound, and renews itself without being loaded anew', async () => {
  const { page, username } = await openOfficer(service, browser, { role: 'officer' })
  await runOf(await officerBy(username), 'a-run')
  await page.goto(at('/runs/a-run'))
  await expectSound(page)
  await page.evaluate(() => Object.assign(globalThis, { sameDocument: true }))
  expect(await page.textContent('#run')).toContain('100 of 300')
  await service.app.store.work('test', (tx) =>
    tx.update(tx.runs).set({ state: 'done', done: 300 }).where(eq(tx.runs.id, 'a-run')),
  )
  await expect.poll(() => page.textContent('#run'), { timeout: 20_000 }).toContain('Finished')
  expect(await page.textContent('#run')).toContain('300 of 300')
  expect(await page.evaluate(() => 'sameDocument' in globalThis)).toBe(true)
  await page.goto(at('/applications?status=received'))
  const [all, boxes] = [page.locator('th.tick input'), page.locator('td.tick input')]
  expect(await boxes.count()).toBeGreaterThan(2)
  const ticked = () => page.locator('td.tick input:checked').count()
  await all.check()
  expect(await ticked()).toBe(await boxes.count())
  await all.uncheck()
  expect(await ticked()).toBe(0)
  await page.context().close()
}, 120_000)

test('without script an officer vets and decides all the same', async () => {
  const { context } = await openOfficer(service, browser, { role: 'officer' })
  const plain = await browser.newContext({ javaScriptEnabled: false, storageState: await context.storageState() })
  const page = await plain.newPage()
  const { read } = service.app.store
  const statusOf = async (id: string) => {
    const [row] = await read.select().from(read.applications).where(eq(read.applications.id, id))
    return row?.status
  }
  await page.goto(at('/applications?status=received'))
  expect(await page.locator('th.tick input').count()).toBe(0)
  const box = page.locator('td.tick input').first()
  const id = ((await box.getAttribute('value')) ?? '').split('.')[0] ?? ''
  for (const to of ['nominated', 'successful']) {
    await page.goto(at(`/applications/${id}`))
    await page.selectOption('#to', to)
    await press(page, 'form[action$="/decide"] button')
    await press(page, 'main form button')
    expect(await page.textContent('#run')).toContain('decided')
    expect(await statusOf(id)).toBe(to)
  }
  await plain.close()
  await context.close()
}, 120_000)

test('in the picture of the menus every name fits its box', async () => {
  const { page } = await openOfficer(service, browser, { role: 'clerk' })
  await page.goto(at('/menus'))
  const wide = await page.locator('.tree svg a').evaluateAll((links) =>
    links.flatMap((link) => {
      const box = link.querySelector('rect')?.getBoundingClientRect()
      const texts = [...link.querySelectorAll('text')].map((text) => text.getBoundingClientRect())
      return box && texts.every((text) => text.right <= box.right - 2 && text.left >= box.left) ? [] : [link.textContent]
    }),
  )
  expect(wide).toEqual([])
  await page.context().close()
}, 60_000)
