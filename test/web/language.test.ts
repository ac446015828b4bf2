import { TOTP } from 'otpauth'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operator } from '../../src/acting.ts'
import { newOfficer } from '../../src/officers/manage.ts'
import { hasRight, type Right, ROLES } from '../../src/officers/roles.ts'
import { openPageWords } from '../../src/web/words.ts'
import { type Booted, boot } from '../kit/boot.ts'
import { operate } from '../kit/operator.ts'
import { codeFor, givePassword, logInTab, Tab } from '../kit/tab.ts'
import { settle } from '../kit/town.ts'

const ACHIENG = '+254700000901'
const BARAKA = '+254700000902'
const words = openPageWords(new URL('../../menus', import.meta.url).pathname)
let service: Booted
const officers = new Map<string, Tab>()
let achieng: Tab
beforeAll(async () => {
  service = await boot()
  await settle(service.app)
  await operate(service.app, { account: { phone: ACHIENG, national_id: '99100001', pin: '830564' } })
  await operate(service.app, { account: { phone: BARAKA, national_id: '99100002', pin: '830564' } })
  for (const phone of [ACHIENG, BARAKA]) await givePassword(service, phone)
  achieng = await logInTab(service, new Tab(service.url), ACHIENG)
  for (const role of ROLES) officers.set(role, await officer(role))
}, 60_000)
afterAll(() => service?.close())

async function officer(role: (typeof ROLES)[number]): Promise<Tab> {
  const username = `l.${role}`
  const added = await newOfficer(service.app, operator, { username, name: 'Made Up', role, counties: [] })
  if (added === 'taken') throw new Error('the username is taken')
  const tab = new Tab(service.url)
  await tab.get(new URL(added.link).pathname)
  await tab.send(tab.path, { username, name: 'Made Up', password: 'mto wa asubuhi 77' })
  const secret = /<code>([^<]+)/.exec(tab.html)?.[1]?.replaceAll(' ', '') ?? ''
  await tab.send('/console/code', { code: new TOTP({ secret }).generate() })
  return tab
}

/** Somebody who may use the route, at a page with a fresh proof. */
async function somebodyFor({ path, rule }: { path: string; rule: string }): Promise<{ tab: Tab; csrf: string }> {
  const anyone = rule === 'anyone'
  const face = path.startsWith('/portal') ? 'portal' : 'console'
  const officer = () => officers.get(ROLES.find((each) => hasRight(each, rule as Right)) ?? '') ?? achieng
  const tab = anyone ? new Tab(service.url) : face === 'portal' ? achieng : officer()
  await tab.get(anyone ? `/${face}/login?lang=en` : `/${face}?lang=en`)
  return { tab, csrf: tab.forms[0]?.hidden.csrf ?? '' }
}
/** Some word that only the other language has stands in every page's foot. */
const inKiswahili = (tab: Tab) => tab.html.includes('<html lang="sw"')
const asked = (path: string) => path.replace(':kind', 'phone').replace(':group', 'kin').replace(/:\w+/g, 'KCSE26INV')
const posts = () => service.routes.filter(({ method, path }) => method === 'POST' && !path.endsWith('/logout'))

