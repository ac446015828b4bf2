import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { acting, operator } from '../../src/acting.ts'
import type { Actor } from '../../src/action.ts'
import { enter } from '../../src/bench/client.ts'
import { newOfficer } from '../../src/officers/manage.ts'
import { askOrder } from '../../src/orders/order.ts'
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
  return { tab: await openLink(added.link), id: added.id }
}
/** Opens a one-time link, chooses password and code, and is in. */
async function openLink(link: string): Promise<Tab> {
  const { cookie } = await enter(service.url, link)
  const tab = new Tab(service.url)
  for (const pair of cookie.split('; ')) tab.jar.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1))
  return tab
}
/** The link that the page shows, this once. */
const linkOn = (tab: Tab) => service.url + (/\/console\/begin\/[\w-]+/.exec(tab.html)?.[0] ?? expect.fail('no link'))
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

describe('who was let in by one administrator', () => {
  /** An administrator adds an officer by the page, who opens the link. */
  async function invite(by: Tab, role: OfficerRole, counties = ''): Promise<{ tab: Tab; id: string; username: string }> {
    const username = `i.${role}.${++made}`
    await by.get(at('/new'))
    await fill(by, { name: `Invited ${made}`, username, role, counties, sub_counties: '' })
    const tab = await openLink(linkOn(by))
    const { officers } = service.app.store.read
    const [row] = await service.app.store.read.select().from(officers).where(eq(officers.username, username))
    return { tab, id: row?.id ?? expect.fail('nobody was added'), username }
  }
  let orders = 0
  /** Something that a second person is to agree to. */
  async function ask(officer: string): Promise<string> {
    const id = `to-confirm-${++orders}`
    const by: Actor = { via: 'console', name: `officer:${officer}`, signed: false, language: 'en' }
    await acting(service.app, by, 'test.ask', id, async (scene) => [
      await askOrder(scene, { id, kind: 'keys', input: {}, summary: {} }),
      { outcome: 'done' },
    ])
    return `/console/approvals/${id}`
  }
  const orderOf = async (path: string) => {
    const { orders } = service.app.store.read
    const mine = eq(orders.id, path.split('/').at(-1) ?? '')
    return (await service.app.store.read.select().from(orders).where(mine))[0] ?? expect.fail('there is no such order')
  }
  const stateOf = async (path: string) => (await orderOf(path)).state
  const can = (tab: Tab) => tab.forms.map(({ action }) => action.split('/').at(-1)).filter((each) => each !== 'logout')
  /** Posts what the page's buttons would, whether it shows them or not. */
  const force = async (tab: Tab, path: string, action: string, digest = '') => {
    await tab.get(path)
    const [{ hidden } = { hidden: {} }] = tab.forms
    return tab.post(`${path}/${action}`, { ...hidden, digest })
  }
  test('decides nothing, by page or by a form that is posted anyway, until a second one confirms them', async () => {
    const [one, other, asker] = [await add('administrator'), await add('administrator'), await add('officer')]
    const approver = await invite(one.tab, 'approver')
    const order = await ask(asker.id)
    const told = 'A second administrator has still to confirm you.'
    expect((await approver.tab.get('/console')).main).toContain(told)
    await approver.tab.get(order)
    expect(approver.tab.status).toBe(200)
    expect(approver.tab.main).toContain('Ask a second administrator to confirm you')
    expect(can(approver.tab)).not.toContain('agree')
    expect(can(approver.tab)).not.toContain('refuse')
    for (const action of ['agree', 'refuse']) {
      await force(approver.tab, order, action, (await orderOf(order)).digest)
      expect(approver.tab.status).toBe(409)
      expect(approver.tab.main).toContain('You decide nothing yet')
      expect(await stateOf(order)).toBe('asked')
    }

    // Whoever invited them does not confirm them, and somebody else whom they invited neither.
    const third = await invite(one.tab, 'administrator')
    for (const [tab, why] of [
      [one.tab, 'You invited or changed this officer'],
      [third.tab, 'You wait for a second administrator yourself'],
    ] as const) {
      await tab.get(at(`/${approver.id}`))
      expect(can(tab)).not.toContain('confirm')
      expect(tab.main).toContain(why)
      expect(tab.main).toContain(`wito officer confirm ${approver.username}`)
      const [{ hidden } = { hidden: {} }] = tab.forms
      await tab.post(at(`/${approver.id}/confirm`), { ...hidden, seen: String((await held(approver.id))?.broughtIn.at(-1)?.at) })
      expect(tab.status).toBe(409)
      expect(tab.main).toContain(why)
    }
    await force(third.tab, at(`/${third.id}`), 'confirm')
    expect(third.tab.main).toContain('Nobody confirms themselves')
    expect(await held(approver.id)).toMatchObject({ confirmedAt: null })

    await other.tab.get(at('?waiting=1'))
    expect(other.tab.html).toContain(approver.id)
    expect(other.tab.html).not.toContain(asker.id)
    await other.tab.get(at(`/${approver.id}`))
    await other.tab.send('/confirm')
    expect(other.tab.main).toContain('From now on they count in approvals')
    expect(other.tab.main).not.toContain('waits for a second administrator')
    const { audit } = service.app.store.read
    const trail = await service.app.store.read.select().from(audit).where(eq(audit.action, 'officers.confirm'))
    expect(trail.filter(({ subject }) => subject === approver.id).map(({ actor, outcome }) => [actor, outcome])).toEqual([
      [`officer:${one.id}`, 'brought'],
      [`officer:${third.id}`, 'unconfirmed'],
      [`officer:${other.id}`, 'done'],
    ])
    await approver.tab.get(order)
    await approver.tab.send('/agree')
    expect(approver.tab.main).toContain('You agreed')
    expect((await approver.tab.get('/console')).main).not.toContain(told)
    expect(['approved', 'done']).toContain(await stateOf(order))
  }, 60_000)

  test('what they ask for is seen to wait in vain: only a no is left to it, and what they ask for when confirmed counts', async () => {
    const [one, other, approver] = [await add('administrator'), await add('administrator'), await add('approver')]
    const asker = await invite(one.tab, 'officer')
    const early = await ask(asker.id)
    await asker.tab.get(early)
    expect(asker.tab.main).toContain('Take it back, and ask again')
    const confirm = async () => {
      await other.tab.get(at(`/${asker.id}`))
      await other.tab.send('/confirm')
    }
    const refused = async () => {
      await force(approver.tab, early, 'agree', (await orderOf(early)).digest)
      expect(approver.tab.status).toBe(409)
      expect(approver.tab.main).toContain('Nobody can agree to this')
      expect(can(approver.tab)).not.toContain('agree')
      expect(await stateOf(early)).toBe('asked')
    }
    await refused()
    await confirm()
    await refused()
    await approver.tab.send('/refuse')
    expect(await stateOf(early)).toBe('refused')
    const again = await ask(asker.id)
    await approver.tab.get(again)
    await approver.tab.send('/agree')
    expect(approver.tab.main).toContain('You agreed')
  }, 60_000)

  test('a new link, another role, more counties or coming back take the confirmation away; less of them does not', async () => {
    const [one, other] = [await add('administrator'), await add('administrator')]
    const { id } = await add('clerk', ['Kisumu', 'Lamu'])
    const shown = { role: 'clerk', counties: 'Kisumu, Lamu', sub_counties: '', active: '1' }
    const change = async (what: Partial<typeof shown>) => {
      Object.assign(shown, what)
      await one.tab.get(at(`/${id}`))
      await fill(one.tab, shown)
      expect(one.tab.main).toContain('Saved.')
    }
    const confirm = () =>
      service.app.store.work('test', (tx) =>
        tx.update(tx.officers).set({ confirmedAt: 1, broughtIn: [] }).where(eq(tx.officers.id, id)),
      )
    for (const less of [{ counties: 'Kisumu' }, { sub_counties: 'Kisumu East' }, { active: '0' }]) {
      await change(less)
      expect(await held(id), JSON.stringify(less)).toMatchObject({ confirmedAt: expect.any(Number) })
    }
    const more = [{ active: '1' }, { sub_counties: '' }, { counties: 'Kisumu, Lamu' }, { counties: '' }, { role: 'approver' }]
    for (const each of more) {
      await change(each)
      expect(await held(id), JSON.stringify(each)).toMatchObject({ confirmedAt: null })
      await confirm()
    }
    await one.tab.get(at(`/${id}`))
    await one.tab.send('/invite')
    expect(await held(id)).toMatchObject({ confirmedAt: null, broughtIn: [{ by: `officer:${one.id}` }] })
    // Before the link is opened nobody knows who will: there is nothing to confirm yet.
    await force(other.tab, at(`/${id}`), 'confirm')
    expect(other.tab.main).toContain('has not opened the new link yet')
    await openLink(linkOn(one.tab))
    await other.tab.get(at(`/${id}`))
    expect(can(other.tab)).toContain('confirm')
    // What the second one looked at is what they confirm: the first gives more meanwhile.
    const [old] = other.tab.forms.filter(({ action }) => action.endsWith('/confirm'))
    await change({ role: 'administrator' })
    await other.tab.post(old?.action ?? '', old?.hidden ?? {})
    expect(other.tab.status).toBe(409)
    expect(other.tab.main).toContain('somebody else changed or invited this officer meanwhile')
    expect(await held(id)).toMatchObject({ confirmedAt: null })
    await other.tab.send('/confirm')
    expect(await held(id)).toMatchObject({ confirmedAt: expect.any(Number), broughtIn: [] })
  }, 60_000)

  test('an administrator who changes their own role waits for a second one as well', async () => {
    const { tab, id } = await add('administrator')
    await tab.get(at(`/${id}`))
    await fill(tab, { role: 'approver', counties: '', sub_counties: '', active: '1' })
    expect(await held(id)).toMatchObject({ role: 'approver', confirmedAt: null })
  }, 60_000)
})
