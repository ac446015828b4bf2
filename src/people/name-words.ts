import { inArray } from 'drizzle-orm'
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

export type Named = { id: string; name: string; new: boolean }

/** Keeps what {@link findByName} looks through in step with the roll, all of a slice at once. */
export async function writeNames(tx: Tx, named: readonly Named[]): Promise<void> {
  const renamed = named.filter((each) => !each.new).map(({ id }) => id)
  if (renamed.length > 0) await tx.delete(tx.nameWords).where(inArray(tx.nameWords.personId, renamed))
  for (const { id, name } of named) for (const word of wordsOf(name)) await addWord(tx, { word, personId: id })
}

const addWord = once<{ word: string; personId: string }, unknown>('add_name_word', (tx, hole) =>
  tx.insert(tx.nameWords).values({ word: hole.word, personId: hole.personId }),
)
