import { execFile } from 'node:child_process'
import { desc, eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { operator } from '../../src/acting.ts'
import { PAGE_SEEN } from '../../src/audit/exported.ts'
import { type Client, enter } from '../../src/bench/client.ts'
import { PAGE_ROWS } from '../../src/console/table.ts'
import { breachOf } from '../../src/officers/breach.ts'
import { newOfficer } from '../../src/officers/manage.ts'
import { type Booted, boot } from '../kit/boot.ts'
import { type MovableClock, movableClock } from '../kit/desk.ts'
import { size, tried } from './row.ts'

const WITO = new URL('../../src/cli/wito.js', import.meta.url).pathname
const REVEALS = size({ quick: 24, full: 240 })
/** Made for this: more than one part of a file. */
const CROWD = size({ quick: 1_300, full: 12_000 })
/** Of a table, each with so many people. */
const PAGES = size({ quick: 3, full: 100 })
/** Shorter than an officer may sit still. */
const LATER = 10 * 60_000

let service: Booted
let clock: MovableClock
let thief: Client
let other: Client
beforeAll(async () => {
  clock = movableClock()
  service = await boot({ DEMO: '1' }, clock)
  const [one, two] = await Promise.all(['thief', 'other'].map((name) => officer(name)))
  ;[thief, other] = [one as Client, two as Client]
  await crowd()
}, 120_000)
afterAll(() => service?.close())

async function officer(username: string): Promise<Client> {
  const added = await newOfficer(service.app, operator, { username, name: 'Made Up', role: 'officer', counties: [] })
  if (added === 'taken') throw new Error('the username is taken')
  return enter(service.url, added.link)
}

const read = () => service.app.store.read
let everybody: string[]
const inCrowd = (n: number) => `crowd-${String(n).padStart(6, '0')}`

/** So many people of the roll, each with an application for the second job. */
async function crowd() {
  const { people, jobs } = read()
  const [model] = await read().select().from(people).limit(1)
  const [, job] = await read().select().from(jobs).limit(2)
  if (!model || !job) throw new Error('the demonstration is empty')
  for (let n = 0; n < CROWD; n += 500)
    await service.app.store.work('crowd', async (tx) => {
      for (let m = n; m < Math.min(n + 500, CROWD); m++) {
        const id = inCrowd(m)
        await tx.insert(tx.people).values({ ...model, id, nationalIdIndex: id, msisdn: '+254700000998', fullName: `Mtu ${m}` })
        await tx.insert(tx.applications).values({
          id: `app-${id}`,
          reference: id,
          personId: id,
          jobCode: 'CROWD26',
          county: 'Kisumu',
          subCounty: 'Kisumu East',
          status: 'received',
          at: clock.now() + m,
          changedAt: clock.now(),
        })
      }
    })
  const rows = await read().select({ id: people.id }).from(people)
  everybody = rows.map(({ id }) => id).filter((id) => !id.startsWith('crowd-'))
}

type Listed = { person: string; fields: string; times: string; actors: string; phone?: string; national_id?: string }
type Report = { people: Listed[]; nobody: number; doubtful: { action: string }[] }

/** The real command in a process of its own, beside the running service. */
function wito(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const env = { ...process.env, NODE_ENV: 'test', DATABASE_URL: `file:${service.folder}/wito.db`, LOG_LEVEL: 'silent' }
  return new Promise((ran) =>
    execFile(process.execPath, [WITO, ...words], { env, maxBuffer: 1e9 }, (error, out, err) =>
      ran({ code: error ? Number(error.code ?? 1) : 0, out, err }),
    ),
  )
}
const iso = (at: number) => new Date(at).toISOString()
async function breach(from: number, to: number, ...more: string[]): Promise<Report> {
  const { code, out, err } = await wito('breach', '--from', iso(from), '--to', iso(to), '--json', ...more)
  if (code !== 0) throw new Error(err)
  return JSON.parse(out) as Report
}

async function reveal(client: Client, person: string, field: string) {
  await client.get(`/console/people/${person}`)
  await client.get(`/console/people/${person}/reveal/${field}`)
  await client.post(`/console/people/${person}/reveal/${field}`, { reason: 'call', note: '' })
}
const listed = ({ people }: Report) => new Map(people.map(({ person, fields, times }) => [person, `${fields} ${times}`]))

test('everybody whose data were seen or taken in a time is listed, and nobody else', async (context) => {
  // Before: somebody else, and the thief too.
  for (const person of everybody.slice(0, 3)) await reveal(other, person, 'phone')
  await reveal(thief, everybody[3] ?? '', 'national_id')
  clock.move(LATER)
  const from = clock.now()
  const expected = new Map<string, string>()
  for (const [n, person] of everybody.slice(10, 10 + REVEALS).entries()) {
    const field = ['national_id', 'phone', 'kra_pin'][n % 3] ?? ''
    await reveal(thief, person, field)
    // Their page, the page that asks why, and the field.
    expected.set(person, `${[field, 'name', 'page'].sort().join(' ')} 3`)
  }
  const [looked] = everybody.slice(-1)
  await thief.get(`/console/people/${looked}`)
  expected.set(looked ?? '', 'page 1')
  const csv = await thief.get('/console/applications/export.csv?job=CROWD26&columns=name&columns=phone')
  expect(csv.trim().split('\r\n')).toHaveLength(CROWD + 1)
  for (let n = 0; n < CROWD; n++) expected.set(inCrowd(n), 'name phone 1')
  let next = '/console/applications?job=CROWD26&columns=name&columns=status'
  for (let page = 0; page < PAGES; page++) {
    const [, more = expect.fail('no more pages')] = /href="([^"]+)" rel="next"/.exec(await thief.get(next)) ?? []
    next = more.replaceAll('&amp;', '&')
  }
  // The newest stand first; whoever stands on the page after the last was not seen.
  for (let n = CROWD - PAGES * PAGE_ROWS; n < CROWD; n++) expected.set(inCrowd(n), 'name phone status 2')
  await reveal(other, everybody[5] ?? '', 'kra_pin')
  clock.move(LATER)
  const to = clock.now()
  // Afterwards: the world goes on, and whoever was taken is no longer where the filter found them.
  for (const person of everybody.slice(6, 9)) await reveal(thief, person, 'phone')
  await service.app.store.work('on', (tx) =>
    tx.update(tx.applications).set({ jobCode: 'OTHER26' }).where(eq(tx.applications.jobCode, 'CROWD26')),
  )

  const mine = await breach(from, to, '--actor', 'thief')
  expect(mine.doubtful).toEqual([])
  expect(listed(mine)).toEqual(expected)
  const all = await breachOf(service.app, { from, to, actors: [] })
  expect(new Set(all.people.keys())).toEqual(new Set([...expected.keys(), everybody[5]]))
  tried(
    context,
    `${REVEALS} pages with a field revealed, 1 page, ${PAGES} pages of a table, ${CROWD.toLocaleString('en')} people in an export; ${expected.size.toLocaleString('en')} listed, 0 missed, 0 extra`,
  )
}, 120_000)

