import { eq } from 'drizzle-orm'
import type { Scene } from '../action.ts'
import { Fault } from '../base/fault.ts'
import type { Msisdn } from '../base/msisdn.ts'
import { once, type Tx } from '../store/store.ts'

const byNumber = once('holder_whole', (tx, hole: { msisdn: never }) =>
  tx
    .select({ person: tx.people, account: tx.accounts })
    .from(tx.accounts)
    .innerJoin(tx.people, eq(tx.people.id, tx.accounts.personId))
    .where(eq(tx.accounts.msisdn, hole.msisdn)),
)

export type Holder = Awaited<ReturnType<typeof byNumber>>[number] & { msisdn: Msisdn }

/** The person and the account behind a number; undefined where there is no account. */
export async function findHolder(tx: Tx, msisdn: string | undefined): Promise<Holder | undefined> {
  if (msisdn === undefined) return undefined
  const [found] = await byNumber(tx, { msisdn })
  return found && { ...found, msisdn: found.account.msisdn as Msisdn }
}

/** The same inside an action whose `who` has made sure that there is one. */
export async function holderOf({ tx, actor }: Scene): Promise<Holder> {
  const holder = await findHolder(tx, actor.msisdn)
  if (!holder) throw new Fault('unit_misused', 'an action for account holders ran without one')
  return holder
}

/** The person whom an action with `who: 'person'` is about: the account's, else the only one of the roll with this number. */
export async function personOf({ tx, actor }: Scene): Promise<Pick<Holder, 'person' | 'msisdn'>> {
  const holder = await findHolder(tx, actor.msisdn)
  if (holder) return holder
  const [person] = await tx
    .select()
    .from(tx.people)
    .where(eq(tx.people.msisdn, actor.msisdn ?? ''))
  if (!person) throw new Fault('unit_misused', 'an action for people of the roll ran without one')
  return { person, msisdn: person.msisdn as Msisdn }
}

/** First name, for a greeting: `Achieng Otieno` is greeted as `Achieng`. */
export const firstName = (fullName: string): string => fullName.trim().split(/\s+/)[0] ?? ''
