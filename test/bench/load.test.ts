import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { and, eq, gte } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { nation } from '../../src/bench/crowd.ts'
import { type Load, onwards, play, way } from '../../src/bench/load.ts'
import { callersOf, nationOf } from '../../src/bench/nation.ts'
import { startReference } from '../../src/bench/reference.ts'
import { type Measured, startService } from '../../src/bench/service.ts'
import { readConfig } from '../../src/config.ts'
import { openApp } from '../../src/open.ts'

describe('whoever calls', () => {
  const numbersOf = (people: number) => callersOf(nation(people)).callers.map(({ number }) => number)

  test('is somebody else each time, from anywhere in the nation, and the same in every run', () => {
    const numbers = numbersOf(1_000_000)
    expect(new Set(numbers).size).toBe(20_000)
    expect(numbersOf(1_000_000)).toEqual(numbers)
    // Of the first few already, as many live in each tenth of the nation.
    const tenths = numbers.slice(0, 2_000).map((number) => Math.floor(Number([...number.slice(-6)].reverse().join('')) / 100_000))
    for (let tenth = 0; tenth < 10; tenth++) expect(tenths.filter((each) => each === tenth).length).toBeGreaterThan(120)
  })

  test.each([1_000, 30_000, 1_000_000])('of %i people applies as often as of any other', (people) => {
    const { callers, ways } = callersOf(nation(people))
    const applying = callers.filter((caller) => caller.way === ways.length - 1)
    expect(applying.length / callers.length).toBe(1 / 50)
  })
})

describe('a load', () => {
  const size = nation(120)
  let folder: string
  let settings: Record<string, string>
  let service: Measured
  let load: Load
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'wito-load-'))
    settings = await nationOf({ folder, say: () => undefined }, size)
    service = await startService(settings)
    const url = `${service.url}/callbacks/bench/ussd`
    load = { url, connections: 10, seconds: 60, ...callersOf(size), named: true }
  }, 60_000)
  afterAll(async () => {
    await service.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  test('brings applications, also of somebody who comes round again, and leaves nobody in a call', async () => {
    const from = systemClock.now()
    const { callers, ways } = load
    const applicants = callers.filter((caller) => caller.way === ways.length - 1)
    const hops = callers.reduce((sum, caller) => sum + (ways[caller.way]?.length ?? 0), 0)
    expect(applicants).toHaveLength(1)
    expect(await play({ ...load, calls: callers.length })).toMatchObject({ hops, next: 0 })
    expect((await play({ ...load, calls: 2 * callers.length })).hops).toBe(2 * hops)
    // The time is up in the middle of calls; the next who asks meets nobody who was cut off.
    for (let turn = 0; turn < 3; turn++) await play({ ...load, seconds: 0.05 })
    await play({ ...load, seconds: 0.05, perSecond: 200 })
    const { app, close } = await openApp(readConfig(settings))
    const { read } = app.store
    const { audit } = read
    const done = async (action: string) =>
      (
        await read
          .select({ id: audit.id })
          .from(audit)
          .where(and(eq(audit.action, action), eq(audit.outcome, 'done'), gte(audit.at, from)))
      ).length
    expect(await done('jobs.apply')).toBeGreaterThanOrEqual(3)
    expect(await done('applications.withdraw')).toBe(await done('jobs.apply'))
    await close()
  })

  test('goes on where the last one ended', async () => {
    const next = onwards({ ...load, calls: 7 })
    expect([(await next({})).next, (await next({})).next, (await next({ calls: 1 })).next]).toEqual([7, 14, 15])
  })

  test('of which a hop reaches another screen than it should is refused, not reported', async () => {
    const wrong = {
      ...load,
      calls: 1,
      ways: [way('home', '1 letters')],
      callers: [{ number: load.callers[0]?.number ?? '', way: 0 }],
    }
    await expect(play(wrong)).rejects.toThrow('1 of 2 answers were wrong, first: jobs in place of letters')
    await expect(play({ ...wrong, callers: [{ number: '+254711000000', way: 0 }] })).rejects.toThrow('welcome in place of home')
  })
})

test('a nation that was kept is as nobody had called, and one of another day or making is filled anew', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wito-load-'))
  const size = nation(10)
  const said: string[] = []
  const run = { folder, say: (text: string) => void said.push(text) }
  const filled = () => said.filter((text) => text === 'filling: people').length
  const settings = await nationOf(run, size)
  const service = await startService(settings)
  const url = `${service.url}/callbacks/bench/ussd`
  await play({ url, connections: 1, seconds: 60, calls: 2, ...callersOf(size), named: true })
  await service.stop()
  const stored = async () => {
    const { app, close } = await openApp(readConfig(settings))
    const { read } = app.store
    const rows = [
      await read.select().from(read.hops),
      await read.select().from(read.sessions),
      await read.select().from(read.people),
    ]
    await close()
    return rows.map(({ length }) => length)
  }
  expect(await stored()).toEqual([16, 2, 10])
  await nationOf(run, size)
  expect([filled(), ...(await stored())]).toEqual([1, 0, 0, 10])
  const marker = join(folder, 'nation-10', 'filled')
  writeFileSync(marker, readFileSync(marker, 'utf8').replace(/"day":"\d{4}/, '"day":"2020'))
  await nationOf(run, size)
  expect(filled()).toBe(2)
  rmSync(folder, { recursive: true, force: true })
}, 30_000)

test('a reference names no screens, and one that is gone is refused', async () => {
  const nobody = await startReference(new URL('../../src/bench/bare-koa-child.ts', import.meta.url))
  const callers = [{ number: '+254700000001', way: 0 }]
  const load = { url: nobody.url, connections: 2, seconds: 0.2, callers, ways: [way('home', '1 jobs')], named: false }
  expect((await play(load)).hops).toBeGreaterThan(0)
  await expect(play({ ...load, named: true })).rejects.toThrow('no screen in place of home')
  await nobody.stop()
  await expect(play(load)).rejects.toThrow('answers were wrong')
})
