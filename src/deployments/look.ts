import { and, eq, inArray } from 'drizzle-orm'
import type { App } from '../app.ts'
import { rulesOf, type SeriesRules } from '../jobs/rules.ts'
import { inNamed } from '../store/named.ts'
import type { Read, Tx } from '../store/store.ts'
import { barsHere } from './barred.ts'
import type { Terms } from './bars.ts'
import type { BadRow, DeploymentRow, Look } from './check.ts'
import { knownOf } from './known.ts'

/** `county`: of the station; `held`: this person's deployment for this job, where there is one. */
export type Found = Look & {
  alreadySuccessful: boolean
  county: string | undefined
  held: Pick<Tx['deployments']['$inferSelect'], 'id' | 'county'> | undefined
}

/** Prepares to look rows up, a slice at a time and in the same order. Jobs and rules are read once: there are few. */
export async function openLook({
  store: { read },
  keyring,
}: Pick<App, 'store' | 'keyring'>): Promise<(rows: readonly DeploymentRow[]) => Promise<Found[]>> {
  const jobs = new Map((await read.select().from(read.jobs)).map((job) => [job.codeKey, job]))
  const rules = new Map<string, SeriesRules>()
  for (const { exam } of jobs.values()) if (!rules.has(exam)) rules.set(exam, await rulesOf(read, exam))

  return async (rows) => {
    const indexOf = (row: DeploymentRow) => keyring.index('national_id', row.national_id)
    const people = await read
      .select()
      .from(read.people)
      .where(inArray(read.people.nationalIdIndex, rows.map(indexOf)))
    const byIndex = new Map(people.map((person) => [person.nationalIdIndex, person]))
    const ids = people.map(({ id }) => id)
    const codes = rows.map((row) => row.centre_code)
    const stations = new Map(
      (await read.select().from(read.stations).where(inArray(read.stations.centreCode, codes))).map((each) => [
        each.centreCode,
        each,
      ]),
    )
    const successful = await successfulOf(ids)
    const held = await heldBy(read, ids)
    const known = new Map<string, ReturnType<typeof knownOf>>()
    const knownFor = (terms: Terms, some: typeof people) => {
      const all = known.get(terms.job.code) ?? knownOf(read, keyring, terms, some)
      known.set(terms.job.code, all)
      return all
    }

    const found: Found[] = []
    for (const [place, row] of rows.entries()) {
      const job = jobs.get(row.job_code)
      const terms = job && { job, rules: rules.get(job.exam) ?? {} }
      const person = byIndex.get(indexOf(row))
      const station = stations.get(row.centre_code)
      const known = terms && person && (await knownFor(terms, people))(person)
      found[place] = {
        job,
        rules: terms?.rules ?? {},
        person: person && { id: person.id, status: person.status },
        stationKnown: station !== undefined,
        county: station?.county,
        held: held.get(`${person?.id} ${job?.code}`),
        bars: terms && person && known && station ? await barsHere(read, terms, station, person, known) : [],
        alreadySuccessful: successful.has(`${person?.id} ${job?.code}`),
      }
    }
    return found
  }

  async function successfulOf(ids: string[]): Promise<Set<string>> {
    const { applications } = read
    const rows = await read
      .select({ personId: applications.personId, jobCode: applications.jobCode })
      .from(applications)
      .where(and(inArray(applications.personId, ids), eq(inNamed(applications.status), 'successful')))
    return new Set(rows.map(({ personId, jobCode }) => `${personId} ${jobCode}`))
  }
}

/** What of a row is another county's business: where it would send somebody, or take them from. */
export function checkCounties({ county, held }: Found, mine: (county: string) => boolean): Omit<BadRow, 'row'>[] {
  if (county !== undefined && !mine(county))
    return [{ column: 'centre_code', code: 'outside', message: 'this station is not in your counties' }]
  if (held && !mine(held.county))
    return [{ column: 'national_id', code: 'elsewhere', message: 'this person is deployed in another county' }]
  return []
}

async function heldBy(read: Read, ids: string[]) {
  const { deployments } = read
  const rows = await read
    .select({
      id: deployments.id,
      county: deployments.county,
      personId: deployments.personId,
      jobCode: deployments.jobCode,
    })
    .from(deployments)
    .where(inArray(deployments.personId, ids))
  return new Map(rows.map(({ personId, jobCode, ...row }) => [`${personId} ${jobCode}`, row]))
}
