import { and, eq, ne } from 'drizzle-orm'
import type { Msisdn } from '../base/msisdn.ts'
import type { Read } from '../store/store.ts'

/**
 * The numbers that stand for this person and nobody else: the one of their account, and the one of the roll where no other account and no
 * other row of the roll has it. What was said from and to these was said by and to them.
 */
export async function ownNumbers(read: Read, person: { id: string; msisdn: string }): Promise<Msisdn[]> {
  const { people, accounts } = read
  const { id, msisdn } = person
  const [account] = await read.select({ msisdn: accounts.msisdn }).from(accounts).where(eq(accounts.personId, id))
  if (account?.msisdn === msisdn) return [msisdn as Msisdn]
  const own = account ? [account.msisdn as Msisdn] : []
  const [other] = await read.select({ id: accounts.personId }).from(accounts).where(eq(accounts.msisdn, msisdn))
  const [namesake] = await read
    .select({ id: people.id })
    .from(people)
    .where(and(eq(people.msisdn, msisdn), ne(people.id, id)))
    .limit(1)
  return other || namesake ? own : [...own, msisdn as Msisdn]
}
