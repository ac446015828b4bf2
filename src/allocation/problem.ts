import { createHash } from 'node:crypto'
import { and, asc, eq, gt, or } from 'drizzle-orm'
import type { App } from '../app.ts'
import { yearOf } from '../base/dates.ts'
import type { Position } from '../base/distance.ts'
import { barringCentres, barsAnywhere } from '../deployments/bars.ts'
import { knownOf } from '../deployments/known.ts'
import type { Job } from '../jobs/eligibility.ts'
import { positionsOf, type Station } from '../jobs/hosting.ts'
import { type Need, needsOf, type Uncounted } from '../jobs/needs.ts'
import { type SeriesRules, versionedRules } from '../jobs/rules.ts'
import type { Read } from '../store/store.ts'

/** Somebody who may be assigned. `barred` are centre codes; `sure`: whether the map knows the workstation. */
export type Candidate = {
  id: string
  /** Last word of the name, in capitals. */
  surname: string
  county: string
  subCounty: string
  at: Position
  sure: boolean
  barred: readonly string[]
  /** Only for the reserve list: not chosen as successful. */
  reserve: boolean
}
/** A duty that stands already and is not touched. */
export type Kept = { personId: string; centreCode: string; seat: number; metres: number }

/** All that a plan of one job is made from. */
export type Problem = {
  job: Job
  rules: SeriesRules
  rulesVersion: number
  needs: Need[]
  /** Those who were chosen first come first: by the time of their application. */
  candidates: Candidate[]
  kept: Kept[]
  /** Surnames of the heads, by centre code. */
  heads: ReadonlyMap<string, string>
  /** How many were left out before any choice, and why. */
  leftOut: Record<'suspended' | 'unsuited' | 'busy' | 'answered', number>
  digest: string
}

const CHUNK = 2_000

/** Reads what a plan needs, some thousand rows at a time so that hops go on in between. {@link Uncounted}: no plan can be made. */
export async function readProblem(
  app: Pick<App, 'store' | 'keyring' | 'clock'>,
  code: string,
  onProgress: (people: number) => void = () => undefined,
): Promise<Problem | { refused: 'unknown_job' | Uncounted }> {
  const { read } = app.store
  const [job] = await read.select().from(read.jobs).where(eq(read.jobs.code, code))
  if (!job) return { refused: 'unknown_job' }
  const { rules, version } = await versionedRules(read, job.exam)
  const stations: Station[] = await read.select().from(read.stations).orderBy(asc(read.stations.centreCode))
  const found = needsOf(stations, rules, job)
  if (found.refused) return { refused: found.refused }
  const byCode = new Map(stations.map((station) => [station.centreCode, station]))
  const positions = positionsOf(stations)
  const standing = await standingOf(read, code)
  const leftOut = { suspended: 0, unsuited: 0, busy: 0, answered: 0 }
  const candidates: Candidate[] = []
  const hash = createHash('sha256')
  hash.update(JSON.stringify([job.code, version, found.needs.map(({ station, places }) => [station.centreCode, places])]))
  for await (const rows of applicants(read, code)) {
    const knownAs = await knownOf(
      read,
      app.keyring,
      { job, rules },
      rows.map(({ person }) => person),
    )
    for (const { person, status } of rows) {
      const known = knownAs(person)
      const [bar] = barsAnywhere({ job, rules }, known)
      if (standing.people.has(person.id)) leftOut.answered++
      else if (bar !== undefined) leftOut[bar === 'suspended' || bar === 'busy' ? bar : 'unsuited']++
      else {
        const work = known.workstation === undefined ? undefined : byCode.get(known.workstation)
        const home = { county: person.homeCounty, subCounty: person.homeSubCounty, latitude: null, longitude: null }
        const centres = barringCentres({ year: yearOf(job.startsOn), rules }, known)
        candidates.push({
          id: person.id,
          surname: surnameOf(person.fullName),
          county: work?.county ?? person.homeCounty,
          subCounty: work?.subCounty ?? person.homeSubCounty,
          at: positions(work ?? home),
          sure: work !== undefined && work.latitude !== null && work.longitude !== null,
          barred: [...new Set(centres.map(({ centreCode }) => centreCode))].sort(),
          reserve: status === 'reserve',
        })
      }
    }
    onProgress(candidates.length)
    // Hops have the storage to themselves in between.
    await app.clock.sleep(0)
  }
  for (const { id, at, barred, reserve } of candidates)
    hash.update(`${id} ${at.latitude} ${at.longitude} ${barred.join(',')} ${reserve}\n`)
  hash.update(JSON.stringify(standing.kept))
  const heads = await read.select({ code: read.heads.centreCode, name: read.heads.name }).from(read.heads)
  return {
    job,
    rules,
    rulesVersion: version,
    needs: found.needs,
    candidates,
    kept: standing.kept,
    heads: new Map(heads.map(({ code: centre, name }) => [centre, surnameOf(name)])),
    leftOut,
    digest: hash.digest('base64url'),
  }
}

/** The last word of a name, without marks and in capitals. */
export function surnameOf(name: string): string {
  const words = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toUpperCase()
    .split(/[^A-Z']+/)
    .filter(Boolean)
  return words.at(-1) ?? ''
}

/** Successful ones and then reserves, by the time of their application. */
async function* applicants(read: Read, code: string) {
  const { applications: a, people } = read
  for (const status of ['successful', 'reserve'] as const) {
    let after: { at: number; id: string } | undefined
    for (;;) {
      const rows = await read
        .select({ id: a.id, at: a.at, status: a.status, person: people })
        .from(a)
        .innerJoin(people, eq(people.id, a.personId))
        .where(
          and(
            eq(a.jobCode, code),
            eq(a.status, status),
            after && or(gt(a.at, after.at), and(eq(a.at, after.at), gt(a.id, after.id))),
          ),
        )
        .orderBy(asc(a.at), asc(a.id))
        .limit(CHUNK)
      if (rows.length > 0) yield rows
      const last = rows.at(-1)
      if (!last || rows.length < CHUNK) break
      after = { at: last.at, id: last.id }
    }
  }
}

/** Duties of this job that stay as they are, and everybody who has, or had, one: a plan's own drafts are made anew. */
async function standingOf(read: Read, code: string): Promise<{ kept: Kept[]; people: Set<string> }> {
  const { deployments: d } = read
  const kept: Kept[] = []
  const people = new Set<string>()
  let after = ''
  for (;;) {
    const rows = await read
      .select()
      .from(d)
      .where(and(eq(d.jobCode, code), gt(d.id, after)))
      .orderBy(asc(d.id))
      .limit(CHUNK)
    for (const { personId, centreCode, seat, metres, origin, status, held, letterVersion } of rows) {
      if (status === 'draft' && origin === 'plan' && letterVersion === 0) continue
      people.add(personId)
      if (held !== null && seat !== null) kept.push({ personId, centreCode, seat, metres: metres ?? 0 })
    }
    const last = rows.at(-1)
    if (!last || rows.length < CHUNK) break
    after = last.id
  }
  return { kept: kept.sort((a, b) => (a.personId < b.personId ? -1 : 1)), people }
}
