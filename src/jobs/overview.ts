import { and, asc, count, desc, eq, gt, gte, inArray, lt, lte, type SQL, sql } from 'drizzle-orm'
import type { ApplicationStatus } from '../store/schema.ts'
import type { Read } from '../store/store.ts'

export const APPLICATION_STATES = [
  'received',
  'nominated',
  'successful',
  'reserve',
  'unsuccessful',
  'withdrawn',
] as const satisfies ApplicationStatus[]

/** Which applications; what is absent does not narrow. Times are milliseconds since 1970. */
export type Which = {
  job?: string | undefined
  status?: ApplicationStatus | undefined
  /** Only of these; an empty list finds nothing. */
  counties?: readonly string[] | undefined
  subCounty?: string | undefined
  /** Applied then or later. */
  from?: number | undefined
  /** Applied before. */
  until?: number | undefined
  /** As they stood then: what came or changed later is left out. */
  asOf?: number | undefined
}

/** A place in the order of applying: the time and the id of the row before. */
export type Position = { at: number; id: string }
export type Application = Read['applications']['$inferSelect']
type Way = { after?: Position | undefined; down?: boolean; limit: number }

/** What one index gives in the order of applying: equal values for all of its columns before `at`. */
export type Leg = { county?: string; job?: string; status?: ApplicationStatus }

/**
 * The parts of an index that hold what is meant, each already in order: by county and status where counties narrow (some 20,000 rows
 * of a million each), else by job and status, else by status, else all.
 */
export function legsOf({ job, status, counties }: Which): Leg[] {
  const states = status === undefined ? APPLICATION_STATES : [status]
  if (counties !== undefined) return counties.flatMap((county) => states.map((each) => ({ county, status: each })))
  if (job !== undefined) return states.map((each) => ({ job, status: each }))
  return status === undefined ? [{}] : [{ status }]
}

function isIn({ applications: a }: Read, which: Which, leg: Leg): SQL | undefined {
  return and(
    leg.county === undefined ? undefined : eq(a.county, leg.county),
    leg.job === undefined ? undefined : eq(a.jobCode, leg.job),
    leg.status === undefined ? undefined : eq(a.status, leg.status),
    // As an expression it cannot lead an engine to the index by job, which may hold every county's rows.
    which.job === undefined || leg.job !== undefined ? undefined : eq(sql`${a.jobCode} || ''`, which.job),
    which.subCounty === undefined ? undefined : eq(a.subCounty, which.subCounty),
    which.from === undefined ? undefined : gte(a.at, which.from),
    which.until === undefined ? undefined : lt(a.at, which.until),
    which.asOf === undefined ? undefined : and(lte(a.at, which.asOf), lte(a.changedAt, which.asOf)),
  )
}

/** The query behind one leg: one walk along an index, no sorting. */
export function legQuery(read: Read, which: Which, leg: Leg, { after, down = false, limit }: Way) {
  const { applications: a } = read
  const { from = 0, until = Number.POSITIVE_INFINITY } = which
  // Of two bounds on the same side an engine walks from either one: only the nearer is given.
  const place = after && (down ? after.at < until : after.at >= from) ? sql`(${after.at}, ${after.id})` : undefined
  const beyond = place && (down ? sql`(${a.at}, ${a.id}) < ${place}` : sql`(${a.at}, ${a.id}) > ${place}`)
  const days = beyond ? { [down ? 'until' : 'from']: undefined } : {}
  const inOrder = down ? desc : asc
  return read
    .select()
    .from(a)
    .where(and(isIn(read, { ...which, ...days }, leg), beyond))
    .orderBy(inOrder(a.at), inOrder(a.id))
    .limit(limit)
}

/** `limit` applications in the order of applying, merged from the legs. */
export async function listApplications(read: Read, which: Which, way: Way): Promise<Application[]> {
  const found: Application[] = []
  for (const leg of legsOf(which)) found.push(...(await legQuery(read, which, leg, way)))
  const order = way.down ? -1 : 1
  return found.sort((one, two) => order * (one.at - two.at || (one.id < two.id ? -1 : 1))).slice(0, way.limit)
}

/** How many are meant, counted no further than just past `most`. */
export async function countApplications(read: Read, which: Which, most: number): Promise<number> {
  let n = 0
  for (const leg of legsOf(which)) {
    const some = read
      .select({ one: sql<number>`1`.as('one') })
      .from(read.applications)
      .where(isIn(read, which, leg))
      .limit(most + 1 - n)
      .as('some')
    const [row] = await read.select({ n: count() }).from(some)
    n += Number(row?.n ?? 0)
    if (n > most) break
  }
  return n
}

/** One row of the table, with what is shown of the person. */
export type ApplicationLine = Application &
  Pick<Read['people']['$inferSelect'], 'fullName' | 'qualification' | 'subjects' | 'msisdn'>

/** The people behind the rows, in the rows' order. */
export async function withPeople(read: Read, rows: readonly Application[]): Promise<ApplicationLine[]> {
  const { people: p } = read
  const ids = [...new Set(rows.map(({ personId }) => personId))]
  const found = await read
    .select({ id: p.id, fullName: p.fullName, qualification: p.qualification, subjects: p.subjects, msisdn: p.msisdn })
    .from(p)
    .where(inArray(p.id, ids))
  const byId = new Map(found.map(({ id, ...person }) => [id, person]))
  return rows.flatMap((row) => {
    const person = byId.get(row.personId)
    return person ? [{ ...row, ...person }] : []
  })
}

/** Where an application stands in the order of applying; undefined where there is none. */
export async function positionOf(read: Read, id: string): Promise<Position | undefined> {
  const { applications: a } = read
  const [row] = await read.select({ at: a.at, id: a.id }).from(a).where(eq(a.id, id))
  return row
}

/** Every county from which anybody applied, one seek along the index each. */
export async function countiesOfApplications(read: Read): Promise<string[]> {
  const { applications: a } = read
  return stepThrough(async (last) => {
    const [row] = await read
      .select({ next: a.county })
      .from(a)
      .where(last === undefined ? undefined : gt(a.county, last))
      .orderBy(asc(a.county))
      .limit(1)
    return row?.next
  })
}

/** The sub-counties of a county in which anybody of the roll lives. */
export async function subCountiesOf(read: Read, county: string): Promise<string[]> {
  const { people: p } = read
  return stepThrough(async (last) => {
    const [row] = await read
      .select({ next: p.homeSubCounty })
      .from(p)
      .where(and(eq(p.homeCounty, county), last === undefined ? undefined : gt(p.homeSubCounty, last)))
      .orderBy(asc(p.homeSubCounty))
      .limit(1)
    return row?.next
  })
}

async function stepThrough(next: (last: string | undefined) => Promise<string | undefined>): Promise<string[]> {
  const found: string[] = []
  for (let one = await next(undefined); one !== undefined; one = await next(one)) found.push(one)
  return found
}
