import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { bodyPlace, tell, write } from '../../src/sms/outbox.ts'
import { stop } from '../../src/sms/report.ts'
import { sweepOutbox } from '../../src/sms/settle.ts'
import { ASHA, number, openQueue } from './kit.ts'

test('the same message is written once, however often and however close together it is asked for', async () => {
  const { app, rows } = await openQueue()
  const message = { to: ASHA, language: 'en', class: 'reply', dedupe: 'reply:1' } as const
  const asked = Array.from({ length: 30 }, (_, n) =>
    app.store.work(`k${n % 5}`, (tx) => write({ tx, at: app.clock.now(), tools: app }, message, `Words ${n}`)),
  )
  expect((await Promise.all(asked)).filter(Boolean)).toHaveLength(1)
  expect(await rows()).toHaveLength(1)
})

test('a unit that is undone leaves no message behind', async () => {
  const { app, rows } = await openQueue()
  const message = { to: ASHA, language: 'en', class: 'notice', dedupe: 'notice:1' } as const
  const undone = app.store.work(ASHA, async (tx) => {
    await write({ tx, at: app.clock.now(), tools: app }, message, 'Words')
    throw new Error('on purpose')
  })
  await expect(undone).rejects.toThrow('on purpose')
  expect(await rows()).toEqual([])
})

test('the words of the language, in letters that every phone can show', async () => {
  const { app, body, rows } = await openQueue()
  const values = { password: 'KWPM7H2R' }
  await app.store.work(ASHA, async (tx) => {
    const scene = { tx, at: app.clock.now(), tools: app }
    await tell(scene, { to: ASHA, message: 'password_new', values, language: 'sw', class: 'otp', dedupe: 'sw' })
    await write(scene, { to: ASHA, language: 'en', class: 'notice', dedupe: 'ũ' }, 'Esther Wanjirũ’s letter')
  })
  const ids = new Map((await rows()).map(({ id, dedupe }) => [dedupe, id]))
  expect(await body(ids.get('sw'))).toContain('Nenosiri lako jipya la muda ni KWPM7H2R')
  expect((await rows()).map(({ segments }) => segments)).toEqual([1, 1])
})

test('the body is sealed in its row, and in no other', async () => {
  const { app, write: put, row, body } = await openQueue()
  const [one, other] = [await put('notice', ASHA, 'Your letter waits'), await put('notice', ASHA, 'Your letter waits')]
  const sealed = await row(one)
  expect(JSON.stringify(sealed)).not.toContain('letter')
  expect(sealed.bodySealed).not.toBe((await row(other)).bodySealed)
  expect(await body(one)).toBe('Your letter waits')
  expect(() => app.keyring.open(bodyPlace(other ?? ''), sealed.bodySealed)).toThrow()
})

test.each(['handed over', 'refused', 'expired', 'given up'] as const)(
  'the body of a one-time password is forgotten when it is %s; another is kept',
  async (end) => {
    const { write: put, sender, emulator, clock, app, body, row } = await openQueue()
    const secret = await put('otp', ASHA, 'Password KWPM7H2R')
    const other = await put('notice', ASHA, 'Your letter waits')
    if (end === 'refused') await emulator.fault(ASHA, 'status-403')
    if (end === 'given up') await emulator.fault(ASHA, 'rubbish')
    if (end === 'expired') clock.move(3_600_001)
    const running = sender()
    await running.idle()
    await sweepOutbox(app)
    if (end === 'given up') {
      // Perhaps sent, then sent once more: until then it must be there.
      expect(await body(secret)).toBe('Password KWPM7H2R')
      for (let minutes = 0; minutes < 20; minutes += 5) {
        clock.move(300_000)
        await sweepOutbox(app)
        await running.idle()
      }
    }
    expect(await body(secret)).toBe('')
    expect(await body(other)).toBe('Your letter waits')
    const ends = { 'handed over': 'sent', refused: 'failed', expired: 'expired', 'given up': 'unreported' }
    expect((await row(secret)).status).toBe(ends[end])
  },
)

test('a job alert is not written for somebody who said STOP; all else is', async () => {
  const { app, write: put } = await openQueue()
  await app.store.work(ASHA, (tx) => stop(tx, ASHA, app.clock.now()))
  expect(await put('bulk')).toBeUndefined()
  for (const kind of ['otp', 'reply', 'notice'] as const) expect(await put(kind)).toBeDefined()
  expect(await put('bulk', number(2))).toBeDefined()
  await app.store.work(ASHA, (tx) => stop(tx, ASHA, null))
  expect(await put('bulk')).toBeDefined()
})

test('STOP after a job alert was written holds it back, and START lets it go', async () => {
  const { app, write: put, sender, taken, row } = await openQueue()
  const [alert, letter] = [await put('bulk', ASHA, 'A new job'), await put('notice', ASHA, 'Your letter')]
  await put('bulk', number(2), 'A new job for another')
  await app.store.work(ASHA, (tx) => stop(tx, ASHA, app.clock.now()))
  const running = sender()
  await running.idle()
  expect((await taken()).sort()).toEqual(['A new job for another', 'Your letter'])
  expect(await row(alert)).toMatchObject({ status: 'queued', tries: 0 })
  expect((await row(letter)).status).toBe('sent')
  await app.store.work(ASHA, (tx) => stop(tx, ASHA, null))
  await running.idle()
  expect((await row(alert)).status).toBe('sent')
  const { read } = app.store
  expect(await read.select().from(read.subscribers).where(eq(read.subscribers.msisdn, ASHA))).toHaveLength(1)
})
