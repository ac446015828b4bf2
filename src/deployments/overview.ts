import { and, asc, type Column, count, desc, eq, exists, gt, gte, inArray, lt, lte, or, type SQL, sql } from 'drizzle-orm'
import { DOWNLOADS } from '../links/link.ts'
import type { DeploymentStatus, MessageStatus } from '../store/schema.ts'
import type { Read } from '../store/store.ts'

export const DEPLOYMENT_STATES = ['draft', 'released', 'accepted', 'declined', 'revoked'] as const satisfies DeploymentStatus[]

/** Which deployments. `from` and `to` bound the day they report on; `where` narrows further: to an officer's counties. */
export type Which = {
  status: DeploymentStatus
  from?: string | undefined
  to?: string | undefined
  job?: string | undefined
  county?: string | undefined
  centre?: string | undefined
  where?: SQL | undefined
}

/**
 * Narrowed by the index of the smallest part that is asked for: a station, else a county, else a job. What is left is compared as an
 * expression, so that no engine walks a larger index for it.
 */
function isIn({ deployments: d }: Read, { job, county, centre, from, to, where }: Omit<Which, 'status'>) {
  const inPlace = county !== undefined || centre !== undefined
  const day = text(d.reportOn, job === undefined && centre === undefined)
  return and(
    where,
    from === undefined ? undefined : gte(day, from),
    to === undefined ? undefined : lte(day, to),
    job === undefined ? undefined : eq(text(d.jobCode, !inPlace), job),
    county === undefined ? undefined : eq(text(d.county, centre === undefined), county),
    centre === undefined ? undefined : eq(d.centreCode, centre),
  )
}

const text = (column: Column, byIndex: boolean): SQL => (byIndex ? sql`${column}` : sql`${column} || ''`)

/** One row of the table. `text` is how far the newest letter's SMS came; `downloads` how often the letter was fetched. */
export type DeploymentLine = Awaited<ReturnType<typeof listDeployments>>[number]

/** Whether an index gives them by the day they report on. A whole job's go by their ids: its days are few, and nothing must be sorted. */
export const goByDay = ({ job, county, centre }: Pick<Which, 'job' | 'county' | 'centre'>): boolean =>
  job === undefined || county !== undefined || centre !== undefined

/** `limit` deployments of one state, by the day they report on ({@link goByDay}); `after` is that day and the id of the row before. */
export function listDeployments(
  read: Read,
  which: Which,
  { after, down, limit }: { after: readonly [string, string] | undefined; down: boolean; limit: number },
) {
  const { deployments: d, people, stations, letters, outbox, links } = read
  const [day, id] = after ?? []
  const byDay = goByDay(which)
  const beyond = down ? lt : gt
  const inOrder = down ? desc : asc
  const letter = and(eq(letters.deploymentId, d.id), eq(letters.version, d.letterVersion))
  return read
    .select({
      id: d.id,
      personId: d.personId,
      name: people.fullName,
      job: d.jobCode,
      station: stations.name,
      centre: d.centreCode,
      county: d.county,
      reportOn: d.reportOn,
      reportAt: d.reportAt,
      version: d.letterVersion,
      changedAt: d.changedAt,
      text: outbox.status,
      downloads: sql<number>`coalesce((select sum(${DOWNLOADS} - ${links.downloadsLeft}) from ${links} where ${eq(links.letterId, letters.id)}), 0)`,
    })
    .from(d)
    .innerJoin(people, eq(people.id, d.personId))
    .innerJoin(stations, eq(stations.centreCode, d.centreCode))
    .leftJoin(letters, letter)
    .leftJoin(outbox, eq(outbox.dedupe, sql`'letter_ready:' || ${letters.id}`))
    .where(
      and(
        eq(text(d.status, which.centre === undefined), which.status),
        isIn(read, which),
        day === undefined || id === undefined
          ? undefined
          : byDay
            ? or(beyond(d.reportOn, day), and(eq(d.reportOn, day), beyond(d.id, id)))
            : beyond(d.id, id),
      ),
    )
    .orderBy(...(byDay ? [inOrder(text(d.reportOn, which.centre === undefined))] : []), inOrder(d.id))
    .limit(limit)
}

