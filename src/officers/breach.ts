import { and, asc, eq, exists, gt, gte, inArray, lt, not, or, type SQL } from 'drizzle-orm'
import type { App } from '../app.ts'
import type { AuditRow } from '../audit/chain.ts'
import { digestOf, EXPORT_END, PAGE_SEEN, peopleDigest } from '../audit/exported.ts'
import type { Read } from '../store/store.ts'

type Detail = AuditRow['detail']
const UNKNOWN = 'unknown'
const fieldIn = (detail: Detail) => [String(detail?.field ?? UNKNOWN)]
const fieldsIn = (detail: Detail) => String(detail?.fields ?? UNKNOWN).split(' ')

/** What each act showed or took of the person that its row is about. The row of a page or of an export says it, by `fields`. */
const SEEN: Readonly<Record<string, (detail: Detail) => string[]>> = {
  'people.look': () => ['page'],
  'people.reveal': fieldIn,
  'deployments.reveal': fieldIn,
  'attendance.read_dispute': () => ['dispute'],
  'inbox.look': () => ['message'],
  'letters.download': () => ['letter'],
  'people.export': () => ['everything'],
  'people.erase': () => ['erased'],
}
/** What leaves in a file, whose people stand in `exported`. */
const TAKEN = ['applications.export', 'deployments.export', 'notices.export', 'pay.export', 'breach.list'] as const
const AT_ONCE = 1_000

/** `times`: how many acts. Times are milliseconds since 1970. */
export type Affected = { fields: Set<string>; actors: Set<string>; times: number; first: number; last: number }
export type Breach = {
  people: Map<string, Affected>
  /** Acts that name nobody of the roll: a message of an unknown number. */
  nobody: number
  /** Pages and exports whose list was changed, and exports that left none (of an older version): whose data they held cannot be told. */
  doubtful: Begun[]
}

/** Everybody whose data were seen, taken or erased from `from` on and before `to`, by anybody or by some, as the trail tells it. */
export async function breachOf(app: App, { from, to, actors }: { from: number; to: number; actors: string[] }): Promise<Breach> {
  const { read } = app.store
  const breach: Breach = { people: new Map(), nobody: 0, doubtful: [] }
  const by = await actorFilter(read, actors)
  const add = (person: string, fields: readonly string[], { actor, at }: Pick<AuditRow, 'actor' | 'at'>) => {
    const affected = breach.people.get(person) ?? { fields: new Set(), actors: new Set(), times: 0, first: at, last: at }
    for (const field of fields) affected.fields.add(field)
    affected.actors.add(actor)
    affected.times++
    affected.first = Math.min(affected.first, at)
    affected.last = Math.max(affected.last, at)
    breach.people.set(person, affected)
  }
  for (const [action, fieldsOf] of Object.entries(SEEN))
    for await (const rows of actsOf(read, action, from, to))
      for (const row of rows.filter(by)) {
        if (row.outcome !== 'done') continue
        if (row.subject === null) breach.nobody++
        else add(row.subject, fieldsOf(row.detail), row)
      }
  for await (const rows of actsOf(read, PAGE_SEEN, from, to)) {
    const pages = rows.filter(by)
    const lists = await listsOf(read, pages)
    for (const row of pages) {
      const people = lists.get(row.subject) ?? []
      for (const person of people) add(person, fieldsIn(row.detail), row)
      if (digestOf(people) !== row.detail?.digest) breach.doubtful.push(row)
    }
  }
  const exports = await exportsIn(read, from, to)
  for (const action of TAKEN)
    for await (const rows of actsOf(read, action, from, to))
      for (const row of rows.filter(({ outcome }) => outcome === 'done'))
        if (row.subject !== null) exports.set(row.subject, row)
        else if (by(row)) breach.doubtful.push(row)
  for (const [id, row] of exports) {
    if (!by(row) && row.actor !== UNKNOWN) continue
    const { whole, inTime } = await takenIn(read, id, from, to)
    const fields = fieldsIn(row.detail)
    for (const { at, people } of inTime) for (const person of new Set(people)) add(person, fields, { actor: row.actor, at })
    if (!whole || row.actor === UNKNOWN) breach.doubtful.push(row)
  }
  return breach
}

