import { eq } from 'drizzle-orm'
import type { App } from '../app.ts'
import { nationalId } from './formats.ts'
import type { Person } from './search.ts'

/** The person of the roll with this national ID or row id; undefined where there is none (any more). */
export async function findOne(
  { store: { read }, keyring }: Pick<App, 'store' | 'keyring'>,
  typed: string,
): Promise<Person | undefined> {
  const { people } = read
  const id = nationalId.read(typed)
  const where = id === undefined ? eq(people.id, typed.trim()) : eq(people.nationalIdIndex, keyring.index('national_id', id))
  const [person] = await read.select().from(people).where(where)
  return person?.nationalIdIndex.startsWith('erased:') ? undefined : person
}
