import { eq, inArray } from 'drizzle-orm'
import { z } from 'zod'
import type { Tools } from '../app.ts'
import { readMsisdn } from '../base/msisdn.ts'
import { once, type Tx } from '../store/store.ts'
import { nationalId } from './formats.ts'
import { type Named, writeNames } from './name-words.ts'

const optional = (schema: z.ZodType<string>) => z.preprocess((value) => (value === '' ? undefined : value), schema.optional())
/** No control characters: PostgreSQL keeps no zero, and a line that breaks within a name breaks tables, too. */
const text = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(120, 'is too long')
  .regex(/^\P{Cc}*$/u, 'holds a character that nobody can see')

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

/** The columns of the file, for a header. */
export const ROLL_COLUMNS = Object.keys(rollRow.shape) as (keyof RollRow)[]

/** What became of each row: `kept` where the phone of somebody with an account differs (a number changes only through an officer). */
export type Applied = { added: number; changed: number; same: number; kept: number }

type Person = Tx['people']['$inferSelect']
/** A row beside whom it is about; `number` is their account's, which an import never changes. */
export type Paired = { row: RollRow; index: string; before: Person | undefined; number: string | undefined }
type From = Pick<Tx, 'select' | 'people' | 'accounts'>

/** Finds whom each row is about, by national ID. */
export async function pairRoll(from: From, { keyring }: Pick<Tools, 'keyring'>, rows: readonly RollRow[]): Promise<Paired[]> {
  if (rows.length === 0) return []
  const { people, accounts } = from
  const indexed = rows.map((row) => ({ row, index: keyring.index('national_id', row.national_id) }))
  const indexes = indexed.map(({ index }) => index)
  const found = await from.select().from(people).where(inArray(people.nationalIdIndex, indexes))
  const held = new Map(found.map((person) => [person.nationalIdIndex, person]))
  const ids = found.map(({ id }) => id)
  const theirs = ids.length === 0 ? [] : await from.select().from(accounts).where(inArray(accounts.personId, ids))
  const numbers = new Map(theirs.map((account) => [account.personId, account.msisdn]))
  return indexed.map(({ row, index }) => {
    const before = held.get(index)
    return { row, index, before, number: before && numbers.get(before.id) }
  })
}

const plainOf = ({ row, number }: Paired) => ({
  fullName: row.full_name,
  msisdn: number ?? row.phone,
  qualification: row.qualification,
  subjects: row.subjects,
  homeCounty: row.home_county,
  homeSubCounty: row.home_sub_county,
  workstationCode: row.workstation_code ?? null,
  status: row.status,
})

const COLUMN_OF = {
  fullName: 'full_name',
  msisdn: 'phone',
  qualification: 'qualification',
  subjects: 'subjects',
  homeCounty: 'home_county',
  homeSubCounty: 'home_sub_county',
  workstationCode: 'workstation_code',
  status: 'status',
} as const satisfies Record<keyof ReturnType<typeof plainOf>, keyof RollRow>

/** Which columns of what is held a row would change; undefined where nobody is held yet. */
export function changedBy({ keyring }: Pick<Tools, 'keyring'>, paired: Paired): (keyof RollRow)[] | undefined {
  const { before, row } = paired
  if (!before) return undefined
  const open = (column: string, sealed: string | null) =>
    sealed === null ? undefined : keyring.open(`people.${column}:${before.id}`, sealed)
  const plain = Object.entries(plainOf(paired)) as [keyof typeof COLUMN_OF, unknown][]
  const changed: (keyof RollRow)[] = plain
    .filter(([name, value]) => JSON.stringify(before[name]) !== JSON.stringify(value))
    .map(([name]) => COLUMN_OF[name])
  if (open('tsc_number', before.tscNumberSealed) !== row.tsc_number) changed.push('tsc_number')
  if (open('kra_pin', before.kraPinSealed) !== row.kra_pin) changed.push('kra_pin')
  return changed
}

/** Whether a row brings another number for somebody whose account has one: theirs stays. */
export const keepsNumber = ({ row, number }: Paired): boolean => number !== undefined && number !== row.phone

/**
 * Writes rows of the roll in the unit that is open: by national ID, so that the same file twice changes nothing.
 * Personal fields are sealed; a row that is the same as what is held is not touched.
 */
export const applyRoll = async (tx: Tx, tools: Tools, at: number, rows: readonly RollRow[]): Promise<Applied> =>
  applyPaired(tx, tools, at, await pairRoll(tx, tools, rows))

/** The same for rows whose people were looked up in the same unit. */
export async function applyPaired(tx: Tx, tools: Tools, at: number, pairs: readonly Paired[]): Promise<Applied> {
  const result: Applied = { added: 0, changed: 0, same: 0, kept: 0 }
  const { keyring, clock } = tools
  const named: Named[] = []
  for (const paired of pairs) {
    const { row, before } = paired
    const id = before?.id ?? clock.id()
    const seal = (column: string, value: string | undefined) =>
      value === undefined ? null : keyring.seal(`people.${column}:${id}`, value)
    if (keepsNumber(paired)) result.kept++
    if (changedBy(tools, paired)?.length === 0) {
      result.same++
      continue
    }
    const values = {
      ...plainOf(paired),
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
      const nationalIdSealed = keyring.seal(`people.national_id:${id}`, row.national_id)
      await addPerson(tx, { id, nationalIdIndex: paired.index, nationalIdSealed, ...values })
      result.added++
    }
    if (before?.fullName !== values.fullName || before.homeCounty !== values.homeCounty)
      named.push({ id, name: values.fullName, county: values.homeCounty, new: !before })
  }
  await writeNames(tx, named)
  return result
}

const addPerson = once<Person, unknown>('add_person', (tx, hole) =>
  tx.insert(tx.people).values({
    id: hole.id,
    nationalIdIndex: hole.nationalIdIndex,
    nationalIdSealed: hole.nationalIdSealed,
    fullName: hole.fullName,
    msisdn: hole.msisdn,
    tscNumberSealed: hole.tscNumberSealed,
    tscNumberIndex: hole.tscNumberIndex,
    kraPinSealed: hole.kraPinSealed,
    qualification: hole.qualification,
    subjects: hole.subjects,
    homeCounty: hole.homeCounty,
    homeSubCounty: hole.homeSubCounty,
    workstationCode: hole.workstationCode,
    status: hole.status,
    at: hole.at,
  }),
)

/** An officer's part of the applications follows the people whose county changed. */
async function moved(
  tx: Tx,
  before: Person,
  { homeCounty: county, homeSubCounty: subCounty }: Pick<Person, 'homeCounty' | 'homeSubCounty'>,
) {
  if (before.homeCounty === county && before.homeSubCounty === subCounty) return
  await tx.update(tx.applications).set({ county, subCounty }).where(eq(tx.applications.personId, before.id))
}
