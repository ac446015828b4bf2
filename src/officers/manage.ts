import { asc, eq } from 'drizzle-orm'
import { acting } from '../acting.ts'
import type { Actor } from '../action.ts'
import type { App } from '../app.ts'
import { forgetGuesses } from '../security/guesses.ts'
import { endSessions } from '../security/web-sessions.ts'
import type { OfficerRole } from '../store/schema.ts'
import type { Tx } from '../store/store.ts'
import { broughtInBy } from './confirm.ts'
import { addOfficer, beginLink, inviteOfficer, type NewOfficer } from './invite.ts'
import { type OfficerRow, oversees } from './officer.ts'

type Overseer = Pick<OfficerRow, 'counties'>

/** The officers whom somebody has to do with. */
export async function officersOf({ store: { read } }: Pick<App, 'store'>, overseer: Overseer): Promise<OfficerRow[]> {
  const rows = await read.select().from(read.officers).orderBy(asc(read.officers.name), asc(read.officers.id)).limit(1_000)
  return rows.filter((row) => oversees(overseer, row))
}

type Added = { link: string; id: string } | 'taken'

/** Adds an officer and gives the one-time link to hand over; `taken` where the username is somebody's. */
export async function newOfficer(app: App, actor: Actor, officer: NewOfficer & { id?: never }): Promise<Added> {
  const added = await newOfficerOnce(app, actor, { ...officer, id: app.clock.id() })
  return added === 'already' ? 'taken' : added
}

/** The same from a form that may arrive twice: `already` where it has. Its link was shown, and only its digest is kept. */
export function newOfficerOnce(app: App, actor: Actor, officer: NewOfficer & { id: string }): Promise<Added | 'already'> {
  return acting<Added | 'already'>(app, actor, 'officers.add', 'officers', async (scene) => {
    const { tx } = scene
    const [already] = await tx.select({ id: tx.officers.id }).from(tx.officers).where(eq(tx.officers.id, officer.id))
    if (already) return ['already', { outcome: 'already', subject: officer.id }]
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

export type Standing = { role: OfficerRole; counties: readonly string[]; subCounties: readonly string[]; active: boolean }
export const STANDING = ['role', 'counties', 'subCounties', 'active'] as const satisfies readonly (keyof Standing)[]

/** In what two standings differ; the order of counties means nothing. */
export function standingDiffers(one: Standing, other: Standing): (keyof Standing)[] {
  const told = (value: Standing[keyof Standing]) => JSON.stringify(typeof value === 'object' ? [...value].sort() : value)
  return STANDING.filter((name) => told(one[name]) !== told(other[name]))
}

/** Whether an officer may do more by it, or something else: that waits for a second administrator. */
const givesMore = (held: Standing, change: Standing): boolean =>
  held.role !== change.role ||
  (change.active && !held.active) ||
  (['counties', 'subCounties'] as const).some((name) => !within(held[name], change[name]))

/** Whether all of `change` lies in `held`; an empty list of places means everywhere. */
const within = (held: readonly string[], change: readonly string[]): boolean =>
  held.length === 0 || (change.length > 0 && change.every((place) => held.includes(place)))

const whereOf = ({ counties, subCounties }: Pick<Standing, 'counties' | 'subCounties'>): Record<string, string> => ({
  counties: counties.join(', '),
  ...(subCounties.length > 0 ? { sub_counties: subCounties.join(', ') } : {}),
})

export type Changed = 'done' | 'unknown' | 'last' | { stale: OfficerRow }

/**
 * Changes role, counties, sub-counties and whether an officer works here; every session of theirs ends, and their confirmation where they
 * may do more by it. What the page showed is compared with what is held, so that nobody undoes unseen what another has changed.
 */
export function changeOfficer(
  app: App,
  actor: Actor,
  { id, overseer, was, change }: { id: string; overseer: Overseer; was: Standing; change: Standing },
): Promise<Changed> {
  return acting<Changed>(app, actor, 'officers.change', 'officers', async (scene) => {
    const { tx } = scene
    const [held] = await tx.select().from(tx.officers).where(eq(tx.officers.id, id))
    if (!held || !oversees(overseer, held)) return ['unknown', { outcome: 'unknown' }]
    // Sent twice: it is as it was asked for.
    if (standingDiffers(held, was).length > 0 && standingDiffers(held, change).length === 0)
      return ['done', { outcome: 'already', subject: id }]
    if (standingDiffers(held, was).length > 0) return [{ stale: held }, { outcome: 'stale', subject: id }]
    if (await isLast(tx, held, change)) return ['last', { outcome: 'last', subject: id }]
    const { role, counties, subCounties, active } = change
    await tx
      .update(tx.officers)
      .set({
        role,
        counties: [...counties],
        subCounties: [...subCounties],
        active,
        ...(givesMore(held, change) ? broughtInBy(scene, held.broughtIn) : {}),
      })
      .where(eq(tx.officers.id, id))
    await endSessions(tx, 'console', id)
    return ['done', { outcome: 'done', subject: id, detail: { role, ...whereOf(change), active: active ? 'yes' : 'no' } }]
  })
}

/** Whether nobody would be left to administer: at all, or the nation, whose officers an administrator of counties cannot reach. */
async function isLast(tx: Tx, held: OfficerRow, change: Standing): Promise<boolean> {
  if (held.role !== 'administrator') return false
  const all = await tx.select().from(tx.officers).where(eq(tx.officers.role, 'administrator'))
  const others = all.filter((each) => each.id !== held.id && each.active && each.inviteIndex === null)
  const stays = change.role === 'administrator' && change.active
  if (held.counties.length > 0) return others.length === 0 && !stays
  return !others.some(({ counties }) => counties.length === 0) && !(stays && change.counties.length === 0)
}

/** A new one-time link for somebody who lost password or phone; what they had ends at once. */
export function reinviteOfficer(app: App, actor: Actor, overseer: Overseer, id: string): Promise<string | undefined> {
  return acting<string | undefined>(app, actor, 'officers.invite', 'officers', async (scene) => {
    const { tx } = scene
    const [officer] = await tx.select().from(tx.officers).where(eq(tx.officers.id, id))
    if (!officer?.active || !oversees(overseer, officer)) return [undefined, { outcome: 'unknown' }]
    const token = await inviteOfficer(scene, id)
    await endSessions(tx, 'console', id)
    for (const key of [`officer:${officer.username}`, `totp:${id}`]) await forgetGuesses(tx, key)
    return [beginLink(app, token), { outcome: 'done', subject: id }]
  })
}
