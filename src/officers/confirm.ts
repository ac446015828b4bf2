import { eq } from 'drizzle-orm'
import { acting } from '../acting.ts'
import type { Actor, Scene } from '../action.ts'
import type { App } from '../app.ts'
import type { Read } from '../store/store.ts'
import { findOfficer, may, type Officer, type OfficerRow, officerIdOf, oversees } from './officer.ts'

type Confirmation = Pick<OfficerRow, 'confirmedAt' | 'broughtIn'>

/**
 * How an officer stands after this actor invited them or gave them more: whoever opens two links would be two people, so what one
 * administrator does waits for a second. At the command line sits the operator of the machine, whom nobody confirms.
 */
export const broughtInBy = ({ actor, at }: Pick<Scene, 'actor' | 'at'>, before: Confirmation['broughtIn']): Confirmation =>
  officerIdOf(actor.name) === undefined
    ? { confirmedAt: at, broughtIn: [] }
    : { confirmedAt: null, broughtIn: [...before, { by: actor.name, at }] }

/** Whether somebody counts as one of the two people of an order by what they did at `at`. Who is no officer always does. */
export async function counts(from: Pick<Read, 'select' | 'officers'>, name: string, at: number): Promise<boolean> {
  const id = officerIdOf(name)
  if (id === undefined) return true
  const { officers } = from
  const [row] = await from.select({ since: officers.confirmedAt }).from(officers).where(eq(officers.id, id))
  return typeof row?.since === 'number' && row.since <= at
}

/** Whether all that is missing is a second administrator. Before somebody has opened their link, nobody knows who will. */
export const waitsForSecond = ({ active, inviteIndex, confirmedAt }: OfficerRow): boolean =>
  active && inviteIndex === null && confirmedAt === null

/** Why it is not for this administrator to confirm that officer; undefined where it is. */
export function notToConfirm(me: Officer, officer: OfficerRow): 'self' | 'brought' | 'unconfirmed' | undefined {
  if (me.id === officer.id) return 'self'
  if (officer.broughtIn.some(({ by }) => officerIdOf(by) === me.id)) return 'brought'
  return me.confirmedAt === null ? 'unconfirmed' : undefined
}

/** What of an officer's being brought in somebody saw: whoever gives them more meanwhile makes it another. */
export const seenOf = ({ broughtIn }: Confirmation): string => String(broughtIn.at(-1)?.at ?? '')

export type Confirmed = 'done' | 'already' | 'unknown' | 'not_begun' | 'changed' | 'self' | 'brought' | 'unconfirmed'

/** A second administrator, or the operator, says that an officer is who they should be and may do what they may. */
export function confirmOfficer(app: App, actor: Actor, { id, seen }: { id: string; seen: string }): Promise<Confirmed> {
  return acting<Confirmed>(app, actor, 'officers.confirm', 'officers', async ({ tx, at }) => {
    const [officer] = await tx.select().from(tx.officers).where(eq(tx.officers.id, id))
    const refused = await refusal(tx, actor, officer, seen)
    if (refused !== undefined || !officer) return [refused ?? 'unknown', { outcome: refused ?? 'unknown', subject: officer?.id }]
    await tx.update(tx.officers).set({ confirmedAt: at, broughtIn: [] }).where(eq(tx.officers.id, id))
    return ['done', { outcome: 'done', subject: id, detail: { role: officer.role, counties: officer.counties.join(', ') } }]
  })
}

async function refusal(tx: Pick<Read, 'select' | 'officers'>, actor: Actor, officer: OfficerRow | undefined, seen: string) {
  if (!officer?.active) return 'unknown'
  const id = officerIdOf(actor.name)
  if (id !== undefined) {
    const me = await findOfficer(tx, id)
    if (!me || !may(me, 'officers') || !oversees(me, officer)) return 'unknown'
    const not = notToConfirm(me, officer)
    if (not !== undefined) return not
  }
  if (officer.confirmedAt !== null) return 'already'
  if (!waitsForSecond(officer)) return 'not_begun'
  return seenOf(officer) === seen ? undefined : 'changed'
}
