import { and, asc, count, desc, eq, gt, inArray, isNotNull, isNull, lt, ne, or } from 'drizzle-orm'
import { DAY } from '../base/dates.ts'
import type { Read } from '../store/store.ts'

export type NoticeRow = Read['notices']['$inferSelect']
/** After so long without a delivery report somebody is phoned. */
export const PATIENCE_MS = DAY

/** Stands in place of a message for whoever could not be moved: told nothing, listed for an officer. */
export const LEFT_OUT = 'left_out'

/** The newest notices. */
export const noticesOf = (read: Read, most = 50): Promise<NoticeRow[]> =>
  read.select().from(read.notices).orderBy(desc(read.notices.at)).limit(most)

export async function findNotice(read: Read, id: string): Promise<NoticeRow | undefined> {
  const [found] = await read.select().from(read.notices).where(eq(read.notices.id, id))
  return found
}

type Mine = { counties: readonly string[] }
const isMine = (read: Read, id: string, { counties }: Mine) =>
  and(eq(read.noticePeople.noticeId, id), counties.length > 0 ? inArray(read.noticePeople.county, [...counties]) : undefined)

/** How the messages of a notice fare, by their status. */
export async function toldBy(read: Read, id: string, mine: Mine): Promise<Map<string, number>> {
  const { noticePeople: p, outbox: o } = read
  const rows = await read
    .select({ status: o.status, n: count() })
    .from(p)
    .innerJoin(o, eq(o.dedupe, p.message))
    .where(isMine(read, id, mine))
    .groupBy(o.status)
  return new Map(rows.map(({ status, n }) => [status, Number(n)]))
}

/** Who has not received it a day after it was written, by deployment after `after`. */
export function notReached(
  read: Read,
  id: string,
  { at, after = '', most = 51, ...mine }: Mine & { at: number; after?: string; most?: number },
) {
  const { noticePeople: p, outbox: o, people, deployments: d, stations: s } = read
  return read
    .select({
      deploymentId: p.deploymentId,
      personId: p.personId,
      name: people.fullName,
      msisdn: people.msisdn,
      county: p.county,
      station: s.name,
      status: o.status,
      reason: o.reason,
    })
    .from(p)
    .leftJoin(o, eq(o.dedupe, p.message))
    .innerJoin(people, eq(people.id, p.personId))
    .innerJoin(d, eq(d.id, p.deploymentId))
    .innerJoin(s, eq(s.centreCode, d.centreCode))
    .where(
      and(
        isMine(read, id, mine),
        ne(p.message, LEFT_OUT),
        gt(p.deploymentId, after),
        or(isNull(o.id), and(ne(o.status, 'delivered'), lt(o.createdAt, at - PATIENCE_MS))),
      ),
    )
    .orderBy(asc(p.deploymentId))
    .limit(most)
}

/** Who stayed at a station that moved, as they may not serve at the new one, and has not been given another since. */
export function leftOut(read: Read, id: string, mine: Mine, most = 200) {
  const { noticePeople: p, people, deployments: d, stations: s } = read
  return read
    .select({
      deploymentId: d.id,
      personId: people.id,
      name: people.fullName,
      msisdn: people.msisdn,
      station: s.name,
      county: s.county,
      status: d.status,
    })
    .from(p)
    .innerJoin(people, eq(people.id, p.personId))
    .innerJoin(d, eq(d.id, p.deploymentId))
    .innerJoin(s, eq(s.centreCode, d.centreCode))
    .where(and(isMine(read, id, mine), eq(p.message, LEFT_OUT), isNotNull(d.held)))
    .orderBy(asc(people.fullName), asc(d.id))
    .limit(most)
}
