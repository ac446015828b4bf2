import { createHash } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operator } from '../../src/acting.ts'
import { Client, enter } from '../../src/bench/client.ts'
import { newOfficer } from '../../src/officers/manage.ts'
import { hasRight, type Right, ROLES } from '../../src/officers/roles.ts'
import { startRun } from '../../src/runs/run.ts'
import type { OfficerRole } from '../../src/store/schema.ts'
import { tried } from '../bar/row.ts'
import { type Booted, boot } from '../kit/boot.ts'

let service: Booted
const clients = new Map<OfficerRole, Client>()
beforeAll(async () => {
  service = await boot({ DEMO: '1' })
  for (const role of ROLES) clients.set(role, await officer(role))
}, 120_000)
afterAll(() => service?.close())

async function officer(role: OfficerRole, counties: string[] = [], name: string = role): Promise<Client> {
  const added = await newOfficer(service.app, operator, { username: `m.${name}`, name: 'Made Up', role, counties })
  if (added === 'taken') throw new Error('the username is taken')
  return enter(service.url, added.link)
}

/** A path of the table as somebody would ask for it: nobody has such an id. */
const asked = (path: string) => path.replace(/:\w+/g, 'no-such-thing')
const ofFace = (face: string) => service.routes.filter(({ path }) => path.startsWith(`/${face}`))
const leavesIt = (path: string) => path.endsWith('/logout')

describe('role by route', () => {
  test('the table is not empty, and every rule in it is one we know', () => {
    expect(ofFace('console').length).toBeGreaterThan(90)
    expect(ofFace('portal').length).toBeGreaterThan(30)
  })

  test('whoever is not logged in gets the login, and nothing else', async () => {
    const nobody = new Client(service.url)
    const wrong: string[] = []
    for (const { method, path, rule } of service.routes) {
      const status = await nobody.status(method, asked(path))
      const expected = rule === 'anyone' ? status !== 401 && status < 500 : status === 401
      if (!expected) wrong.push(`${method} ${path}: ${status}`)
    }
    expect(wrong).toEqual([])
  }, 60_000)

  test.each(ROLES)(
    '%s gets what the role may, and 403 for all the rest',
    async (role) => {
      const client = clients.get(role) as Client
      const wrong: string[] = []
      for (const { method, path, rule } of ofFace('console')) {
        if (rule === 'anyone' || leavesIt(path)) continue
        const status = await client.status(method, asked(path))
        const may = hasRight(role, rule as Right)
        if (may ? status === 403 || status === 401 || status >= 500 : status !== 403)
          wrong.push(`${method} ${path} (${rule}): ${status}`)
      }
      expect(wrong).toEqual([])
    },
    60_000,
  )

  test('an officer is nobody in the portal', async () => {
    const client = clients.get('officer') as Client
    for (const { method, path, rule } of ofFace('portal'))
      if (rule !== 'anyone') expect(await client.status(method, asked(path)), `${method} ${path}`).toBe(401)
  }, 60_000)
})

const [HERE, ELSEWHERE] = ['Kisumu', 'Lamu']
const CANARY = 'Kanari Wambura'

