import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { and, eq, gte, inArray } from 'drizzle-orm'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { operator } from '../../src/acting.ts'
import { disputePlace } from '../../src/attendance/own.ts'
import { PAGE_SEEN } from '../../src/audit/exported.ts'
import { nairobiDay } from '../../src/base/dates.ts'
import { Fault } from '../../src/base/fault.ts'
import { maskMsisdn } from '../../src/base/msisdn.ts'
import { type Client, enter } from '../../src/bench/client.ts'
import { stageImport } from '../../src/deployments/upload.ts'
import { LEFT_OUT } from '../../src/notices/overview.ts'
import { newOfficer } from '../../src/officers/manage.ts'
import { hasRight, type Right, ROLES } from '../../src/officers/roles.ts'
import { ROLL_COLUMNS } from '../../src/people/roll.ts'
import { stageRoll } from '../../src/people/roll-upload.ts'
import type { OfficerRole } from '../../src/store/schema.ts'
import { type Booted, boot } from '../kit/boot.ts'

let service: Booted
beforeAll(async () => {
  service = await boot({ DEMO: '1' })
  await fill()
}, 120_000)
afterAll(() => service?.close())

const read = () => service.app.store.read
const JOB = 'SEENJOB'
/** Everybody of the roll, by names and numbers that nobody else has. */
const known: { id: string; name: string; masked: string | undefined }[] = []
const ids: Record<string, string> = {}
let day: string

async function officer(role: OfficerRole, name: string = role): Promise<{ client: Client; id: string }> {
  const added = await newOfficer(service.app, operator, { username: `s.${name}`, name: 'Made Up', role, counties: [] })
  if (added === 'taken') throw new Error('the username is taken')
  const client = await enter(service.url, added.link)
  const [me] = await read()
    .select()
    .from(read().officers)
    .where(eq(read().officers.username, `s.${name}`))
  return { client, id: me?.id ?? '' }
}

