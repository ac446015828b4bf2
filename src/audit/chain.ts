import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { and, asc, desc, eq, gt, inArray, isNull, lt, lte } from 'drizzle-orm'
import type { App } from '../app.ts'
import { MINUTE } from '../base/dates.ts'
import type { Read, Tx } from '../store/store.ts'

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
    mac = keyring.sign('audit', signed(++n, mac, row)).toString('base64url')
    await tx.insert(auditChain).values({ n, auditId: row.id, mac })
  }
  return { rows: rows.length, end: n > 0 ? { n, mac, at: now } : undefined }
}

/** What is wrong with the trail. `altered`, `missing`: of the link with number `n`; `cut`: the first that was cut off, or where others stand since, the first anchor that is not met; `unlinked`: so many rows were put in by other hands. */
export type Broken = { fault: 'altered' | 'missing' | 'cut' | 'unlinked'; n: number }

/** Checks the links after number `from`, at most `most`. `next`: the number to go on from; undefined when that was all. */
export async function checkLinks(
  read: Read,
  keyring: App['keyring'],
  from: number,
  most: number,
): Promise<{ checked: number; next?: number; broken?: Broken }> {
  const { audit, auditChain } = read
  const [before] = await read.select({ mac: auditChain.mac }).from(auditChain).where(eq(auditChain.n, from))
  const rows = await read
    .select({ link: auditChain, row: audit })
    .from(auditChain)
    .leftJoin(audit, eq(audit.id, auditChain.auditId))
    .where(gt(auditChain.n, from))
    .orderBy(asc(auditChain.n))
    .limit(most)
  let mac = before?.mac ?? NOTHING
  let n = from
  for (const { link, row } of rows) {
    if (link.n !== ++n) return { checked: n - from, broken: { fault: 'missing', n } }
    if (!row) return { checked: n - from, broken: { fault: 'missing', n } }
    const right = keyring.signatures('audit', signed(n, mac, row)).some((each) => each.toString('base64url') === link.mac)
    if (!right) return { checked: n - from, broken: { fault: 'altered', n } }
    mac = link.mac
  }
  return { checked: rows.length, ...(rows.length === most ? { next: n } : {}) }
}

/** What only the whole can show: that the end was cut off, also where the chain has grown again since, and rows that no link names. */
export async function checkEnd(app: Parts): Promise<Broken | undefined> {
  const { read } = app.store
  const { audit, auditChain } = read
  const anchors = await anchorsOf(app)
  // Every anchor, not only the last: that one was written by ourselves after whatever was done before.
  for (let from = 0; from < anchors.length; from += AT_ONCE) {
    const some = anchors.slice(from, from + AT_ONCE)
    const numbers = some.map(({ n }) => n)
    const standing = await read.select().from(auditChain).where(inArray(auditChain.n, numbers))
    const macs = new Map(standing.map(({ n, mac }) => [n, mac]))
    const first = some.find(({ n, mac }) => macs.get(n) !== mac)
    if (!first) continue
    const [end] = await read.select({ n: auditChain.n }).from(auditChain).orderBy(desc(auditChain.n)).limit(1)
    return { fault: 'cut', n: Math.min(first.n, (end?.n ?? 0) + 1) }
  }
  const strangers = await read
    .select({ id: audit.id })
    .from(audit)
    .leftJoin(auditChain, eq(auditChain.auditId, audit.id))
    .where(and(lt(audit.at, app.clock.now() - LATEST_MS), isNull(auditChain.n)))
    .limit(AT_ONCE)
  return strangers.length > 0 ? { fault: 'unlinked', n: strangers.length } : undefined
}

type Anchor = { n: number; mac: string; at: number; restored?: true }

/** The newest end of the chain that was written down outside the database. */
export const lastAnchor = async (parts: Pick<App, 'config'>): Promise<Anchor | undefined> => (await anchorsOf(parts)).at(-1)

/** All of them, the oldest first. What a restore left behind it is another history: its anchors say nothing of this one. */
async function anchorsOf(parts: Pick<App, 'config'>): Promise<Anchor[]> {
  const text = await readFile(anchorAt(parts), 'utf8').catch((reason: NodeJS.ErrnoException) => {
    if (reason.code === 'ENOENT') return ''
    throw reason
  })
  const anchors: Anchor[] = []
  for (const line of text.split('\n').filter(Boolean)) {
    const anchor = JSON.parse(line) as Anchor
    while (anchor.restored && (anchors.at(-1)?.n ?? 0) > anchor.n) anchors.pop()
    anchors.push(anchor)
  }
  return anchors
}
