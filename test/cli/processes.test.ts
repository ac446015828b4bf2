import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { openLoad } from '../bar/disk/load.ts'
import { expectOnce, expectOnceAt, KEYS, postTo } from '../bar/disk/service.ts'
import { startChild } from '../kit/child.ts'
import { startPostgres, type TestPostgres } from '../kit/postgres.ts'
import { childrenOf, killHard, listenersOf } from '../kit/proc.ts'
import { send } from '../web/kit.ts'

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres.stop())

test.for(['a file', 'a server'])(
  'two processes answer on one port, on %s: one that is killed is replaced, and nothing acknowledged is lost',
  async (on) => {
    const server = on === 'a server' ? await postgres.createDatabase() : undefined
    const service = await startChild({ ...KEYS, ...(server ? { DATABASE_URL: server } : {}), WEB_CONCURRENCY: '2' })
    try {
      const listeners = () => listenersOf(service.port)
      await expect.poll(() => service.said(), { timeout: 20_000 }).toContain('Wito is ready.')
      expect(listeners()).toBe(2)
      const load = openLoad(postTo(service.url), 6)
      const more = async (count: number) => {
        const done = () => load.facts.filter(({ acknowledged }) => acknowledged).length
        const from = done()
        await expect.poll(done, { timeout: 30_000, interval: 20 }).toBeGreaterThan(from + count)
      }
      for (let n = 0; n < 2; n++) {
        await more(30)
        const [victim] = childrenOf(service.pid)
        if (victim === undefined) throw new Error('there is no process to kill')
        killHard(victim)
        await expect.poll(listeners, { timeout: 20_000 }).toBe(1)
        await expect.poll(listeners, { timeout: 20_000 }).toBe(2)
      }
      await more(30)
      await load.end()
      // Seconds that hops took: of each process its own.
      const seen = new Set<number>()
      for (let n = 0; n < 10; n++)
        seen.add(Number(/^wito_hop_seconds_sum (\S+)/m.exec((await send(service.url, 'GET', '/metrics')).body)?.[1]))
      expect(seen.size, 'each connection goes to the next process').toBe(2)
      expect(Math.min(...seen)).toBeGreaterThan(0)
      // Only those whose connection broke with its process; nobody hears that it is busy.
      expect(load.refused.filter((why) => !/ECONNRESET|hang up/.test(why))).toEqual([])
      expect(load.facts.filter(({ acknowledged }) => acknowledged).length).toBeGreaterThan(60)
      if (server) await expectOnceAt(server, load.facts)
      else expectOnce(service.folder, load.facts)
      expect(service.said().split('Wito is ready.')).toHaveLength(2)
    } finally {
      const processes = childrenOf(service.pid)
      const since = performance.now()
      await service.stop()
      expect(performance.now() - since, 'all are gone within the promise').toBeLessThan(15_000)
      for (const pid of processes) expect(() => process.kill(pid, 0), 'no process is left behind').toThrow('ESRCH')
    }
  },
)

test('where the first dies nobody goes on without it: letters and SMS would wait for ever', async () => {
  const service = await startChild({ ...KEYS, WEB_CONCURRENCY: '2' })
  try {
    await expect.poll(() => listenersOf(service.port), { timeout: 20_000 }).toBe(2)
    killHard(service.pid)
    await expect.poll(() => listenersOf(service.port), { timeout: 20_000 }).toBe(0)
  } finally {
    await service.stop()
  }
})

test('several processes and a database that only one can see are refused', () => {
  expect(() => readConfig({ WEB_CONCURRENCY: '2', DATABASE_URL: 'file::memory:' })).toThrow('WEB_CONCURRENCY must be 1')
  expect(() => readConfig({ WEB_CONCURRENCY: '0' })).toThrow('WEB_CONCURRENCY: a whole number from 1 to 64')
  expect(readConfig({ NODE_ENV: 'test' }).processes).toBe(1)
})