/** Two people with something of theirs in every room. */
async function fill() {
  const { app } = service
  const people = await read().select().from(read().people)
  const [job] = await read().select().from(read().jobs).limit(1)
  const [here, there] = await read().select().from(read().stations).limit(2)
  const [one, two] = people.filter(({ status }) => status === 'vetted')
  if (!one || !two || !job || !here || !there) throw new Error('the demonstration is empty')
  const at = app.clock.now()
  day = nairobiDay(at)
  const numbers = new Map([one, two].map(({ id }, n) => [id, `+25411900099${n}`]))
  const { county, subCounty, centreCode } = here
  await app.store.work('fill', async (tx) => {
    for (const [n, { id }] of people.entries()) {
      const name = `Mtu ${String(n).padStart(5, '0')} Kanari`
      const number = numbers.get(id)
      known.push({ id, name, masked: number && maskMsisdn(number) })
      await tx
        .update(tx.people)
        .set({ fullName: name, ...(number ? { msisdn: number, workstationCode: null } : {}) })
        .where(eq(tx.people.id, id))
      if (number) await tx.delete(tx.accounts).where(eq(tx.accounts.personId, id))
    }
    await tx
      .insert(tx.jobs)
      .values({ ...job, code: JOB, codeKey: JOB, county: null, draft: false, startsOn: day, endsOn: day, changedAt: at })
    const theirs = { jobCode: JOB, county, changedAt: at }
    await tx
      .insert(tx.applications)
      .values({ ...theirs, id: 'an-application', reference: 'ASEEN', personId: one.id, subCounty, status: 'received', at })
    const duty = { ...theirs, centreCode, reportOn: day, reportAt: '07:00', letterVersion: 1, seat: 1 }
    const reasonSealed = app.keyring.seal('deployments.reason:gave-up', 'mgonjwa')
    await tx
      .insert(tx.deployments)
      .values({ ...duty, id: 'gave-up', personId: two.id, status: 'declined', reasonSealed, changedAt: at - 1 })
    await tx
      .insert(tx.deployments)
      .values({ ...duty, id: 'a-deployment', personId: one.id, status: 'released', held: `${JOB}:1`, offeredFrom: 'gave-up' })
    await tx.insert(tx.openings).values({ ...theirs, id: 'gave-up', centreCode, seat: 1, why: 'declined', state: 'open', at })
    const disputeSealed = app.keyring.seal(disputePlace('a-deployment', day), 'nilikuwepo')
    const mark = { day, jobCode: JOB, centreCode, county, mark: 'absent', by: 'head', at } as const
    await tx.insert(tx.attendance).values({ ...mark, deploymentId: 'a-deployment', disputedAt: at, disputeSealed })
    const order = { summary: {}, digest: 'x', state: 'asked', askedBy: 'person:x', askedAt: at, effectAt: at } as const
    const inputSealed = app.keyring.seal('orders.input:an-order', '{}')
    await tx.insert(tx.orders).values({ ...order, id: 'an-order', kind: 'bank', subject: one.id, county, inputSealed })
    const sums = { lines: 1, totalKes: 1, controlSum: '', rulesVersion: 0, by: 'officer:x' }
    await tx.insert(tx.paylists).values({ ...sums, id: 'a-paylist', jobCode: JOB, state: 'prepared', at, changedAt: at })
    const kes = { days: 1, rateKes: 1, allowanceKes: 0, deductionKes: 0, totalKes: 1, bank: 'mpesa', payeeSealed: 'x' }
    const line = { listId: 'a-paylist', deploymentId: 'a-deployment', personId: one.id, county, state: 'prepared' } as const
    await tx.insert(tx.payLines).values({ ...kes, ...line, id: 'a-line', changedAt: at })
    const issue = { kind: 'name', jobCode: JOB, personId: one.id, county, state: 'open' } as const
    await tx.insert(tx.payIssues).values({ ...issue, deploymentId: 'a-deployment', at, changedAt: at })
    const times = { dueAt: at + 60_000, expiresAt: at, createdAt: at, changedAt: at, leaseUntil: 0 }
    const sms = { msisdn: numbers.get(one.id) ?? '', personId: one.id, class: 'notice', rank: 2, bodySealed: 'x' } as const
    await tx.insert(tx.outbox).values({ ...sms, ...times, id: 'sent', dedupe: 'sent', segments: 1, status: 'failed', tries: 1 })
    const bodySealed = app.keyring.seal('inbound.body:an-sms', 'Habari')
    await tx.insert(tx.inbound).values({ id: 'an-sms', msisdn: numbers.get(one.id) ?? '', bodySealed, at: at - 1_000_000_000 })
    await tx.insert(tx.notices).values({ id: 'a-notice', kind: 'moved', jobCode: JOB, county: null, by: 'officer:x', at })
    const told = { noticeId: 'a-notice', county }
    await tx.insert(tx.noticePeople).values({ ...told, deploymentId: 'gave-up', personId: two.id, message: 'never-written' })
    await tx.insert(tx.noticePeople).values({ ...told, deploymentId: 'a-deployment', personId: one.id, message: LEFT_OUT })
    const plan = { jobCode: JOB, state: 'ready', rulesVersion: 0, digest: 'x', summary: {}, by: 'officer:x' } as const
    const placed = { personId: one.id, seat: 1, county, metres: 0, kind: 'new', warning: 'surname' } as const
    for (const [planId, centre] of [
      ['a-plan', centreCode],
      ['b-plan', there.centreCode],
    ] as const) {
      await tx.insert(tx.plans).values({ ...plan, id: planId, at, changedAt: at })
      await tx.insert(tx.placements).values({ ...placed, planId, centreCode: centre })
      await tx.insert(tx.planReserves).values({ planId, personId: two.id, county, subCounty, rank: 1 })
    }
  })
  Object.assign(ids, { person: one.id, phone: numbers.get(one.id), centre: centreCode, county })
}

/** A table of deployments and one of the roll, brought by this officer; each is shown to nobody else. */
async function bring(by: string) {
  const { app } = service
  const [person] = await read()
    .select()
    .from(read().people)
    .where(eq(read().people.id, ids.person ?? ''))
  const nationalId = app.keyring.open(`people.national_id:${person?.id}`, person?.nationalIdSealed ?? '')
  const file = (name: string, lines: string[]) => {
    writeFileSync(join(service.folder, name), lines.join('\n'))
    return { name, path: join(service.folder, name) }
  }
  const actor = { via: 'console', name: by, signed: false, language: 'en' } as const
  const values: Partial<Record<(typeof ROLL_COLUMNS)[number], string>> = {
    national_id: nationalId,
    full_name: person?.fullName ?? '',
    phone: ids.phone ?? '',
    qualification: person?.qualification === 'degree' ? 'diploma' : 'degree',
    home_county: person?.homeCounty ?? '',
    home_sub_county: person?.homeSubCounty ?? '',
    status: 'vetted',
  }
  const roll = file('roll.csv', [ROLL_COLUMNS.join(','), ROLL_COLUMNS.map((name) => values[name] ?? '').join(',')])
  const { good: goodRoll, bad: badRoll } = await stageRoll(app, actor, { id: 'a-roll', file: roll, counties: [] })
  expect([goodRoll, badRoll]).toEqual([1, []])
  const duties = file('duties.csv', [
    'job_code,national_id,centre_code,report_on,report_at',
    `${JOB},${nationalId},${ids.centre},${day},08:00`,
  ])
  const { good, bad } = await stageImport(app, { id: 'an-import', file: duties, by, mine: () => true })
  expect([good, bad]).toEqual([1, []])
}

