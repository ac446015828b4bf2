import { eq } from 'drizzle-orm'
import type { Holding, Scene } from '../action.ts'
import { Fault } from '../base/fault.ts'
import type { Msisdn } from '../base/msisdn.ts'
import { holdingOf } from '../perform.ts'
import type { Tx } from '../store/store.ts'

export type Holder = Holding & { msisdn: Msisdn }

const withNumber = (holding: Holding | undefined): Holder | undefined =>
  holding && { ...holding, msisdn: holding.account.msisdn as Msisdn }

/** The person and the account behind a number; undefined where there is no account. */
export const findHolder = async (tx: Tx, msisdn: string | undefined): Promise<Holder | undefined> =>
  withNumber(await holdingOf(tx, msisdn))

/** The same inside an action whose `who` has made sure that there is one. */
export async function holderOf({ tx, actor, holding }: Scene): Promise<Holder> {
  const holder = withNumber(holding) ?? (await findHolder(tx, actor.msisdn))
  if (!holder) throw new Fault('unit_misused', 'an action for account holders ran without one')
  return holder
}

/** The person whom an action with `who: 'person'` is about: the account's, else the only one of the roll with this number. */
export async function personOf({ tx, actor, holding }: Scene): Promise<Pick<Holder, 'person' | 'msisdn'>> {
  const holder = withNumber(holding) ?? (await findHolder(tx, actor.msisdn))
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
