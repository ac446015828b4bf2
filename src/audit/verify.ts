import { eq } from 'drizzle-orm'
import type { App } from '../app.ts'
import { type Broken, checkEnd, checkLinks, lastAnchor, strangersOf, waitingFor } from './chain.ts'

const AT_ONCE = 1_000

/** What is wrong, and with which row where it can be named: `n` is its number in the chain; of rows put in by other hands it is how many. */
export type Named = Broken & { id?: string; at?: number; action?: string }
/** `anchored`: the newest number that stands outside the database too. `waiting`: rows too young to be linked. */
export type Verdict = { checked: number; anchored: number; waiting: number; broken?: Named }

/** Goes through the whole trail and gives the first thing that is wrong with it. Writes nothing. */
export async function verifyTrail(app: App, seen: (checked: number) => void = () => undefined): Promise<Verdict> {
  const { read } = app.store
  let checked = 0
  let broken: Broken | undefined
  for (let from: number | undefined = 0; from !== undefined && !broken; ) {
    const part: Awaited<ReturnType<typeof checkLinks>> = await checkLinks(read, app.keyring, from, AT_ONCE)
    checked += part.checked
    seen(checked)
    broken = part.broken
    from = part.next
  }
  broken ??= await checkEnd(app)
  const anchored = (await lastAnchor(app))?.n ?? 0
  const verdict = { checked, anchored, waiting: await waitingFor(app) }
  return broken ? { ...verdict, broken: { ...broken, ...(await rowOf(app, broken)) } } : verdict
}

/** What is still known of the row: of one that was taken out perhaps only its id. */
async function rowOf({ store: { read } }: App, { fault, n }: Broken): Promise<Partial<Named>> {
  if (fault === 'unlinked') {
    const [row] = await strangersOf(read, 1)
    return row ? { id: row.id, at: row.at, action: row.action } : {}
  }
  const { audit, auditChain } = read
  const [found] = await read
    .select({ link: auditChain, row: audit })
    .from(auditChain)
    .leftJoin(audit, eq(audit.id, auditChain.auditId))
    .where(eq(auditChain.n, n))
  if (!found) return {}
  return { id: found.link.auditId, ...(found.row ? { at: found.row.at, action: found.row.action } : {}) }
}
