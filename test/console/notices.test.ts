import { eq } from 'drizzle-orm'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DAY } from '../../src/base/dates.ts'
import { LEFT_OUT } from '../../src/notices/overview.ts'
import { expectSound } from '../kit/axe.ts'
import { type Booted, boot } from '../kit/boot.ts'
import { openBrowser, press } from '../kit/browser.ts'
import { openOfficer } from '../kit/console.ts'

let service: Booted
let browser: Browser
let officer: Page
let approver: Page
let code: string
beforeAll(async () => {
  ;[service, browser] = await Promise.all([boot({ DEMO: '1' }), openBrowser()])
  const { read } = service.app.store
  code = (await read.select().from(read.jobs)).find(({ code: each }) => /^KCSE\d+INV$/.test(each))?.code ?? ''
  officer = (await openOfficer(service, browser, { role: 'officer' })).page
  approver = (await openOfficer(service, browser, { role: 'approver' })).page
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await service?.close()
})

const goTo = (path: string, page = officer) => page.goto(`${service.url}/console/${path}`)
const main = async (page = officer) => (await page.textContent('main')) ?? ''
const sound = (page = officer) => expectSound(page)

test('one asks after looking at the very texts, another agrees, and exactly those who hold a letter get the next one', async () => {
  await goTo('notices')
  await sound()
  await goTo('notices/new')
  await sound()
  await officer.selectOption('#kind', 'postponed')
  await officer.selectOption('#job', code)
  await officer.fill('#days', 'soon')
  await press(officer, 'main form button')
  expect(await main()).toContain('Say by how many days')
  // What was chosen is still there.
  expect(await officer.inputValue('#kind')).toBe('postponed')
  await officer.fill('#days', '7')
  await press(officer, 'main form button')
  expect(await main()).toMatch(/\d+ people get a new letter and this SMS/)
  expect(await main()).toMatch(/Moved to .* Letter: .*\/l\/XXXX/)
  expect(await main()).toContain('SMS parts: 1')
  await sound()
  await press(officer, 'main form button')
  expect(await main()).toContain('A second officer must agree')
  const { read } = service.app.store
  const [order] = await read.select().from(read.orders).where(eq(read.orders.kind, 'notice'))
  const before = await read.select().from(read.letters)
  await goTo(`approvals/${order?.id}`, approver)
  expect(await main(approver)).toContain('Notice to holders of letters')
  await sound(approver)
  await press(approver, 'main form button[value=yes], main form button >> nth=0')
  for (;;) {
    const [run] = await read
      .select()
      .from(read.runs)
      .where(eq(read.runs.id, `notice:${order?.id}`))
    if (run?.state === 'done') break
    if (run?.state === 'failed') throw new Error(run.why ?? '')
    await service.app.clock.sleep(50)
  }
  const held = (await read.select().from(read.deployments)).filter(
    ({ jobCode, status }) => jobCode === code && ['released', 'accepted'].includes(status),
  )
  const letters = await read.select().from(read.letters)
  expect(letters.length - before.length).toBe(held.length)
  await goTo('notices')
  await press(officer, 'tbody a')
  expect(await main()).toContain(`Told${held.length}`)
  expect(await main()).toContain('Nothing here')
  await sound()
})

test('whoever could not be moved with a station is listed, with the way to give them another', async () => {
  const { app } = service
  const { read } = app.store
  const { deployments: d } = read
  const [someone] = (await read.select().from(d)).filter(({ jobCode, held }) => jobCode === code && held !== null)
  if (!someone) throw new Error('the demonstration has nobody on duty')
  const { id: deploymentId, personId, county } = someone
  await app.store.work('test', async (tx) => {
    const notice = { id: 'a-move', kind: 'moved', jobCode: code, county: null, by: 'officer:x', at: 0 } as const
    await tx.insert(tx.notices).values(notice)
    await tx.insert(tx.noticePeople).values({ noticeId: notice.id, deploymentId, personId, county, message: LEFT_OUT })
  })
  await goTo('notices/one/a-move')
  expect(await main()).toContain('Stayed where they are')
  expect(await main()).toContain('Told0')
  await sound()
  await press(officer, `tbody a[href$="${deploymentId}"]`)
  expect(officer.url()).toContain(`/deployments/${deploymentId}`)
})

test('after a day those who have not received it are listed, and taken as a file, which is recorded', async () => {
  const { read } = service.app.store
  const [notice] = await read.select().from(read.notices).where(eq(read.notices.kind, 'postponed'))
  const [someone] = await read
    .select()
    .from(read.noticePeople)
    .where(eq(read.noticePeople.noticeId, notice?.id ?? ''))
  await service.app.store.work('test', (tx) =>
    tx
      .update(tx.outbox)
      .set({ status: 'failed', createdAt: service.app.clock.now() - 2 * DAY })
      .where(eq(tx.outbox.dedupe, someone?.message ?? '')),
  )
  await goTo(`notices/one/${notice?.id}`)
  expect(await main()).toContain('Please phone them')
  expect(await officer.locator('tbody tr').count()).toBe(1)
  expect(await main()).toContain('failed')
  await sound()
  const file = await officer.request.get(`${service.url}/console/notices/one/${notice?.id}/late.csv`)
  expect(file.headers()['content-disposition']).toContain('attachment')
  expect((await file.text()).trim().split('\n')).toHaveLength(2)
  const trail = await read.select().from(read.audit).where(eq(read.audit.action, 'notices.export'))
  expect(trail).toHaveLength(1)
  const { page } = await openOfficer(service, browser, { role: 'officer', counties: ['Nowhere'] })
  await goTo(`notices/one/${notice?.id}`, page)
  expect(await main(page)).toContain('Nothing here')
  await goTo('notices/new', page)
  expect(await main(page)).toContain('New notice')
})
