import { and, asc, desc, eq, gt, inArray, lt, or } from 'drizzle-orm'
import type { Read, Tx } from '../store/store.ts'

export type OpeningState = Tx['openings']['$inferSelect']['state']

/** Places that were given up, the newest first, before `after`. */
export function openingsOf(
  read: Read,
  state: OpeningState,
  { counties, after, most }: { counties: readonly string[]; after?: { at: number; id: string } | undefined; most: number },
) {
  const { openings: o, stations: s, deployments: d, people } = read
  return read
    .select({ opening: o, station: s.name, personId: people.id, name: people.fullName })
    .from(o)
    .innerJoin(s, eq(s.centreCode, o.centreCode))
    .innerJoin(d, eq(d.id, o.id))
    .innerJoin(people, eq(people.id, d.personId))
    .where(
      and(
        eq(o.state, state),
        counties.length > 0 ? inArray(o.county, [...counties]) : undefined,
        after && or(lt(o.at, after.at), and(eq(o.at, after.at), gt(o.id, after.id))),
      ),
    )
    .orderBy(desc(o.at), asc(o.id))
    .limit(most)
}

/** Everybody who was given one place, in the order in which it was handed on. */
export async function holdersOf(read: Read, { id, jobCode, centreCode, seat }: Tx['deployments']['$inferSelect']) {
  const { deployments: d, people } = read
  const same = seat === null ? eq(d.id, id) : and(eq(d.jobCode, jobCode), eq(d.centreCode, centreCode), eq(d.seat, seat))
  const rows = await read
    .select({ holder: d, name: people.fullName })
    .from(d)
    .innerJoin(people, eq(people.id, d.personId))
    .where(same)
  const next = (from: string | null) => rows.filter(({ holder }) => holder.offeredFrom === from)
  const chain: typeof rows = []
  const known = new Set<string>()
  const walk = (some: typeof rows) => {
    for (const row of some.sort((a, b) => a.holder.changedAt - b.holder.changedAt)) {
      if (known.has(row.holder.id)) continue
      known.add(row.holder.id)
      chain.push(row)
      walk(next(row.holder.id))
    }
  }
  walk(next(null))
  // Whose place before stands elsewhere by now.
  walk(rows)
  return chain
}
