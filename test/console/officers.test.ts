import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operator } from '../../src/acting.ts'
import { enter } from '../../src/bench/client.ts'
import { newOfficer } from '../../src/officers/manage.ts'
import type { OfficerRole } from '../../src/store/schema.ts'
import { type Booted, boot } from '../kit/boot.ts'
import { Tab } from '../kit/tab.ts'

let service: Booted
beforeAll(async () => {
  service = await boot({ DEMO: '1' })
}, 120_000)
afterAll(() => service?.close())

let made = 0
/** An officer who is in, in a tab of their own. */
async function add(role: OfficerRole, counties: string[] = []): Promise<{ tab: Tab; id: string }> {
  const username = `o.${role}.${++made}`
  const added = await newOfficer(service.app, operator, { username, name: `Made Up ${made}`, role, counties })
  if (added === 'taken') throw new Error('the username is taken')
  const { cookie } = await enter(service.url, added.link)
  const tab = new Tab(service.url)
  for (const pair of cookie.split('; ')) tab.jar.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1))
  return { tab, id: added.id }
}
const held = async (id: string) => {
  const { officers } = service.app.store.read
  const [row] = await service.app.store.read.select().from(officers).where(eq(officers.id, id))
  return row
}
const count = async () => (await service.app.store.read.select().from(service.app.store.read.officers)).length
/** Sends the page's own form: the first of the main part. */
const fill = (tab: Tab, typed: Record<string, string>) => tab.send(tab.path, typed)
const at = (path = '') => `/console/officers${path}`

describe('two administrators', () => {
  test('the one whose page is old is told what changed, undoes nothing, and may save knowingly', async () => {
    const [first, second, third] = [await add('administrator'), await add('administrator'), await add('officer')]
    for (const { tab } of [first, second]) await tab.get(at(`/${third.id}`))
    const shown = { role: 'officer', counties: '', sub_counties: '', active: '1' }
    await fill(first.tab, { ...shown, role: 'clerk' })
    expect(first.tab.html).toContain('Saved.')
    await fill(second.tab, { ...shown, counties: 'Kisumu' })
    expect(second.tab.status).toBe(409)
    expect(second.tab.main).toMatch(/somebody else changed this officer.*Role: Officer → Clerk \(you chose: Officer\)/i)
    expect(await held(third.id)).toMatchObject({ role: 'clerk', counties: [] })
    // What they chose stands in the form, which now knows how things are.
    expect(second.tab.html).toContain('>Kisumu</textarea>')
    await fill(second.tab, { ...shown, role: 'clerk', counties: 'Kisumu' })
    expect(second.tab.status).toBe(200)
    expect(await held(third.id)).toMatchObject({ role: 'clerk', counties: ['Kisumu'] })
  }, 60_000)

  test('a form that is sent twice is saved once, and no fault', async () => {
    const [one, other] = [await add('administrator'), await add('officer')]
    await one.tab.get(at(`/${other.id}`))
    const [form] = one.tab.forms.filter(({ html }) => html.includes('was_role'))
    const fields = { ...form?.hidden, role: 'clerk', counties: '', sub_counties: '', active: '1' }
    for (let n = 0; n < 2; n++) {
      await one.tab.post(at(`/${other.id}`), fields)
      expect(one.tab.html).toContain('Saved.')
    }
  }, 60_000)
})

