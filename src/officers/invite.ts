import { and, eq, gt, isNull } from 'drizzle-orm'
import type { Scene } from '../action.ts'
import type { App } from '../app.ts'
import { DAY } from '../base/dates.ts'
import type { OfficerRole } from '../store/schema.ts'
import { broughtInBy } from './confirm.ts'
import type { OfficerRow } from './officer.ts'

const LIFE_MS = 3 * DAY

export type NewOfficer = {
  /** What named the form that was filled, so that sent twice it adds one officer. */
  id?: string
  username: string
  name: string
  role: OfficerRole
  counties: readonly string[]
  /** Whose people they vet and nominate; left out: those of all their counties. */
  subCounties?: readonly string[]
}

/** A username as it is kept: small letters, digits, dots and hyphens, 3 to 40 of them; undefined where it cannot be one. */
export function readUsername(typed: string): string | undefined {
  const username = typed.trim().toLowerCase()
  return /^[a-z0-9][a-z0-9.-]{2,39}$/.test(username) ? username : undefined
}

export const beginLink = ({ publicUrl }: Pick<App, 'publicUrl'>, token: string): string => `${publicUrl}/console/begin/${token}`

/** Adds an officer who begins with a one-time link. Returns the link's token; `taken` where the username is somebody's. */
export async function addOfficer(scene: Scene, officer: NewOfficer): Promise<{ id: string; token: string } | 'taken'> {
  const { tx, at, tools } = scene
  const { id = tools.clock.id() } = officer
  const [made] = await tx
    .insert(tx.officers)
    .values({ ...officer, counties: [...officer.counties], subCounties: [...(officer.subCounties ?? [])], id, at })
    .onConflictDoNothing()
    .returning({ id: tx.officers.id })
  return made ? { id, token: await inviteOfficer(scene, id) } : 'taken'
}

/**
 * A new one-time link for an officer: who opens it chooses password and TOTP anew, and nobody knows who that is, so a confirmation ends
 * with it. Good for three days; an earlier link ends.
 */
export async function inviteOfficer(scene: Scene, id: string): Promise<string> {
  const { tx, at, tools } = scene
  const token = tools.clock.bytes(24).toString('base64url')
  const [held] = await tx.select({ broughtIn: tx.officers.broughtIn }).from(tx.officers).where(eq(tx.officers.id, id))
  await tx
    .update(tx.officers)
    .set({
      inviteIndex: tools.keyring.index('invite', token),
      inviteUntil: at + LIFE_MS,
      passwordHash: null,
      totpSealed: null,
      ...broughtInBy(scene, held?.broughtIn ?? []),
    })
    .where(eq(tx.officers.id, id))
  return token
}

/** Who a one-time link is for; undefined where it is unknown, used or too old. */
export async function invitedBy({ store: { read }, keyring, clock }: App, token: string): Promise<OfficerRow | undefined> {
  const { officers } = read
  const [row] = await read
    .select()
    .from(officers)
    .where(
      and(
        eq(officers.inviteIndex, keyring.index('invite', token)),
        gt(officers.inviteUntil, clock.now()),
        eq(officers.active, true),
      ),
    )
  return row
}

/** While nobody administers the console: a link that makes the first administrator. Undefined once somebody does. */
export function firstAdministratorLink(app: App): Promise<string | undefined> {
  return app.store.work('officers:first', async (tx) => {
    const { officers } = tx
    const at = app.clock.now()
    const scene: Scene = { tx, at, tools: app, actor: { via: 'system', name: 'start', signed: false, language: 'en' } }
    const [working] = await tx
      .select({ id: officers.id })
      .from(officers)
      .where(and(eq(officers.role, 'administrator'), isNull(officers.inviteIndex)))
      .limit(1)
    if (working) return undefined
    const [waiting] = await tx.select({ id: officers.id }).from(officers).where(eq(officers.username, FIRST))
    const first = { username: FIRST, name: 'Administrator', role: 'administrator', counties: [] } as const
    if (waiting) return beginLink(app, await inviteOfficer(scene, waiting.id))
    const added = await addOfficer(scene, first)
    return added === 'taken' ? undefined : beginLink(app, added.token)
  })
}

/** Whoever opens the first link may choose another name. */
const FIRST = 'administrator'
