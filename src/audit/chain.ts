import { appendFile, open } from 'node:fs/promises'
import { join } from 'node:path'
import { and, asc, count, desc, eq, gt, inArray, isNull, lt, lte } from 'drizzle-orm'
import type { App } from '../app.ts'
import { MINUTE } from '../base/dates.ts'
import { once, type Read, type Tx } from '../store/store.ts'

export type AuditRow = Tx['audit']['$inferSelect']
type Parts = Pick<App, 'store' | 'keyring' | 'clock' | 'config'>

/** Rows younger than this may still be followed by one that is older: a unit takes its time when it begins. */
const SETTLE_MS = 5_000
/** No unit takes longer than this; a row that is older and was never linked was put there by other hands. */
const LATEST_MS = 10 * MINUTE
const AT_ONCE = 500
const NOTHING = ''

/** A row as it is signed: the same on every engine. */
const written = ({ id, at, actor, via, action, subject, outcome, detail }: AuditRow): string =>
  JSON.stringify([
    id,
    at,
    actor,
    via,
    action,
    subject,
    outcome,
    detail && Object.entries(detail).sort(([a], [b]) => (a < b ? -1 : 1)),
  ])

const signed = (n: number, before: string, row: AuditRow) => `${n}\n${before}\n${written(row)}`
// With the key that never changes for a database: a key of SECRET_KEYS goes one day, and the trail is to be checked for ever.
const macOf = (keyring: App['keyring'], text: string): string => keyring.digest('audit', text)
/** Older trails were linked with the keys of SECRET_KEYS. */
const isMac = (keyring: App['keyring'], text: string, mac: string): boolean =>
  macOf(keyring, text) === mac || keyring.signatures('audit', text).some((each) => each.toString('base64url') === mac)

/** The file in which the ends of the chain are written down, outside the database. */
export const anchorAt = ({ config }: Pick<App, 'config'>) => join(config.dataFolder, 'audit.anchor')

/**
 * Links what is new in the trail, each row to the one before by a MAC whose key is not in the database, and writes the end of the chain
 * into a file beside it: what is altered, taken out or cut off shows. Gives how many were linked.
 */
export async function linkTrail(app: Parts): Promise<number> {
  let linked = 0
  for (;;) {
    const some = await app.store.work('audit:chain', (tx) => linkSome(app, tx))
    linked += some.rows
    if (some.rows < AT_ONCE) {
      if (linked > 0 && some.end) await appendFile(anchorAt(app), `${JSON.stringify(some.end)}\n`, { mode: 0o600 })
      return linked
    }
  }
}

async function linkSome({ keyring, clock }: Parts, tx: Tx) {
  const { audit, auditChain } = tx
  const now = clock.now()
  const [end] = await tx
    .select({ n: auditChain.n, mac: auditChain.mac, at: audit.at })
    .from(auditChain)
    .leftJoin(audit, eq(audit.id, auditChain.auditId))
    .orderBy(desc(auditChain.n))
    .limit(1)
  const rows = await tx
    .select({ row: audit })
    .from(audit)
    .leftJoin(auditChain, eq(auditChain.auditId, audit.id))
    .where(
      and(lte(audit.at, now - SETTLE_MS), end?.at == null ? undefined : gt(audit.at, end.at - LATEST_MS), isNull(auditChain.n)),
    )
    .orderBy(asc(audit.at), asc(audit.id))
    .limit(AT_ONCE)
  let n = end?.n ?? 0
  let mac = end?.mac ?? NOTHING
  for (const { row } of rows) {
    mac = macOf(keyring, signed(++n, mac, row))
    await link(tx, { n, auditId: row.id, mac })
  }
  return { rows: rows.length, end: n > 0 ? { n, mac, at: now } : undefined }
}

const link = once<{ n: number; auditId: string; mac: string }, unknown>('link', (tx, hole) =>
  tx.insert(tx.auditChain).values({ n: hole.n, auditId: hole.auditId, mac: hole.mac }),
)

/** What is wrong with the trail. `altered`, `missing`: of the link with number `n`; `cut`: the chain ends before it; `unlinked`: so many rows were put in by other hands. */
export type Broken = { fault: 'altered' | 'missing' | 'cut' | 'unlinked'; n: number }

/** Checks the links after number `from`, at most `most`. `next`: the number to go on from; undefined when that was all. */
export async function checkLinks(
  read: Read,
  keyring: App['keyring'],
  from: number,
  most: number,
): Promise<{ checked: number; next?: number; broken?: Broken }> {
  const { audit, auditChain } = read
  const floor = await floorOf(read, keyring)
  const begin = Math.max(from, floor.n)
  const [before] =
    begin === floor.n ? [floor] : await read.select({ mac: auditChain.mac }).from(auditChain).where(eq(auditChain.n, begin))
  const rows = await read
    .select({ link: auditChain, row: audit })
    .from(auditChain)
    .leftJoin(audit, eq(audit.id, auditChain.auditId))
    .where(gt(auditChain.n, begin))
    .orderBy(asc(auditChain.n))
    .limit(most)
  let mac = before?.mac ?? NOTHING
  let n = begin
  for (const { link, row } of rows) {
    if (link.n !== ++n || !row) return { checked: n - begin, broken: { fault: 'missing', n } }
    if (!isMac(keyring, signed(n, mac, row), link.mac)) return { checked: n - begin, broken: { fault: 'altered', n } }
    mac = link.mac
  }
  return { checked: rows.length, ...(rows.length === most ? { next: n } : {}) }
}

