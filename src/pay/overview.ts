import { and, asc, count, desc, eq, gt, inArray, or, type SQL, sum } from 'drizzle-orm'
import type { App } from '../app.ts'
import { inputOf } from '../runs/run.ts'
import type { Read } from '../store/store.ts'
import type { Paylist } from './file.ts'
import { ISSUE_KINDS, type IssueKind } from './findings.ts'
import { type Preparing, prepareRunOf } from './prepare.ts'
import type { Line } from './sum.ts'

/** A list with the county whose stations it is of; null: the whole nation. */
export type KnownList = Paylist & { county: string | null }

/** The lists of some jobs, the newest first. */
export async function listsOf(app: Pick<App, 'store' | 'keyring'>, jobs: readonly string[]): Promise<KnownList[]> {
  const { paylists } = app.store.read
  return known(app, inArray(paylists.jobCode, [...jobs]))
}

export async function findList(app: Pick<App, 'store' | 'keyring'>, id: string): Promise<KnownList | undefined> {
  const [list] = await known(app, eq(app.store.read.paylists.id, id))
  return list
}

/** What a list was asked for stands with the run that writes it. */
async function known({ store: { read }, keyring }: Pick<App, 'store' | 'keyring'>, where: SQL | undefined): Promise<KnownList[]> {
  const { paylists, runs } = read
  const lists = await read.select().from(paylists).where(where).orderBy(desc(paylists.at), asc(paylists.id))
  const ids = lists.map(({ id }) => prepareRunOf(id))
  const asked = ids.length === 0 ? [] : await read.select().from(runs).where(inArray(runs.id, ids))
  const counties = new Map(asked.map((run) => [run.id, inputOf<Preparing>({ keyring }, run).county ?? null]))
  return lists.map((list) => ({ ...list, county: counties.get(prepareRunOf(list.id)) ?? null }))
}

/** Lines of a list after one of them, in the list's order. */
export async function pageOfLines(
  read: Read,
  { list, after, most }: { list: string; after?: readonly [bank: string, id: string] | undefined; most: number },
) {
  const { payLines: l, people } = read
  const past = after && or(gt(l.bank, after[0]), and(eq(l.bank, after[0]), gt(l.id, after[1])))
  return read
    .select({ line: l, name: people.fullName })
    .from(l)
    .innerJoin(people, eq(people.id, l.personId))
    .where(and(eq(l.listId, list), past))
    .orderBy(asc(l.bank), asc(l.id))
    .limit(most)
}

export type Part = { lines: number; totalKes: number }
/** What a list holds, by bank and by what became of its lines. */
export async function partsOf(read: Read, list: string): Promise<{ bank: string; state: Line['state']; part: Part }[]> {
  const { payLines: l } = read
  const rows = await read
    .select({ bank: l.bank, state: l.state, lines: count(), totalKes: sum(l.totalKes) })
    .from(l)
    .where(eq(l.listId, list))
    .groupBy(l.bank, l.state)
  return rows
    .map(({ bank, state, lines, totalKes }) => ({ bank, state, part: { lines: Number(lines), totalKes: Number(totalKes ?? 0) } }))
    .sort((a, b) => (a.bank < b.bank ? -1 : 1))
}

/** Open issues of a job by kind and county, those of the officer only (`where`). */
export async function countIssues(read: Read, job: string, where?: SQL) {
  const { payIssues: i } = read
  const rows = await read
    .select({ kind: i.kind, county: i.county, n: count() })
    .from(i)
    .where(and(eq(i.jobCode, job), eq(i.state, 'open'), where))
    .groupBy(i.kind, i.county)
  return rows
    .filter((row): row is typeof row & { kind: IssueKind } => (ISSUE_KINDS as readonly string[]).includes(row.kind))
    .map(({ n, ...row }) => ({ ...row, n: Number(n) }))
    .sort((a, b) => ISSUE_KINDS.indexOf(a.kind) - ISSUE_KINDS.indexOf(b.kind) || (a.county < b.county ? -1 : 1))
}

/** Open issues of one kind, by county and deployment, after one of them. */
export async function pageOfIssues(
  read: Read,
  which: {
    job: string
    kind: IssueKind
    county?: string | undefined
    where?: SQL | undefined
    after?: readonly [county: string, deployment: string] | undefined
    most: number
  },
) {
  const { payIssues: i, people, deployments, stations } = read
  const { job, kind, county, where, after, most } = which
  const past = after && or(gt(i.county, after[0]), and(eq(i.county, after[0]), gt(i.deploymentId, after[1])))
  return read
    .select({ issue: i, name: people.fullName, station: stations.name })
    .from(i)
    .innerJoin(people, eq(people.id, i.personId))
    .innerJoin(deployments, eq(deployments.id, i.deploymentId))
    .innerJoin(stations, eq(stations.centreCode, deployments.centreCode))
    .where(
      and(
        eq(i.jobCode, job),
        eq(i.state, 'open'),
        eq(i.kind, kind),
        county === undefined ? undefined : eq(i.county, county),
        where,
        past,
      ),
    )
    .orderBy(asc(i.county), asc(i.deploymentId))
    .limit(most)
}

/** How many issues of each job are open, counted up to `most`. */
export async function openIssues(read: Read, jobs: readonly string[], where: SQL | undefined, most: number) {
  const { payIssues: i } = read
  const counted = jobs.map(async (job): Promise<[string, number]> => {
    const rows = read
      .select({ id: i.deploymentId })
      .from(i)
      .where(and(eq(i.jobCode, job), eq(i.state, 'open'), where))
      .limit(most + 1)
      .as('rows')
    const [found] = await read.select({ n: count() }).from(rows)
    return [job, Number(found?.n ?? 0)]
  })
  return new Map(await Promise.all(counted))
}