/** What stands in the address of a route that names a thing, and behind it. A route that is not here has none. */
const ADDRESSES: Readonly<Record<string, () => string>> = {
  '/people/:id': () => `/people/${ids.person}`,
  '/people/:id/reveal/:field': () => `/people/${ids.person}/reveal/phone`,
  '/people/:id/papers/:paper': () => `/people/${ids.person}/papers/none`,
  '/jobs/:code': () => `/jobs/${JOB}`,
  '/applications': () => `/applications?job=${JOB}`,
  '/applications/:id': () => '/applications/an-application',
  '/deployments': () => `/deployments?job=${JOB}`,
  '/deployments/import/:id': () => '/deployments/import/an-import',
  '/deployments/jobs/:code': () => `/deployments/jobs/${JOB}`,
  '/deployments/:id/reason': () => '/deployments/gave-up/reason',
  '/deployments/:id': () => '/deployments/a-deployment',
  '/approvals/:id': () => '/approvals/an-order',
  '/notices/one/:id': () => '/notices/one/a-notice',
  '/plans/compare': () => '/plans/compare?before=a-plan&after=b-plan',
  '/plans/one/:id/county/:county': () => `/plans/one/a-plan/county/${ids.county}`,
  '/plans/one/:id/station/:centre': () => `/plans/one/a-plan/station/${ids.centre}`,
  '/plans/one/:id': () => '/plans/one/a-plan',
  '/plans/:job': () => `/plans/${JOB}`,
  '/staffing/:centre': () => `/staffing/${ids.centre}`,
  '/pay/jobs/:code': () => `/pay/jobs/${JOB}`,
  '/pay/lists/:id': () => '/pay/lists/a-paylist',
  '/messages/broadcasts/draft/:id': () => '/messages/broadcasts/draft/none',
  '/messages/broadcasts/:id': () => '/messages/broadcasts/none',
  '/messages/inbox/:id': () => '/messages/inbox/an-sms',
  '/roll/:id': () => '/roll/a-roll',
  '/rules/:exam': () => '/rules/KCSE',
  '/menus/:screen': () => '/menus/none',
  '/officers/:id': () => '/officers/none',
  '/runs/:id': () => '/runs/none',
  '/begin/:token': () => '/begin/none',
}
/** By the longest beginning: what is done to a thing stands behind its address. */
function addressOf(path: string): string {
  const bare = path.replace('/console', '')
  const [begins] = Object.keys(ADDRESSES)
    .filter((each) => bare === each || bare.startsWith(`${each}/`))
    .sort((a, b) => b.length - a.length)
  if (begins === undefined) return path
  const [address = '', query] = (ADDRESSES[begins]?.() ?? '').split('?')
  const rest = bare.slice(begins.length)
  return `/console${address}${rest}${query === undefined || rest !== '' ? '' : `?${query}`}`
}

/** What is typed into a form, so that it is answered by a page with somebody in it. Into every other nothing is. */
const TYPED: Readonly<Record<string, () => Record<string, string>>> = {
  '/people': () => ({ q: ids.phone ?? '' }),
  '/people/:id/reveal/:field': () => ({ reason: 'call' }),
  '/people/:id/standing': () => ({ reason: 'other', was: 'suspended' }),
  '/applications/decide/yes': () => ({ to: 'nominated', id: 'an-application.1' }),
  '/pay/jobs/:code/clear': () => ({ kind: 'name' }),
  '/plans/one/:id/station/:centre': () => ({ person: 'nobody', to: ids.centre ?? '' }),
}

/** Whose data the trail says that were seen since `since`, and of them those that a page noted. */
async function noted(since: ReadonlySet<string>, from: number) {
  const { audit, exported } = read()
  const rows = (
    await read()
      .select()
      .from(audit)
      .where(and(eq(audit.via, 'console'), gte(audit.at, from)))
  ).filter(({ id }) => !since.has(id))
  const subjects = rows.flatMap(({ subject }) => subject ?? [])
  const lists = await read().select().from(exported).where(inArray(exported.exportId, subjects))
  const pages = rows.filter(({ action }) => action === PAGE_SEEN).map(({ subject }) => subject)
  return {
    rows: rows.map(({ id }) => id),
    all: new Set([...subjects, ...lists.flatMap(({ people }) => people)]),
    byPage: lists.filter(({ exportId }) => pages.includes(exportId)).flatMap(({ people }) => people),
  }
}

const shownIn = (body: string) =>
  known.filter(
    ({ id, name, masked }) =>
      body.includes(name) || body.includes(`"/console/people/${id}"`) || (masked !== undefined && body.includes(masked)),
  )

