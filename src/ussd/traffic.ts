import { setImmediate as nextTurn } from 'node:timers/promises'
import { and, count, eq, gte, lt } from 'drizzle-orm'
import type { App } from '../app.ts'
import { addDays, DAY, MINUTE, nairobiDay, startOfDay } from '../base/dates.ts'
import type { Read } from '../store/store.ts'

/** How often each screen was shown on one day of Nairobi, and how many calls saw it last. */
export type Traffic = { screen: string; shown: number; left: number }

/** Some thousand hops on the busiest morning. */
const SLICE_MS = MINUTE

/** Counts a day from its hops and calls, both walked along their time: a minute after the other, so that nobody who calls waits for a count. */
export async function trafficOf({ store: { read }, clock }: Pick<App, 'store' | 'clock'>, day: string): Promise<Traffic[]> {
  const from = startOfDay(day)
  const until = Math.min(from + DAY, clock.now() + 1)
  const shown = new Map<string, number>()
  const left = new Map<string, number>()
  for (let at = from; at < until; at += SLICE_MS) {
    for (const [table, counts] of [
      [read.hops, shown],
      [read.sessions, left],
    ] as const)
      for (const { screen, n } of await seen(read, table, at, Math.min(at + SLICE_MS, until)))
        counts.set(screen, (counts.get(screen) ?? 0) + Number(n))
    await nextTurn()
  }
  return [...shown].map(([screen, n]) => ({ screen, shown: n, left: left.get(screen) ?? 0 }))
}

const seen = (read: Read, table: Read['hops'] | Read['sessions'], from: number, until: number) =>
  read
    .select({ screen: table.screen, n: count() })
    .from(table)
    .where(and(gte(table.at, from), lt(table.at, until)))
    .groupBy(table.screen)

/** Keeps what yesterday's calls came to, once, before they are forgotten. Returns how many screens were seen. */
export async function keepTraffic(app: App): Promise<number> {
  const day = addDays(nairobiDay(app.clock.now()), -1)
  const { traffic } = app.store.read
  const [kept] = await app.store.read.select({ day: traffic.day }).from(traffic).where(eq(traffic.day, day)).limit(1)
  if (kept) return 0
  const rows = await trafficOf(app, day)
  await app.store.work('traffic', async (tx) => {
    for (const row of rows)
      await tx
        .insert(tx.traffic)
        .values({ day, ...row })
        .onConflictDoUpdate({ target: [tx.traffic.day, tx.traffic.screen], set: { shown: row.shown, left: row.left } })
  })
  return rows.length
}

/** What was kept of the days from `since` (`YYYY-MM-DD`) on; of one screen where it is named. */
export function keptTraffic({ store: { read } }: Pick<App, 'store'>, since: string, screen?: string) {
  const { traffic } = read
  return read
    .select()
    .from(traffic)
    .where(and(gte(traffic.day, since), screen === undefined ? undefined : eq(traffic.screen, screen)))
    .orderBy(traffic.day)
}
