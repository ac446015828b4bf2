import { aliasedTable, and, asc, eq, gt, isNull, ne, or } from 'drizzle-orm'
import type { Read } from '../store/store.ts'

/** How many people a later plan leaves where they were, sends elsewhere, takes in, and leaves out. */
export type Difference = { same: number; moved: number; added: number; dropped: number }
/** `from` and `to` are centre codes. */
export type Change = { personId: string; name: string; from: string | null; to: string }

const CHUNK = 2_000

/** Counts what a later plan does otherwise than an earlier one, some thousand people at a time. */
export async function comparePlans(read: Read, before: string, after: string): Promise<Difference> {
  const difference: Difference = { same: 0, moved: 0, added: 0, dropped: 0 }
  for await (const rows of pairs(read, after, before))
    for (const { here, there } of rows) difference[there === null ? 'added' : there === here ? 'same' : 'moved']++
  for await (const rows of pairs(read, before, after)) for (const { there } of rows) if (there === null) difference.dropped++
  return difference
}

/** Everybody of one plan, with where another one sends them. */
async function* pairs(read: Read, plan: string, other: string) {
  const { placements: p } = read
  const q = aliasedTable(p, 'other')
  for (let after: string | undefined = ''; after !== undefined; ) {
    const rows: { personId: string; here: string; there: string | null }[] = await read
      .select({ personId: p.personId, here: p.centreCode, there: q.centreCode })
      .from(p)
      .leftJoin(q, and(eq(q.planId, other), eq(q.personId, p.personId)))
      .where(and(eq(p.planId, plan), gt(p.personId, after)))
      .orderBy(asc(p.personId))
      .limit(CHUNK)
    yield rows
    after = rows.length === CHUNK ? rows.at(-1)?.personId : undefined
  }
}

/** Some of those whom the later plan sends elsewhere or takes in, by their id after `cursor`. */
export function changesOf(read: Read, before: string, after: string, cursor = '', most = 50): Promise<Change[]> {
  const { placements: p, people } = read
  const q = aliasedTable(p, 'other')
  return read
    .select({ personId: p.personId, name: people.fullName, from: q.centreCode, to: p.centreCode })
    .from(p)
    .innerJoin(people, eq(people.id, p.personId))
    .leftJoin(q, and(eq(q.planId, before), eq(q.personId, p.personId)))
    .where(and(eq(p.planId, after), gt(p.personId, cursor), or(isNull(q.centreCode), ne(q.centreCode, p.centreCode))))
    .orderBy(asc(p.personId))
    .limit(most)
}
