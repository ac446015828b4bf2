import { eq } from 'drizzle-orm'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Actor } from '../../src/action.ts'
import { addDays, nairobiDay } from '../../src/base/dates.ts'
import { orderRules } from '../../src/catalogue.ts'
import { answerOrder } from '../../src/orders/decide.ts'
import { markSent } from '../../src/pay/approve.ts'
import { applyOutcomes } from '../../src/pay/import.ts'
import { askCheck } from '../../src/pay/issues.ts'
import { askList } from '../../src/pay/prepare.ts'
import { writeField } from '../../src/people/profile-fields.ts'
import { faultsOf, isTooWide } from '../kit/axe.ts'
import { type Booted, boot } from '../kit/boot.ts'
import { openBrowser } from '../kit/browser.ts'
import { seatOfficers } from '../kit/officers.ts'
import { operate } from '../kit/operator.ts'
import { openPortalVisit } from '../kit/portal.ts'
import { settle } from '../kit/town.ts'

const ACHIENG = '+254700000901'
const JOB = 'KCSE26INV'
const officer = (name: string): Actor => ({ via: 'console', name: `officer:${name}`, signed: false, language: 'en' })
let service: Booted
let browser: Browser
let page: Page
let personId: string
beforeAll(async () => {
  ;[service, browser] = await Promise.all([boot(), openBrowser()])
  await settle(service.app)
  await operate(service.app, { account: { phone: ACHIENG, national_id: '99100001', pin: '830564' } })
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await service?.close()
})

const read = () => service.app.store.read
/** The page as it reads now, without a fault, narrow and light. */
async function seen(): Promise<string> {
  const response = await page.goto(`${service.url}/portal/pay`)
  expect(Buffer.byteLength((await response?.text()) ?? '')).toBeLessThan(14_000)
  expect(await isTooWide(page)).toBe(false)
  expect(await faultsOf(page)).toEqual([])
  return ((await page.textContent('main')) ?? '').replace(/\s+/g, ' ')
}
const runs = async () => (await read().select().from(read().runs)).map(({ state }) => state)
const settled = () => expect.poll(runs, { timeout: 15_000 }).not.toContain('waiting')
const allDone = () => settled().then(() => expect.poll(runs, { timeout: 15_000 }).not.toContain('running'))

async function serve() {
  const { app } = service
  const [person] = await read().select().from(read().people).where(eq(read().people.fullName, 'Achieng Odera'))
  personId = person?.id ?? ''
  const days = [-9, -8, -7].map((ago) => addDays(nairobiDay(app.clock.now()), ago))
  await app.store.work('serve', async (tx) => {
    await tx
      .update(tx.jobs)
      .set({ startsOn: days[0] as string, endsOn: days[2] as string })
      .where(eq(tx.jobs.code, JOB))
    const place = { jobCode: JOB, centreCode: '42101002', county: 'Kisumu' }
    const stands = { reportOn: days[0] as string, reportAt: '07:00', status: 'accepted' as const, letterVersion: 1, changedAt: 0 }
    await tx.insert(tx.deployments).values({ ...place, ...stands, id: 'duty', personId, origin: 'spot' })
    for (const day of days)
      await tx.insert(tx.attendance).values({ ...place, deploymentId: 'duty', day, mark: 'present', by: 'head', at: 0 })
    await writeField({ tx, tools: app, at: 0 }, personId, 'account_name', 'Somebody Else')
  })
}

test('my pay says the days, the sum, how far it is, what stands in the way and how to mend it', async () => {
  const { app } = service
  // The SMS of the new account has come before another is asked for.
  await expect.poll(async () => (await service.phone(ACHIENG).inbox()).length, { timeout: 10_000 }).toBeGreaterThan(0)
  ;({ page } = await openPortalVisit(service, browser, { phone: ACHIENG, script: true, width: 320 }))
  expect(await seen()).toContain('No pay is recorded for you yet.')
  expect(await page.textContent('nav')).toContain('My pay')
  await serve()
  expect(await seen()).toMatch(/KCSE Invigilator.*Not on a payment list yet\..*Days marked ?3.*KES 1,650/)

  await seatOfficers(app, officer('a'), officer('b'))
  await askCheck(app, officer('a'), { job: JOB })
  await allDone()
  const held = await seen()
  for (const words of [
    'Not paid yet.',
    'The name on your account differs from your ID.',
    'Ask your sub-county office to confirm it.',
  ])
    expect(held).toContain(words)
  for (const href of await page.locator('main a').evaluateAll((all) => (all as HTMLAnchorElement[]).map(({ href }) => href)))
    expect((await page.request.get(href)).status(), href).toBe(200)

  await app.store.work('mend', async (tx) => {
    await writeField({ tx, tools: app, at: app.clock.now() }, personId, 'account_name', 'Odera Achieng')
    await tx.update(tx.deployments).set({ confirmedBy: 'officer:a' }).where(eq(tx.deployments.id, 'duty'))
  })
  await askList(app, officer('a'), { job: JOB, id: 'list-of-the-portal' })
  await allDone()
  expect(await seen()).toContain('On a payment list that waits for approval.')
  const [order] = await read().select().from(read().orders)
  await answerOrder(app, officer('b'), orderRules, { id: order?.id ?? '', digest: order?.digest ?? '', yes: true })
  expect(await seen()).toContain('Approved, goes to the bank next.')
  await markSent(app, officer('a'), 'list-of-the-portal')
  expect(await seen()).toContain('Sent to the bank or M-PESA.')
  const [line] = await read().select().from(read().payLines)
  const say = (state: 'paid' | 'returned', reference: string, reason: string) =>
    applyOutcomes(app, officer('a'), [{ line: line?.id ?? '', state, reference, reason }])
  await say('paid', 'QX7', '')
  expect(await seen()).toMatch(/Paid\..*Payment reference ?QX7/)
  await say('returned', '', 'account closed')
  expect(await seen()).toContain('The money came back: the account is closed; give another one.')
  await page.goto(`${service.url}/portal/pay?lang=sw`)
  expect(await page.textContent('main')).toContain('Pesa zimerudi: akaunti imefungwa; weka nyingine')
  expect(await faultsOf(page)).toEqual([])
}, 90_000)