/** What only the whole can show: that its end was cut off, even where the service linked on after that, and rows that no link names. */
export async function checkEnd(app: Parts): Promise<Broken | undefined> {
  const { read } = app.store
  const { auditChain } = read
  const floor = await floorOf(read, app.keyring)
  const anchors = await anchorsOf(app)
  // Every anchor, not only the last: that one was written by ourselves after whatever was done before.
  for (let from = 0; from < anchors.length; from += AT_ONCE) {
    const some = anchors.slice(from, from + AT_ONCE)
    const numbers = some.map(({ n }) => n)
    const links = await read.select().from(auditChain).where(inArray(auditChain.n, numbers))
    const held = new Map(links.map(({ n, mac }) => [n, mac]))
    const gone = some.find(({ n, mac }) => n > floor.n && held.get(n) !== mac)
    if (!gone) continue
    const [end] = await read.select({ n: auditChain.n }).from(auditChain).orderBy(desc(auditChain.n)).limit(1)
    return { fault: 'cut', n: Math.min(gone.n, (end?.n ?? 0) + 1) }
  }
  const strangers = await strangersOf(read, AT_ONCE)
  return strangers.length > 0 ? { fault: 'unlinked', n: strangers.length } : undefined
}

/** Rows that no link names and none ever will: older than what is linked already. What is younger only waits for its minute. */
export async function strangersOf(read: Read, most: number): Promise<AuditRow[]> {
  const { audit, auditChain } = read
  const [end] = await read
    .select({ at: audit.at })
    .from(auditChain)
    .innerJoin(audit, eq(audit.id, auditChain.auditId))
    .orderBy(desc(auditChain.n))
    .limit(1)
  if (!end) return []
  const rows = await read
    .select({ row: audit })
    .from(audit)
    .leftJoin(auditChain, eq(auditChain.auditId, audit.id))
    .where(and(lt(audit.at, end.at - LATEST_MS), isNull(auditChain.n)))
    .orderBy(asc(audit.at))
    .limit(most)
  return rows.map(({ row }) => row)
}

/** How many rows are not linked yet. */
export async function waitingFor({ store: { read } }: Parts): Promise<number> {
  const { audit, auditChain } = read
  const [row] = await read
    .select({ n: count() })
    .from(audit)
    .leftJoin(auditChain, eq(auditChain.auditId, audit.id))
    .where(isNull(auditChain.n))
  return row?.n ?? 0
}

export type Anchor = { n: number; mac: string; at: number; restored?: true }

/** Every end of the chain that was written down outside the database, the oldest first. What a restore left behind it is another history. */
async function anchorsOf(parts: Pick<App, 'config'>): Promise<Anchor[]> {
  const file = await open(anchorAt(parts)).catch((reason: NodeJS.ErrnoException) => {
    if (reason.code === 'ENOENT') return undefined
    throw reason
  })
  const anchors: Anchor[] = []
  if (!file) return anchors
  for await (const line of file.readLines()) {
    if (line === '') continue
    const anchor = JSON.parse(line) as Anchor
    while (anchor.restored && (anchors.at(-1)?.n ?? 0) > anchor.n) anchors.pop()
    anchors.push(anchor)
  }
  return anchors
}

/** The newest of them. */
export const lastAnchor = async (parts: Pick<App, 'config'>): Promise<Anchor | undefined> => (await anchorsOf(parts)).at(-1)

const FLOOR = 'audit.floor'
type Floor = { n: number; mac: string }
const floorText = ({ n, mac }: Floor) => `floor\n${n}\n${mac}`

/** The last link that was forgotten because its time was over: the chain goes on after it. One that we did not sign is none. */
async function floorOf(read: Read, keyring: App['keyring']): Promise<Floor> {
  const [kept] = await read.select().from(read.facts).where(eq(read.facts.name, FLOOR))
  if (!kept) return { n: 0, mac: NOTHING }
  const { sign, ...floor } = JSON.parse(kept.value) as Floor & { sign: string }
  return isMac(keyring, floorText(floor), sign) ? floor : { n: 0, mac: NOTHING }
}

/**
 * Forgets the oldest rows, those from before `before` (milliseconds since 1970), at most `most`, in the unit that is open; the newest link
 * always stays. Where the chain begins from then on is written down and signed, so that a beginning cut off by others still shows.
 */
export async function forgetTrail(tx: Tx, keyring: App['keyring'], before: number, most: number): Promise<number> {
  const { audit, auditChain, facts } = tx
  const floor = await floorOf(tx, keyring)
  const links = await tx
    .select({ n: auditChain.n, mac: auditChain.mac, id: auditChain.auditId, at: audit.at })
    .from(auditChain)
    .innerJoin(audit, eq(audit.id, auditChain.auditId))
    .where(gt(auditChain.n, floor.n))
    .orderBy(asc(auditChain.n))
    .limit(most + 1)
  const young = links.findIndex(({ at }) => at >= before)
  const old = links.slice(0, Math.min(young === -1 ? most : young, links.length - 1))
  const last = old.at(-1)
  if (!last) return 0
  const ids = old.map(({ id }) => id)
  await tx.delete(auditChain).where(inArray(auditChain.auditId, ids))
  await tx.delete(audit).where(inArray(audit.id, ids))
  const { n, mac } = last
  const value = JSON.stringify({ n, mac, sign: macOf(keyring, floorText({ n, mac })) })
  await tx.insert(facts).values({ name: FLOOR, value }).onConflictDoUpdate({ target: facts.name, set: { value } })
  return old.length
}
