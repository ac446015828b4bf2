import { eq, inArray, isNotNull } from 'drizzle-orm'
import { acting } from '../acting.ts'
import type { Actor } from '../action.ts'
import type { App } from '../app.ts'
import type { Read } from '../store/store.ts'

const placeOf = (id: string) => `legal_holds.reason:${id}`

/** Which of these people nothing may be forgotten about for now; without `among`, all of them. */
export async function heldPeople(read: Read, among?: readonly string[]): Promise<Set<string>> {
  const { legalHolds } = read
  const where = among === undefined ? isNotNull(legalHolds.live) : inArray(legalHolds.live, [...among])
  const rows = await read.select({ id: legalHolds.personId }).from(legalHolds).where(where)
  return new Set(rows.map(({ id }) => id))
}

/** Nothing about this person is erased or forgotten from now on. Held before, it stays as it was. */
export function hold(app: App, by: Actor, personId: string, reason: string): Promise<'done' | 'again'> {
  return acting<'done' | 'again'>(app, by, 'people.hold', `hold:${personId}`, async ({ tx, at }) => {
    const id = app.clock.id()
    const reasonSealed = app.keyring.seal(placeOf(id), reason)
    const held = await tx
      .insert(tx.legalHolds)
      .values({ id, personId, reasonSealed, by: by.name, at, live: personId })
      .onConflictDoNothing()
      .returning({ id: tx.legalHolds.id })
    const outcome = held.length > 0 ? 'done' : 'again'
    return [outcome, { outcome, subject: personId, ...(held[0] ? { detail: { hold: held[0].id } } : {}) }]
  })
}

export function release(app: App, by: Actor, personId: string): Promise<'done' | 'not_held'> {
  return acting<'done' | 'not_held'>(app, by, 'people.release_hold', `hold:${personId}`, async ({ tx, at }) => {
    const freed = await tx
      .update(tx.legalHolds)
      .set({ live: null, releasedBy: by.name, releasedAt: at })
      .where(eq(tx.legalHolds.live, personId))
      .returning({ id: tx.legalHolds.id })
    const outcome = freed.length > 0 ? 'done' : 'not_held'
    return [outcome, { outcome, subject: personId, ...(freed[0] ? { detail: { hold: freed[0].id } } : {}) }]
  })
}
