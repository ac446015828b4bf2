import { eq } from 'drizzle-orm'
import type { Actor, Scene } from '../action.ts'
import type { App } from '../app.ts'
import type { Language } from '../store/schema.ts'
import type { Read, Tx } from '../store/store.ts'
import { hasRight, type Right } from './roles.ts'

export type OfficerRow = Tx['officers']['$inferSelect']
/** An officer who is at work. Without counties: the whole nation. */
export type Officer = Pick<OfficerRow, 'id' | 'username' | 'name' | 'role' | 'counties'>

/** Undefined where there is none, or none at work any more. */
export async function findOfficer(read: Read, id: string): Promise<Officer | undefined> {
  const { officers } = read
  const [row] = await read.select().from(officers).where(eq(officers.id, id))
  return row?.active && row.passwordHash !== null && row.totpSealed !== null ? row : undefined
}

export const may = (officer: Pick<Officer, 'role'>, right: Right): boolean => hasRight(officer.role, right)

/** Whether something of `county` is this officer's business; what belongs to no county is only the nation's. */
export const covers = ({ counties }: Pick<Officer, 'counties'>, county: string | null): boolean =>
  counties.length === 0 || (county !== null && counties.includes(county))

/** An officer as the audit trail and the actions know them. */
export const officerActor = (officer: Officer, language: Language): Actor => ({
  via: 'console',
  name: `officer:${officer.id}`,
  signed: false,
  language,
})

/** What the audit trail keeps of one unit: never anything personal. */
export type Trace = { outcome: string; subject?: string | null | undefined; detail?: Record<string, string | number> | undefined }

/** Runs what somebody of the council asked for as one unit that leaves one row in the audit trail, and gives what `unit` gave. */
export function acting<T>(
  app: App,
  actor: Actor,
  action: string,
  key: string,
  unit: (scene: Scene) => Promise<[T, Trace]>,
): Promise<T> {
  return app.store.work(key, async (tx) => {
    const at = app.clock.now()
    const [result, trace] = await unit({ tx, actor, at, tools: app })
    await leaveTrace({ tx, actor, at, tools: app }, action, trace)
    return result
  })
}

/** One row of the audit trail in the unit that is open. */
export async function leaveTrace(
  { tx, actor, at, tools }: Scene,
  action: string,
  { outcome, subject = null, detail = undefined }: Trace,
): Promise<void> {
  await tx.insert(tx.audit).values({
    id: tools.clock.id(),
    at,
    actor: actor.name,
    via: actor.via,
    action,
    subject,
    outcome,
    detail: detail ?? null,
  })
}
