import { cpSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, type TestContext, test } from 'vitest'
import { type Disk, EIO, openDisk, SYNC } from './disk/disk.ts'
import { NOTHING_MORE, openPlatter } from './disk/platter.ts'
import { callbacksOf, expectOnce, type Fact, isTaken, openService } from './disk/service.ts'
import { expectKept, startWriter } from './disk/write.ts'
import { size, tried } from './row.ts'

const UNITS = 24
const order = { from: 1, units: UNITS, lanes: 3 }

type Point = { failAt: number; failFor: number; only: number }

/** So many points, spread over the calls that a run without a failure makes. */
async function pointsOf(disk: Disk, writer: ReturnType<typeof startWriter>, only: number, many: number): Promise<Point[]> {
  const folder = join(disk.folder, `counted-${only}`)
  mkdirSync(folder)
  disk.begin()
  disk.set({ only })
  expect((await writer.write({ folder, ...order, checkpoint: 6 }))?.acknowledged).toHaveLength(UNITS)
  const calls = disk.calls()
  const count = Math.min(many, calls)
  return Array.from({ length: count }, (_, n) => ({
    failAt: 1 + Math.floor((n * calls) / count),
    // One call fails, or all from there on.
    failFor: n % 3 === 2 ? 1_000_000 : 1,
    only,
  }))
}

async function failAt(disk: Disk, writer: ReturnType<typeof startWriter>, point: Point, n: number) {
  const about = `${point.failFor === 1 ? 'only' : 'from'} ${point.only === SYNC ? 'sync' : 'call'} ${point.failAt} on`
  const folder = join(disk.folder, `point-${n}`)
  mkdirSync(folder)
  disk.begin()
  disk.set({ ...point, error: EIO })
  const first = await writer.write({ folder, ...order, checkpoint: 6 })
  expect(first?.afterBroken, `acknowledged after the disk failed, ${about}`).toEqual([])
  if (first?.opened)
    expect(first.broken || first.refused.length === 0, `refused, and goes on: ${first.refused}, ${about}`).toBe(true)
  const acknowledged = first?.acknowledged ?? []

  // What a restart finds while the machine stays up.
  const copy = join(disk.home, 'copy')
  cpSync(folder, copy, { recursive: true })
  await expectKept(copy, acknowledged, `after a restart, ${about}`)

  // And when it goes on for a while, and then the power fails too: what a failed sync had before it is on no platter.
  // It goes on in a copy, because the one that failed is not gone in this process, and SQLite reads its log anew only when nobody has it open.
  const restarted = join(disk.folder, `restarted-${n}`)
  mkdirSync(restarted)
  for (const name of readdirSync(folder)) if (!name.endsWith('-shm')) cpSync(join(folder, name), join(restarted, name))
  disk.set({ failAt: 0 })
  const second = await writer.write({ folder: restarted, ...order, from: 1 + UNITS })
  expect(second?.acknowledged, `after a restart, ${about}`).toHaveLength(UNITS)
  const platter = openPlatter()
  for (const deed of disk.deeds())
    if (!deed.path.endsWith('marks')) platter.take({ ...deed, path: deed.path.replace(restarted, folder) })
  platter.leave(folder, copy, NOTHING_MORE)
  await expectKept(copy, [...acknowledged, ...(second?.acknowledged ?? [])], `after a restart and a power cut, ${about}`)
  return first
}

test('a disk that fails is not trusted: nothing is acknowledged after it, everything before it is there', {
  timeout: 600_000,
}, async (context: TestContext) => {
  const disk = openDisk(context)
  let writer = startWriter(disk)
  try {
    const points = [
      ...(await pointsOf(disk, writer, SYNC, size({ quick: 6, full: 40 }))),
      ...(await pointsOf(disk, writer, 0, size({ quick: 6, full: 160, long: 2_000 }))),
    ]
    let stopped = 0
    for (const [n, point] of points.entries()) {
      // It keeps open whatever failed.
      if (n % 40 === 39) {
        await writer.stop()
        writer = startWriter(disk)
      }
      const first = await failAt(disk, writer, point, n)
      if (first?.broken || !first?.opened) stopped++
    }
    expect(stopped).toBeGreaterThan(points.length / 4)
    tried(context, `${points.length} points of failure, ${stopped} stopped the process, 0 false acknowledgements, 0 lost`)
    expect(readdirSync(join(disk.home, 'copy'))).toEqual([])
  } finally {
    await writer.stop()
    disk.close()
  }
})

test('the service itself ends, and answers nobody as if all were well', { timeout: 60_000 }, async (context) => {
  const disk = openDisk(context)
  disk.begin()
  const service = await openService(disk.folder, disk.env)
  const life = service.start()
  try {
    await life.begin()
    const facts = Array.from({ length: 12 }, (_, n): Fact => ({ n, by: 'sms', acknowledged: false }))
    const deliver = async (fact: Fact) => {
      const [callback] = callbacksOf(fact)
      const answer = await service.post('sms', callback?.form ?? {}).catch((reason: unknown) => String(reason))
      fact.acknowledged = typeof answer !== 'string' && isTaken(answer)
    }
    await Promise.all(facts.slice(0, 6).map(deliver))
    expect(facts.filter(({ acknowledged }) => acknowledged)).toHaveLength(6)
    disk.set({ only: SYNC, calls: 0, failAt: 1, failFor: 1, error: EIO })
    await Promise.all(facts.slice(6).map(deliver))
    expect(await Promise.race([life.ended, wait(10_000, 'it goes on')]), life.said()).toEqual([1, null])
    expect(facts.slice(6).filter(({ acknowledged }) => acknowledged)).toEqual([])
    expectOnce(disk.folder, facts)
  } finally {
    await life.kill()
    disk.close()
  }
})
