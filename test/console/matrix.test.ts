import { createHash } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operator } from '../../src/acting.ts'
import { Client, enter } from '../../src/bench/client.ts'
import { newOfficer } from '../../src/officers/manage.ts'
import { hasRight, type Right, ROLES } from '../../src/officers/roles.ts'
import { startRun } from '../../src/runs/run.ts'
import type { OfficerRole } from '../../src/store/schema.ts'
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
  [/^\/(menus|officers|begin)\//, 'nation'],
]
const whoseOf = (path: string) => WHOSE.find(([pattern]) => pattern.test(path.replace('/console', '')))?.[1]

describe('role by route by county', () => {
  const ids: Record<string, string> = {}
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
      await tx.insert(tx.inbound).values({ id: 'an-sms', msisdn: person.msisdn, bodySealed, at })
    })
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
    })
  })

  test('every route that names a thing says whose it is', () => {
    const unknown = ofFace('console').filter(({ path }) => path.includes(':') && whoseOf(path) === undefined)
    expect(unknown.map(({ path }) => path)).toEqual([])
  })

  test.each(ROLES.filter((role) => !['administrator', 'auditor'].includes(role)))(
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
})
