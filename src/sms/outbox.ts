import { eq } from 'drizzle-orm'
import type { Scene } from '../action.ts'
import type { Tools } from '../app.ts'
import type { Msisdn } from '../base/msisdn.ts'
import type { Language, MessageClass } from '../store/schema.ts'
import { once, type Tx } from '../store/store.ts'
import { toGsm7 } from '../text/gsm7.ts'
import { segments } from '../text/segments.ts'
import { ruleOf } from './classes.ts'

/** A message of `menus/messages.yaml` for one number. `dedupe` is what makes it the same message. */
export type Message = {
  to: Msisdn
  person?: string
  message: string
  values: Record<string, unknown>
  language: Language
  class: MessageClass
  dedupe: string
}

export const bodyPlace = (id: string): string => `outbox.body:${id}`

/** Writes a message into the outbox, in the unit that is open. False where it stands there already, or where the subscriber asked for no more of its class. */
export async function tell(scene: Pick<Scene, 'tx' | 'at' | 'tools'>, message: Message): Promise<boolean> {
  return write(scene, message, toGsm7(scene.tools.phrases.message(message.message, message.values, message.language)))
}

/** The same for a text that an officer wrote. */
export async function write(
  { tx, at, tools }: Pick<Scene, 'tx' | 'at' | 'tools'>,
  message: Omit<Message, 'message' | 'values'>,
  text: string,
): Promise<boolean> {
  const rule = ruleOf(message.class)
  if (message.class === 'bulk' && (await hasStopped(tx, message.to))) return false
  const id = tools.clock.id()
  const written = await insert(tx, {
    id,
    dedupe: message.dedupe,
    msisdn: message.to,
    personId: message.person ?? null,
    class: message.class,
    rank: rule.rank,
    bodySealed: tools.keyring.seal(bodyPlace(id), text),
    segments: segments(text).count,
    dueAt: at,
    expiresAt: at + rule.lifeMs,
    at,
  })
  return written.length > 0
}

/** A one-time password is not kept longer than it takes to hand it over. */
export async function forgetSecret(
  tx: Tx,
  { keyring }: Pick<Tools, 'keyring'>,
  row: { id: string; class: MessageClass },
): Promise<void> {
  if (row.class !== 'otp') return
  await tx
    .update(tx.outbox)
    .set({ bodySealed: keyring.seal(bodyPlace(row.id), '') })
    .where(eq(tx.outbox.id, row.id))
}

async function hasStopped(tx: Tx, msisdn: string): Promise<boolean> {
  const [subscriber] = await stoppedAt(tx, { msisdn })
  return subscriber?.stoppedAt != null
}

const stoppedAt = once<{ msisdn: string }, { stoppedAt: number | null }[]>('stopped', (tx, hole) =>
  tx.select({ stoppedAt: tx.subscribers.stoppedAt }).from(tx.subscribers).where(eq(tx.subscribers.msisdn, hole.msisdn)),
)

type Row = {
  id: string
  dedupe: string
  msisdn: string
  personId: string | null
  class: MessageClass
  rank: number
  bodySealed: string
  segments: number
  dueAt: number
  expiresAt: number
  at: number
}
const insert = once<Row, { id: string }[]>('outbox', (tx, hole) =>
  tx
    .insert(tx.outbox)
    .values({
      id: hole.id,
      dedupe: hole.dedupe,
      msisdn: hole.msisdn,
      personId: hole.personId,
      class: hole.class,
      rank: hole.rank,
      bodySealed: hole.bodySealed,
      segments: hole.segments,
      status: 'queued',
      dueAt: hole.dueAt,
      expiresAt: hole.expiresAt,
      leaseUntil: 0,
      tries: 0,
      createdAt: hole.at,
      changedAt: hole.at,
    })
    .onConflictDoNothing()
    .returning({ id: tx.outbox.id }),
)
