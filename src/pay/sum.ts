import { createHash } from 'node:crypto'
import { and, asc, eq, gt } from 'drizzle-orm'
import type { Keyring } from '../security/keyring.ts'
import type { Read, Tx } from '../store/store.ts'
import { type Payee, payeePlace } from './payee.ts'

export type Line = Tx['payLines']['$inferSelect']
const A_PART = 500

export const openPayee = (keyring: Pick<Keyring, 'open'>, { id, payeeSealed }: Pick<Line, 'id' | 'payeeSealed'>): Payee =>
  JSON.parse(keyring.open(payeePlace(id), payeeSealed)) as Payee

/** The lines of a list in its own order, by bank and then by id, some at a time; each part is of one bank. */
export async function* linesOf(read: Pick<Read, 'select' | 'payLines'>, list: string): AsyncGenerator<Line[]> {
  const { payLines: l } = read
  const banks = await read.select({ bank: l.bank }).from(l).where(eq(l.listId, list)).groupBy(l.bank)
  for (const bank of banks.map((each) => each.bank).sort())
    for (let after = ''; ; ) {
      const rows = await read
        .select()
        .from(l)
        .where(and(eq(l.listId, list), eq(l.bank, bank), gt(l.id, after)))
        .orderBy(asc(l.id))
        .limit(A_PART)
      if (rows.length > 0) yield rows
      if (rows.length < A_PART) break
      after = rows.at(-1)?.id ?? ''
    }
}

/** `controlSum` is SHA-256, in hex, over `id,bank,account,total` of every line in the list's order, each ended by a line feed. */
export type Sums = { lines: number; totalKes: number; controlSum: string }

/** Counted anew from the lines as they stand. */
export async function sumsOf(
  read: Pick<Read, 'select' | 'payLines'>,
  keyring: Pick<Keyring, 'open'>,
  list: string,
): Promise<Sums> {
  const hash = createHash('sha256')
  let lines = 0
  let totalKes = 0
  for await (const rows of linesOf(read, list))
    for (const row of rows) {
      hash.update(`${row.id},${row.bank},${openPayee(keyring, row).account},${row.totalKes}\n`)
      lines++
      totalKes += row.totalKes
    }
  return { lines, totalKes, controlSum: hash.digest('hex') }
}
