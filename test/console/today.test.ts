import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eq, inArray } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operator } from '../../src/acting.ts'
import { DAY, HOUR, nairobiDay, nairobiHour } from '../../src/base/dates.ts'
import { type Client, enter } from '../../src/bench/client.ts'
import { newOfficer } from '../../src/officers/manage.ts'
import { startRun } from '../../src/runs/run.ts'
import { classes } from '../../src/sms/classes.ts'
import type { MessageClass, MessageStatus, OfficerRole } from '../../src/store/schema.ts'
import { type Booted, boot } from '../kit/boot.ts'
import { heldClock } from '../kit/held-clock.ts'

const held = heldClock()
let service: Booted
const [HERE, ELSEWHERE] = ['Kisumu', 'Nairobi']
const at = Date.now()
/** Two hours and five hours ago, when so many applied. */
const APPLIED = [
  [at - 2 * HOUR, 5],
  [at - 5 * HOUR, 2],
] as const

beforeAll(async () => {
  service = await boot({ DEMO: '1' }, held.clock)
  const { app } = service
  const { read } = app.store
  const rows = await read.select().from(read.applications)
  const people = await read.select().from(read.people)
  const home = (county: string) => people.find(({ homeCounty }) => homeCounty === county) ?? expect.fail(`nobody in ${county}`)
  await app.store.work('today', async (tx) => {
    await tx.update(tx.applications).set({ at: at - 40 * DAY })
    const some = rows.map(({ id }) => id)
    for (const [when, n] of APPLIED)
      await tx
        .update(tx.applications)
        .set({ at: when })
        .where(inArray(tx.applications.id, some.splice(0, n)))
    await tx.update(tx.applications).set({ status: 'received' })
    const [first = [], second = [], third = []] = [2, 1, 3].map((n) => some.splice(0, n))
    await tx.update(tx.applications).set({ status: 'nominated', county: HERE }).where(inArray(tx.applications.id, first))
    await tx.update(tx.applications).set({ status: 'nominated', county: ELSEWHERE }).where(inArray(tx.applications.id, second))
    await tx.update(tx.applications).set({ county: HERE }).where(inArray(tx.applications.id, third))
    const [one = '', two = '', ...others] = (await tx.select().from(tx.deployments)).map(({ id }) => id)
    const open = { status: 'released', reportOn: nairobiDay(at + 9 * DAY) } as const
    await tx.update(tx.deployments).set({ status: 'accepted' }).where(inArray(tx.deployments.id, others))
    await tx
      .update(tx.deployments)
      .set({ ...open, county: HERE })
      .where(eq(tx.deployments.id, one))
    await tx
      .update(tx.deployments)
      .set({ ...open, county: ELSEWHERE })
      .where(eq(tx.deployments.id, two))
    for (const [n, county] of [HERE, HERE, ELSEWHERE, null].entries()) {
      const order = { subject: null, inputSealed: '', summary: {}, digest: 'x', askedBy: 'officer:x', askedAt: at, effectAt: at }
      await tx
        .insert(tx.orders)
        .values({ ...order, id: `order-${n}`, kind: 'publish', county, state: n === 1 ? 'refused' : 'asked' })
    }
    const lonely = { name: 'Made Up', role: 'clerk', broughtIn: [{ by: 'officer:x', at }], at } as const
    for (const county of [HERE, ELSEWHERE])
      await tx
        .insert(tx.officers)
        .values({ ...lonely, broughtIn: [...lonely.broughtIn], id: county, username: county, counties: [county] })
    let n = 0
    const sms = async (kind: MessageClass, status: MessageStatus, dueAt: number, county = HERE) => {
      const { id: personId, msisdn } = home(county)
      const row = { id: `today-${++n}`, dedupe: `today-${n}`, personId, msisdn, class: kind, rank: classes[kind].rank }
      const times = { dueAt, expiresAt: dueAt + DAY, createdAt: dueAt, changedAt: dueAt }
      await tx.insert(tx.outbox).values({ ...row, ...times, bodySealed: 'x', segments: 1, status, leaseUntil: 0, tries: 1 })
    }
    for (const kind of ['notice', 'notice', 'bulk', 'otp'] as const) await sms(kind, 'failed', at - HOUR)
    await sms('notice', 'failed', at - HOUR, ELSEWHERE)
    await sms('notice', 'failed', at - 8 * DAY)
    await sms('notice', 'delivered', at - HOUR)
    for (const [id, county] of [
      ['in-1', HERE],
      ['in-2', ELSEWHERE],
    ] as const)
      await tx
        .insert(tx.inbound)
        .values({ id, msisdn: home(county).msisdn, bodySealed: app.keyring.seal(`inbound.body:${id}`, 'Habari'), at })
  })
}, 120_000)
afterAll(() => service?.close())

async function officer(role: OfficerRole, counties: string[] = []): Promise<Client> {
  const username = `t.${role}.${counties.length}`
  const added = await newOfficer(service.app, operator, { username, name: 'Made Up', role, counties })
  if (added === 'taken') throw new Error('the username is taken')
  return enter(service.url, added.link)
}
const plain = (text: string) => text.replaceAll('&amp;', '&')
const cardsOf = (page: string) =>
  [...page.matchAll(/<li><a href="([^"]+)"><strong>([\d,]+)<\/strong>([^<]+)/g)].map(([, href = '', n = '', name = '']) => ({
    href: plain(href),
    n: Number(n.replaceAll(',', '')),
    name,
  }))
