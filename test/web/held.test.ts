import { TOTP } from 'otpauth'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { operator } from '../../src/acting.ts'
import { DAY, HOUR, MINUTE } from '../../src/base/dates.ts'
import { newOfficer } from '../../src/officers/manage.ts'
import { type Booted, boot } from '../kit/boot.ts'
import { type MovableClock, movableClock } from '../kit/desk.ts'
import { operate } from '../kit/operator.ts'
import { givePassword, logInTab, Tab } from '../kit/tab.ts'
import { settle } from '../kit/town.ts'

const ACHIENG = '+254700000901'
const BARAKA = '+254700000902'
const OFFICER_PASSWORD = 'mto wa asubuhi 77'
let service: Booted
let clock: MovableClock
const officers = new Map<string, TOTP>()
beforeAll(async () => {
  clock = movableClock()
  service = await boot({}, clock)
  await settle(service.app)
  await operate(service.app, { account: { phone: ACHIENG, national_id: '99100001', pin: '830564', profile: 'none' } })
  await operate(service.app, { account: { phone: BARAKA, national_id: '99100002', pin: '830564', profile: 'none' } })
  for (const phone of [ACHIENG, BARAKA]) await givePassword(service, phone)
}, 60_000)
afterAll(() => service?.close())
beforeEach(() => clock.move(2 * DAY))

const person = (phone: string, tab = new Tab(service.url)) => logInTab(service, tab, phone)
/** An officer who has just begun; every name is used once. */
async function officer(username: string): Promise<Tab> {
  const added = await newOfficer(service.app, operator, { username, name: 'Made Up', role: 'officer', counties: [] })
  if (added === 'taken') throw new Error('the username is taken')
  const tab = new Tab(service.url)
  await tab.get(new URL(added.link).pathname)
  await tab.send(tab.path, { username, name: 'Made Up', password: OFFICER_PASSWORD })
  const totp = new TOTP({ secret: /<code>([^<]+)/.exec(tab.html)?.[1]?.replaceAll(' ', '') ?? '' })
  officers.set(username, totp)
  await tab.send('/console/code', { code: totp.generate({ timestamp: clock.now() }) })
  return tab
}
async function officerAgain(tab: Tab, username: string) {
  await tab.send('/console/login', { username, password: OFFICER_PASSWORD })
  await tab.send('/console/code', { code: officers.get(username)?.generate({ timestamp: clock.now() }) ?? '' })
}
/** What is held of somebody's next of kin. */
const kinOf = async (phone: string) => {
  const { read } = service.app.store
  const [account] = (await read.select().from(read.accounts)).filter(({ msisdn }) => msisdn === phone)
  return (await read.select().from(read.profileFields)).filter(
    ({ personId, field }) => personId === account?.personId && field.startsWith('kin_'),
  )
}
const NEXT_OF_KIN = { kin_name: 'Otieno Odera', kin_relation: 'brother', kin_phone: '0700000999' }

