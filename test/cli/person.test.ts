import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { linkTrail } from '../../src/audit/chain.ts'
import { runOnDesk } from '../kit/command.ts'
import { type OpenDesk, openDesk } from '../kit/desk.ts'
import { operate } from '../kit/operator.ts'
import { people } from '../kit/town.ts'

const { national_id, phone } = people.achieng
const msisdn = `+254${phone.slice(1)}`
let desk: OpenDesk
let id: string
beforeAll(async () => {
  desk = await openDesk()
  await operate(desk.app, { account: { phone, national_id, pin: '482917' } })
  const [row] = await read().select().from(read().people).where(eq(read().people.msisdn, msisdn))
  id = row?.id ?? ''
})
afterAll(() => desk.close())
const read = () => desk.app.store.read

const wito = (words: string[], typed?: string) => runOnDesk(desk.folder, words, { typed })

test('a person is named by ID or row, never printed back, corrected by the rules of the roll and told', async () => {
  const unknown = await wito(['person', 'export', '98765432'])
  expect([unknown.code, unknown.out]).toEqual([1, ''])
  expect(unknown.err).not.toContain('98765432')
  const wrong = await wito(['person', 'correct', id, '--kra-pin', 'P12', '--reason', 'letter of 3 May'])
  expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('kra_pin: expected A, 9 digits')])
  const none = await wito(['person', 'correct', id, '--phone', '0700000999', '--reason', 'letter'])
  expect([none.code, none.err]).toEqual([1, expect.stringContaining("unknown option '--phone'")])
  const words = [
    'person',
    'correct',
    '-',
    '--full-name',
    'Achieng Atieno',
    '--home-county',
    'Siaya',
    '--reason',
    'letter of 3 May',
  ]
  const done = await wito([...words, '--json'], `${national_id}\n`)
  expect(JSON.parse(done.out)).toEqual({ person: id, changed: ['full_name', 'home_county'] })
  expect(done.out).not.toContain(national_id)
  const [now] = await read().select().from(read().people).where(eq(read().people.id, id))
  expect([now?.fullName, now?.homeCounty, now?.msisdn, now?.status]).toEqual(['Achieng Atieno', 'Siaya', msisdn, 'vetted'])
  expect((await desk.texts(msisdn)).at(-1)).toContain('corrected what its roll says of you: name, county.')
  const rows = await read().select().from(read().audit).where(eq(read().audit.action, 'people.correct'))
  expect(rows.map(({ detail }) => detail)).toContainEqual({ fields: 'full_name, home_county', reason: 'letter of 3 May' })
}, 600_000)

test('an erasure takes two, waits for a hold, and says so in words; the trail is whole until somebody alters it', async () => {
  expect((await wito(['person', 'hold', id, '--reason', 'High Court, petition 12'])).out).toContain('Held')
  const asked = await wito(['person', 'erase', id, '--reason', 'asked by letter', '--json'])
  const { order } = JSON.parse(asked.out) as { order: string }
  const own = await wito(['person', 'erase', '--approve', order])
  expect([own.code, own.err]).toEqual([1, expect.stringContaining('a second operator must')])
  const before = (await read().select().from(read().orders).where(eq(read().orders.id, order))).map(({ state }) => state)
  expect(before).toEqual(['asked'])
  // Asked for by another account of the machine.
  await desk.app.store.work('other', (tx) =>
    tx.update(tx.orders).set({ askedBy: 'operator:somebody' }).where(eq(tx.orders.id, order)),
  )
  const held = await wito(['person', 'erase', '--approve', order])
  expect([held.code, held.err]).toEqual([1, expect.stringContaining('a legal hold says')])
  expect((await wito(['person', 'hold', id, '--release'])).code).toBe(0)
  const erased = await wito(['person', 'erase', '--approve', order, '--json'])
  expect(JSON.parse(erased.out)).toEqual({ order, person: id, state: 'erased' })
  expect((await wito(['person', 'export', id])).code).toBe(1)

  desk.clock.move(60_000)
  await linkTrail(desk.app)
  const whole = await wito(['audit', 'verify', '--json'])
  expect([whole.code, JSON.parse(whole.out).whole]).toEqual([0, true])
  const [link] = await read().select().from(read().auditChain).where(eq(read().auditChain.n, 3))
  await desk.app.store.work('meddle', (tx) =>
    tx
      .update(tx.audit)
      .set({ actor: 'nobody' })
      .where(eq(tx.audit.id, link?.auditId ?? '')),
  )
  const broken = await wito(['audit', 'verify'])
  expect([broken.code, broken.out]).toEqual([1, expect.stringMatching(/ALTERED: row 3 .*, id [\w-]{36}\)/)])
}, 180_000)
