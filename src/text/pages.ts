import { septets } from './gsm7.ts'

/** What one page of a screen holds: its text, and the place of its last option (0 when none fitted or there are none). */
export type Page = { text: string; more: boolean }

/**
 * Cuts a screen into pages of at most `budget` septets.
 * `head` is split between words, `options` never; `foot(page, more)` is the line of keys under each page.
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
  do {
    const whole = joined(rest, foot(made.length, false))
    if (septets(whole) <= budget) {
      made.push({ text: whole, more: false })
      return made
    }
    let count = 1
    while (count < rest.length && septets(joined(rest.slice(0, count + 1), foot(made.length, true))) <= budget) count++
    made.push({ text: joined(rest.slice(0, count), foot(made.length, true)), more: true })
    rest = rest.slice(count)
  } while (rest.length > 0)
  return made
}

type Block = { text: string; glue: string }

/** A head that fits stays one block; a longer one falls into words, so that pages can break between any two. */
function headBlocks(head: string, room: number): Block[] {
  if (head === '') return []
  if (septets(head) <= room) return [{ text: head, glue: '' }]
  return [...head.matchAll(/(\s*)(\S+)/g)].map((match) => ({ glue: match[1] ?? '', text: match[2] as string }))
}

function joined(blocks: readonly Block[], foot: string): string {
  const body = blocks.map((block, place) => (place === 0 ? '' : block.glue) + block.text).join('')
  return foot === '' ? body : body === '' ? foot : `${body}\n${foot}`
}