/** A name as the trail has it, what stands before its colon (`link`, `operator`), or an officer's username. */
async function actorFilter(read: Read, actors: readonly string[]): Promise<(row: Pick<AuditRow, 'actor'>) => boolean> {
  if (actors.length === 0) return () => true
  const { officers } = read
  const named = await read
    .select({ id: officers.id })
    .from(officers)
    .where(inArray(officers.username, [...actors]))
  const wanted = [...actors, ...named.map(({ id }) => `officer:${id}`)]
  return ({ actor }) => wanted.some((each) => actor === each || actor.startsWith(`${each}:`))
}

/** The rows of one action in that time, along their index. */
async function* actsOf(read: Read, action: string, from: number, to: number): AsyncGenerator<AuditRow[]> {
  const { audit } = read
  let after: SQL | undefined
  for (;;) {
    const rows = await read
      .select()
      .from(audit)
      .where(and(eq(audit.action, action), gte(audit.at, from), lt(audit.at, to), after))
      .orderBy(asc(audit.at), asc(audit.id))
      .limit(AT_ONCE)
    yield rows
    const last = rows.at(-1)
    if (!last || rows.length < AT_ONCE) return
    after = or(gt(audit.at, last.at), and(eq(audit.at, last.at), gt(audit.id, last.id)))
  }
}

/** Whom each of these pages showed. */
async function listsOf(read: Read, pages: readonly AuditRow[]): Promise<ReadonlyMap<string | null, string[]>> {
  const { exported } = read
  const ids = pages.flatMap(({ subject }) => subject ?? [])
  const lists = await read.select().from(exported).where(inArray(exported.exportId, ids))
  return new Map(lists.map(({ exportId, people }) => [exportId, people]))
}

type Begun = Pick<AuditRow, 'at' | 'actor' | 'action' | 'detail'>

/** Every export of which a part left in that time, beside the row that began it: perhaps before that time. A list that no row names is one too. */
async function exportsIn(read: Read, from: number, to: number): Promise<Map<string, Begun>> {
  const { exported, audit } = read
  const page = read
    .select({ id: audit.id })
    .from(audit)
    .where(and(eq(audit.subject, exported.exportId), eq(audit.action, PAGE_SEEN)))
  const ids = await read
    .select({ id: exported.exportId })
    .from(exported)
    .where(and(gte(exported.at, from), lt(exported.at, to), not(exists(page))))
    .groupBy(exported.exportId)
  const found = new Map<string, Begun>()
  for (const { id } of ids) {
    const rows = await read.select().from(audit).where(eq(audit.subject, id))
    // One whose row was taken out of the trail is listed all the same: by nobody knows whom.
    const begun = rows.find(({ action }) => action !== EXPORT_END)
    found.set(id, begun ?? { at: from, actor: UNKNOWN, action: 'export', detail: null })
  }
  return found
}

/** Whose data left in that time. `whole`: the list is what the trail says that it was, or the file never came to its end. */
async function takenIn(read: Read, id: string, from: number, to: number) {
  const { exported, audit } = read
  const digest = peopleDigest()
  const inTime: { at: number; people: string[] }[] = []
  for (let part = -1; ; ) {
    const rows = await read
      .select()
      .from(exported)
      .where(and(eq(exported.exportId, id), gt(exported.part, part)))
      .orderBy(asc(exported.part))
      .limit(50)
    for (const { at, people } of rows) {
      digest.add(people)
      if (at >= from && at < to) inTime.push({ at, people })
    }
    const last = rows.at(-1)
    if (!last) break
    part = last.part
  }
  const [end] = await read
    .select()
    .from(audit)
    .where(and(eq(audit.subject, id), eq(audit.action, EXPORT_END)))
  return { inTime, whole: end === undefined || end.detail?.digest === digest.end() }
}