test('what the commands take is listed too, contacts only where they are asked for, and then that stands in the trail', async () => {
  clock.move(LATER)
  const from = Date.now()
  const people = (await read().select({ id: read().deployments.personId }).from(read().deployments)).map(({ id }) => id)
  expect(people.length).toBeGreaterThan(0)
  expect((await wito('export', 'deployments', '--with-ids')).code).toBe(0)
  const to = Date.now() + 1
  const plain = await wito('breach', '--from', iso(from), '--to', iso(to), '--actor', 'operator', '--json')
  const report = JSON.parse(plain.out) as Report
  expect(new Set(report.people.map(({ person }) => person))).toEqual(new Set(people))
  expect(report.people[0]?.fields).toContain('national_id')
  const [one] = await read()
    .select()
    .from(read().people)
    .where(eq(read().people.id, people[0] ?? ''))
  const id = service.app.keyring.open(`people.national_id:${one?.id}`, one?.nationalIdSealed ?? '')
  expect(plain.out).not.toContain(id)
  expect(plain.out).not.toContain(one?.msisdn)
  const full = await breach(from, to, '--actor', 'operator', '--with-contacts')
  expect(full.people.find(({ person }) => person === one?.id)).toMatchObject({ national_id: id, phone: one?.msisdn })
  const acts = await read().select().from(read().audit).where(eq(read().audit.action, 'breach.list'))
  expect(acts.map(({ detail }) => detail?.fields)).toContain('name phone national_id')

  // Whoever takes somebody out of the list is found, and so is whoever takes out the whole of it.
  const [row] = await read().select().from(read().audit).where(eq(read().audit.action, 'deployments.export'))
  const mine = eq(read().exported.exportId, row?.subject ?? '')
  const doubtful = async () => (await breachOf(service.app, { from, to, actors: [] })).doubtful.map(({ action }) => action)
  expect(await doubtful()).toEqual([])
  await service.app.store.work('meddle', (tx) =>
    tx
      .update(tx.exported)
      .set({ people: people.slice(1) })
      .where(mine),
  )
  expect(await doubtful()).toEqual(['deployments.export'])
  await service.app.store.work('meddle', (tx) => tx.delete(tx.exported).where(mine))
  expect(await doubtful()).toEqual(['deployments.export'])
}, 60_000)

test('whoever takes somebody out of the list of a page is found, and so is whoever takes out the whole of it, or its row', async () => {
  const from = clock.now()
  await thief.get('/console/applications')
  const to = clock.now() + 1
  const { audit } = read()
  const [row] = await read().select().from(audit).where(eq(audit.action, PAGE_SEEN)).orderBy(desc(audit.at)).limit(1)
  const mine = eq(read().exported.exportId, row?.subject ?? '')
  const [list] = await read().select().from(read().exported).where(mine)
  const people = list?.people ?? []
  expect(people).toHaveLength(PAGE_ROWS)
  const told = async () => {
    const { people: seen, doubtful } = await breachOf(service.app, { from, to, actors: [] })
    return { seen: seen.size, doubtful: doubtful.map(({ action }) => action) }
  }
  const meddle = (set: string[]) =>
    service.app.store.work('meddle', (tx) => tx.update(tx.exported).set({ people: set }).where(mine))
  expect(await told()).toEqual({ seen: PAGE_ROWS, doubtful: [] })
  await meddle(people.slice(1))
  expect(await told()).toEqual({ seen: PAGE_ROWS - 1, doubtful: [PAGE_SEEN] })
  await meddle(people)
  await service.app.store.work('meddle', (tx) => tx.delete(tx.exported).where(mine))
  expect(await told()).toEqual({ seen: 0, doubtful: [PAGE_SEEN] })
  await service.app.store.work('meddle', async (tx) => {
    await tx.insert(tx.exported).values(list ?? expect.fail('no list'))
    await tx.delete(tx.audit).where(eq(tx.audit.id, row?.id ?? ''))
  })
  // Seen, and nobody can say any more by whom.
  expect(await told()).toEqual({ seen: PAGE_ROWS, doubtful: ['export'] })
}, 60_000)
