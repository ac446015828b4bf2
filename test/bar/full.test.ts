import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { openDisk } from './disk/disk.ts'
import { callbacksOf, expectOnce, type Fact, isTaken, openService } from './disk/service.ts'
import { size, tried } from './row.ts'

const TOGETHER = 12
/** The promise: at the latest so long after there is space again. */
const AGAIN_MS = 5_000

test('a full disk is said politely, leaves nothing half done, and is over when there is space', {
  timeout: 600_000,
}, async (context) => {
  const disk = openDisk(context)
  disk.begin()
  const service = await openService(disk.folder, disk.env)
  const life = service.start()
  const facts: Fact[] = []
  const make = (count: number) => {
    const made = Array.from({ length: count }, (_, n): Fact => {
      return { n: facts.length + n + 1, by: n % 2 ? 'sms' : 'ussd', acknowledged: false }
    })
    facts.push(...made)
    return made
  }
  /** Delivers what is left of a fact until it is turned away. */
  async function deliver(fact: Fact) {
    for (const { kind, form } of callbacksOf(fact)) {
      const answer = await service.post(kind, form)
      if (!isTaken(answer)) return answer
    }
    fact.acknowledged = true
    return undefined
  }
  try {
    await life.begin()
    const rounds = size({ quick: 2, full: 25, long: 500 })
    let [refused, slowest] = [0, 0]
    for (let round = 0; round < rounds; round++) {
      expect(await Promise.all(make(TOGETHER).map(deliver)), 'while there is space').toEqual(Array(TOGETHER).fill(undefined))

      disk.set({ full: 1 })
      const without = make(TOGETHER)
      const answers = await Promise.all(without.map(deliver))
      for (const [n, answer] of answers.entries()) {
        expect(answer, 'nothing can be taken').toBeDefined()
        expect([without[n]?.by, answer?.status]).toEqual([without[n]?.by, without[n]?.by === 'sms' ? 503 : 200])
        if (without[n]?.by === 'ussd') expect(answer?.body).toMatch(/^END Many people are calling now/)
        refused++
      }

      disk.set({ full: 0 })
      const since = systemClock.ticks()
      const [first] = make(1) as [Fact]
      while ((await deliver(first)) !== undefined) {
        expect(systemClock.ticks() - since, 'works again by itself').toBeLessThan(AGAIN_MS)
        await wait(20)
      }
      slowest = Math.max(slowest, systemClock.ticks() - since)
      // What was refused is delivered again.
      await Promise.all(without.map(deliver))
      expect(without.map(({ acknowledged }) => acknowledged)).not.toContain(false)
    }
    expect(life.child.exitCode, `it went on without a restart: ${life.said()}`).toBeNull()
    await life.kill()
    expectOnce(disk.folder, facts)
    tried(context, `${rounds} times full, ${refused} refused, works again after ${Math.round(slowest)} ms at most, no half row`)
  } finally {
    await life.kill()
    disk.close()
  }
})
