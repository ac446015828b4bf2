import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { acting, operator } from '../../src/acting.ts'
import { linkTrail } from '../../src/audit/chain.ts'
import { verifyTrail } from '../../src/audit/verify.ts'
import { DAY } from '../../src/base/dates.ts'
import { orderRules } from '../../src/catalogue.ts'
import { answerOrder } from '../../src/orders/decide.ts'
import { askErasure } from '../../src/people/erasure.ts'
import { forgetWhatIsOver } from '../../src/people/forget.ts'
import { hold, release } from '../../src/people/holds.ts'
import { readRetention } from '../../src/people/retention.ts'
import { takeInbound } from '../../src/sms/inbound.ts'
import { type OpenDesk, openDesk } from '../kit/desk.ts'
import { operate } from '../kit/operator.ts'
import { people } from '../kit/town.ts'

let desk: OpenDesk
beforeAll(async () => {
  desk = await openDesk()
})
afterAll(() => desk.close())

const file = (text: string) => {
  const path = join(desk.folder, 'retention.yaml')
  writeFileSync(path, text)
  return { retention: path }
}
const read = () => desk.app.store.read

test('the schedule says of every kind how long and why; another takes its place, and one that is wrong is refused with its line', () => {
  const usual = readRetention({ retention: undefined })
  expect(usual.sessions.days).toBe(2)
  for (const { why } of Object.values(usual)) expect(why.length).toBeGreaterThan(20)
  const other = Object.fromEntries(Object.entries(usual).map(([kind, { why }]) => [kind, { days: 40, why }]))
  expect(readRetention(file(JSON.stringify(other))).letters.days).toBe(40)
  for (const wrong of [
    { ...other, audit: { days: 3, why: 'because it is so' } },
    { ...other, letters: { days: 40 } },
    { ...other, letters: { days: 'for ever', why: 'because it is so' } },
    { ...other, cakes: { days: 40, why: 'because it is so' } },
    { ...other, sent: undefined },
  ])
    expect(() => readRetention(file(JSON.stringify(wrong)))).toThrow(/RETENTION/)
  expect(() => readRetention({ retention: '/nowhere.yaml' })).toThrow(/cannot be read/)
})

test('what is over goes, what is not stays; of somebody under a hold everything stays, and erasing them is refused until it is released', async () => {
  const { app, clock } = desk
  const [achieng, baraka] = [people.achieng, people.baraka]
  for (const { phone, national_id } of [achieng, baraka]) {
    await operate(app, { account: { phone, national_id, pin: '482917' } })
    await operate(app, { deploy: { national_id, job: 'KCSE26INV', centre: '42101002' } })
    const from = `+254${phone.slice(1)}`
    await takeInbound(
      { app, actions: desk.desk.actions, formats: desk.desk.formats, keywords: desk.keywords },
      { id: `sms-${phone}`, from, text: 'habari ya leo', to: '22262' },
    )
  }
  await operate(app, { publish: true })
  await app.store.work('sent', (tx) => tx.update(tx.outbox).set({ status: 'delivered' }))
  const idOf = async ({ phone }: { phone: string }) => {
    const [row] = await read()
      .select()
      .from(read().people)
      .where(eq(read().people.msisdn, `+254${phone.slice(1)}`))
    return row?.id ?? ''
  }
  const [free, kept] = [await idOf(achieng), await idOf(baraka)]
  expect(await hold(app, operator, kept, 'High Court, petition 12')).toBe('done')
  expect(await hold(app, operator, kept, 'again')).toBe('again')

  const later = async (days: number) => {
    clock.move(days * DAY)
    return forgetWhatIsOver(app)
  }
  expect(await forgetWhatIsOver(app)).toMatchObject({ received: 0, sent: 0, letters: 0, audit: 0 })
  const texts = async (person: string) => (await desk.texts(person)).filter((text) => text !== '')
  const numbers = [achieng, baraka].map(({ phone }) => `+254${phone.slice(1)}`) as [string, string]
  expect((await texts(numbers[0])).length).toBeGreaterThan(1)
  expect(await later(370)).toMatchObject({ received: 1, letters: 0, applications: 0 })
  expect([await texts(numbers[0]), (await texts(numbers[1])).length > 1]).toEqual([[], true])
  expect(await forgetWhatIsOver(app)).toMatchObject({ received: 0, sent: 0 })
  await linkTrail(app)

  const letters = async () => (await read().select().from(read().letters)).map(({ personId }) => personId)
  expect(new Set(await letters())).toEqual(new Set([free, kept]))
  const gone = await later(7 * 366)
  expect(gone).toMatchObject({ letters: 1 })
  expect(await letters()).toEqual([kept])
  // The trail goes no further than to the first row about somebody under a hold.
  expect(await read().select().from(read().audit).where(eq(read().audit.subject, kept))).not.toEqual([])
  expect((await verifyTrail(app)).broken).toBeUndefined()
  const rows = await read().select().from(read().audit).where(eq(read().audit.action, 'retention.forget'))
  expect(rows.map(({ detail }) => detail)).toContainEqual(gone)

  const id = await askErasure(app, operator, { id: kept, county: 'Kisumu' })
  const [order] = await read().select().from(read().orders).where(eq(read().orders.id, id))
  const second = { ...operator, name: 'operator:second' }
  const agree = () => answerOrder(app, second, orderRules, { id, digest: order?.digest ?? '', yes: true })
  expect(await agree()).toEqual({ refused: 'hindered', why: 'held' })
  expect(await release(app, operator, kept)).toBe('done')
  expect(await release(app, operator, kept)).toBe('not_held')
  expect((await forgetWhatIsOver(app)).letters).toBe(1)
  clock.move(60_000)
  await acting(app, operator, 'test.act', 'act', async () => [undefined, { outcome: 'done' }])
  clock.move(60_000)
  await linkTrail(app)
  await forgetWhatIsOver(app)
  expect(await read().select().from(read().audit).where(eq(read().audit.action, 'people.register'))).toEqual([])
  expect((await verifyTrail(app)).broken).toBeUndefined()
  expect(await agree()).toHaveProperty('order')
})
