import { and, eq, inArray } from 'drizzle-orm'
import type { App } from '../app.ts'
import { rulesOf, type SeriesRules } from '../jobs/rules.ts'
import type { Read, Tx } from '../store/store.ts'
import { type BadRow, type DeploymentRow, type Look, yearOf } from './check.ts'

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
    const stations = await read
      .select({ code: read.stations.centreCode, county: read.stations.county })
      .from(read.stations)
      .where(inArray(read.stations.centreCode, codes))
    const counties = new Map(stations.map(({ code, county }) => [code, county]))
    const typed = await typedWorkstations(ids)
    const served = await servedBy(ids)
    const declared = await read
      .select({ personId: read.declarations.personId, centreCode: read.declarations.centreCode })
      .from(read.declarations)
      .where(inArray(read.declarations.personId, ids))
    const successful = await successfulOf(ids)
    const held = await heldBy(read, ids)

    return rows.map((row): Found => {
      const job = jobs.get(row.job_code)
      const person = byIndex.get(indexOf(row))
      return {
        job,
        rules: (job && rules.get(job.exam)) ?? {},
        // What the council vetted counts; what a person typed fills what the roll leaves open.
        person: person && { id: person.id, status: person.status, workstation: person.workstationCode ?? typed.get(person.id) },
        stationKnown: counties.has(row.centre_code),
        county: counties.get(row.centre_code),
        held: held.get(`${person?.id} ${job?.code}`),
        served: served.filter(({ personId }) => personId === person?.id),
        declared: declared.filter(({ personId }) => personId === person?.id).map(({ centreCode }) => centreCode),
        alreadySuccessful: successful.has(`${person?.id} ${job?.code}`),
      }
    })
  }

  async function typedWorkstations(ids: string[]): Promise<Map<string, string>> {
    const { profileFields } = read
    const rows = await read
      .select()
      .from(profileFields)
      .where(and(inArray(profileFields.personId, ids), eq(profileFields.field, 'workstation_code')))
    return new Map(
      rows.map(({ personId, valueSealed }) => [
        personId,
        keyring.open(`profile_fields.workstation_code:${personId}`, valueSealed),
      ]),
    )
  }

  async function servedBy(ids: string[]) {
    const { deployments, jobs } = read
    const rows = await read
      .select({ personId: deployments.personId, centreCode: deployments.centreCode, startsOn: jobs.startsOn })
      .from(deployments)
      .innerJoin(jobs, eq(jobs.code, deployments.jobCode))
      .where(and(inArray(deployments.personId, ids), inArray(deployments.status, ['released', 'accepted'])))
    return rows.map(({ startsOn, ...where }) => ({ ...where, year: yearOf(startsOn) }))
  }

  async function successfulOf(ids: string[]): Promise<Set<string>> {
    const { applications } = read
    const rows = await read
      .select({ personId: applications.personId, jobCode: applications.jobCode })
      .from(applications)
      .where(and(inArray(applications.personId, ids), eq(applications.status, 'successful')))
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
