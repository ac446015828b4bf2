import { and, asc, count, desc, eq, gt, lt, or, type SQL, sql } from 'drizzle-orm'
import { DOWNLOADS } from '../links/link.ts'
import type { DeploymentStatus } from '../store/schema.ts'
import type { Read } from '../store/store.ts'

export const DEPLOYMENT_STATES = ['draft', 'released', 'accepted', 'declined', 'revoked'] as const satisfies DeploymentStatus[]

/** Which deployments. `where` narrows further: to an officer's counties. */
export type Which = {
  status: DeploymentStatus
  job?: string | undefined
  county?: string | undefined
  centre?: string | undefined
  where?: SQL | undefined
}

function isIn({ deployments: d }: Read, { job, county, centre, where }: Omit<Which, 'status'>) {
  return and(
    where,
    job === undefined ? undefined : eq(d.jobCode, job),
    county === undefined ? undefined : eq(d.county, county),
    centre === undefined ? undefined : eq(d.centreCode, centre),
  )
}

/** One row of the table. `text` is how far the newest letter's SMS came; `downloads` how often the letter was fetched. */
export type DeploymentLine = Awaited<ReturnType<typeof listDeployments>>[number]

/** `limit` deployments of one state by the day they report on; `after` is that day and the id of the row before. */
export function listDeployments(
  read: Read,
  which: Which,
  { after, down, limit }: { after: readonly [string, string] | undefined; down: boolean; limit: number },
) {
  const { deployments: d, people, stations, letters, outbox, links } = read
  const [day, id] = after ?? []
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
        eq(d.status, which.status),
        isIn(read, which),
        day === undefined || id === undefined
          ? undefined
          : or(beyond(d.reportOn, day), and(eq(d.reportOn, day), beyond(d.id, id))),
      ),
    )
    .orderBy(inOrder(d.reportOn), inOrder(d.id))
    .limit(limit)
}

/** How many stand where. */
export async function countStates(read: Read, which: Omit<Which, 'status'>): Promise<Record<DeploymentStatus, number>> {
  const { deployments: d } = read
  const rows = await read.select({ status: d.status, n: count() }).from(d).where(isIn(read, which)).groupBy(d.status)
  const sum: Record<DeploymentStatus, number> = { draft: 0, released: 0, accepted: 0, declined: 0, revoked: 0 }
  for (const { status, n } of rows) sum[status] = Number(n)
  return sum
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
