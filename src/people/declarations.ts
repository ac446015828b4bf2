import { and, asc, eq } from 'drizzle-orm'
import { z } from 'zod'
import { action, done, refused, type Scene } from '../action.ts'
import type { Tx } from '../store/store.ts'
import { holderOf } from './holder.ts'

export type Why = Tx['declarations']['$inferSelect']['why']
export const WHYS: readonly Why[] = ['relation', 'interest']
/** More than this is no declaration but a wish. */
export const MOST_DECLARED = 10

/** Stations that somebody declared, with their names. */
export function declaredBy({ tx }: Pick<Scene, 'tx'>, personId: string) {
  const { declarations: d, stations: s } = tx
  return tx
    .select({ centre: d.centreCode, station: s.name, why: d.why, at: d.at })
    .from(d)
    .innerJoin(s, eq(s.centreCode, d.centreCode))
    .where(eq(d.personId, personId))
    .orderBy(asc(s.name))
}

export const declarationsList = action({
  who: 'pin',
  input: z.object({}),
  refusals: ['none'],
  gives: ['avoid', 'station'],
  reads: true,
  async apply(scene) {
    const rows = await declaredBy(scene, (await holderOf(scene)).person.id)
    return rows.length === 0 ? refused('none') : done({ items: rows.map(({ centre, station }) => ({ avoid: centre, station })) })
  },
})

/** A station where a relation sits, or where this person has another interest: nobody sends them there. */
export const declarationsAdd = action<{ centre: string; why: Why }>({
  who: 'pin',
  input: z.object({ centre: z.string(), why: z.enum(['relation', 'interest']) }),
  refusals: ['unknown', 'too_many'],
  gives: ['station'],
  async apply(scene, { centre, why }) {
    const { tx, at } = scene
    const { person } = await holderOf(scene)
    const [station] = await tx.select({ name: tx.stations.name }).from(tx.stations).where(eq(tx.stations.centreCode, centre))
    if (!station) return refused('unknown', {}, person.id)
    const held = await declaredBy(scene, person.id)
    if (held.length >= MOST_DECLARED && !held.some((row) => row.centre === centre)) return refused('too_many', {}, person.id)
    const { declarations: d } = tx
    await tx
      .insert(d)
      .values({ personId: person.id, centreCode: centre, why, at })
      .onConflictDoUpdate({ target: [d.personId, d.centreCode], set: { why } })
    return done({ station: station.name }, person.id)
  },
})

export const declarationsDrop = action<{ centre: string }>({
  who: 'pin',
  input: z.object({ centre: z.string() }),
  refusals: ['unknown'],
  gives: [],
  async apply(scene, { centre }) {
    const { tx } = scene
    const { person } = await holderOf(scene)
    const { declarations: d } = tx
    const dropped = await tx
      .delete(d)
      .where(and(eq(d.personId, person.id), eq(d.centreCode, centre)))
      .returning({ centre: d.centreCode })
    return dropped.length === 0 ? refused('unknown', {}, person.id) : done({}, person.id)
  },
})
