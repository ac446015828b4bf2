import { eq, inArray } from 'drizzle-orm'
import { z } from 'zod'
import type { Tools } from '../app.ts'
import { readMsisdn } from '../base/msisdn.ts'
import type { Tx } from '../store/store.ts'
import { nationalId } from './formats.ts'
import { type Named, writeNames } from './name-words.ts'

const optional = (schema: z.ZodType<string>) => z.preprocess((value) => (value === '' ? undefined : value), schema.optional())
const text = z.string().trim().min(1, 'must not be empty').max(120, 'is too long')

/** One row of roll.csv, the council's list of vetted people; see README, 'Files'. */
export const rollRow = z.strictObject({
  national_id: z.string().transform((value, context) => {
    const read = nationalId.read(value)
    if (read === undefined) context.addIssue('expected 7 or 8 digits (or the 14 of a Maisha Namba), e.g. 12345678')
    return read ?? ''
  }),
  full_name: text,
  phone: z.string().transform((value, context) => {
    const read = readMsisdn(value)
    if (read === undefined) context.addIssue('expected a Kenyan mobile number, e.g. 0712345678')
    return read ?? ''
  }),
  tsc_number: optional(z.string().regex(/^[A-Za-z0-9/-]{1,14}$/, 'expected 4 to 8 digits, e.g. 123456')),
  kra_pin: optional(z.string().regex(/^A\d{9}[A-Z]$/, 'expected A, 9 digits and a letter, e.g. A001234567Z')),
  qualification: z.enum(
    ['certificate', 'diploma', 'degree', 'postgraduate'],
    'expected certificate, diploma, degree or postgraduate',
  ),
  subjects: z.string().transform((value) =>
    value
      .split(';')
      .map((subject) => subject.trim().toLowerCase())
      .filter(Boolean),
  ),
  home_county: text,
  home_sub_county: text,
  workstation_code: optional(z.string().regex(/^\d{8}$/, 'expected 8 digits, e.g. 20401001')),
  status: z.enum(['vetted', 'suspended'], 'expected vetted or suspended'),
})
export type RollRow = z.infer<typeof rollRow>

/** An officer's part of the applications follows the people whose county changed. */
async function moved(tx: Tx, before: Place, { homeCounty: county, homeSubCounty: subCounty }: Place) {
  if (before.homeCounty === county && before.homeSubCounty === subCounty) return
  await tx
    .update(tx.applications)
    .set({ county, subCounty })
    .where(eq(tx.applications.personId, before.id ?? ''))
}
type Place = { id?: string; homeCounty: string; homeSubCounty: string }

/** What became of each row: `kept` where the phone of somebody with an account differs (a number changes only through an officer). */
export type Applied = { added: number; changed: number; same: number; kept: number }

/**
 * Writes rows of the roll in the unit that is open: by national ID, so that the same file twice changes nothing.
 * Personal fields are sealed; a row that is the same as what is held is not touched.
 */
export async function applyRoll(tx: Tx, tools: Tools, at: number, rows: readonly RollRow[]): Promise<Applied> {
  const result: Applied = { added: 0, changed: 0, same: 0, kept: 0 }
  const { keyring, clock } = tools
  const indexed = rows.map((row) => ({ row, index: keyring.index('national_id', row.national_id) }))
  const held = new Map(
    (
      await tx
        .select()
        .from(tx.people)
        .where(
          inArray(
            tx.people.nationalIdIndex,
            indexed.map(({ index }) => index),
          ),
        )
    ).map((person) => [person.nationalIdIndex, person]),
  )
  const heldIds = [...held.values()].map(({ id }) => id)
  const accounts = heldIds.length === 0 ? [] : await tx.select().from(tx.accounts).where(inArray(tx.accounts.personId, heldIds))
  const numberOf = new Map(accounts.map((account) => [account.personId, account.msisdn]))
  const named: Named[] = []
  for (const { row, index } of indexed) {
    const before = held.get(index)
    const id = before?.id ?? clock.id()
    const seal = (column: string, value: string | undefined) =>
      value === undefined ? null : keyring.seal(`people.${column}:${id}`, value)
    const open = (column: string, sealed: string | null) =>
      sealed === null ? undefined : keyring.open(`people.${column}:${id}`, sealed)
    const accountNumber = numberOf.get(id)
    if (accountNumber !== undefined && accountNumber !== row.phone) result.kept++
    const plain = {
      fullName: row.full_name,
      msisdn: accountNumber ?? row.phone,
      qualification: row.qualification,
      subjects: row.subjects,
      homeCounty: row.home_county,
      homeSubCounty: row.home_sub_county,
      workstationCode: row.workstation_code ?? null,
      status: row.status,
    }
    if (before) {
      const same =
        Object.entries(plain).every(
          ([name, value]) => JSON.stringify(before[name as keyof typeof before]) === JSON.stringify(value),
        ) &&
        open('tsc_number', before.tscNumberSealed) === row.tsc_number &&
        open('kra_pin', before.kraPinSealed) === row.kra_pin
      if (same) {
        result.same++
        continue
      }
    }
    const values = {
      ...plain,
      tscNumberSealed: seal('tsc_number', row.tsc_number),
      tscNumberIndex: row.tsc_number === undefined ? null : keyring.index('tsc_number', row.tsc_number.toUpperCase()),
      kraPinSealed: seal('kra_pin', row.kra_pin),
      at,
    }
    if (before) {
      await tx.update(tx.people).set(values).where(eq(tx.people.id, id))
      await moved(tx, before, values)
      result.changed++
    } else {
      await tx.insert(tx.people).values({
        id,
        nationalIdIndex: index,
        nationalIdSealed: keyring.seal(`people.national_id:${id}`, row.national_id),
        ...values,
      })
      result.added++
    }
    if (before?.fullName !== values.fullName) named.push({ id, name: values.fullName, new: !before })
  }
  await writeNames(tx, named)
  return result
}
