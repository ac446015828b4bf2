import { and, count, eq, gte, lt } from 'drizzle-orm'
import type { App } from '../app.ts'
import { addDays, DAY, nairobiDay, startOfDay } from '../base/dates.ts'

/** How often each screen was shown on one day of Nairobi, and how many calls saw it last. */
export type Traffic = { screen: string; shown: number; left: number }

/** Counts a day from its hops and calls, both walked along their time. */
export async function trafficOf({ store: { read } }: Pick<App, 'store'>, day: string): Promise<Traffic[]> {
  const { hops, sessions } = read
  const from = startOfDay(day)
  const shown = await read
    .select({ screen: hops.screen, n: count() })
    .from(hops)
    .where(and(gte(hops.at, from), lt(hops.at, from + DAY)))
    .groupBy(hops.screen)
  const left = await read
    .select({ screen: sessions.screen, n: count() })
    .from(sessions)
    .where(and(gte(sessions.at, from), lt(sessions.at, from + DAY)))
    .groupBy(sessions.screen)
  const last = new Map(left.map(({ screen, n }) => [screen, Number(n)]))
  return shown.map(({ screen, n }) => ({ screen, shown: Number(n), left: last.get(screen) ?? 0 }))
}

/** Keeps what yesterday's calls came to, before they are forgotten. Run again it writes the same. Returns how many screens were seen. */
export async function keepTraffic(app: App): Promise<number> {
  const day = addDays(nairobiDay(app.clock.now()), -1)
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
