import { expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../src/base/dates.ts'
import type { Gateway } from '../../src/gateway/gateway.ts'
import { MESSAGE_CLASSES, ruleOf } from '../../src/sms/classes.ts'
import { write } from '../../src/sms/outbox.ts'
import { sweepOutbox } from '../../src/sms/settle.ts'
import { chanceOf } from '../kit/chance.ts'
import { number, openQueue } from '../sms/kit.ts'
import { size, tried } from './row.ts'

test('after an outage what is too old is not sent: it is marked, and what is still of use goes out', async (context) => {
  const chance = chanceOf(11)
  const { app, clock, gateway, sender, rows } = await openQueue()
  // Written over four days, while the gateway takes nothing; what is tried meanwhile is put off, as far as its class allows.
  const perHour = size({ quick: 3, full: 25 })
  const refusing: Gateway = { send: async () => ({ outcome: 'again', reason: 'http-503' }) }
  let written = 0
  for (let hour = 0; hour < 96; hour++) {
    await app.store.work('written', async (tx) => {
      const scene = { tx, at: clock.now(), tools: app }
      for (let n = 0; n < perHour; n++) {
        const kind = chance.pick(MESSAGE_CLASSES)
        await write(scene, { to: number(written++), language: 'en', class: kind, dedupe: `old:${written}` }, 'Made-up words')
      }
    })
    // For most of the time the sender itself is away, too.
    if (hour % 40 === 1) {
      const vain = sender({ gateway: refusing })
      await vain.idle()
      await vain.stop()
    }
    clock.move(HOUR - MINUTE + chance.below(2 * MINUTE))
  }
  const sentAt: string[] = []
  const old: string[] = []
  const before = new Map((await rows()).map((row) => [row.msisdn as string, row]))
  const watched: Gateway = {
    async send(message) {
      sentAt.push(message.to)
      const row = before.get(message.to)
      if (!row || clock.now() - row.createdAt >= ruleOf(row.class).lifeMs) old.push(`${row?.class} of ${row?.createdAt}`)
      return gateway.send(message)
    },
  }
  // It comes back, and the first thing that happens is sending, not the sweep of the next minute.
  const { idle } = sender({ gateway: watched })
  await idle()
  await sweepOutbox(app)
  await idle()
  expect(old).toEqual([])
  const after = await rows()
  const alive = after.filter((row) => ['sent', 'delivered'].includes(row.status))
  const expired = after.filter((row) => row.status === 'expired')
  const failed = after.filter((row) => row.status === 'failed')
  expect(new Set(alive.map(({ class: kind }) => kind)).size).toBeGreaterThan(1)
  expect(alive.length + expired.length + failed.length).toBe(after.length)
  expect(new Set(sentAt)).toEqual(new Set(alive.map(({ msisdn }) => msisdn)))
  tried(
    context,
    `${after.length} messages of four days: ${alive.length} still of use were sent, ${expired.length} too old, 0 of them sent`,
  )
}, 120_000)