describe('adding', () => {
  test('sent twice, one officer is added, and the page offers a new link for the one that was lost', async () => {
    const { tab } = await add('administrator')
    await tab.get(at('/new'))
    const [form] = tab.forms.filter(({ html }) => html.includes('id="username"'))
    const fields = { ...form?.hidden, name: 'Twice', username: 'added.twice', role: 'clerk', counties: '', sub_counties: '' }
    const before = await count()
    await tab.post(at('/new'), fields)
    const link = /\/console\/begin\/[\w-]+/.exec(tab.html)?.[0] ?? expect.fail('no link')
    await tab.post(at('/new'), fields)
    expect(tab.status).toBe(200)
    expect(tab.main).toContain('just added')
    expect(await count()).toBe(before + 1)
    await tab.send('/invite')
    const fresh = /\/console\/begin\/[\w-]+/.exec(tab.html)?.[0] ?? expect.fail('no new link')
    expect((await fetch(service.url + link)).status).toBe(410)
    expect((await fetch(service.url + fresh)).status).toBe(200)
    // Another form with the same name is not the same officer.
    await tab.get(at('/new'))
    const { name, username, role } = fields
    await fill(tab, { name, username, role, counties: '', sub_counties: '' })
    expect(tab.status).toBe(422)
    expect(tab.html).toContain('username-wrong')
  }, 60_000)

  test('a county or sub-county that nobody knows is named; nothing typed is lost', async () => {
    const { tab } = await add('administrator')
    const typed = { name: 'Typo', username: 'typo.one', role: 'clerk', sub_counties: '' }
    await tab.get(at('/new'))
    await fill(tab, { ...typed, counties: 'Kisumu, Kisomu' })
    expect(tab.status).toBe(422)
    expect(/id="counties-wrong"[^>]*>([^<]*)/.exec(tab.html)?.[1]).toMatch(/^Kisomu: no station/)
    expect(tab.html).toContain('>Kisumu, Kisomu</textarea>')
    await fill(tab, { ...typed, counties: 'Kisumu', sub_counties: 'Kisumu Esat' })
    expect(/id="sub_counties-wrong"[^>]*>([^<]*)/.exec(tab.html)?.[1]).toMatch(/^Kisumu Esat: no station/)
    await fill(tab, { ...typed, counties: 'Kisumu', sub_counties: 'Kisumu East' })
    expect(tab.html).toContain('/console/begin/')
    const other = await add('officer')
    await tab.get(at(`/${other.id}`))
    await fill(tab, { role: 'officer', counties: 'Kisomu', sub_counties: '', active: '1' })
    expect(tab.status).toBe(422)
    expect(tab.main).toContain('Kisomu: no station')
    expect(await held(other.id)).toMatchObject({ counties: [] })
  }, 60_000)
})

describe('an administrator of counties', () => {
  test('sees, adds and changes officers of those counties only', async () => {
    const { tab, id: own } = await add('administrator', ['Kisumu', 'Lamu'])
    const ours = await add('clerk', ['Kisumu'])
    const others = [await add('officer'), await add('clerk', ['Nairobi']), await add('clerk', ['Kisumu', 'Nairobi'])]
    await tab.get(at())
    for (const id of [own, ours.id]) expect(tab.html).toContain(id)
    for (const { id } of others) expect(tab.html).not.toContain(id)
    await tab.get(at(`/${ours.id}`))
    for (const counties of ['', 'Nairobi', 'Kisumu, Nairobi']) {
      await fill(tab, { role: 'officer', counties, sub_counties: '', active: '1' })
      expect(tab.status, counties).toBe(422)
      expect(tab.main).toContain('your own counties: Kisumu, Lamu')
    }
    await fill(tab, { role: 'officer', counties: 'Lamu', sub_counties: '', active: '1' })
    expect(await held(ours.id)).toMatchObject({ role: 'officer', counties: ['Lamu'] })
    const before = await count()
    for (const counties of ['', 'Nairobi']) {
      await tab.get(at('/new'))
      await fill(tab, { name: 'Wide', username: 'wide.one', role: 'approver', counties, sub_counties: '' })
      expect(tab.status, counties).toBe(422)
    }
    expect(await count()).toBe(before)
    for (const { id } of others) {
      await tab.get(at(`/${ours.id}`))
      const [{ hidden } = { hidden: {} }] = tab.forms.filter(({ html }) => html.includes('was_role'))
      await tab.post(at(`/${id}`), { ...hidden, role: 'clerk', counties: 'Kisumu', sub_counties: '', active: '0' })
      expect(tab.status).toBe(404)
      await tab.post(at(`/${id}/invite`), hidden)
      expect(tab.status).toBe(404)
      expect(await held(id)).toMatchObject({ active: true, inviteIndex: null })
    }
  }, 60_000)

  test('the last administrator of the nation stays one while others have counties', async () => {
    const { app } = service
    const { tab, id } = await add('administrator')
    await app.store.work('test', async (tx) => {
      await tx.update(tx.officers).set({ active: false }).where(eq(tx.officers.role, 'administrator'))
      await tx.update(tx.officers).set({ active: true }).where(eq(tx.officers.id, id))
    })
    await add('administrator', ['Kisumu'])
    const shown = { role: 'administrator', counties: '', sub_counties: '', active: '1' }
    for (const change of [{ counties: 'Kisumu' }, { role: 'clerk' }, { active: '0' }]) {
      await tab.get(at(`/${id}`))
      await fill(tab, { ...shown, ...change })
      expect(tab.main).toContain('there must be one administrator')
      expect(await held(id)).toMatchObject({ role: 'administrator', counties: [], active: true })
    }
  }, 60_000)
})
