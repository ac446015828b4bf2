import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { callbacksOf, expectOnce, type Fact, isTaken, openService, type Served } from './disk/service.ts'
import { size, tried } from './row.ts'

/** A gateway that delivers every callback twice, together or one after the other, and again while nobody answers. */
function deliver(service: Served) {
  const facts: Fact[] = []
  let delivering = true

  async function once(kind: 'sms' | 'ussd', form: Record<string, string>): Promise<string | undefined> {
    try {
      const answer = await service.post(kind, form)
      return isTaken(answer) ? answer.body : undefined
    } catch (reason) {
      if (reason instanceof Error && 'code' in reason) return undefined
      throw reason
    }
  }

  async function twice({ kind, form }: ReturnType<typeof callbacksOf>[number]): Promise<boolean> {
    const bodies =
      systemClock.below(2) === 0
        ? await Promise.all([once(kind, form), once(kind, form)])
        : [await once(kind, form), await once(kind, form)]
    const taken = bodies.filter((body) => body !== undefined)
    expect(new Set(taken).size, `the same answer to the same step: ${taken.join(' / ')}`).toBeLessThanOrEqual(1)
    return taken.length > 0
  }

  async function lane() {
    while (delivering) {
      const fact: Fact = { n: facts.length + 1, by: facts.length % 2 ? 'sms' : 'ussd', acknowledged: false }
      facts.push(fact)
      // One in five that is not answered is given up: it may be there, but whole, and once.
      const patient = systemClock.below(5) > 0
      let taken = true
      for (const callback of callbacksOf(fact)) {
        taken = await twice(callback)
        for (; !taken && patient && delivering; taken = await twice(callback)) await wait(10)
        if (!taken) break
      }
      fact.acknowledged = taken
    }
  }

  const lanes = Promise.all(Array.from({ length: 6 }, lane))
  // Whoever waits for it sees what went wrong; until then it is nobody's failure.
  lanes.catch(() => undefined)
  return {
    facts,
    stop() {
      delivering = false
      return lanes
    },
  }
}

test('kill -9 at any moment loses nothing that was acknowledged, and doubles nothing', { timeout: 600_000 }, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'wito-kill-'))
  const service = await openService(folder)
  const kills = size({ quick: 2, full: 25, long: 2_000 })
  const times: number[] = []
  const lives = [service.start()]
  try {
    const gateway = deliver(service)
    for (let n = 0; n <= kills; n++) {
      const life = lives[n] as ReturnType<Served['start']>
      times.push(await life.begin())
      if (n === kills) break
      // The next one reads its modules meanwhile; what is measured is what a restart does with the database.
      const next = service.start()
      lives.push(next)
      await next.standsBy()
      await wait(systemClock.below(200))
      await life.kill()
    }
    await wait(200)
    await gateway.stop()
    expect(await service.ready()).toBe(true)
    await lives.at(-1)?.kill()
    const { facts } = gateway
    expectOnce(folder, facts)
    const acknowledged = facts.filter((fact) => fact.acknowledged).length
    expect(acknowledged).toBeGreaterThan(kills)
    const [median = 0] = times.sort((a, b) => a - b).slice(Math.floor(times.length / 2))
    tried(
      context,
      `${kills} kills, ${acknowledged} of ${facts.length} acknowledged, 0 lost, 0 doubled; ready again in ${Math.round(median)} ms (median, modules read before)`,
    )
  } finally {
    await Promise.all(lives.map((life) => life.kill()))
    rmSync(folder, { recursive: true, force: true })
  }
})
