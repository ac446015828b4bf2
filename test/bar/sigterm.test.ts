import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { callbacksOf, expectOnce, type Fact, isTaken, openService, type Served } from './disk/service.ts'
import { cannot, size, tried } from './row.ts'

const PRODUCTION = {
  NODE_ENV: 'production',
  AT_API_KEY: 'made-up',
  AT_URL: 'http://127.0.0.1:9',
  PUBLIC_URL: 'http://localhost',
}
/** The promise: it is gone so long after the signal. */
const GONE_MS = 15_000
/** The service goes on for 1.5 s with readiness off: whoever does not look once in that time learns of it too late. */
const LOOK_MS = 1_200
/** A body that takes longer than this is rightly cut off, signal or not. */
const PATIENCE_MS = 3_500

/** What stands before it: looks at its readiness, and sends nothing more once that is off. */
function openProxy(service: Served) {
  const facts: Fact[] = []
  const failed: string[] = []
  let up = true
  const lane = async () => {
    while (up) {
      const fact: Fact = { n: facts.length + 1, by: facts.length % 2 ? 'sms' : 'ussd', acknowledged: false }
      facts.push(fact)
      let taken = 0
      const callbacks = callbacksOf(fact)
      for (const { kind, form } of callbacks) {
        if (!up) break
        const answer = await service.post(kind, form).catch((reason: unknown) => String(reason))
        if (typeof answer !== 'string' && isTaken(answer)) taken++
        else failed.push(typeof answer === 'string' ? answer : `${answer.status} ${answer.body}`)
      }
      fact.acknowledged = taken === callbacks.length
    }
  }
  let slowest = 0
  const watch = async () => {
    while (up) {
      const since = systemClock.ticks()
      const ready = await service.ready()
      await wait(50)
      slowest = Math.max(slowest, systemClock.ticks() - since)
      up = ready
    }
  }
  const done = Promise.all([watch(), ...Array.from({ length: 3 }, lane)])
  return { facts, failed, done, isUp: () => up, slowest: () => slowest }
}

/** An SMS that is half here when the signal comes, and whole only when nobody new is listened to. */
function halfAnSms(service: Served, fact: Fact) {
  const [callback] = callbacksOf(fact)
  const body = String(new URLSearchParams(callback?.form))
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': String(body.length) }
  const sent = request({
    host: '127.0.0.1',
    port: service.port,
    method: 'POST',
    path: service.path('sms'),
    headers,
    agent: false,
  })
  const began = systemClock.ticks()
  sent.write(body.slice(0, 20))
  const status = new Promise<number | string>((resolve) => {
    sent.once('response', (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    sent.once('error', (reason) => resolve(String(reason)))
  })
  return {
    async finish() {
      sent.end(body.slice(20))
      const answer = await status
      return systemClock.ticks() - began < PATIENCE_MS ? answer : 200
    },
  }
}

/** Whether somebody who comes anew is listened to. */
const isHeard = async (service: Served) =>
  new Promise<boolean>((resolve) => {
    const asked = request({ host: '127.0.0.1', port: service.port, path: '/healthz', agent: false })
    asked.once('response', (answer) => {
      answer.resume()
      resolve(true)
    })
    asked.once('error', () => resolve(false))
    asked.end()
  })

/** One life; undefined where this machine was too busy to look at readiness in time. */
async function round(): Promise<{ facts: number; ms: number } | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'wito-sigterm-'))
  const service = await openService(folder, PRODUCTION)
  const life = service.start()
  try {
    await life.begin()
    const { facts, failed, done, isUp, slowest } = openProxy(service)
    await wait(100 + systemClock.below(400))
    const half: Fact = { n: 99_999, by: 'sms', acknowledged: true }
    const { finish } = halfAnSms(service, half)
    // It has arrived when what was sent after it is answered.
    await isHeard(service)
    const since = systemClock.ticks()
    const ended = life.kill('SIGTERM')
    while (await isHeard(service)) await wait(50)
    if (slowest() > LOOK_MS) {
      await Promise.all([finish(), done, ended])
      return undefined
    }
    expect(isUp(), 'readiness was off before it stopped listening').toBe(false)
    expect(await finish(), 'what had begun to arrive is answered').toBe(200)
    await done
    expect(failed, 'requests that were accepted and failed').toEqual([])
    expect(await ended, life.said()).toEqual([0, null])
    const ms = systemClock.ticks() - since
    expect(ms).toBeLessThan(GONE_MS)
    expectOnce(folder, facts)
    return { facts: facts.length, ms }
  } finally {
    await life.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}

test('SIGTERM under load fails no request that was accepted', { timeout: 600_000 }, async (context) => {
  const rounds = size({ quick: 2, full: 30, long: 300 })
  const seen: { facts: number; ms: number }[] = []
  let [left, busy] = [rounds, 0]
  const hand = async () => {
    while (left-- > 0)
      for (let one = await round(); ; one = await round()) {
        if (one) {
          seen.push(one)
          break
        }
        if (busy++ >= rounds * 3) cannot(context, 'this machine is too busy to look at readiness once a second')
      }
  }
  await Promise.all([hand(), hand()])
  expect(seen).toHaveLength(rounds)
  const facts = seen.reduce((sum, each) => sum + each.facts, 0)
  const slowest = Math.max(...seen.map(({ ms }) => ms))
  tried(context, `${seen.length} rounds, ${facts} calls and SMS, 0 failed, gone within ${(slowest / 1000).toFixed(1)} s`)
})
