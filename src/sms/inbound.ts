import { eq } from 'drizzle-orm'
import { z } from 'zod'
import type { Actor, Catalogue } from '../action.ts'
import type { App } from '../app.ts'
import { Fault } from '../base/fault.ts'
import { type Msisdn, readMsisdn } from '../base/msisdn.ts'
import { type Perform, performing } from '../perform.ts'
import { HELPS, REPLIES } from '../security/limit-sizes.ts'
import { withinLimit } from '../security/limits.ts'
import type { Language } from '../store/schema.ts'
import type { Tx } from '../store/store.ts'
import { type Keyword, readKeyword } from './keyword.ts'
import type { Formats, KeywordEntry, Keywords } from './keywords-file.ts'
import { tell } from './outbox.ts'

export type InboundDesk = {
  app: App
  actions: Catalogue
  keywords: Keywords
  formats: Formats
  /** Told of every SMS that is not answered because its number has had its answers. */
  onUnanswered?: () => void
}

const form = z.object({
  id: z.string().min(1).max(100),
  from: z.string().min(1).max(30),
  // What is too long is cut and kept: refused, it would come again every minute.
  text: z.string().transform((text) => text.slice(0, 1_600)),
  to: z.string().max(30).optional(),
})

/**
 * Takes one inbound SMS, durably: the row, what its keyword does and the answer are one unit; the promise resolves after the commit.
 * The same `id` again changes nothing. Throws a Fault `bad_request` for what is no SMS.
 */
export async function takeInbound(desk: InboundDesk, given: Record<string, unknown>): Promise<void> {
  const read = form.safeParse(given)
  if (!read.success) throw new Fault('bad_request', 'not an inbound SMS')
  const { id, from, text } = read.data
  const msisdn = readMsisdn(from)
  const unanswered = await performing(desk.app, desk.actions, msisdn ?? `sender:${from}`, async (tx, perform, at) => {
    const { keyring } = desk.app
    const [fresh] = await tx
      .insert(tx.inbound)
      .values({ id, msisdn: from, bodySealed: keyring.seal(`inbound.body:${id}`, text), at })
      .onConflictDoNothing()
      .returning({ id: tx.inbound.id })
    // Seen before, or from something that is no person's phone: kept, never answered.
    if (!fresh || msisdn === undefined) return false
    const keyword = readKeyword(text, desk.keywords.words)
    const arrival: Arrival = { id, msisdn, at, unanswered: false }
    const outcome = await answer(desk, tx, perform, arrival, keyword)
    await tx
      .update(tx.inbound)
      .set({ keyword: keyword?.name ?? null, outcome })
      .where(eq(tx.inbound.id, id))
    return arrival.unanswered
  })
  if (unanswered) desk.onUnanswered?.()
}

type Arrival = { id: string; msisdn: Msisdn; at: number; unanswered: boolean }

async function answer(
  desk: InboundDesk,
  tx: Tx,
  perform: Perform,
  arrival: Arrival,
  keyword: Keyword | undefined,
): Promise<string> {
  const { app, keywords } = desk
  const { msisdn, at } = arrival
  const [subscriber] = await tx
    .select({ language: tx.subscribers.language })
    .from(tx.subscribers)
    .where(eq(tx.subscribers.msisdn, msisdn))
  const language = subscriber?.language ?? keyword?.language ?? 'en'
  const entry = keyword && keywords.entries[keyword.name]
  if (!keyword || !entry) {
    if (!(await withinLimit(tx, at, `help:${msisdn}`, HELPS))) {
      arrival.unanswered = true
      return 'unanswered'
    }
    await reply(desk, tx, arrival, keywords.unknown, {}, language)
    return 'unknown'
  }
  const taken = take(desk, entry, keyword.rest)
  if (entry.say !== undefined || taken === undefined) {
    await reply(desk, tx, arrival, (taken === undefined ? entry.missing : entry.say) ?? keywords.unknown, {}, language)
    return taken === undefined ? 'missing' : 'done'
  }
  // The keywords have no place for a PIN: an SMS stands for its sender.
  const actor: Actor = { via: 'sms', name: `number:${app.keyring.index('actor', msisdn)}`, msisdn, signed: true, language }
  const outcome = await perform(entry.do ?? '', actor, taken)
  const vars = (outcome.refused === undefined ? outcome.done : outcome.vars) ?? {}
  const message = entry.reply?.[outcome.refused ?? 'done']
  const now: Language = vars.language === 'en' || vars.language === 'sw' ? vars.language : language
  if (message) await reply(desk, tx, arrival, message, { ...vars, ...taken }, now)
  return outcome.refused ?? 'done'
}

/** What follows the word, as the action's input; undefined where it is missing or cannot be read. */
function take({ formats }: InboundDesk, { take: wanted }: KeywordEntry, rest: string): Record<string, string> | undefined {
  if (!wanted) return {}
  const format = formats[wanted.format]
  // A code may be followed by a few more words; a free text is taken whole.
  const value = format?.read(rest) ?? format?.read(rest.split(/\s+/)[0] ?? '')
  if (value !== undefined) return { [wanted.as]: value }
  return wanted.optional ? {} : undefined
}

async function reply(
  { app }: InboundDesk,
  tx: Tx,
  arrival: Arrival,
  message: string,
  values: Record<string, unknown>,
  language: Language,
) {
  const { id, msisdn, at } = arrival
  if (!(await withinLimit(tx, at, `replies:${msisdn}`, REPLIES))) {
    arrival.unanswered = true
    return
  }
  await tell({ tx, at, tools: app }, { to: msisdn, message, values, language, class: 'reply', dedupe: `reply:${id}` })
}
