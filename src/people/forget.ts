import { and, asc, eq, gt, gte, inArray, lt, min } from 'drizzle-orm'
import { acting } from '../acting.ts'
import type { Actor } from '../action.ts'
import type { App } from '../app.ts'
import { forgetTrail } from '../audit/chain.ts'
import { DAY, nairobiDay } from '../base/dates.ts'
import { bodyPlace } from '../sms/outbox.ts'
import { BREATH_MS, bySlices } from '../store/slices.ts'
import type { Read, Tx } from '../store/store.ts'
import { dropFiles } from './documents.ts'
import { heldPeople } from './holds.ts'
import { readRetention } from './retention.ts'

/** Rows a unit: hops go on in between. */
const AT_ONCE = 300
const schedule: Actor = { via: 'system', name: 'schedule', signed: false, language: 'en' }

/** Before when a kind is over (milliseconds since 1970), and of whom nothing may be forgotten. */
type Limits = { before: number; held: ReadonlySet<string>; numbers: ReadonlySet<string> }
/** A page of what may be over, after a key; `ids` is what is to be forgotten of it. */
type Page = { ids: string[]; last: string | undefined }
type Kind = {
  /** Each is gone through by itself: a job, a payment list. One empty name where there is no such part. */
  parts(read: Read, limits: Limits): Promise<string[]>
  page(read: Read, limits: Limits, part: string, after: string): Promise<Page>
  forget(tx: Tx, app: App, ids: string[]): Promise<unknown>
  /** Outside the unit, when it is durable. */
  afterwards?(app: App, ids: string[]): Promise<void>
}
type Row = { id: string; keep: boolean }
const pageOf = (rows: readonly Row[]): Page => ({
  ids: rows.flatMap(({ id, keep }) => (keep ? [] : [id])),
  last: rows.length === AT_ONCE ? rows.at(-1)?.id : undefined,
})

const whole = async () => ['']
/** Jobs whose last day was before that. */
async function overJobs(read: Read, { before }: Limits): Promise<string[]> {
  const { jobs } = read
  const rows = await read
    .select({ code: jobs.code })
    .from(jobs)
    .where(lt(jobs.endsOn, nairobiDay(before)))
  return rows.map(({ code }) => code)
}
/** The seal of an empty text: between nonce and tag stands nothing. */
const isEmpty = (sealed: string) => sealed.includes('..')

const KINDS = {
  received: {
    parts: whole,
    async page(read, { before, numbers }, _, after) {
      const { inbound: t } = read
      const rows = await read.select().from(t).where(gt(t.id, after)).orderBy(asc(t.id)).limit(AT_ONCE)
      return pageOf(
        rows.map(({ id, at, msisdn, bodySealed }) => ({ id, keep: at >= before || numbers.has(msisdn) || isEmpty(bodySealed) })),
      )
    },
    async forget(tx, { keyring }, ids) {
      const { inbound: t } = tx
      for (const id of ids)
        await tx
          .update(t)
          .set({ bodySealed: keyring.seal(`inbound.body:${id}`, '') })
          .where(eq(t.id, id))
    },
  },
  sent: {
    parts: whole,
    async page(read, { before, held, numbers }, _, after) {
      const { outbox: t } = read
      const rows = await read.select().from(t).where(gt(t.id, after)).orderBy(asc(t.id)).limit(AT_ONCE)
      const over = ['delivered', 'unreported', 'failed', 'expired']
      return pageOf(
        rows.map(({ id, changedAt, msisdn, personId, status, bodySealed }) => ({
          id,
          keep:
            changedAt >= before ||
            !over.includes(status) ||
            numbers.has(msisdn) ||
            held.has(personId ?? '') ||
            isEmpty(bodySealed),
        })),
      )
    },
    async forget(tx, { keyring }, ids) {
      const { outbox: t } = tx
      for (const id of ids)
        await tx
          .update(t)
          .set({ bodySealed: keyring.seal(bodyPlace(id), '') })
          .where(eq(t.id, id))
    },
  },
  applications: {
    parts: overJobs,
    async page(read, { held }, job, after) {
      const { applications: t } = read
      const rows = await read
        .select({ id: t.id, personId: t.personId })
        .from(t)
        .where(and(eq(t.jobCode, job), gt(t.id, after)))
        .orderBy(asc(t.id))
        .limit(AT_ONCE)
      return pageOf(rows.map(({ id, personId }) => ({ id, keep: held.has(personId) })))
    },
    forget: (tx, _, ids) => tx.delete(tx.applications).where(inArray(tx.applications.id, ids)),
  },
  letters: {
    parts: overJobs,
    async page(read, { held }, job, after) {
      const { deployments: t, letters } = read
      const rows = await read
        .select({ id: t.id, personId: t.personId })
        .from(t)
        .innerJoin(letters, eq(letters.deploymentId, t.id))
        .where(and(eq(t.jobCode, job), gt(t.id, after)))
        .groupBy(t.id, t.personId)
        .orderBy(asc(t.id))
        .limit(AT_ONCE)
      return pageOf(rows.map(({ id, personId }) => ({ id, keep: held.has(personId) })))
    },
    async forget(tx, _, ids) {
      const { links, letters, deployments, attendance } = tx
      const theirs = tx.select({ id: letters.id }).from(letters).where(inArray(letters.deploymentId, ids))
      await tx.delete(links).where(inArray(links.letterId, theirs))
      await tx.delete(letters).where(inArray(letters.deploymentId, ids))
      await tx.update(deployments).set({ reasonSealed: null }).where(inArray(deployments.id, ids))
      await tx.update(attendance).set({ disputeSealed: null }).where(inArray(attendance.deploymentId, ids))
    },
  },
  payments: {
    async parts(read, { before }) {
      const { paylists } = read
      const rows = await read.select({ id: paylists.id }).from(paylists).where(lt(paylists.changedAt, before))
      return rows.map(({ id }) => id)
    },
    async page(read, { before, held }, list, after) {
      const { payLines: t } = read
      const rows = await read
        .select({ id: t.id, personId: t.personId, state: t.state, changedAt: t.changedAt })
        .from(t)
        .where(and(eq(t.listId, list), gt(t.id, after)))
        .orderBy(asc(t.id))
        .limit(AT_ONCE)
      const under = ['prepared', 'approved', 'sent']
      return pageOf(
        rows.map(({ id, personId, state, changedAt }) => ({
          id,
          keep: held.has(personId) || under.includes(state) || changedAt >= before,
        })),
      )
    },
    forget: (tx, _, ids) => tx.delete(tx.payLines).where(inArray(tx.payLines.id, ids)),
  },
  documents: {
    parts: whole,
    async page(read, { before, held }, _, after) {
      const { documents: t } = read
      const rows = await read.select().from(t).where(gt(t.id, after)).orderBy(asc(t.id)).limit(AT_ONCE)
      const old = rows.filter(({ at, personId }) => at < before && !held.has(personId))
      const busy = await stillBusy(
        read,
        old.map(({ personId }) => personId),
        before,
      )
      const over = new Set(old.flatMap(({ id, personId }) => (busy.has(personId) ? [] : [id])))
      return pageOf(rows.map(({ id }) => ({ id, keep: !over.has(id) })))
    },
    forget: (tx, _, ids) => tx.delete(tx.documents).where(inArray(tx.documents.id, ids)),
    afterwards: (app, ids) => dropFiles(app, ids),
  },
} satisfies Record<string, Kind>

