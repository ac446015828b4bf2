import type { Language } from '../store/schema.ts'

/** A word that an SMS may begin with, and what it stands for. */
export type KeywordWord = { name: string; word: string; language: Language | undefined }
/** `rest` is what follows the word; `language` that of the word, where only one language has it. */
export type Keyword = { name: string; rest: string; language: Language | undefined }

/** Words that are taken only as they are: nobody is unsubscribed by a misspelling. */
const EXACT: ReadonlySet<string> = new Set(['stop'])
const letters = (text: string) => text.toUpperCase().replace(/[^A-Z0-9]/g, '')

/**
 * Reads the keyword of an SMS. Case, spaces and punctuation do not matter; a near misspelling is taken where it is near to one word only.
 * STOP is looked for first. Undefined where no word is near enough.
 */
export function readKeyword(
  text: string,
  words: readonly KeywordWord[],
  exact: ReadonlySet<string> = EXACT,
): Keyword | undefined {
  const [, first = '', after = ''] =
    /^[^\p{L}\p{N}]*([\p{L}\p{N}]+)(.*)$/su.exec(text.normalize('NFKD').replace(/\p{M}/gu, '')) ?? []
  const typed = letters(first)
  const rest = after.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '')
  const firm = words.filter(({ name }) => exact.has(name))
  const whole = letters(text)
  // The short code may be stuck to it; any other letter makes it another word.
  const stopped = firm.find(({ word }) => word === typed.replace(/\d+$/, '') || word === whole)
  if (stopped) return found(stopped, rest)
  const same = words.find(({ word }) => word === typed)
  if (same) return found(same, rest)
  const others = words.filter(({ name }) => !exact.has(name))
  const near = nearest(typed, others)
  if (near) return found(near, rest)
  // A digit before the next space: a code is stuck to the word, and it is not just a longer word.
  const coded = /\d/.test(first + after.split(/\s/)[0])
  return (coded ? glued(typed, rest, others) : undefined) ?? split(whole, words)
}

const found = ({ name, language }: KeywordWord, rest: string): Keyword => ({ name, rest, language })

function nearest(typed: string, words: readonly KeywordWord[]): KeywordWord | undefined {
  if (typed.length < 3) return undefined
  const close = words
    // Three letters are near to much: only `JOB` for `JOBS`, a last letter left out.
    .filter(({ word }) => typed.length > 3 || word.startsWith(typed))
    .map((word) => ({ word, far: distance(typed, word.word) }))
    .filter(({ word, far }) => far <= allowed(word.word) && Math.abs(word.word.length - typed.length) <= 2)
    .sort((a, b) => a.far - b.far)
  const [first, second] = close
  // Two words equally near, and nobody can say which was meant.
  return first && (second === undefined || second.far > first.far || second.word.name === first.word.name)
    ? first.word
    : undefined
}

const allowed = (word: string): number => (word.length >= 7 ? 2 : word.length >= 4 ? 1 : 0)

/** `APPLYKCSE26INV`: a word of four letters or more with a code stuck to it. */
function glued(typed: string, rest: string, words: readonly KeywordWord[]): Keyword | undefined {
  const longest = words
    .filter(({ word }) => word.length >= 4 && typed.startsWith(word))
    .sort((a, b) => b.word.length - a.word.length)[0]
  return longest && found(longest, `${typed.slice(longest.word.length)} ${rest}`.trim())
}

/** `P A S S W O R D`: letters with spaces between. */
function split(whole: string, words: readonly KeywordWord[]): Keyword | undefined {
  const same = words.find(({ word }) => word === whole)
  return same && found(same, '')
}

/** Damerau-Levenshtein: letters added, dropped, changed, and neighbours swapped. */
function distance(a: string, b: string): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, place) => place)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      const swap =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY
      row.push(Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost, swap))
    }
    before = last
    last = row
  }
  return last[b.length] ?? 0
}