/** Where people are shown. A page that is new here is one that shows them; one that is gone is no longer tried by this test. */
const SHOWING = [
  'GET /applications',
  'GET /applications/:id',
  'GET /applications/export.csv',
  'GET /approvals/:id',
  'GET /deployments',
  'GET /deployments/:id',
  'GET /deployments/:id/move',
  'GET /deployments/:id/reissue',
  'GET /deployments/:id/revoke',
  'GET /deployments/import/:id',
  'GET /disputes',
  'GET /messages',
  'GET /messages/inbox',
  'GET /messages/inbox/:id',
  'GET /notices/one/:id',
  'GET /notices/one/:id/late.csv',
  'GET /openings',
  'GET /pay/jobs/:code/issues',
  'GET /pay/lists/:id',
  'GET /people/:id',
  'GET /people/:id/reveal/:field',
  'GET /plans/compare',
  'GET /plans/one/:id',
  'GET /plans/one/:id/county/:county',
  'GET /plans/one/:id/station/:centre',
  'GET /roll/:id',
  'GET /staffing/:centre',
  'POST /applications/decide/yes',
  'POST /approvals/:id/agree',
  'POST /approvals/:id/cancel',
  'POST /approvals/:id/refuse',
  'POST /deployments/:id/move',
  'POST /deployments/:id/reason',
  'POST /deployments/:id/reissue',
  'POST /deployments/:id/revoke',
  'POST /messages/inbox/:id',
  'POST /messages/inbox/:id/aside',
  'POST /pay/jobs/:code/clear',
  'POST /pay/lists/:id/sent',
  'POST /people',
  'POST /people/:id/reveal/:field',
  'POST /people/:id/standing',
  'POST /plans/one/:id/station/:centre',
]

test('every route that names a thing has an address here', () => {
  const open = service.routes.filter(({ path }) => path.startsWith('/console') && addressOf(path).includes(':'))
  expect(open.map(({ path }) => path)).toEqual([])
})

test('whoever is shown by a page of the console stands in the trail, and nobody else', async () => {
  const wrong: string[] = []
  const showing = new Set<string>()
  const routes = service.routes
    .filter(({ path, rule }) => path.startsWith('/console') && rule !== 'anyone' && !path.endsWith('/logout'))
    .sort((a, b) => (a.method === b.method ? 0 : a.method === 'GET' ? -1 : 1))
  for (const role of ROLES) {
    const { client, id } = await officer(role)
    if (role === 'officer') await bring(`officer:${id}`)
    const csrf = /name="csrf" value="([^"]+)"/.exec(await client.get('/console/account'))?.[1] ?? expect.fail('no proof')
    let { rows } = await noted(new Set(), 0)
    for (const { method, path, rule } of routes) {
      if (!hasRight(role, rule as Right)) continue
      const route = path.replace('/console', '')
      const from = service.app.clock.now()
      const form = { csrf, once: service.app.clock.id(), ...TYPED[route]?.() }
      const answer = await fetch(service.url + addressOf(path), {
        method,
        headers: { Cookie: client.cookie },
        redirect: 'manual',
        ...(method === 'POST' ? { body: new URLSearchParams(form) } : {}),
      })
      const body = await answer.text()
      const shown = shownIn(body)
      const since = await noted(new Set(rows), from)
      rows = [...rows, ...since.rows]
      for (const { id: person, name } of shown)
        if (!since.all.has(person)) wrong.push(`${role}: ${method} ${route} shows ${name} and does not say so`)
      const here = new Set(shown.map(({ id: person }) => person))
      for (const person of since.byPage)
        if (!here.has(person)) wrong.push(`${role}: ${method} ${route} says that it shows ${person} and does not`)
      if (shown.length > 0) showing.add(`${method} ${route}`)
      if (answer.status >= 500) wrong.push(`${role}: ${method} ${route} answered ${answer.status}`)
    }
  }
  expect(wrong).toEqual([])
  expect([...showing].sort()).toEqual(SHOWING)
}, 120_000)

test('a page that cannot be noted is not shown', async () => {
  const { client } = await officer('clerk', 'full')
  const { store } = service.app
  const work = store.work.bind(store)
  const full = vi.spyOn(store, 'work').mockImplementation((key, unit) => {
    if (key.startsWith('page:')) throw new Fault('storage_full', 'no space')
    return work(key, unit)
  })
  onTestFinished(() => full.mockRestore())
  const look = () => fetch(`${service.url}/console/applications`, { headers: { Cookie: client.cookie } })
  const refused = await look()
  expect(refused.status).toBe(503)
  expect(shownIn(await refused.text())).toEqual([])
  full.mockRestore()
  expect(shownIn(await (await look()).text())).not.toEqual([])
})
