import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Actor } from '../../src/action.ts'
import type { App } from '../../src/app.ts'
import { orderRules, runKinds } from '../../src/catalogue.ts'
import { askRotation } from '../../src/keys/rotate.ts'
import { putSealed, rowsToReseal, SEALED } from '../../src/keys/sealed.ts'
import { notedKeys, standingOf } from '../../src/keys/standing.ts'
import { lookAt } from '../../src/letters/letter.ts'
import { answerOrder } from '../../src/orders/decide.ts'
import { addDocument, openDocument } from '../../src/people/documents.ts'
import { openRunner } from '../../src/runs/run.ts'
import { takeInbound } from '../../src/sms/inbound.ts'
import { sqliteTables } from '../../src/store/schema.ts'
import { type OpenDesk, openDesk, session } from '../kit/desk.ts'
import { operate } from '../kit/operator.ts'
import { KEY, restart } from '../kit/restart.ts'

const asks: Actor = { via: 'cli', name: 'operator:asks', signed: false, language: 'en' }
const agrees: Actor = { via: 'cli', name: 'operator:agrees', signed: false, language: 'en' }
const BOTH = { SECRET_KEYS: `b:${KEY(9)},a:${KEY(1)}` }

/** Everything sealed in the database, opened, by table, column and row. */
async function everything({ store: { read }, keyring }: App): Promise<Map<string, string>> {
  const all = new Map<string, string>()
  for (const sealed of SEALED)
    for (const row of await rowsToReseal(read, sealed, 'nobody', undefined, 10_000))
      all.set(`${sealed.table}.${sealed.column} ${row.a} ${row.b}`, keyring.open(row.place, row.sealed))
  return all
}

let desk: OpenDesk
let code = ''
let before: Map<string, string>
beforeAll(async () => {
  desk = await openDesk()
  await operate(desk.app, { account: { phone: '+254700000901', national_id: '99100001', pin: '482915' } })
  await operate(desk.app, { account: { phone: '+254700000905', national_id: '99100005', pin: '482915' } })
  for (const national_id of ['99100001', '99100005'])
    await operate(desk.app, { deploy: { national_id, job: 'KCSE26INV', centre: '42101002' } })
  await operate(desk.app, { publish: true })
  const {
    app,
    desk: { actions, formats },
    keywords,
  } = desk
  const sms = (id: string, text: string) =>
    takeInbound({ app, actions, formats, keywords }, { id, from: '+254700000901', text, to: '22262' })
  await sms('s1', 'habari za asubuhi')
  await sms('s2', 'DECLINE I am unwell')
  await session(desk.desk, '+254700000901').dial()
  code = (await desk.texts('+254700000905')).flatMap((text) => /\/l\/(\S{19})/.exec(text)?.[1] ?? [])[0] ?? ''
  const [person] = await app.store.read.select().from(app.store.read.people)
  const bytes = Buffer.from('%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\nstartxref\n9\n%%EOF\n')
  await addDocument(app, { ...asks, via: 'web' }, { personId: person?.id ?? '', label: 'Degree', bytes, once: 'once' })
  before = await everything(app)
})
afterAll(() => desk.close())

test('every sealed column of the schema is known, with the place that its writer seals for', () => {
  const columns = Object.entries(sqliteTables).flatMap(([table, columns]) =>
    Object.keys(columns).flatMap((column) => (/Sealed$/.test(column) ? [`${table}.${column}`] : [])),
  )
  expect(columns.length).toBeGreaterThan(12)
  expect(SEALED.map(({ table, column }) => `${table}.${column}`).sort()).toEqual(columns.sort())
  // Each kind that a town leaves behind was opened at its place.
  const kinds = new Set([...before.keys()].map((key) => key.split(' ')[0]))
  for (const kind of [
    'people.nationalIdSealed',
    'profileFields.valueSealed',
    'deployments.reasonSealed',
    'letters.factsSealed',
    'inbound.bodySealed',
    'outbox.bodySealed',
    'sessions.stateSealed',
    'hops.replySealed',
  ])
    expect(kinds).toContain(kind)
})

