import { inArray } from 'drizzle-orm'
import type { Read } from '../store/store.ts'
import type { Reader } from '../web/reader.ts'

/** Who acted, in words: officers by their names; of people it says only that a person did. */
export type Actors = (actor: string) => string

/** Finds the names of the officers among `actors`, as orders and the audit trail hold them. */
export async function actorsIn(read: Read, { say }: Reader, actors: readonly (string | null)[]): Promise<Actors> {
  const { officers } = read
  const ids = [...new Set(actors.flatMap((actor) => (actor?.startsWith('officer:') ? [actor.slice('officer:'.length)] : [])))]
  const rows =
    ids.length === 0
      ? []
      : await read.select({ id: officers.id, name: officers.name }).from(officers).where(inArray(officers.id, ids))
  const names = new Map(rows.map(({ id, name }) => [`officer:${id}`, name]))
  return (actor) => {
    const [kind = '', rest = ''] = actor.split(':')
    if (kind === 'officer') return names.get(actor) ?? say('actor_officer')
    if (kind === 'operator') return rest === '' ? say('actor_operator') : `${say('actor_operator')} (${rest})`
    if (kind === 'person' || kind === 'number') return say('actor_person')
    return say(kind === 'link' || kind === 'stranger' ? 'actor_stranger' : 'actor_system')
  }
}
