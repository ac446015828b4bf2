import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import type { Gateway } from '../../src/gateway/gateway.ts'
import { write as writeMessage } from '../../src/sms/outbox.ts'
import { chanceOf } from '../kit/chance.ts'
import { number, openQueue } from '../sms/kit.ts'
import { most } from '../sms/most.ts'
import { size, tried } from './row.ts'

/** As many job alerts as there are, written some hundred in a unit. */
async function fill({ app }: Pick<Awaited<ReturnType<typeof openQueue>>, 'app'>, alerts: number) {
  for (let from = 0; from < alerts; from += 500)
    await app.store.work('alerts', async (tx) => {
      for (let n = from; n < Math.min(from + 500, alerts); n++)
        await writeMessage(
          { tx, at: app.clock.now(), tools: app },
          { to: number(n % 90_000), language: 'en', class: 'bulk', dedupe: `alert:${n}` },
          `Alert ${n}`,
        )
    })
}

test('the gateway never sees more than the rate in any 1,000 ms, and a one-time password overtakes all but two seconds of job alerts', async (context) => {
  const perSecond = 50
  const waiting = size({ quick: 2_000, full: 30_000 })
  const seconds = size({ quick: 4, full: 20 })
  // Fractions of a millisecond, so that rounding cannot hide a message too many, nor make one up.
  const queue = await openQueue({ emulator: { clock: { ...systemClock, now: systemClock.ticks } } })
  await fill(queue, waiting)
  const chance = chanceOf(3)
  let sent = 0
  const asked = new Map<string, number>()
  const overtaken: number[] = []
  const uneven: Gateway = {
    async send(message) {
      const place = ++sent
      const from = asked.get(message.text)
      if (from !== undefined) overtaken.push(place - from - 1)
      // The way there is slow for a second's worth, then quick for the next: those that were slow must not arrive with the quick ones.
      if (Math.floor(place / perSecond) % 2 === 0) await wait(700)
      return queue.gateway.send(message)
    },
  }
  // The way is slower than the kit's senders wait for one that died: with the service's own times.
  const times = { holdMs: 5_000, graceMs: 11_000 }
  const { stop } = queue.sender({ app: queue.app, gateway: uneven, perSecond, times })
  const until = systemClock.ticks() + seconds * 1_000
  let passwords = 0
  while (systemClock.ticks() < until) {
    await wait(20 + chance.below(150))
    const text = `Password ${++passwords}`
    asked.set(text, sent)
    await queue.write('otp', number(90_000 + passwords), text)
  }
  await expect.poll(() => overtaken.length, { timeout: 20_000 }).toBe(passwords)
  await stop()
  const came = await queue.emulator.messages()
  expect(came).toHaveLength(sent)
  // Something was left to overtake, to the end.
  const left = (await queue.rows()).filter(({ status }) => status === 'queued').length
  expect(left).toBeGreaterThan(0)
  expect(most(came.map(({ at }) => at))).toBeLessThanOrEqual(perSecond)
  const p99 = [...overtaken].sort((a, b) => a - b)[Math.ceil(overtaken.length * 0.99) - 1]
  expect(p99).toBeLessThanOrEqual(2 * perSecond)
  tried(
    context,
    `${sent} sends at ${perSecond}/s, at most ${most(came.map(({ at }) => at))} in any 1,000 ms; ${passwords} passwords written behind ${waiting} alerts, p99 ${p99} messages sent before one (of ${2 * perSecond} in 2 s)`,
  )
}, 300_000)