/** Every row of the list that begins there, page by page. */
async function rowsOf(client: Client, href: string): Promise<number> {
  let n = 0
  for (let next: string | undefined = href; next !== undefined; ) {
    const page: string = await client.get(next)
    n += (/<tbody>(.*?)<\/tbody>/s.exec(page)?.[1] ?? '').split('<tr>').length - 1
    const more: string | undefined = /<a href="([^"]+)" rel="next"/.exec(page)?.[1]
    next = more === undefined ? undefined : plain(new URL(plain(more), service.url + next).href.slice(service.url.length))
  }
  return n
}

describe('what waits', () => {
  test.each([
    ['clerk', 5],
    ['officer', 6],
    ['approver', 4],
    ['administrator', 4],
  ] as const)(
    '%s: each number is that of the rows where it leads, for the nation and for a county',
    async (role, most) => {
      const numbers: Record<string, number>[] = []
      for (const counties of [[], [HERE]]) {
        const client = await officer(role, counties)
        const cards = cardsOf(await client.get('/console'))
        expect(cards.length).toBe(most)
        for (const { href, n, name } of cards) {
          expect(n, name).toBeGreaterThan(0)
          expect(await rowsOf(client, href), `${name}: ${href}`).toBe(n)
        }
        numbers.push(Object.fromEntries(cards.map(({ name, n }) => [name, n])))
      }
      const [nation = {}, county = {}] = numbers
      for (const name of Object.keys(nation)) expect(county[name], name).toBeLessThan(nation[name] ?? 0)
      const known = {
        'nominated, to decide': [3, 2],
        'wait for your approval': [3, 1],
        'officers wait for a second administrator': [2, 1],
        'deployments not answered': [2, 1],
        'letters not delivered, last 7 days': [3, 2],
        'messages that failed, last 7 days': [5, 4],
        'SMS that no keyword fitted': [2, 1],
      }
      for (const [name, both] of Object.entries(known))
        if (name in nation) expect([nation[name], county[name]], name).toEqual(both)
    },
    60_000,
  )
})

test('the bars are as high as the rows of their hour, in the picture and in words', async () => {
  const page = await (await officer('auditor')).get('/console')
  const [chart] = [...page.matchAll(/<figure class="chart">.*?<\/figure>/gs)]
    .map(([text]) => text)
    .filter((text) => text.includes('Applications'))
  expect(chart).toContain('<strong>7</strong>')
  for (const [when, n] of APPLIED) expect(chart).toContain(`${String(nairobiHour(when)).padStart(2, '0')}: ${n}`)
  const heights = [...(chart ?? '').matchAll(/<rect [^>]*height="([\d.]+)"/g)].map(([, height]) => Number(height))
  expect(heights).toHaveLength(24)
  expect(heights.filter((height) => height > 1)).toEqual([28.8, 72])
  // Three hours lie between the two, and the newest bar is this hour's.
  const [two, five] = [heights.indexOf(28.8), heights.indexOf(72)]
  expect(five - two).toBe(3)
}, 60_000)

test('in plain words: that messages wait, when the last backup was, and what broke off', async () => {
  const client = await officer('administrator', ['Lamu', 'Kwale'])
  const well = await client.get('/console')
  for (const words of ['Messages go out at once.', 'No backup has been made']) expect(well).toContain(words)
  expect(well).not.toContain('broke off')
  const { app } = service
  const sender = held.hold(200)
  await sender.reached()
  await app.store.work('today', async (tx) => {
    const row = {
      id: 'late',
      dedupe: 'late',
      msisdn: '+254700000001',
      class: 'reply',
      rank: 1,
      bodySealed: 'x',
      segments: 1,
    } as const
    const times = { dueAt: Date.now() - 600_000, expiresAt: Date.now() + DAY, createdAt: at, changedAt: at, leaseUntil: 0 }
    await tx.insert(tx.outbox).values({ ...row, ...times, status: 'queued', tries: 0 })
    await startRun({ tx, at, tools: app }, { kind: 'test', input: {}, by: 'officer:x', id: 'broken' })
    await tx.update(tx.runs).set({ state: 'failed' }).where(eq(tx.runs.id, 'broken'))
  })
  mkdirSync(join(service.folder, 'backups'), { recursive: true })
  for (const name of ['wito-2026-01-02T0304.db', 'wito-2026-03-04T0506.db'])
    writeFileSync(join(service.folder, 'backups', name), '')
  const ill = await client.get('/console')
  expect(ill).toMatch(/Messages wait: the oldest reply for 6\d\d seconds/)
  expect(ill).toMatch(/last backup was made on [^<]*4 March 2026|last backup was made on [^<]*4 Mar/)
  expect(ill).toContain('Background work that broke off: 1')
  await app.store.work('today', (tx) => tx.delete(tx.outbox).where(eq(tx.outbox.id, 'late')))
  sender.release()
}, 60_000)