/** Who of these applied for, or serves in, a job that is not over so long. */
async function stillBusy(read: Read, people: string[], before: number): Promise<Set<string>> {
  if (people.length === 0) return new Set()
  const { jobs } = read
  const busy = new Set<string>()
  for (const t of [read.applications, read.deployments] as const) {
    const rows = await read
      .select({ id: t.personId })
      .from(t)
      .innerJoin(jobs, eq(jobs.code, t.jobCode))
      .where(and(inArray(t.personId, people), gte(jobs.endsOn, nairobiDay(before))))
    for (const { id } of rows) busy.add(id)
  }
  return busy
}

/**
 * Forgets what the schedule says is kept no longer, some rows a unit, with one row in the trail that counts them; then overwrites what the
 * storage still holds of it. Of people under a legal hold nothing is forgotten, and the trail not beyond the first row about one of them.
 */
export async function forgetWhatIsOver(app: App): Promise<Record<string, number>> {
  const { read } = app.store
  const kept = readRetention(app.config)
  const held = await heldPeople(read)
  const limits = { held, numbers: await heldNumbers(read, held) }
  const since = (kind: keyof typeof kept) => app.clock.now() - kept[kind].days * DAY
  const counts: Record<string, number> = {}
  for (const [name, kind] of Object.entries(KINDS) as [keyof typeof KINDS, Kind][])
    counts[name] = await forgetKind(app, kind, { ...limits, before: since(name) })
  counts.audit = await forgetAudit(app, since('audit'), held)
  await acting(app, schedule, 'retention.forget', 'retention', async () => [undefined, { outcome: 'done', detail: counts }])
  await app.store.scrub()
  return counts
}

async function forgetKind(app: App, kind: Kind, limits: Limits): Promise<number> {
  let gone = 0
  for (const part of await kind.parts(app.store.read, limits))
    for (let after: string | undefined = ''; after !== undefined; ) {
      const { ids, last }: Page = await kind.page(app.store.read, limits, part, after)
      if (ids.length > 0 && (await forgetSome(app, kind, limits, ids))) gone += ids.length
      await app.clock.sleep(BREATH_MS)
      after = last
    }
  return gone
}

/** One page in one unit; not where somebody was put under a hold since it was read: the next night comes back to it. */
async function forgetSome(app: App, kind: Kind, { held }: Limits, ids: string[]): Promise<boolean> {
  const done = await app.store.work('retention', async (tx) => {
    if ([...(await heldPeople(tx))].some((person) => !held.has(person))) return false
    await kind.forget(tx, app, ids)
    return true
  })
  if (done) await kind.afterwards?.(app, ids)
  return done
}

/** The numbers of people under a hold: by these their messages and calls are known. */
export async function heldNumbers(read: Read, held: ReadonlySet<string>): Promise<Set<string>> {
  if (held.size === 0) return new Set()
  const { people, accounts } = read
  const rolls = await read
    .select({ n: people.msisdn })
    .from(people)
    .where(inArray(people.id, [...held]))
  const own = await read
    .select({ n: accounts.msisdn })
    .from(accounts)
    .where(inArray(accounts.personId, [...held]))
  return new Set([...rolls, ...own].map(({ n }) => n))
}

async function forgetAudit(app: App, since: number, held: ReadonlySet<string>): Promise<number> {
  const { read } = app.store
  const { audit } = read
  const [theirs] =
    held.size === 0
      ? []
      : await read
          .select({ at: min(audit.at) })
          .from(audit)
          .where(inArray(audit.subject, [...held]))
  const before = Math.min(since, theirs?.at ?? since)
  return bySlices(app, 'audit:chain', AT_ONCE, async (tx) => {
    const old = tx.select({ id: tx.exported.exportId }).from(tx.exported).where(lt(tx.exported.at, before)).limit(AT_ONCE)
    await tx.delete(tx.exported).where(and(inArray(tx.exported.exportId, old), lt(tx.exported.at, before)))
    return forgetTrail(tx, app.keyring, before, AT_ONCE)
  })
}
