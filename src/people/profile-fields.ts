import { eq } from 'drizzle-orm'
import type { Scene } from '../action.ts'
import { once, type Tx } from '../store/store.ts'
import { septets, toGsm7 } from '../text/gsm7.ts'
import type { Format } from './formats.ts'
import { line, msisdn } from './formats.ts'

const QUALIFICATIONS = ['certificate', 'diploma', 'degree', 'postgraduate'] as const
const LEVELS = ['primary', 'junior', 'secondary', 'college'] as const

/** One of a numbered few: the number or the word. */
const oneOf = (values: readonly string[]): Format => ({
  read(text) {
    const typed = text.trim().toLowerCase()
    return values[Number(typed) - 1] ?? values.find((value) => value === typed)
  },
})
const digits = (pattern: RegExp): Format => ({
  read(text) {
    const value = text.replace(/[\s./-]/g, '')
    return pattern.test(value) ? value : undefined
  },
})
const code = (pattern: RegExp): Format => ({
  read(text) {
    const value = text.toUpperCase().replace(/[\s./]/g, '')
    return pattern.test(value) ? value : undefined
  },
})
/** `NONE` where someone has no such number: a driver has no TSC number. */
const orNone = (format: Format): Format => ({
  read: (text) => (/^(none|hakuna|sina)$/i.test(text.trim()) ? 'NONE' : format.read(text)),
})
const subjects: Format = {
  read(text) {
    const named = text
      .toLowerCase()
      .split(/[,;/&]| and | na /)
      .map((subject) => subject.trim().replace(/\s+/g, ' '))
      .filter(Boolean)
    return named.length > 0 && named.every((subject) => /^[a-z][a-z .'-]{1,30}$/.test(subject)) ? named.join(';') : undefined
  },
}

export type ProfileField = {
  group: 'personal' | 'bank' | 'education' | 'work' | 'kin' | 'numbers'
  /** What is taken at all. */
  format: Format
  /** What is usual; anything else that `format` takes is asked about once more, then kept. */
  usual?: RegExp
  /** Shown as its last four characters only. */
  masked?: true
}

/** The profile, in the order in which it is asked. Formats and which of them block: field-facts, 'Formats'. */
export const profileFields = {
  gender: { group: 'personal', format: oneOf(['female', 'male']) },
  birth_year: { group: 'personal', format: digits(/^(19[4-9]\d|200\d)$/) },
  town: { group: 'personal', format: line },
  home_county: { group: 'personal', format: line },
  home_sub_county: { group: 'personal', format: line },
  bank_code: { group: 'bank', format: digits(/^\d{1,4}$/), usual: /^\d{2}$/ },
  branch_code: { group: 'bank', format: digits(/^\d{1,6}$/), usual: /^\d{3}$/ },
  account_number: { group: 'bank', format: code(/^[A-Z0-9-]{4,20}$/), usual: /^\d{8,16}$/, masked: true },
  account_name: { group: 'bank', format: line },
  qualification: { group: 'education', format: oneOf(QUALIFICATIONS) },
  subjects: { group: 'education', format: subjects },
  workstation_code: { group: 'work', format: digits(/^\d{8}$/) },
  teaching_level: { group: 'work', format: oneOf(LEVELS) },
  kin_name: { group: 'kin', format: line },
  kin_relation: { group: 'kin', format: line },
  kin_phone: { group: 'kin', format: msisdn, masked: true },
  kra_pin: { group: 'numbers', format: code(/^A\d{9}[A-Z]$/), masked: true },
  tsc_number: { group: 'numbers', format: orNone(code(/^[A-Z0-9-]{1,14}$/)), usual: /^(\d{4,8}|NONE)$/, masked: true },
  nssf: { group: 'numbers', format: orNone(code(/^[A-Z0-9-]{3,16}$/)), usual: /^(\d{8,11}|NONE)$/, masked: true },
  sha: { group: 'numbers', format: orNone(code(/^[A-Z0-9-]{3,20}$/)), usual: /^(CR\d{13}-\d|NONE)$/, masked: true },
} satisfies Record<string, ProfileField>

export type FieldName = keyof typeof profileFields
export const fieldNames = Object.keys(profileFields) as FieldName[]
export const fieldGroups = [...new Set(Object.values(profileFields).map((field) => field.group))]
export const fieldsOf = (group: string): FieldName[] => fieldNames.filter((name) => profileFields[name].group === group)
export const isFieldName = (name: string): name is FieldName => Object.hasOwn(profileFields, name)

export type Profile = Partial<Record<FieldName, string>>

const placeOf = (personId: string, field: string) => `profile_fields.${field}:${personId}`

export async function readProfile({ tx, tools }: Pick<Scene, 'tx' | 'tools'>, personId: string): Promise<Profile> {
  const rows = await fieldsHeld(tx, { personId })
  return Object.fromEntries(rows.map((row) => [row.field, tools.keyring.open(placeOf(personId, row.field), row.valueSealed)]))
}

/** Only `wanted` is opened, and of all fields it is said which are missing: twenty seals are a good part of a hop's time. */
export async function readSome<F extends FieldName>(
  { tx, tools }: Pick<Scene, 'tx' | 'tools'>,
  personId: string,
  wanted: readonly F[],
): Promise<{ profile: Pick<Profile, F>; missing: FieldName[] }> {
  const rows = new Map((await fieldsHeld(tx, { personId })).map(({ field, valueSealed }) => [field, valueSealed]))
  const profile: Profile = {}
  for (const field of wanted) {
    const sealed = rows.get(field)
    if (sealed !== undefined) profile[field] = tools.keyring.open(placeOf(personId, field), sealed)
  }
  return { profile: profile as Pick<Profile, F>, missing: fieldNames.filter((name) => !rows.has(name)) }
}

const fieldsHeld = once('profile', (tx, hole: { personId: never }) =>
  tx
    .select({ field: tx.profileFields.field, valueSealed: tx.profileFields.valueSealed })
    .from(tx.profileFields)
    .where(eq(tx.profileFields.personId, hole.personId)),
)

export async function writeField(
  { tx, tools, at }: Pick<Scene, 'tx' | 'tools' | 'at'>,
  personId: string,
  field: FieldName,
  value: string,
): Promise<void> {
  const valueSealed = tools.keyring.seal(placeOf(personId, field), value)
  await tx
    .insert(tx.profileFields)
    .values({ personId, field, valueSealed, at })
    .onConflictDoUpdate({ target: [tx.profileFields.personId, tx.profileFields.field], set: { valueSealed, at } })
}

export const missingOf = (profile: Profile): FieldName[] => fieldNames.filter((name) => profile[name] === undefined)
/** Whole per cent of the fields that are filled; 100 only when all are. */
export const percentOf = (profile: Profile): number =>
  Math.floor(((fieldNames.length - missingOf(profile).length) * 100) / fieldNames.length)

type Person = Tx['people']['$inferSelect']

/** What the council's roll already knows is not asked again. */
export async function copyFromRoll(scene: Pick<Scene, 'tx' | 'tools' | 'at'>, person: Person): Promise<void> {
  const { keyring } = scene.tools
  const open = (column: string, sealed: string | null) =>
    sealed === null ? undefined : keyring.open(`people.${column}:${person.id}`, sealed)
  const known: Profile = {
    home_county: person.homeCounty,
    home_sub_county: person.homeSubCounty,
    qualification: person.qualification,
    ...(person.subjects.length > 0 ? { subjects: person.subjects.join(';') } : {}),
    ...(person.workstationCode ? { workstation_code: person.workstationCode } : {}),
    ...defined({ kra_pin: open('kra_pin', person.kraPinSealed), tsc_number: open('tsc_number', person.tscNumberSealed) }),
  }
  for (const [field, value] of Object.entries(known)) if (value) await writeField(scene, person.id, field as FieldName, value)
}

const defined = (values: Record<string, string | undefined>): Profile =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Profile

/** A value as a screen may show it, in at most `width` septets. */
export function shown(field: FieldName, value: string | undefined): string {
  if (value === undefined) return '-'
  const masked = 'masked' in profileFields[field] && value !== 'NONE'
  const text = toGsm7(masked ? `..${value.slice(-4)}` : value.replaceAll(';', ', '))
  return septets(text) > 20 ? `${text.slice(0, 18)}..` : text
}

/** Letters of a name, so that order, case and marks do not matter. */
export const sameName = (a: string, b: string): boolean => nameParts(a).join(' ') === nameParts(b).join(' ')
const nameParts = (name: string) =>
  toGsm7(name.normalize('NFKD').replace(/\p{M}/gu, ''))
    .toUpperCase()
    .split(/[^A-Z]+/)
    .filter(Boolean)
    .sort()