/** Whose a route's thing is: of a county, of whoever made it, or the nation's. */
const WHOSE: readonly (readonly [
  RegExp,
  (
    | 'person'
    | 'job'
    | 'application'
    | 'deployment'
    | 'order'
    | 'sms'
    | 'broadcast'
    | 'paylist'
    | 'notice'
    | 'station'
    | 'officer'
    | 'own'
    | 'nation'
  ),
])[] = [
  [/^\/people\/:id/, 'person'],
  [/^\/jobs\/:code/, 'job'],
  [/^\/applications\/:id/, 'application'],
  [/^\/deployments\/(import|jobs)\//, 'own'],
  [/^\/deployments\/:id/, 'deployment'],
  [/^\/approvals\/:id/, 'order'],
  [/^\/pay\/jobs\/:code/, 'job'],
  [/^\/pay\/lists\/:id/, 'paylist'],
  [/^\/messages\/inbox\/:id/, 'sms'],
  [/^\/messages\/broadcasts\/draft\//, 'own'],
  [/^\/messages\/broadcasts\/:id/, 'broadcast'],
  [/^\/(roll|runs)\//, 'own'],
  [/^\/plans\/one\/:id/, 'nation'],
  [/^\/plans\/:job/, 'nation'],
  [/^\/rules\/:exam/, 'nation'],
  [/^\/notices\/one\/:id/, 'notice'],
  [/^\/staffing\/:centre/, 'station'],
  [/^\/officers\/:id/, 'officer'],
  [/^\/(menus|begin)\//, 'nation'],
]
const whoseOf = (path: string) => WHOSE.find(([pattern]) => pattern.test(path.replace('/console', '')))?.[1]

describe('role by route by county', () => {
  const ids: Record<string, string> = {}
  let phone = ''
  beforeAll(async () => {
    const { app } = service
    const { read } = app.store
    const [person] = await read.select().from(read.people).where(eq(read.people.homeCounty, HERE)).limit(1)
    const [job] = await read.select().from(read.jobs).limit(1)
    const [station] = await read.select().from(read.stations).where(eq(read.stations.county, HERE)).limit(1)
    if (!person || !job || !station) throw new Error('the demonstration has nobody here')
    const at = Date.now()
    const { homeCounty: county, homeSubCounty: subCounty } = person
    const order = {
      subject: null,
      county,
      inputSealed: '',
      summary: {},
      digest: 'x',
      state: 'asked',
      askedBy: 'officer:x',
      askedAt: at,
      effectAt: at,
    } as const
    await app.store.work('county', async (tx) => {
      await tx.update(tx.people).set({ fullName: CANARY }).where(eq(tx.people.id, person.id))
      await tx.insert(tx.jobs).values({ ...job, code: 'COUNTYJOB', codeKey: 'COUNTYJOB', county })
      await tx.delete(tx.applications).where(eq(tx.applications.personId, person.id))
      await tx.delete(tx.deployments).where(eq(tx.deployments.personId, person.id))
      const own = { personId: person.id, jobCode: 'COUNTYJOB', changedAt: at }
      await tx
        .insert(tx.applications)
        .values({ ...own, id: 'an-application', reference: 'AMATRIX', county, subCounty, status: 'received', at })
      const where = { centreCode: station.centreCode, county, reportOn: job.startsOn, reportAt: '07:00' }
      await tx.insert(tx.deployments).values({ ...own, ...where, id: 'a-deployment', status: 'draft', letterVersion: 0 })
      await tx.insert(tx.orders).values({ ...order, id: 'an-order', kind: 'publish' })
      await tx.insert(tx.orders).values({
        ...order,
        id: 'a-broadcast',
        kind: 'broadcast',
        inputSealed: app.keyring.seal('orders.input:a-broadcast', '{}'),
      })
      // An empty list that was approved, so that its file can be taken.
      const list = { lines: 0, totalKes: 0, controlSum: createHash('sha256').digest('hex'), rulesVersion: 0, by: 'officer:x' }
      await tx
        .insert(tx.paylists)
        .values({ ...list, id: 'a-paylist', jobCode: 'COUNTYJOB', state: 'approved', at, changedAt: at })
      const scene = { tx, at, tools: app }
      await startRun(scene, { kind: 'test', id: 'pay:a-paylist', by: 'officer:x', input: { list: 'a-paylist', county } })
      await tx.insert(tx.notices).values({ id: 'a-notice', kind: 'recalled', jobCode: 'COUNTYJOB', county, by: 'officer:x', at })
      const bodySealed = app.keyring.seal('inbound.body:an-sms', 'Habari')
      const sms = { id: 'sent', dedupe: 'sent', msisdn: person.msisdn, personId: person.id, class: 'notice', rank: 2 } as const
      const times = { dueAt: at, expiresAt: at, createdAt: at, changedAt: at, leaseUntil: 0 }
      await tx.insert(tx.outbox).values({ ...sms, ...times, bodySealed: 'x', segments: 1, status: 'failed', tries: 1 })
      const officer = { username: 'an.officer', name: 'Made Up', role: 'clerk', counties: [county] } as const
      await tx.insert(tx.officers).values({ ...officer, counties: [county], id: 'an-officer', confirmedAt: at, at })
      // Ahead of whatever the officers below do, so that it stands on the first page.
      const trace = { at: at + 3_600_000, via: 'console', action: 'people.reveal', outcome: 'done' }
      // What anybody did about somebody of the county, and what somebody of the county did.
      await tx.insert(tx.audit).values([
        { ...trace, id: 'trail-1', actor: 'officer:x', subject: person.id, detail: { note: 'a-trail-subject' } },
        { ...trace, id: 'trail-2', actor: 'officer:an-officer', subject: 'x', detail: { note: 'a-trail-actor' } },
      ])
      await tx.insert(tx.inbound).values({ id: 'an-sms', msisdn: person.msisdn, bodySealed, at })
    })
    phone = person.msisdn
    Object.assign(ids, {
      person: person.id,
      job: 'COUNTYJOB',
      application: 'an-application',
      deployment: 'a-deployment',
      order: 'an-order',
      sms: 'an-sms',
      broadcast: 'a-broadcast',
      paylist: 'a-paylist',
      station: station.centreCode,
      notice: 'a-notice',
      officer: 'an-officer',
      subject: 'a-trail-subject',
      actor: 'a-trail-actor',
    })
  })

  test('every route that names a thing says whose it is', () => {
    const unknown = ofFace('console').filter(({ path }) => path.includes(':') && whoseOf(path) === undefined)
    expect(unknown.map(({ path }) => path)).toEqual([])
  })

  test.each(ROLES)(
    'a %s of another county finds none of it, by page or by form; one of its own county does',
    async (role) => {
      const there = await officer(role, [ELSEWHERE], `${role}.there`)
      const here = await officer(role, [HERE], `${role}.here`)
      const wrong: string[] = []
      for (const { method, path, rule } of ofFace('console')) {
        const whose = whoseOf(path)
        if (!path.includes(':') || whose === undefined || rule === 'anyone' || !hasRight(role, rule as Right)) continue
        const id = ids[whose]
        if (id === undefined) continue
        const address = path.replace(/:(id|code|centre)/, id).replace(':field', 'national_id')
        await there.get('/console/account')
        const far =
          method === 'GET'
            ? await there.status('GET', address)
            : await there.statusOf(address, { reason: 'other', was: 'vetted', to: 'reserve' })
        if (far !== 404) wrong.push(`${method} ${address} from elsewhere: ${far}`)
        // An order is seen by whoever may decide it; a form might do what it says, so only pages are opened.
        if (method === 'POST' || (whose === 'order' && role !== 'approver') || whose === 'broadcast') continue
        const near = await here.status('GET', address)
        if (near !== 200) wrong.push(`${method} ${address} from here: ${near}`)
      }
      expect(wrong).toEqual([])
    },
    60_000,
  )

  test('no list, count or search of another county shows it either; one of its own county does', async (context) => {
    const shows = async (client: Client, role: OfficerRole) => {
      const pages = ofFace('console').filter(
        ({ method, path, rule }) => method === 'GET' && !path.includes(':') && rule !== 'anyone' && hasRight(role, rule as Right),
      )
      const found: string[] = []
      for (const { path } of pages) {
        const body = await client.get(path).catch(() => '')
        for (const name of [
          CANARY,
          'AMATRIX',
          'COUNTYJOB',
          ids.person ?? CANARY,
          ...Object.values(ids).filter((id) => id.includes('-')),
        ])
          if (body.includes(name)) found.push(`${path}: ${name}`)
      }
      if (!hasRight(role, 'look')) return found
      await client.get('/console/people')
      if ((await client.post('/console/people', { q: phone }).catch(() => '')).includes(ids.person ?? CANARY))
        found.push('search')
      return found
    }
    let seen = 0
    for (const role of ROLES) {
      expect(await shows(await officer(role, [ELSEWHERE], `${role}.far`), role), role).toEqual([])
      const near = await shows(await officer(role, [HERE], `${role}.near`), role)
      if (hasRight(role, 'look')) expect(near, role).toContain('search')
      if (hasRight(role, 'look'))
        for (const [path, name] of [
          ['jobs', 'COUNTYJOB'],
          ['applications', 'AMATRIX'],
          ['deployments', 'COUNTYJOB'],
          ['messages', ids.person],
        ])
          expect(near, role).toContain(`/console/${path}: ${name}`)
      if (hasRight(role, 'approve')) expect(near).toContain('/console/approvals: an-order')
      if (hasRight(role, 'trail'))
        for (const path of ['audit', 'audit/export.csv'])
          expect(near, role).toEqual(
            expect.arrayContaining([`/console/${path}: a-trail-subject`, `/console/${path}: a-trail-actor`]),
          )
      if (hasRight(role, 'officers')) expect(near).toContain('/console/officers: an-officer')
      seen += near.length
    }
    expect(seen).toBeGreaterThan(10)
    tried(
      context,
      `${ofFace('console').length} routes by ${ROLES.length} roles, ${seen} things in lists of one county and none of the other`,
    )
  }, 60_000)

  test.each(ROLES)('a form that %s did not send from our own page does nothing', async (role) => {
    const [client, another] = [clients.get(role) as Client, clients.get(role === 'clerk' ? 'officer' : 'clerk') as Client]
    const { read } = service.app.store
    const effects = async () => ({
      acts: (await read.select({ id: read.audit.id }).from(read.audit).where(eq(read.audit.via, 'console'))).length,
      orders: await read.select().from(read.orders),
      views: await read.select().from(read.views),
      people: await read.select({ id: read.people.id, status: read.people.status }).from(read.people),
      officers: await read.select().from(read.officers),
    })
    const others = /name="csrf" value="([^"]+)"/.exec(await another.get('/console/account'))?.[1] ?? expect.fail('no proof')
    const fields = { reason: 'other', was: 'vetted', to: 'reserve', name: 'x', id: 'x', yes: '1' }
    const wrong: string[] = []
    await client.get('/console/account')
    const before = await effects()
    for (const { method, path, rule } of ofFace('console')) {
      if (method !== 'POST' || rule === 'anyone' || !hasRight(role, rule as Right)) continue
      const whose = whoseOf(path)
      const address = asked(path.replace(/:(id|code|centre)/, (whose && ids[whose]) ?? 'x').replace(':field', 'national_id'))
      for (const csrf of ['', 'made-up', others]) {
        const { status, headers } = await fetch(service.url + address, {
          method: 'POST',
          headers: { Cookie: client.cookie },
          body: new URLSearchParams({ ...fields, csrf }),
          redirect: 'manual',
        })
        // The only way on is to where it says that the form was old.
        const leads = headers.get('location') ?? ''
        if ((status === 303 && !/said=(form_old|file_again)$/.test(leads)) || status >= 500)
          wrong.push(`${address} with the proof '${csrf}': ${status} ${leads}`)
      }
      for (const site of ['cross-site', 'same-site']) {
        const status = await client.statusOf(address, fields, { 'sec-fetch-site': site })
        if (status !== 403) wrong.push(`${address} from ${site}: ${status}`)
      }
    }
    expect(wrong).toEqual([])
    expect(await effects()).toEqual(before)
    // It was the proof alone that was missing.
    expect(await client.statusOf('/console/applications/views', fields, { 'sec-fetch-site': 'same-origin' })).toBe(303)
    expect((await effects()).acts).toBe(before.acts + 1)
  })
})