/** Beyond this nobody needs the exact number, and it would have to be counted. */
export const MOST_COUNTED = 10_000
export type Counts = Record<DeploymentStatus, number>

/** How many stand where, each no further than {@link MOST_COUNTED} and one. */
export async function countUpTo(read: Read, which: Omit<Which, 'status'>): Promise<Counts> {
  const { deployments: d } = read
  const counts = await Promise.all(
    DEPLOYMENT_STATES.map(async (status) => {
      const some = read
        .select({ one: sql<number>`1`.as('one') })
        .from(d)
        .where(and(eq(text(d.status, which.centre === undefined), status), isIn(read, which)))
        .limit(MOST_COUNTED + 1)
        .as('some')
      const [row] = await read.select({ n: count() }).from(some)
      return [status, Number(row?.n ?? 0)] as const
    }),
  )
  return Object.fromEntries(counts) as Counts
}

/** How many stand where, exactly: for a job or a county, which an index gives. */
export async function countStates(read: Read, which: Omit<Which, 'status'>): Promise<Counts> {
  const { deployments: d } = read
  const rows = await read.select({ status: d.status, n: count() }).from(d).where(isIn(read, which)).groupBy(d.status)
  const sum: Counts = { draft: 0, released: 0, accepted: 0, declined: 0, revoked: 0 }
  for (const { status, n } of rows) sum[status] = Number(n)
  return sum
}

/** How far the newest letters of those who were told came: by the state of the SMS, and how many were opened at least once. */
export type LettersOut = { texts: Partial<Record<MessageStatus, number>>; opened: number }

export async function lettersOut(read: Read, which: Omit<Which, 'status'>): Promise<LettersOut> {
  const { deployments: d, letters, outbox, links } = read
  const newest = and(eq(letters.deploymentId, d.id), eq(letters.version, d.letterVersion))
  const fetched = exists(
    read
      .select({ one: sql`1` })
      .from(links)
      .where(and(eq(links.letterId, letters.id), lt(links.downloadsLeft, DOWNLOADS))),
  )
  const rows = await read
    .select({ text: outbox.status, n: count(), opened: sql<number>`sum(case when ${fetched} then 1 else 0 end)` })
    .from(d)
    .innerJoin(letters, newest)
    .leftJoin(outbox, eq(outbox.dedupe, sql`'letter_ready:' || ${letters.id}`))
    .where(and(inArray(d.status, ['released', 'accepted', 'declined']), isIn(read, which)))
    .groupBy(outbox.status)
  const texts: LettersOut['texts'] = {}
  for (const { text, n } of rows) if (text !== null) texts[text] = Number(n)
  return { texts, opened: rows.reduce((sum, { opened }) => sum + Number(opened), 0) }
}

/** A county, or a station of the county that was asked for, with how many stand where. */
export type PlaceLine = { key: string; name: string; counts: Record<DeploymentStatus, number> }

/** By county, or within `county` by station. One group-by over what an index gives; 47 counties, at most some 2,000 stations of one. */
export async function countPlaces(read: Read, which: Omit<Which, 'status'>): Promise<PlaceLine[]> {
  const { deployments: d, stations } = read
  const rows =
    which.county === undefined
      ? (
          await read
            .select({ key: d.county, status: d.status, n: count() })
            .from(d)
            .where(isIn(read, which))
            .groupBy(d.county, d.status)
        ).map((row) => ({ ...row, name: row.key }))
      : await read
          .select({ key: d.centreCode, name: stations.name, status: d.status, n: count() })
          .from(d)
          .innerJoin(stations, eq(stations.centreCode, d.centreCode))
          .where(isIn(read, which))
          .groupBy(d.centreCode, stations.name, d.status)
  const places = new Map<string, PlaceLine>()
  for (const { key, name, status, n } of rows) {
    const place = places.get(key) ?? {
      key,
      name,
      counts: { draft: 0, released: 0, accepted: 0, declined: 0, revoked: 0 },
    }
    place.counts[status] = Number(n)
    places.set(key, place)
  }
  return [...places.values()].sort((a, b) => a.name.localeCompare(b.name))
}
