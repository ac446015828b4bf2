import { eq } from 'drizzle-orm'
import { describe, expect, onTestFinished, test } from 'vitest'
import { actions, formats } from '../../src/catalogue.ts'
import { takeInbound } from '../../src/sms/inbound.ts'
import { isGsm7 } from '../../src/text/gsm7.ts'
import { segments } from '../../src/text/segments.ts'
import { openDesk } from '../kit/desk.ts'
import { ASHA } from './kit.ts'

async function openInbox() {
  const desk = await openDesk()
  onTestFinished(desk.close)
  const { app, keywords, texts } = desk
  const { read } = app.store
  let ids = 0
  return {
    app,
    clock: desk.clock,
    texts,
    take: (text: string, { from = ASHA as string, id = `in-${++ids}` } = {}) =>
      takeInbound({ app, actions, keywords, formats }, { id, from, text, to: '22262', date: '2026-11-02 07:00:00' }),
    kept: () => read.select().from(read.inbound),
    body: async (id: string) => {
      const [row] = await read.select().from(read.inbound).where(eq(read.inbound.id, id))
      return row && app.keyring.open(`inbound.body:${id}`, row.bodySealed)
    },
  }
}

describe('an inbound SMS', () => {
  test('that comes five times at once, and once more later, is kept once and answered once', async () => {
    const inbox = await openInbox()
    await Promise.all(Array.from({ length: 5 }, () => inbox.take('HELP', { id: 'same' })))
    inbox.clock.move(3_600_000)
    await inbox.take('HELP', { id: 'same' })
    expect(await inbox.kept()).toHaveLength(1)
    expect(await inbox.texts(ASHA)).toHaveLength(1)
  })

  test.each([
    ['nothing', ''],
    ['a blank', '   \n '],
    ['signs only', '?!... ,,, --'],
    ['emoji', '😀👩🏽‍🏫'],
    ['another script', 'እርዳታ'],
    ['right to left', '\u202eHELP\u202c'],
    ['a NUL', 'HE\u0000LP'],
    ['half a pair', '\ud83d apply'],
    ['bad percent signs', '%E0%A4%A 100% %%'],
    ['2,000 characters', 'nataka kazi '.repeat(170)],
    ['SQL', "'; drop table people; --"],
  ])('of %s is kept, sealed, and answered in one short text', async (_, text) => {
    const inbox = await openInbox()
    await inbox.take(text, { id: 'odd' })
    const [row, ...others] = await inbox.kept()
    expect(others).toEqual([])
    if (text.trim().length > 6) expect(row?.bodySealed).not.toContain(text.trim())
    const [answer, ...more] = await inbox.texts(ASHA)
    expect(more).toEqual([])
    expect(isGsm7(answer ?? 'ũ')).toBe(true)
    expect(segments(answer ?? '').count).toBe(1)
    // Half a pair is no character: it is kept as the sign for that.
    expect(await inbox.body('odd')).toBe(text.slice(0, 1_600).toWellFormed())
  })

  test.each(['22262', 'KNEC', 'SAFARICOM', '+254201234567', '0'])(
    'from %s, which is no person, is kept and never answered',
    async (from) => {
      const inbox = await openInbox()
      await inbox.take('HELP', { from })
      expect(await inbox.kept()).toHaveLength(1)
      expect(await inbox.app.store.read.select().from(inbox.app.store.read.outbox)).toEqual([])
    },
  )

  test('two machines do not talk to each other for ever: two hints an hour, and 20 answers in all', async () => {
    const inbox = await openInbox()
    for (let n = 0; n < 10; n++) await inbox.take(`Thank you for your message ${n}`)
    expect(await inbox.texts(ASHA)).toHaveLength(2)
    for (let n = 0; n < 40; n++) await inbox.take('HELP')
    expect(await inbox.texts(ASHA)).toHaveLength(20)
    expect(await inbox.kept()).toHaveLength(50)
    inbox.clock.move(2 * 3_600_000)
    await inbox.take('HELP')
    expect(await inbox.texts(ASHA)).toHaveLength(21)
  })

  test('of which a part is missing is refused as a whole', async () => {
    const inbox = await openInbox()
    for (const id of ['', 'x'.repeat(101)]) await expect(inbox.take('HELP', { id })).rejects.toMatchObject({ status: 400 })
    await expect(inbox.take('HELP', { from: '' })).rejects.toMatchObject({ status: 400 })
    expect(await inbox.kept()).toEqual([])
  })
})
