import { and, eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { takeReport } from '../../src/sms/report.ts'
import { before as below, further, reportable, reported } from '../../src/sms/status.ts'
import type { MessageStatus } from '../../src/store/schema.ts'
import { size, tried } from '../bar/row.ts'
import { startApplication } from '../gateway/kit.ts'
import { ASHA, openQueue } from './kit.ts'

const ALL: MessageStatus[] = ['queued', 'sending', 'unknown', 'sent', 'unreported', 'expired', 'failed', 'delivered']
const WORDS = ['Submitted', 'Buffered', 'Sent', 'Failed', 'Success', 'HandsetBusy']

function* ordersOf<T>(things: readonly T[]): Generator<T[]> {
  if (things.length === 0) yield []
  for (const [place, first] of things.entries())
    for (const rest of ordersOf(things.filter((_, other) => other !== place))) yield [first, ...rest]
}

describe('how far a message is', () => {
  test('a higher status is never undone by a lower one, and news of the same changes nothing', () => {
    for (const a of ALL)
      for (const b of ALL) {
        expect(further(a, b)).toBe(further(b, a))
        expect(further(further(a, b), a)).toBe(further(a, b))
        expect(below(further(a, b))).not.toContain(further(a, b))
      }
    expect(below('delivered')).toHaveLength(7)
    expect(reportable('delivered')).not.toContain('sending')
  })

  test('six reports in any of their 720 orders come to the same end', () => {
    let orders = 0
    for (const order of ordersOf(WORDS)) {
      orders++
      let status = 'sent' as MessageStatus
      const seen = [status]
      for (const word of order) {
        const next = reported(word)
        if (next && reportable(next).includes(status)) status = next
        seen.push(status)
      }
      expect(status).toBe('delivered')
      for (const [place, each] of seen.slice(1).entries()) expect(further(seen[place] as MessageStatus, each)).toBe(each)
    }
    expect(orders).toBe(720)
  })
})

describe('reports of a message in the store', () => {
  /** One that the gateway took under this id. */
  async function sentMessage() {
    const queue = await openQueue()
    const id = await queue.write('notice')
    await queue.app.store.work('test', async (tx) => {
      await tx
        .update(tx.outbox)
        .set({ status: 'sent', providerId: 'ATXid_1' })
        .where(eq(tx.outbox.id, id ?? ''))
    })
    const report = (status: string, more = {}) => takeReport(queue.app, { id: 'ATXid_1', status, phoneNumber: ASHA, ...more })
    const reset = () =>
      queue.app.store.work('test', async (tx) => {
        await tx.delete(tx.reports)
        await tx
          .update(tx.outbox)
          .set({ status: 'sent', reason: null })
          .where(eq(tx.outbox.id, id ?? ''))
      })
    return { ...queue, id, report, reset }
  }

  test('six reports, one after another in any order, end as delivered; each report is kept', async (context) => {
    const message = await sentMessage()
    const every = 720 / size({ quick: 60, full: 720 })
    let n = 0
    let seen = 0
    for (const order of ordersOf(WORDS)) {
      if (n++ % every !== 0) continue
      seen++
      await message.reset()
      for (const word of order) await message.report(word)
      expect((await message.row(message.id)).status).toBe('delivered')
      expect(await message.app.store.read.select().from(message.app.store.read.reports)).toHaveLength(6)
    }
    tried(context, `${seen} of the 720 orders of 6 reports, ${seen * 6} reports kept, all delivered; and early ones`)
  })

  test('six at once, and each twice, end the same', async () => {
    const message = await sentMessage()
    await Promise.all([...WORDS, ...WORDS].map((word) => message.report(word)))
    expect(await message.row(message.id)).toMatchObject({ status: 'delivered', reason: null })
    expect(await message.app.store.read.select().from(message.app.store.read.reports)).toHaveLength(12)
  })

  test('a failure keeps its reason, and a later success overrules it', async () => {
    const message = await sentMessage()
    await message.report('Failed', { failureReason: 'UserDoesNotExist' })
    expect(await message.row(message.id)).toMatchObject({ status: 'failed', reason: 'UserDoesNotExist' })
    await message.report('Success')
    expect(await message.row(message.id)).toMatchObject({ status: 'delivered', reason: null })
    await message.report('Failed', { failureReason: 'UserDoesNotExist' })
    expect((await message.row(message.id)).status).toBe('delivered')
  })

  test('a report of a message that nobody knows is kept and moves nothing', async () => {
    const message = await sentMessage()
    await takeReport(message.app, { id: 'ATXid_other', status: 'Failed', phoneNumber: ASHA })
    expect((await message.row(message.id)).status).toBe('sent')
    const { read } = message.app.store
    const kept = await read
      .select()
      .from(read.reports)
      .where(and(eq(read.reports.providerId, 'ATXid_other'), eq(read.reports.status, 'Failed')))
    expect(kept).toHaveLength(1)
  })

  test('a report that comes before its id is known is adopted by the one message on the wire', async () => {
    const queue = await openQueue()
    const id = await queue.write('notice')
    await queue.app.store.work('test', async (tx) => {
      await tx
        .update(tx.outbox)
        .set({ status: 'unknown' })
        .where(eq(tx.outbox.id, id ?? ''))
    })
    await takeReport(queue.app, { id: 'ATXid_early', status: 'Success', phoneNumber: ASHA })
    expect(await queue.row(id)).toMatchObject({ status: 'delivered', providerId: 'ATXid_early' })
  })

  test('reports that come before the answer to the send wait for it, with several messages of one number on the wire', async () => {
    const queue = await openQueue()
    const application = await startApplication(({ path, form }) => {
      if (path.endsWith('/delivery')) came.push(takeReport(queue.app, form))
      return {}
    })
    const came: Promise<void>[] = []
    await queue.emulator.setCallbacks(application.base)
    await queue.emulator.fault(ASHA, 'early-report')
    for (let n = 0; n < 5; n++) await queue.write('notice', ASHA, `Letter ${n}`)
    await queue.sender().idle()
    await Promise.all(came)
    // Sent and Success of each, before the gateway said under which id it knows it.
    expect(came).toHaveLength(10)
    expect((await queue.rows()).map(({ status }) => status)).toEqual(Array.from({ length: 5 }, () => 'delivered'))
  })
})
