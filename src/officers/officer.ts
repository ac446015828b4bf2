import { type Column, eq, inArray, type SQL } from 'drizzle-orm'
import type { Actor } from '../action.ts'
import type { Language } from '../store/schema.ts'
import type { Read, Tx } from '../store/store.ts'
import { hasRight, type Right } from './roles.ts'

export type OfficerRow = Tx['officers']['$inferSelect']
/** An officer who is at work. Without counties: the whole nation. */
export type Officer = Pick<OfficerRow, 'id' | 'username' | 'name' | 'role' | 'counties' | 'subCounties' | 'confirmedAt'>

/** Undefined where there is none, or none at work any more. */
export async function findOfficer(read: Pick<Read, 'select' | 'officers'>, id: string): Promise<Officer | undefined> {
  const { officers } = read
  const [row] = await read.select().from(officers).where(eq(officers.id, id))
  return row?.active && row.inviteIndex === null ? row : undefined
}

export const may = (officer: Pick<Officer, 'role'>, right: Right): boolean => hasRight(officer.role, right)

/** Whether something of `county` is this officer's business; what belongs to no county is only the nation's. */
export const covers = ({ counties }: Pick<Officer, 'counties'>, county: string | null): boolean =>
  counties.length === 0 || (county !== null && counties.includes(county))

/** Whether another officer is this one's to see, to add and to change: an officer of some counties has to do with officers of those only. */
export const oversees = ({ counties }: Pick<Officer, 'counties'>, other: Pick<Officer, 'counties'>): boolean =>
  counties.length === 0 || (other.counties.length > 0 && other.counties.every((county) => counties.includes(county)))

/** The same as `covers` for a query, by the column that names the county; undefined for the whole nation. */
export const inCountiesOf = ({ counties }: Pick<Officer, 'counties'>, column: Column): SQL | undefined =>
  counties.length === 0 ? undefined : inArray(column, [...counties])

/**
 * Whether it is for this actor to vet, nominate and decide about somebody: an officer of some sub-counties only about their own people.
 * Looked up where it is decided, so that work in the background is bound as a single form is. Who is no officer is not bound.
 */
export async function decidesAbout(
  tx: Pick<Read, 'select' | 'officers'>,
  { name }: Pick<Actor, 'name'>,
  subCounty: string,
): Promise<boolean> {
  const id = officerIdOf(name)
  if (id === undefined) return true
  const { officers } = tx
  const [row] = await tx.select({ subCounties: officers.subCounties }).from(officers).where(eq(officers.id, id))
  return row === undefined || row.subCounties.length === 0 || row.subCounties.includes(subCounty)
}

/** Which officer an actor's name stands for; undefined for an operator, a person, or work in the background. */
export const officerIdOf = (name: string): string | undefined =>
  name.startsWith('officer:') ? name.slice('officer:'.length) : undefined

/** An officer as the audit trail and the actions know them. */
export const officerActor = (officer: Officer, language: Language): Actor => ({
  via: 'console',
  name: `officer:${officer.id}`,
  signed: false,
  language,
})
