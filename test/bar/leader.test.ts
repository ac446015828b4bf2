import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { missingForCluster, startCluster } from '../kit/cluster.ts'
import { openLoad } from './disk/load.ts'
import { expectOnceAt, openService } from './disk/service.ts'
import { cannot, effort, onlyInBar, size, tried } from './row.ts'

/** The promise: so long after the leader was lost a call is written again. */
const BACK_MS = 15_000
/** How long the leader still says yes to whoever asks it, and nobody hears of it. */
const CUT_MS = 500

test('the leader of a cluster is lost under load: what was acknowledged is there, and calls are written again', {
  timeout: 400_000,
}, async (context) => {
  const missing = missingForCluster()
  if (missing.length > 0)
    cannot(context, `needs Debian’s patroni, etcd-server, haproxy and postgresql; missing: ${missing.join(', ')}`)
  onlyInBar(context, 'leader')
  const [servers, losses] = [size({ quick: 2, full: 3 }), size({ quick: 1, full: 2 })]
  const cluster = await startCluster(servers)
  onTestFinished(() => cluster.close())
  const folder = mkdtempSync(join(tmpdir(), 'wito-leader-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const service = await openService(folder, { DATABASE_URL: cluster.url })
  const life = service.start()
  onTestFinished(async () => void (await life.kill()))
  await life.begin()
  const load = openLoad(service.post, 8)
  const more = async (count: number) => {
    const from = load.facts.length
    await expect.poll(() => load.facts.length, { timeout: 60_000, interval: 20 }).toBeGreaterThan(from + count)
  }
  const backs: number[] = []
  for (let n = 0; n < losses; n++) {
    await more(40)
    await expect.poll(() => cluster.hasStandby(), { timeout: 60_000 }).toBe(true)
    await cluster.killLeader(CUT_MS)
    const lost = systemClock.ticks()
    await expect.poll(() => load.takenAfter(lost), { timeout: 60_000, interval: 20 }).toBeDefined()
    backs.push((load.takenAfter(lost) ?? Number.POSITIVE_INFINITY) - lost)
  }
  await more(40)
  await load.end()
  const hops = await expectOnceAt(cluster.url, load.facts)
  for (const { n, by, taken } of load.facts)
    if (by === 'ussd') expect(hops(`ATUid_${n}`), `answered hops of call ${n}`).toBeGreaterThanOrEqual(taken)
  const slowest = Math.max(...backs)
  if (effort !== 'quick') expect(slowest).toBeLessThan(BACK_MS)
  const acknowledged = load.facts.reduce((sum, { taken }) => sum + taken, 0)
  tried(
    context,
    `${losses} leaders of ${servers} servers lost; ${acknowledged} hops and SMS acknowledged, 0 lost, ${load.refused.length} politely refused; written again after ${(slowest / 1000).toFixed(1)} s at most`,
  )
})
