import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { DAY, MINUTE } from '../../src/base/dates.ts'
import { type Booted, boot } from '../kit/boot.ts'
import { type MovableClock, movableClock } from '../kit/desk.ts'
import { operate } from '../kit/operator.ts'
import { givePassword, logInTab, Tab } from '../kit/tab.ts'
import { settle } from '../kit/town.ts'

const ACHIENG = '+254700000901'
const BARAKA = '+254700000902'
let service: Booted
let clock: MovableClock
let achieng = ''
beforeAll(async () => {
  clock = movableClock()
  service = await boot({}, clock)
  await settle(service.app)
  await operate(service.app, { account: { phone: ACHIENG, national_id: '99100001', pin: '830564' } })
  await operate(service.app, { account: { phone: BARAKA, national_id: '99100002', pin: '830564' } })
  achieng = await givePassword(service, ACHIENG)
  await givePassword(service, BARAKA)
}, 60_000)
afterAll(() => service?.close())
// Codes by SMS are limited by the day.
beforeEach(() => clock.move(2 * DAY))

const logIn = (phone = ACHIENG, tab = new Tab(service.url)) => logInTab(service, tab, phone)
const sessions = async (holder = achieng) => {
  const { read } = service.app.store
  return (await read.select().from(read.webSessions)).filter(
    (row) => row.holder === holder && row.stage === 'in' && row.expiresAt > clock.now(),
  )
}
const isIn = async (tab: Tab) => (await tab.get('/portal/jobs')).status === 200

describe('a session', () => {
  test('ends after half an hour without a page, however often pages were read before', async () => {
    const tab = await logIn()
    for (let n = 0; n < 3; n += 1) {
      clock.move(29 * MINUTE)
      expect(await isIn(tab)).toBe(true)
    }
    clock.move(31 * MINUTE)
    expect((await tab.get('/portal/jobs')).status).toBe(401)
  })

  test('ends after twelve hours, however busy', async () => {
    const tab = await logIn()
    for (let n = 0; n < 24; n += 1) {
      clock.move(29 * MINUTE)
      expect(await isIn(tab), `after ${(n + 1) * 29} minutes`).toBe(true)
    }
    clock.move(25 * MINUTE)
    expect(await isIn(tab)).toBe(false)
  })

  test('has a new cookie from each login; the one before is dead, and a planted one is not taken', async () => {
    const tab = await logIn()
    const before = tab.jar.get('__Host-portal') ?? ''
    expect(before).toMatch(/^[\w-]{43}$/)
    await logIn(ACHIENG, tab)
    const stale = new Tab(service.url)
    stale.jar.set('__Host-portal', before)
    expect(tab.jar.get('__Host-portal')).not.toBe(before)
    expect([await isIn(tab), await isIn(stale)]).toEqual([true, false])
    const planted = new Tab(service.url)
    planted.jar.set('__Host-portal', 'A'.repeat(43))
    await logIn(ACHIENG, planted)
    expect(planted.jar.get('__Host-portal')).not.toBe('A'.repeat(43))
  })

  test('is not known to whoever reads the database', async () => {
    const tab = await logIn()
    const token = tab.jar.get('__Host-portal') ?? ''
    expect(JSON.stringify(await sessions())).not.toContain(token)
    const thief = new Tab(service.url)
    thief.jar.set('__Host-portal', (await sessions())[0]?.id ?? '')
    expect(await isIn(thief)).toBe(false)
  })

  test('every cookie is for this host alone, over TLS, and out of reach of scripts', async () => {
    const tab = new Tab(service.url)
    const seen: string[] = []
    await tab.get('/portal/login?lang=sw')
    seen.push(...tab.headers.getSetCookie())
    await tab.send('/portal/login', { username: ACHIENG, password: 'kahawa ya asubuhi 7' }, { follow: false })
    seen.push(...tab.headers.getSetCookie())
    await logInTab(service, new Tab(service.url), ACHIENG)
    expect(seen.length).toBeGreaterThan(1)
    for (const cookie of seen)
      expect(cookie).toMatch(/^__Host-\w+=[\w-]*; Path=\/; Secure; HttpOnly; SameSite=Lax(; Max-Age=\d+)?$/)
  })

  test('ends with the log-out, for whoever kept the cookie too', async () => {
    const tab = await logIn()
    const kept = new Tab(service.url)
    for (const [name, value] of tab.jar) kept.jar.set(name, value)
    await tab.send('/portal/logout')
    expect(tab.main).toContain('You are logged out.')
    expect([await isIn(tab), await isIn(kept)]).toEqual([false, false])
  })

  test('the list shows each browser, and logging out everywhere leaves this one alone and asks for a code again', async () => {
    const here = await logIn()
    const there = await logIn()
    await there.get('/portal/jobs', { headers: { 'User-Agent': 'Opera Mini' } })
    await here.get('/portal/security')
    expect(here.html.match(/<li>[^<]*: [^<]*2\d{3}/g)).toHaveLength(2)
    expect(here.main).toContain('(this one)')
    expect(await sessions()).toHaveLength(2)
    await here.send('/portal/security/everywhere')
    expect(await sessions()).toHaveLength(1)
    expect([await isIn(here), await isIn(there)]).toEqual([true, false])
    await there.get('/portal/login')
    await there.send('/portal/login', { username: ACHIENG, password: 'kahawa ya asubuhi 7' })
    expect(there.html).toContain('id="code"')
  })

  test('another password ends every other session', async () => {
    const [here, there] = [await logIn(BARAKA), await logIn(BARAKA)]
    await here.get('/portal/security')
    await here.send('/portal/security/password', { password: 'kahawa ya asubuhi 7', password_new: 'kahawa ya jioni 88' })
    expect([await isIn(here), await isIn(there)]).toEqual([true, false])
    await givePassword(service, BARAKA)
  })
})