describe('with a newer key', () => {
  let app: App
  let close: () => Promise<void>
  beforeAll(async () => {
    ;({ app, close } = await restart(desk.folder, BOTH, desk.clock))
  })
  afterAll(() => close())

  test('nobody rotates alone; where there is one key there is nothing to rotate', async () => {
    expect(await askRotation(desk.app, asks, 'alone')).toEqual({ refused: 'one_key' })
    expect(await askRotation(app, asks, 'rotate')).toEqual({ order: 'rotate' })
    const [order] = await app.store.read.select().from(app.store.read.orders).where(eq(app.store.read.orders.id, 'rotate'))
    const answer = { id: 'rotate', digest: order?.digest ?? '', yes: true }
    expect(await answerOrder(app, asks, orderRules, answer)).toEqual({ refused: 'own' })
    expect(await app.store.read.select().from(app.store.read.runs)).toEqual([])
    expect(await answerOrder(app, agrees, orderRules, answer)).toHaveProperty('order')
  })

  test('everything is sealed anew while people go on; what one process left halfway another finishes', async () => {
    const kinds = runKinds
    const first = openRunner({ app, kinds })
    first.start()
    await app.clock.sleep(30)
    await first.stop()
    const runner = openRunner({ app, kinds })
    runner.start()
    const call = session({ ...desk.desk, app }, '+254700000902')
    await call.dial()
    await runner.idle()
    await runner.stop()
    const [run] = await app.store.read.select().from(app.store.read.runs)
    expect(run).toMatchObject({ state: 'done' })
    for (const sealed of SEALED) expect(await rowsToReseal(app.store.read, sealed, 'b', undefined, 10)).toEqual([])
    const after = await everything(app)
    for (const [key, text] of before) expect(after.get(key), key).toBe(text)
    expect(await standingOf(app, 'a')).toMatchObject({ values: 0, codesUntil: expect.stringMatching(/^\d{4}-/) })
    const [document] = await app.store.read.select().from(app.store.read.documents)
    expect((await openDocument(app, document?.id ?? ''))?.bytes.subarray(0, 5).toString()).toBe('%PDF-')
    expect(await lookAt(app, code)).toHaveProperty('open')
  })

  test('a value that was changed meanwhile is not put back', async () => {
    const [sealed] = SEALED
    const { read } = app.store
    if (!sealed) throw new Error('nothing is sealed')
    const [row] = await rowsToReseal(read, sealed, 'nobody', undefined, 1)
    if (!row) throw new Error('nobody is on the roll')
    const fresh = app.keyring.seal(row.place, '11111111')
    await app.store.work('t', (tx) => putSealed(tx, sealed, row, fresh))
    expect(await app.store.work('t', (tx) => putSealed(tx, sealed, row, 'too late'))).toBe(false)
    const [now] = await rowsToReseal(read, sealed, 'nobody', undefined, 1)
    expect(now?.sealed).toBe(fresh)
  })
})

describe('then the old key', () => {
  test('retired it reads its codes, and opens nothing', async () => {
    const { app: whole, close: closeWhole } = await restart(desk.folder, BOTH, desk.clock)
    const entry = whole.keyring.codesOnly('a') ?? ''
    await closeWhole()
    const { app, close } = await restart(desk.folder, { SECRET_KEYS: `b:${KEY(9)},${entry}` }, desk.clock)
    expect(await lookAt(app, code)).toHaveProperty('open')
    expect(app.keyring.ids).toEqual({ all: ['b', 'a'], sealing: ['b'] })
    expect(() => app.keyring.open('x', desk.app.keyring.seal('x', 'sealed before'))).toThrow("sealed with the key 'a'")
    expect((await notedKeys(app)).map(({ id }) => id)).toEqual(['a', 'b'])
    await close()
  })

  test('lost while a link still needs it, the service does not start, and says until when', async () => {
    await expect(restart(desk.folder, { SECRET_KEYS: `b:${KEY(9)}` }, desk.clock)).rejects.toThrow(
      /lacks the key 'a': codes that it signed are good until \d{4}-\d\d-\d\d/,
    )
  })

  test('a key that seals is missed at once, and no key is made in its place', async () => {
    await expect(restart(desk.folder, { SECRET_KEYS: `c:${KEY(7)}` }, desk.clock)).rejects.toThrow("sealed with the key 'b'")
    await expect(restart(desk.folder, { SECRET_KEYS: `b:${KEY(8)}` }, desk.clock)).rejects.toThrow('another key of the same name')
    await expect(restart(desk.folder, { SECRET_KEYS: '' }, desk.clock)).rejects.toThrow('its keys are gone')
  })
})
