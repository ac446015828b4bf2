import { and, eq } from 'drizzle-orm'
import type { Clock } from '../base/clock.ts'
import { once, type Store, type Tx } from './store.ts'

/** `anew`: another process had it before; what that one did last may have been a moment ago. */
export type Did<T> = { value: T; anew: boolean }
export type Role = {
  /** Runs `unit` with the role taken or renewed in the same unit; undefined, and nothing is done, while another process has it. */
  work<T>(unit: (tx: Tx) => Promise<T>): Promise<Did<T> | undefined>
  /** Whether it surely is ours at this moment, by a clock that nobody can set. To be asked just before each effect outside. */
  stands(): boolean
  /** Gives it back; whatever it was used for must be over. */
  leave(): Promise<void>
}

/**
 * `holdMs`: how long it stands after it was renewed. `graceMs`: the longest that an effect which was begun while it stood may take,
 * and some more for clocks that do not run alike.
 */
export type RoleTimes = { holdMs: number; graceMs: number }

type Row = Tx['leases']['$inferSelect']
type Hold = 'held' | 'renewed' | 'anew'

/**
 * What one process may do for all, one at a time. No wall clock decides: whoever has it counts from before it renewed, and whoever wants it
 * from when they first saw the row as it is; so nobody takes it over sooner than `graceMs` after it stopped standing.
 */
export function openRole(
  { store, clock }: { store: Store; clock: Pick<Clock, 'now' | 'ticks' | 'id'> },
  name: string,
  { holdMs, graceMs }: RoleTimes,
): Role {
  const me = clock.id()
  /** In ticks. */
  let standsUntil = Number.NEGATIVE_INFINITY
  let seen = { row: '', at: 0 }

  async function hold(tx: Tx): Promise<Hold | undefined> {
    const { leases } = tx
    const next = { holder: me, until: clock.now() + holdMs }
    const [row] = await leaseOf(tx, { name })
    if (!row) {
      const first = { name, fence: 1, ...next }
      return kept(await tx.insert(leases).values(first).onConflictDoNothing().returning(), 'renewed')
    }
    if (row.holder === me && standsUntil - clock.ticks() > holdMs / 2) return 'held'
    if (row.holder === me) return kept(await tx.update(leases).set(next).where(as(leases, row)).returning(), 'renewed')
    if (row.holder !== null && !isDead(row)) return undefined
    const taken = { ...next, fence: row.fence + 1 }
    return kept(await tx.update(leases).set(taken).where(as(leases, row)).returning(), 'anew')
  }

  /** The same row for so long means that nobody renews it. */
  function isDead(row: Row): boolean {
    const text = `${row.fence} ${row.until}`
    if (text !== seen.row) seen = { row: text, at: clock.ticks() }
    return clock.ticks() - seen.at > holdMs + graceMs
  }

  return {
    async work(unit) {
      const began = clock.ticks()
      const done = await store.work(`role:${name}:${me}`, async (tx) => {
        const how = await hold(tx)
        return how && { how, value: await unit(tx) }
      })
      if (!done) {
        standsUntil = Number.NEGATIVE_INFINITY
        return undefined
      }
      if (done.how !== 'held') standsUntil = began + holdMs
      return { value: done.value, anew: done.how === 'anew' }
    },
    stands: () => clock.ticks() < standsUntil,
    async leave() {
      standsUntil = Number.NEGATIVE_INFINITY
      await store.work(`role:${name}:${me}`, async ({ leases, update }) => {
        await update(leases)
          .set({ holder: null })
          .where(and(eq(leases.name, name), eq(leases.holder, me)))
      })
    },
  }
}

const leaseOf = once('lease', (tx, hole: { name: never }) => tx.select().from(tx.leases).where(eq(tx.leases.name, hole.name)))
/** The row as it was read: whoever came in between has changed it. */
const as = (leases: Tx['leases'], { name, fence, until }: Row) =>
  and(eq(leases.name, name), eq(leases.fence, fence), eq(leases.until, until))
const kept = (rows: unknown[], hold: Hold): Hold | undefined => (rows.length > 0 ? hold : undefined)
