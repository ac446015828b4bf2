import { and, asc, eq, gt, isNotNull, notLike, or } from 'drizzle-orm'
import type { Tables } from '../store/schema.ts'
import type { Read, Tx } from '../store/store.ts'

/** A column of sealed texts: what its rows are found by, and where each is sealed for. */
type Sealed = {
  table: keyof Tables
  column: string
  keys: readonly [string] | readonly [string, string]
  place(a: string, b: string): string
}

/** Every column of the schema that is called `…Sealed`, and the place that whoever seals it names. What lives for hours only stands last. */
export const SEALED: readonly Sealed[] = [
  { table: 'people', column: 'nationalIdSealed', keys: ['id'], place: (id) => `people.national_id:${id}` },
  { table: 'people', column: 'tscNumberSealed', keys: ['id'], place: (id) => `people.tsc_number:${id}` },
  { table: 'people', column: 'kraPinSealed', keys: ['id'], place: (id) => `people.kra_pin:${id}` },
  {
    table: 'profileFields',
    column: 'valueSealed',
    keys: ['personId', 'field'],
    place: (person, field) => `profile_fields.${field}:${person}`,
  },
  { table: 'deployments', column: 'reasonSealed', keys: ['id'], place: (id) => `deployments.reason:${id}` },
  { table: 'letters', column: 'factsSealed', keys: ['id'], place: (id) => `letters.facts:${id}` },
  { table: 'payLines', column: 'payeeSealed', keys: ['id'], place: (id) => `pay_lines.payee:${id}` },
  {
    table: 'attendance',
    column: 'disputeSealed',
    keys: ['deploymentId', 'day'],
    place: (deployment, day) => `attendance.dispute:${deployment}:${day}`,
  },
  { table: 'officers', column: 'totpSealed', keys: ['id'], place: (id) => `officers.totp:${id}` },
  { table: 'orders', column: 'inputSealed', keys: ['id'], place: (id) => `orders.input:${id}` },
  { table: 'legalHolds', column: 'reasonSealed', keys: ['id'], place: (id) => `legal_holds.reason:${id}` },
  { table: 'runs', column: 'inputSealed', keys: ['id'], place: (id) => `runs.input:${id}` },
  { table: 'inbound', column: 'bodySealed', keys: ['id'], place: (id) => `inbound.body:${id}` },
  { table: 'outbox', column: 'bodySealed', keys: ['id'], place: (id) => `outbox.body:${id}` },
  { table: 'sessions', column: 'stateSealed', keys: ['id'], place: (id) => `sessions.state:${id}` },
  {
    table: 'hops',
    column: 'replySealed',
    keys: ['sessionId', 'digest'],
    place: (session, digest) => `hops.reply:${session}:${digest}`,
  },
]

// One way through all tables: their types differ, their columns are those named above.
type AnyTable = Tables['facts'] & Record<string, Tables['facts']['value']>

/** A sealed text, the keys of its row (the second empty where there is one only), and where it is sealed for. */
export type SealedRow = { a: string; b: string; sealed: string; place: string }

/** The rows after `after` whose text was not sealed with the key `newest`, in the order of their keys. */
export async function rowsToReseal(
  from: Read,
  { table, column, keys, place }: Sealed,
  newest: string,
  after: readonly [string, string] | undefined,
  most: number,
): Promise<SealedRow[]> {
  const t = from[table] as unknown as AnyTable
  const [a, b] = keys.map((name) => t[name]) as [AnyTable[string], AnyTable[string] | undefined]
  const text = t[column] as AnyTable[string]
  const later = after && (b ? or(gt(a, after[0]), and(eq(a, after[0]), gt(b, after[1]))) : gt(a, after[0]))
  const rows = await from
    .select({ a, b: b ?? a, sealed: text })
    .from(t)
    .where(and(later, isNotNull(text), notLike(text, `v1.${newest}.%`)))
    .orderBy(asc(a), ...(b ? [asc(b)] : []))
    .limit(most)
  return rows.map((row) => ({ ...row, b: b ? row.b : '', place: place(row.a, row.b) }))
}

/** Puts the new text in the place of the old one; whoever changed it meanwhile sealed it with the newest key by that. */
export async function putSealed(tx: Tx, { table, column, keys }: Sealed, row: SealedRow, sealed: string): Promise<boolean> {
  const t = tx[table] as unknown as AnyTable
  const [a, b] = keys.map((name) => t[name]) as [AnyTable[string], AnyTable[string] | undefined]
  const put = await tx
    .update(t)
    .set({ [column]: sealed })
    .where(and(eq(a, row.a), b ? eq(b, row.b) : undefined, eq(t[column] as AnyTable[string], row.sealed)))
    .returning({ a })
  return put.length > 0
}
