import { createHash } from 'node:crypto'
import { and, eq, inArray } from 'drizzle-orm'
import type { Scene } from '../action.ts'
import type { App } from '../app.ts'
import type { Tx } from '../store/store.ts'

export type Order = Tx['orders']['$inferSelect']
export type OrderKind = Order['kind']
/** What the second person's yes sets going, in the same unit, for each kind of order. */
export type OrderKinds = Readonly<Partial<Record<OrderKind, (scene: Scene, order: Order) => Promise<void>>>>

const placeOf = (id: string) => `orders.input:${id}`

export type Asked = {
  kind: OrderKind
  /** Whom or what it is about: a person's id, a job's code. */
  subject?: string | null
  /** Whose officers may decide it; null: only the nation's. */
  county?: string | null
  input: unknown
  /** Counts and cost, as the second person sees them: nothing personal. */
  summary: Record<string, string | number>
  /** Milliseconds since 1970; takes effect not before. */
  effectAt?: number
  /** The form's `once`: sending it twice asks once. */
  id?: string
}

/** What exactly somebody agrees to: the same facts give the same 43 characters. */
export const digestOf = (facts: unknown): string => createHash('sha256').update(JSON.stringify(facts)).digest('base64url')

/** Asks for something that takes effect only when a second person agrees. */
export async function askOrder({ tx, at, tools, actor }: Scene, asked: Asked): Promise<string> {
  const id = asked.id ?? tools.clock.id()
  const { kind, subject = null, county = null, input, summary, effectAt = at } = asked
  await tx
    .insert(tx.orders)
    .values({
      id,
      kind,
      subject,
      county,
      inputSealed: tools.keyring.seal(placeOf(id), JSON.stringify(input)),
      summary,
      digest: digestOf({ kind, subject, input, summary }),
      state: 'asked',
      askedBy: actor.name,
      askedAt: at,
      effectAt,
    })
    .onConflictDoNothing()
  return id
}

/**
 * The second person agrees to exactly what was shown (`digest`), or refuses. `own`: nobody decides what they asked for themselves;
 * `changed`: it is not what they saw; `over`: somebody decided it before.
 */
export async function decideOrder(
  { tx, at, actor }: Scene,
  { id, digest, yes }: { id: string; digest: string; yes: boolean },
): Promise<{ order: Order } | { refused: 'unknown' | 'own' | 'changed' | 'over' }> {
  const [standing] = await tx.select().from(tx.orders).where(eq(tx.orders.id, id))
  if (!standing) return { refused: 'unknown' }
  if (standing.askedBy === actor.name) return { refused: 'own' }
  if (standing.digest !== digest) return { refused: 'changed' }
  const [order] = await tx
    .update(tx.orders)
    .set({ state: yes ? 'approved' : 'refused', decidedBy: actor.name, decidedAt: at })
    .where(and(eq(tx.orders.id, id), eq(tx.orders.state, 'asked')))
    .returning()
  return order ? { order } : { refused: 'over' }
}

/** Whoever asked takes it back, or it is stopped before it took effect. False where it is too late. */
export async function cancelOrder({ tx, at, actor }: Scene, id: string): Promise<boolean> {
  const cancelled = await tx
    .update(tx.orders)
    .set({ state: 'cancelled', decidedBy: actor.name, decidedAt: at })
    .where(and(eq(tx.orders.id, id), inArray(tx.orders.state, ['asked', 'approved'])))
    .returning({ id: tx.orders.id })
  return cancelled.length > 0
}

/** Marks an approved order as done, with the run that carries it out; false where it is not approved (any more). */
export async function carryOut({ tx }: Pick<Scene, 'tx'>, id: string, runId?: string): Promise<boolean> {
  const done = await tx
    .update(tx.orders)
    .set({ state: 'done', ...(runId === undefined ? {} : { runId }) })
    .where(and(eq(tx.orders.id, id), eq(tx.orders.state, 'approved')))
    .returning({ id: tx.orders.id })
  return done.length > 0
}

/** Forgets what was asked for about somebody, when all about them is forgotten; that it was asked, and by whom, stays. */
export async function forgetInputs({ tx, tools }: Pick<Scene, 'tx' | 'tools'>, subject: string): Promise<void> {
  const { orders } = tx
  const theirs = await tx.select({ id: orders.id }).from(orders).where(eq(orders.subject, subject))
  for (const { id } of theirs)
    await tx
      .update(orders)
      .set({ inputSealed: tools.keyring.seal(placeOf(id), '{}') })
      .where(eq(orders.id, id))
}

/** What was asked for. */
export const orderInput = <I>({ keyring }: Pick<App, 'keyring'>, order: Pick<Order, 'id' | 'inputSealed'>): I =>
  JSON.parse(keyring.open(placeOf(order.id), order.inputSealed)) as I
