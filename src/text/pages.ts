import { septets } from './gsm7.ts'

/** What one page of a screen says, its foot included, and whether another follows. */
export type Page = { text: string; more: boolean }

/**
 * Cuts a screen into pages of at most `budget` septets; there is always one. All texts are GSM-7.
 * `head` is split between words, and inside a word only where the word is wider than a page; `options` are never split:
 * one that is wider than a page makes that page too wide, which is how the menu check finds it.
 * `foot(page, more)` is the line of keys under a page, counted from 0; it must be widest at `foot(1, true)`.
 */
export function pages(
  head: string,
  options: readonly string[],
  foot: (page: number, more: boolean) => string,
  budget: number,
): Page[] {
  const blocks = [
    ...headBlocks(head, budget - septets(foot(1, true)) - 1),
    ...options.map((option) => ({ text: option, glue: '\n' })),
  ]
  const made: Page[] = []
  let rest = blocks
  for (;;) {
    const last = joined(rest, foot(made.length, false))
    if (septets(last) <= budget || rest.length === 1) return [...made, { text: last, more: false }]
    let count = 1
    while (count < rest.length - 1 && septets(joined(rest.slice(0, count + 1), foot(made.length, true))) <= budget) count++
    made.push({ text: joined(rest.slice(0, count), foot(made.length, true)), more: true })
    rest = rest.slice(count)
  }
}

/** What stays together on a page, and what stands between it and the block before it on the same page. */
type Block = { text: string; glue: string }

/** A head that fits `room` septets stays one block; a longer one falls into words, so that pages can break between any two. */
function headBlocks(head: string, room: number): Block[] {
  if (head === '') return []
  if (septets(head) <= room) return [{ text: head, glue: '' }]
  return [...head.matchAll(/(\s*)(\S+)/g)].flatMap(([, glue = '', word = '']) =>
    pieces(word, room).map((text, place) => ({ text, glue: place === 0 ? glue : '' })),
  )
}

/** A word in pieces of at most `room` septets: nearly always one. */
function pieces(word: string, room: number): string[] {
  if (septets(word) <= room) return [word]
  const cut = ['']
  for (const character of word) {
    const longer = `${cut.at(-1)}${character}`
    if (septets(longer) > room) cut.push(character)
    else cut[cut.length - 1] = longer
  }
  return cut
}

function joined(blocks: readonly Block[], foot: string): string {
  const body = blocks.map((block, place) => (place === 0 ? '' : block.glue) + block.text).join('')
  if (foot === '') return body
  return body === '' ? foot : `${body}\n${foot}`
}
