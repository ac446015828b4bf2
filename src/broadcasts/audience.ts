import { and, asc, count, eq, exists, gt, isNotNull, isNull, lte, max, or, type SQL, sql } from 'drizzle-orm'
import type { Msisdn } from '../base/msisdn.ts'
import type { ApplicationStatus, DeploymentStatus, Language } from '../store/schema.ts'
import type { Read } from '../store/store.ts'

/** Whom a broadcast is for; what is absent does not narrow. */
export type Group = {
  county?: string | undefined
  subCounty?: string | undefined
  /** Who applied to it; with `deployment` and no `application`: who is deployed for it. */
  job?: string | undefined
  application?: ApplicationStatus | undefined
  deployment?: DeploymentStatus | undefined
  account?: 'yes' | 'no' | undefined
  language?: Language | undefined
}

export type Recipient = { id: string; msisdn: Msisdn; language: Language }
export type Some = {
  people: Recipient[]
  /** How many of the roll were looked at. */
  looked: number
  /** Where to look on; undefined: that was the end. */
  next: string | undefined
}

/**
 * The next of a group in the order of their ids: at most `most` of them, among at most `look` people of the roll after `after`, so that
 * one look takes the same short time however rare the group is. Left out everywhere: who is suspended, who wants no alerts, and every
 * number that sent STOP.
 */
export async function someOf(
  read: Read,
  group: Group,
  after: string,
  { look, most }: { look: number; most: number },
): Promise<Some> {
  const { people: p, accounts: a, subscribers: s } = read
  const window = read.select({ id: p.id }).from(p).where(gt(p.id, after)).orderBy(asc(p.id)).limit(look).as('part')
  const [bound] = await read.select({ last: max(window.id), n: count() }).from(window)
  const looked = Number(bound?.n ?? 0)
  if (!bound?.last) return { people: [], looked, next: undefined }
  const msisdn = sql<Msisdn>`coalesce(${a.msisdn}, ${p.msisdn})`
  const language = sql<Language>`coalesce(${s.language}, 'en')`
  const people = await read
    .select({ id: p.id, msisdn, language })
    .from(p)
    .leftJoin(a, eq(a.personId, p.id))
    .leftJoin(s, eq(s.msisdn, msisdn))
    .where(
      and(
        gt(p.id, after),
        lte(p.id, bound.last),
        eq(p.status, 'vetted'),
        or(isNull(a.personId), eq(a.alerts, true)),
        isNull(s.stoppedAt),
        group.language === undefined ? undefined : eq(language, group.language),
        ...within(read, group),
      ),
    )
    .orderBy(asc(p.id))
    .limit(most)
  if (people.length === most) return { people, looked, next: people.at(-1)?.id }
  return { people, looked, next: looked < look ? undefined : bound.last }
}

function within(read: Read, { county, subCounty, job, application, deployment, account }: Group): (SQL | undefined)[] {
  const { people: p, accounts: a, applications, deployments } = read
  // As an expression it cannot lead an engine to the index by county, which would read the whole county for every look.
  const lives = (column: typeof p.homeCounty, place: string) => eq(sql`${column} || ''`, place)
  const applied = (job !== undefined && deployment === undefined) || application !== undefined
  return [
    county === undefined ? undefined : lives(p.homeCounty, county),
    subCounty === undefined ? undefined : eq(sql`${p.homeSubCounty} || ''`, subCounty),
    account === undefined ? undefined : account === 'yes' ? isNotNull(a.personId) : isNull(a.personId),
    applied
      ? exists(
          read
            .select({ id: applications.id })
            .from(applications)
            .where(
              and(
                eq(applications.personId, p.id),
                job === undefined ? undefined : eq(applications.jobCode, job),
                application === undefined ? undefined : eq(applications.status, application),
              ),
            ),
        )
      : undefined,
    deployment === undefined
      ? undefined
      : exists(
          read
            .select({ id: deployments.id })
            .from(deployments)
            .where(
              and(
                eq(deployments.personId, p.id),
                eq(deployments.status, deployment),
                job === undefined ? undefined : eq(deployments.jobCode, job),
              ),
            ),
        ),
  ]
}

/** Every county in which anybody of the roll lives, one seek along the index each. */
export async function countiesOfRoll(read: Read): Promise<string[]> {
  const { people: p } = read
  const found: string[] = []
  for (;;) {
    const last = found.at(-1)
    const [row] = await read
      .select({ county: p.homeCounty })
      .from(p)
      .where(last === undefined ? undefined : gt(p.homeCounty, last))
      .orderBy(asc(p.homeCounty))
      .limit(1)
    if (!row) return found
    found.push(row.county)
  }
}
