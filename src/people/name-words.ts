import { eq, inArray } from 'drizzle-orm'
import type { App } from '../app.ts'
import { once, type Tx } from '../store/store.ts'

/** The words of a name in plain small letters, each once: `Wanjirũ O'Tieno` has `wanjiru`, `o`, `tieno`. */
export const wordsOf = (name: string): string[] => [
  ...new Set(
    name
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u)
      .filter(Boolean),
  ),
]

export type Named = { id: string; name: string; county: string; new: boolean }

/** Keeps what {@link findByName} looks through in step with the roll, all of a slice at once. */
export async function writeNames(tx: Tx, named: readonly Named[]): Promise<void> {
  const renamed = named.filter((each) => !each.new).map(({ id }) => id)
  if (renamed.length > 0) await tx.delete(tx.nameWords).where(inArray(tx.nameWords.personId, renamed))
  for (const { id, name, county } of named) for (const word of wordsOf(name)) await addWord(tx, { word, personId: id, county })
}

const addWord = once<{ word: string; personId: string; county: string }, unknown>('add_name_word', (tx, hole) =>
  tx.insert(tx.nameWords).values({ word: hole.word, personId: hole.personId, county: hole.county }),
)

const AT_ONCE = 500

/** Gives words that an older version wrote the county of their person. Nothing to do where there are none. Returns how many people. */
export async function fillNameCounties({ store }: Pick<App, 'store'>): Promise<number> {
  for (let filled = 0; ; ) {
    const some = await store.work('name-words', async (tx) => {
      const { nameWords, people } = tx
      const old = await tx
        .select({ id: nameWords.personId })
        .from(nameWords)
        .where(eq(nameWords.county, ''))
        .groupBy(nameWords.personId)
        .limit(AT_ONCE)
      const ids = old.map(({ id }) => id)
      if (ids.length === 0) return 0
      const held = await tx.select({ id: people.id, county: people.homeCounty }).from(people).where(inArray(people.id, ids))
      for (const { id, county } of held) await tx.update(nameWords).set({ county }).where(eq(nameWords.personId, id))
      return held.length
    })
    filled += some
    if (some < AT_ONCE) return filled
  }
}