describe('a form that was filled while the session ran out', () => {
  test('is shown to its owner after the login, field by field, and sent by one press', async () => {
    const tab = await person(ACHIENG)
    await tab.get('/portal/profile/kin')
    clock.move(31 * MINUTE)
    await tab.send('/profile/kin', NEXT_OF_KIN)
    expect(tab.status).toBe(401)
    expect(tab.main).toContain('What you typed is kept')
    // A wrong password in between loses nothing.
    await tab.send('/portal/login', { username: ACHIENG, password: 'not that one' })
    await person(ACHIENG, tab)
    expect(tab.main).toContain('What you typed is still here')
    expect(tab.main).toMatch(/Next of kin Otieno Odera Relation brother Their phone 0700000999/)
    expect(await kinOf(ACHIENG)).toHaveLength(0)
    await tab.send('/profile/kin')
    expect(tab.main).toMatch(/Saved: Next of kin, Relation, Their phone\./)
    expect(await kinOf(ACHIENG)).toHaveLength(3)
  })

  test('is never shown to the next person on the same browser, nor saved into their profile', async () => {
    const tab = await person(ACHIENG)
    await tab.get('/portal/profile/kin')
    const open = tab.forms.find(({ action }) => action.endsWith('/kin'))?.hidden ?? {}
    clock.move(31 * MINUTE)
    await tab.send('/profile/kin', { ...NEXT_OF_KIN, kin_name: 'Somebody Private' })
    await person(BARAKA, tab)
    expect(tab.path).toBe('/portal?said=form_old')
    expect(tab.html).not.toContain('Somebody Private')
    // Nor is the page that still lies open from before.
    await tab.post('/portal/profile/kin', { ...open, ...NEXT_OF_KIN, kin_name: 'Somebody Private' })
    expect(tab.html).not.toContain('Somebody Private')
    expect(await kinOf(BARAKA)).toHaveLength(0)
  })

  test('of a foreign page is not kept, whoever logs in, though the browser does not say where it came from', async () => {
    const forged = { ...NEXT_OF_KIN, kin_name: 'Chosen By A Stranger' }
    const baraka = await person(BARAKA)
    await baraka.get('/portal/profile/kin')
    const ofBaraka = baraka.forms.find(({ action }) => action.endsWith('/kin'))?.hidden.csrf ?? ''
    for (const csrf of ['', 'x', 'x.y', ofBaraka]) {
      const tab = new Tab(service.url)
      await tab.post('/portal/profile/kin', { ...forged, csrf })
      expect(tab.status).toBe(401)
      await person(ACHIENG, tab)
      expect(tab.html, csrf).not.toContain('Chosen By A Stranger')
      await tab.post('/portal/profile/kin', { ...forged, csrf })
      expect(tab.html, csrf).not.toContain('Chosen By A Stranger')
      clock.move(2 * HOUR)
    }
  })

  test('is offered to its owner when only its proof is old', async () => {
    const tab = await person(BARAKA)
    await tab.get('/portal/profile/kin')
    const open = tab.forms.find(({ action }) => action.endsWith('/kin'))?.hidden ?? {}
    await person(BARAKA, tab)
    await tab.post('/portal/profile/kin', { ...open, ...NEXT_OF_KIN })
    expect(tab.main).toContain('What you typed is still here')
    expect(tab.main).toContain('Otieno Odera')
  })

  test('is not kept for ever, and never with a PIN, a password or a code', async () => {
    const tab = await person(ACHIENG)
    await tab.get('/portal/change/phone')
    clock.move(31 * MINUTE)
    await tab.send('/change/phone', { phone: '0700000988', pin: '830564' })
    await person(ACHIENG, tab)
    expect(tab.main).toContain('Phone number 0700000988')
    expect(tab.html).not.toContain('830564')
    await tab.get('/portal/profile/kin')
    clock.move(31 * MINUTE)
    await tab.send('/profile/kin', NEXT_OF_KIN)
    clock.move(3 * HOUR)
    await person(ACHIENG, tab)
    expect(tab.html).not.toContain('Otieno Odera')
  })

  test('on the console keeps everything that was typed, the code of a job too', async () => {
    const tab = await officer('held.one')
    await tab.get('/console/jobs/new')
    clock.move(16 * MINUTE)
    await tab.send('/jobs/new', { code: 'KCSE26NEW', title: 'A new job', exam: 'KCSE2026' })
    expect(tab.status).toBe(401)
    await officerAgain(tab, 'held.one')
    expect(tab.main).toContain('What you typed is still here')
    expect(tab.main).toMatch(/Code KCSE26NEW .*A new job/)
    expect(tab.forms.find(({ action }) => action.endsWith('/jobs/new'))?.hidden).toMatchObject({ code: 'KCSE26NEW' })
  })
})

describe('an upload over an expired session', () => {
  const certificate = (csrf: string) => {
    const form = new FormData()
    form.append('csrf', csrf)
    form.append('once', 'x')
    form.append('label', 'Diploma & more')
    form.append('file', new Blob(['%PDF-1.4'.padEnd(300_000, ' ')]), 'diploma.pdf')
    return form
  }
  test('leads back to its page with what was typed, and says that the file must be chosen again', async () => {
    const tab = await person(ACHIENG)
    await tab.get('/portal/documents')
    const csrf = tab.forms.find(({ action }) => action === '/portal/documents')?.hidden.csrf ?? ''
    clock.move(31 * MINUTE)
    await tab.post('/portal/documents', certificate(csrf))
    expect(tab.status).toBe(401)
    expect(tab.main).toContain('choose it again')
    await person(ACHIENG, tab)
    expect(tab.main).toContain('choose the file again')
    expect(tab.html).toContain('value="Diploma &amp; more"')
    // The same where another login made the page old: no bare refusal.
    await tab.post('/portal/documents', certificate(csrf))
    expect(tab.status).toBe(200)
    expect(tab.main).toContain('choose the file again')
    expect(tab.html).toContain('value="Diploma &amp; more"')
    const { read } = service.app.store
    expect(await read.select().from(read.documents)).toEqual([])
  })

  test('on the console too', async () => {
    const tab = await officer('held.two')
    await tab.get('/console/roll')
    clock.move(16 * MINUTE)
    await tab.post('/console/roll', certificate('x'))
    expect(tab.status).toBe(401)
    await officerAgain(tab, 'held.two')
    expect(tab.path).toMatch(/^\/console\/roll\?/)
    expect(tab.main).toContain('choose the file again')
  })
})
