import { and, asc, eq, isNull, type SQL, sql } from 'drizzle-orm'
import { acting } from '../acting.ts'
import type { Actor } from '../action.ts'
import type { App } from '../app.ts'
import { readMsisdn } from '../base/msisdn.ts'
import type { Read } from '../store/store.ts'
import { write } from './outbox.ts'

/** An SMS that no keyword fitted. */
export type Letterbox = Pick<Read['inbound']['$inferSelect'], 'id' | 'msisdn' | 'bodySealed' | 'at' | 'answeredBy' | 'answeredAt'>

/** Those that wait for an answer, the oldest first, from after that time and id. */
export async function waitingSms(
  read: Read,
  { where, after, most }: { where?: SQL | undefined; after?: readonly [at: number, id: string] | undefined; most: number },
): Promise<Letterbox[]> {
  const { inbound: i } = read
  return read
    .select()
    .from(i)
    .where(and(isNull(i.keyword), isNull(i.answeredAt), where, after && sql`(${i.at}, ${i.id}) > (${after[0]}, ${after[1]})`))
    .orderBy(asc(i.at), asc(i.id))
    .limit(most)
}

/** What was written. */
export const bodyOf = ({ keyring }: Pick<App, 'keyring'>, { id, bodySealed }: Letterbox): string =>
  keyring.open(`inbound.body:${id}`, bodySealed)

/** `taken`: somebody (`by`) answered it before, or put it aside. `nobody`: its sender is no phone that can be answered. */
export type Settled = { done: true } | { refused: 'taken'; by: string } | { refused: 'nobody' | 'unknown' }

/**
 * Answers an SMS, or puts it aside where there is no `text` (GSM-7, measured before). One officer does it, once: `once` names the form, and
 * the same form again has the same result. An answer goes also to a number that sent STOP: its holder wrote to us first.
 */
export function settleSms(
  app: App,
  by: Actor,
  { id, text, once, person }: { id: string; text?: string; once: string; person?: string | undefined },
): Promise<Settled> {
  return acting<Settled>(app, by, text === undefined ? 'inbox.aside' : 'inbox.answer', `inbox:${id}`, async (scene) => {
    const { tx, at } = scene
    const trace = (outcome: string) => ({ outcome, subject: person, detail: { message: id } })
    const [row] = await tx
      .select()
      .from(tx.inbound)
      .where(and(eq(tx.inbound.id, id), isNull(tx.inbound.keyword)))
    if (!row) return [{ refused: 'unknown' }, trace('unknown')]
    const to = readMsisdn(row.msisdn)
    if (text !== undefined && to === undefined) return [{ refused: 'nobody' }, trace('nobody')]
    const [taken] = await tx
      .update(tx.inbound)
      .set({ answeredBy: by.name, answeredAt: at })
      .where(and(eq(tx.inbound.id, id), isNull(tx.inbound.answeredAt)))
      .returning({ id: tx.inbound.id })
    const dedupe = `answer:${id}:${once}`
    if (!taken) {
      const [same] = await tx.select({ id: tx.outbox.id }).from(tx.outbox).where(eq(tx.outbox.dedupe, dedupe))
      if (row.answeredBy === by.name && (same !== undefined || text === undefined)) return [{ done: true }, trace('again')]
      return [{ refused: 'taken', by: row.answeredBy ?? '' }, trace('taken')]
    }
    if (text !== undefined && to !== undefined)
      await write(scene, { to, language: 'en', class: 'reply', dedupe, ...(person === undefined ? {} : { person }) }, text)
    return [{ done: true }, trace('done')]
  })
}