describe('the language switch', () => {
  test('on the answer to any form leads to a page in the other language, never to an address that has none', async () => {
    expect(posts().length).toBeGreaterThan(80)
    const lost: string[] = []
    for (const route of posts()) {
      const { tab, csrf } = await somebodyFor(route)
      const path = asked(route.path)
      await tab.post(path, { csrf, name: '', reason: '' }, { follow: false })
      // Led on, or given a file: the next page is a page like any other.
      if (tab.status === 303 || !tab.html.startsWith('<!doctype')) continue
      const answered = tab.status
      const way = await tab.switchLanguage()
      const gone = tab.status >= 400 && tab.status !== answered
      if (way === 'none' || gone || !inKiswahili(tab))
        lost.push(`${route.path}: ${answered}, ${way} to ${tab.path}: ${tab.status}`)
      // What is not there cannot be shown; but its address must be one that has a page.
      const led = tab.path.split('?')[0] ?? ''
      if (way === 'link' && !service.routes.some(({ method, path: known }) => method === 'GET' && fits(known, led)))
        lost.push(`${route.path}: ${led} has no page`)
    }
    expect(lost).toEqual([])
  }, 60_000)

  test('sent with any form of somebody who is logged in it does nothing, and keeps what was typed', async () => {
    const { read } = service.app.store
    const trail = async () => (await read.select().from(read.audit)).length
    const lost: string[] = []
    for (const route of posts().filter(({ rule }) => rule !== 'anyone')) {
      const { tab, csrf } = await somebodyFor(route)
      const before = await trail()
      await tab.post(asked(route.path), { csrf, speak: 'sw', reason: 'Kept words', on: '0' })
      if (tab.status >= 400 || !inKiswahili(tab)) lost.push(`${route.path}: ${tab.status}`)
      if ((await trail()) !== before) lost.push(`${route.path} did something`)
    }
    expect(lost).toEqual([])
  }, 60_000)

  test('keeps a form that waits for the login, and the step of the login that was reached', async () => {
    const tab = new Tab(service.url)
    await achieng.get('/portal/profile/kin?lang=en')
    const open = achieng.forms.find(({ action }) => action.includes('/kin'))?.hidden ?? {}
    await tab.post('/portal/profile/kin', { ...open, kin_name: 'Otieno Odera' })
    expect(tab.status).toBe(401)
    expect(await tab.switchLanguage()).toBe('form')
    expect(tab.main).toContain('Ulichoandika kimehifadhiwa')
    await tab.send('/portal/login', { username: ACHIENG, password: 'kahawa ya asubuhi 7' })
    expect(tab.html).toContain('id="code"')
    expect(await tab.switchLanguage()).toBe('form')
    expect(tab.main).toContain('Is it you?')
    expect(await tab.switchLanguage()).toBe('form')
    expect(tab.main).toContain('Je, ni wewe?')
    await tab.send('/portal/code', { code: await codeFor(service, ACHIENG) })
    expect(tab.main).toContain('Otieno Odera')
    expect(await tab.switchLanguage()).toBe('form')
    expect(tab.main).toMatch(/Next of kin Otieno Odera/)
  })

  test('keeps the codes of a change, what a form refused, and the certificate that an upload refused', async () => {
    await achieng.get('/portal/change/phone?lang=en')
    await achieng.send('/change/phone', { phone: '0700000988', pin: '830564' })
    expect(achieng.html).toContain('name="code_phone_old"')
    await achieng.switchLanguage()
    expect(achieng.html).toContain('name="code_phone_old"')
    expect(inKiswahili(achieng)).toBe(true)
    await achieng.get('/portal/profile/kin?lang=en')
    await achieng.send('/profile/kin', { kin_phone: 'nothing like a phone', kin_name: 'Typed Before' })
    expect(achieng.status).toBe(422)
    await achieng.switchLanguage()
    expect(achieng.main).toContain('nothing like a phone')
    await achieng.get('/portal/documents?lang=en')
    const form = new FormData()
    const upload = achieng.forms.find(({ action }) => action === '/portal/documents')
    for (const [name, value] of Object.entries({ ...upload?.hidden, label: 'My diploma' })) form.append(name, value)
    form.append('file', new Blob(['neither']), 'x.pdf')
    await achieng.post('/portal/documents', form)
    expect(achieng.status).toBe(422)
    await achieng.switchLanguage()
    expect(achieng.html).toContain('value="My diploma"')
    expect(inKiswahili(achieng)).toBe(true)
  })
})

describe('what was typed has a name in both languages', () => {
  test('every field that a form of either face asks for', async () => {
    const nameless = new Set<string>()
    let fields = 0
    for (const route of service.routes.filter(({ method, path }) => method === 'GET' && !/logout|begin/.test(path))) {
      const { tab } = await somebodyFor(route)
      await tab.get(asked(route.path))
      for (const { html } of tab.forms)
        for (const [control, name = ''] of html.matchAll(/<(?:input|select|textarea)[^>]* name="([^"]*)"[^>]*>/g)) {
          if (/type="(hidden|password|file|checkbox)"/.test(control) || /^(pin|code_\w+)$/.test(name)) continue
          fields += 1
          if (!words.has(`typed_${name}`)) nameless.add(`${name} (${route.path})`)
        }
    }
    expect(fields).toBeGreaterThan(40)
    expect([...nameless]).toEqual([])
  }, 60_000)
})

describe('an error', () => {
  test('speaks the language that was chosen, shows the menu, and says nothing about letters', async () => {
    await achieng.get('/portal?lang=sw')
    for (const path of ['/portal/nothing/here', '/portal/jobs/NO-SUCH-JOB']) {
      await achieng.get(path)
      expect(achieng.status).toBe(404)
      expect(inKiswahili(achieng), path).toBe(true)
      expect(achieng.html).toContain('class="rooms"')
      expect(achieng.html).toContain('<a href="/portal">')
      expect(achieng.main).not.toMatch(/barua|halali/i)
    }
    await achieng.switchLanguage()
    expect([achieng.status, inKiswahili(achieng)]).toEqual([404, false])
    const stranger = new Tab(service.url)
    await stranger.get('/portal/login?lang=sw')
    await stranger.get('/portal/nothing/here')
    expect([stranger.status, inKiswahili(stranger), stranger.html.includes('class="rooms"')]).toEqual([404, true, false])
  })

  test('in the portal names no role and no administrator; on the console it does, with the menu', async () => {
    await achieng.get('/portal?lang=en')
    await achieng.post('/portal/privacy/alerts', { on: '0' }, { headers: { 'Sec-Fetch-Site': 'cross-site' } })
    expect(achieng.status).toBe(403)
    expect(achieng.main).toContain('not opened here')
    expect(achieng.main).not.toMatch(/role|administrator/)
    const clerk = officers.get('clerk') as Tab
    await clerk.get('/console/officers')
    expect(clerk.status).toBe(403)
    expect(clerk.main).toMatch(/administrator/)
    expect(clerk.html).toContain('class="rooms"')
  })
})

const fits = (pattern: string, path: string) => new RegExp(`^${pattern.replace(/:\w+/g, '[^/]+')}$`).test(path)
