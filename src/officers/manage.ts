import { asc, eq } from 'drizzle-orm'
import { acting } from '../acting.ts'
import type { Actor } from '../action.ts'
import type { App } from '../app.ts'
import { forgetGuesses } from '../security/guesses.ts'
import { endSessions } from '../security/web-sessions.ts'
import type { OfficerRole } from '../store/schema.ts'
import { addOfficer, beginLink, inviteOfficer, type NewOfficer } from './invite.ts'
import type { OfficerRow } from './officer.ts'

export const officersOf = ({ store: { read } }: Pick<App, 'store'>): Promise<OfficerRow[]> =>
  read.select().from(read.officers).orderBy(asc(read.officers.name), asc(read.officers.id)).limit(1_000)

/** Adds an officer and gives the one-time link to hand over; `taken` where the username is somebody's. */
export function newOfficer(app: App, actor: Actor, officer: NewOfficer): Promise<{ link: string; id: string } | 'taken'> {
  return acting<{ link: string; id: string } | 'taken'>(app, actor, 'officers.add', 'officers', async (scene) => {
    const added = await addOfficer(scene, officer)
    if (added === 'taken') return ['taken', { outcome: 'taken' }]
    const { role, counties, subCounties = [] } = officer
    const detail = { role, ...whereOf({ counties, subCounties }) }
    return [
      { id: added.id, link: beginLink(app, added.token) },
      { outcome: 'done', subject: added.id, detail },
    ]
  })
}

export type Change = { role: OfficerRole; counties: readonly string[]; subCounties: readonly string[]; active: boolean }

const whereOf = ({ counties, subCounties }: Pick<Change, 'counties' | 'subCounties'>): Record<string, string> => ({
  counties: counties.join(', '),
  ...(subCounties.length > 0 ? { sub_counties: subCounties.join(', ') } : {}),
})

/** Changes role, counties, sub-counties and whether an officer works here; every session of theirs ends. The last administrator stays one. */
export function changeOfficer(app: App, actor: Actor, id: string, change: Change): Promise<'done' | 'unknown' | 'last'> {
  return acting<'done' | 'unknown' | 'last'>(app, actor, 'officers.change', 'officers', async ({ tx }) => {
    const all = await tx.select().from(tx.officers).where(eq(tx.officers.role, 'administrator'))
    const others = all.filter((each) => each.id !== id && each.active && each.inviteIndex === null)
    const isLast = all.some((each) => each.id === id) && others.length === 0
    if (isLast && (change.role !== 'administrator' || !change.active)) return ['last', { outcome: 'last', subject: id }]
    const { role, counties, subCounties, active } = change
    const changed = await tx
      .update(tx.officers)
      .set({ role, counties: [...counties], subCounties: [...subCounties], active })
      .where(eq(tx.officers.id, id))
      .returning({ id: tx.officers.id })
    if (changed.length === 0) return ['unknown', { outcome: 'unknown' }]
    await endSessions(tx, 'console', id)
    return ['done', { outcome: 'done', subject: id, detail: { role, ...whereOf(change), active: active ? 'yes' : 'no' } }]
  })
}

/** A new one-time link for somebody who lost password or phone; what they had ends at once. */
export function reinviteOfficer(app: App, actor: Actor, id: string): Promise<string | undefined> {
  return acting<string | undefined>(app, actor, 'officers.invite', 'officers', async (scene) => {
    const { tx } = scene
    const [officer] = await tx.select().from(tx.officers).where(eq(tx.officers.id, id))
    if (!officer?.active) return [undefined, { outcome: 'unknown' }]
    const token = await inviteOfficer(scene, id)
    await endSessions(tx, 'console', id)
    for (const key of [`officer:${officer.username}`, `totp:${id}`]) await forgetGuesses(tx, key)
    return [beginLink(app, token), { outcome: 'done', subject: id }]
  })
}
