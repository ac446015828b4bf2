import { sameName } from '../people/profile-fields.ts'

/** The words of a name in plain capitals, in their order. `O'Tieno` is one word, as banks write it. */
const wordsOf = (name: string): string[] =>
  name
    .normalize('NFKD')
    .replace(/[\p{M}'’`]/gu, '')
    .toUpperCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)

/**
 * Whether two names are of one person, as a bank compares them: by words, their order and case ignored. One may lack a middle name of the
 * other: any word of it but the first and the last.
 */
export function isSamePayee(a: string, b: string): boolean {
  if (sameName(a, b)) return true
  const [short, long] = [wordsOf(a), wordsOf(b)].sort((one, other) => one.length - other.length) as [string[], string[]]
  const key = (words: readonly string[]) => [...words].sort().join(' ')
  if (short.length === long.length) return key(short) === key(long)
  if (short.length !== long.length - 1) return false
  return long.some((_, place) => place > 0 && place < long.length - 1 && key(long.toSpliced(place, 1)) === key(short))
}
