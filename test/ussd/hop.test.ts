import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MINUTE } from '../../src/base/dates.ts'
import type { Msisdn } from '../../src/base/msisdn.ts'
import { takeHop } from '../../src/ussd/hop.ts'
import { type OpenDesk, openDesk, session } from '../kit/desk.ts'
import { operate } from '../kit/operator.ts'

const ACHIENG = '+254700000901'
let desk: OpenDesk
beforeEach(async () => {
  desk = await openDesk()
})
afterEach(() => desk.close())

const withAccount = () => operate(desk.app, { account: { phone: ACHIENG, national_id: '99100001', pin: '482917' } })
const countOf = async (table: 'applications' | 'accounts' | 'outbox' | 'hops' | 'sessions') =>
  (await desk.app.store.read.select().from(desk.app.store.read[table])).length

describe('the same callback again', () => {
  test('gives the same bytes and has its effect once, however many come at once', async () => {
    const call = session(desk.desk, ACHIENG)
    await call.dial()
    await call.type('1')
    const before = await countOf('outbox')
    const bodies = await Promise.all(Array.from({ length: 5 }, () => call.raw('1*99100001')))
    expect(new Set(bodies.map(({ body }) => body)).size).toBe(1)
    expect(bodies[0]?.body).toMatch(/^END Welcome Achieng/)
    expect(await countOf('accounts')).toBe(1)
    expect(await countOf('outbox')).toBe(before + 1)
    expect((await call.raw('1*99100001')).again).toBe(true)
  })

  test('gives the earlier answer even after the session went on', async () => {
    const call = session(desk.desk, ACHIENG)
    const first = await call.dial()
    await call.type('1', '12')
    expect((await call.raw('')).body).toBe(first)
    expect((await call.raw('1')).body).toContain('Enter your national ID')
    expect(await call.type('99100001')).toMatch(/^END Welcome/)
  })

  test('counts a PIN try once', async () => {
    await withAccount()
    const call = session(desk.desk, ACHIENG)
    await call.dial()
    await call.type('4')
    const bodies = await Promise.all(Array.from({ length: 4 }, () => call.raw('4*111222')))
    expect(new Set(bodies.map(({ body }) => body)).size).toBe(1)
    expect(bodies[0]?.body).toContain('Tries left: 4')
  })
})

describe('a transcript', () => {
  test('with a gap is walked', async () => {
    const call = session(desk.desk, ACHIENG)
    await call.dial()
    expect((await call.raw('1*99100001')).body).toMatch(/^END Welcome Achieng/)
  })

  test('that begins deep in the menu is walked from the start', async () => {
    expect((await session(desk.desk, ACHIENG).raw('1*99100001')).body).toMatch(/^END Welcome Achieng/)
    expect((await session(desk.desk, '+254700000902').raw('1')).body).toContain('national ID')
  })

  test('with an empty reply asks again', async () => {
    const call = session(desk.desk, ACHIENG)
    await call.dial()
    await call.type('1')
    expect((await call.raw('1*')).body).toMatch(/^CON .*7 or 8 digits/)
    expect((await call.raw('1**99100001')).body).toMatch(/^END Welcome/)
  })

  test('that does not go on from the last one ends politely and changes nothing', async () => {
    const call = session(desk.desk, ACHIENG)
    await call.dial()
    await call.type('1')
    for (const strange of ['2*99100001', '11*99100001', '1x', '3'])
      expect((await call.raw(strange)).body).toMatch(/^END We lost our place/)
    expect(await call.type('99100001')).toMatch(/^END Welcome/)
  })

  test('is never kept, nor the PIN in it', async () => {
    await withAccount()
    const call = session(desk.desk, ACHIENG)
    await call.dial()
    await call.type('4', '482917')
    const { read } = desk.app.store
    const rows = JSON.stringify([
      await read.select().from(read.sessions),
      await read.select().from(read.hops),
      await read.select().from(read.audit),
    ])
    expect(rows).not.toContain('482917')
    const state = (await read.select().from(read.sessions))
      .map((row) => desk.app.keyring.open(`sessions.state:${row.id}`, row.stateSealed))
      .join()
    expect(state).not.toContain('482917')
  })
})

describe('a session', () => {
  test('of another number or service code ends and gives nothing away', async () => {
    await withAccount()
    const call = session(desk.desk, ACHIENG)
    await call.dial()
    const stolen = { sessionId: call.sessionId, serviceCode: '*483*22262#', text: '1' }
    const other = await takeHop(desk.desk, { ...stolen, msisdn: '+254700000902' as Msisdn })
    expect(other.body).toMatch(/^END This call does not fit/)
    expect(other.body).not.toContain('Achieng')
    const code = await takeHop(desk.desk, { ...stolen, msisdn: ACHIENG as Msisdn, serviceCode: '*999#' })
    expect(code.body).toMatch(/^END This call does not fit/)
    expect(await call.type('1')).toContain('Jobs that fit you')
  })

  test('ends after 180 s', async () => {
    const call = session(desk.desk, ACHIENG)
    await call.dial()
    desk.clock.move(181_000)
    expect(await call.type('1')).toMatch(/^END This call is over/)
  })

  test('that has ended stays ended', async () => {
    const call = session(desk.desk, ACHIENG)
    await call.dial()
    await call.type('1', '99100001')
    expect(await call.type('1')).toMatch(/^END This call is over/)
  })

  test('that was cut off can be gone on with for ten minutes, and asks for the PIN again', async () => {
    await withAccount()
    const first = session(desk.desk, ACHIENG)
    await first.dial()
    await first.type('4', '482917')
    expect(await first.type('1')).toContain('Personal')
    const second = session(desk.desk, ACHIENG)
    expect(await second.dial()).toMatch(/Continue\n2\. Start again/)
    expect(await second.type('1')).toContain('Enter your PIN')
    expect(await second.type('482917')).toContain('Personal. Choose what to change')
    desk.clock.move(11 * MINUTE)
    expect(await session(desk.desk, ACHIENG).dial()).toContain('Hello Achieng')
  })

  test('started again leaves the old one behind', async () => {
    await withAccount()
    const first = session(desk.desk, ACHIENG)
    await first.dial()
    await first.type('1')
    const second = session(desk.desk, ACHIENG)
    await second.dial()
    expect(await second.type('2')).toContain('Hello Achieng')
    expect(await session(desk.desk, ACHIENG).dial()).toContain('Hello Achieng')
  })

  test('survives a restart of the process', async () => {
    await withAccount()
    const call = session(desk.desk, ACHIENG)
    await call.dial()
    await call.type('4', '482917')
    // Another desk on the same database: nothing of a session is kept in memory.
    const { openApp } = await import('../../src/open.ts')
    const again = await openApp(desk.app.config)
    try {
      const restarted = { ...desk.desk, app: again.app, menu: again.menu }
      const { body } = await takeHop(restarted, {
        sessionId: call.sessionId,
        msisdn: ACHIENG as Msisdn,
        serviceCode: '*483*22262#',
        text: '4*482917*1',
      })
      expect(body).toContain('Personal. Choose what to change')
    } finally {
      await again.close()
    }
  })
})
