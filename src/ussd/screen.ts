import type { Item } from '../action.ts'
import type { Language } from '../store/schema.ts'
import { septets } from '../text/gsm7.ts'
import { type Page, pages } from '../text/pages.ts'
import type { Phrasebook } from '../text/phrasebook.ts'
import type { Choice, Shown } from './menu.ts'

/** Septets of a screen with its prefix. Operators differ on whether `CON ` counts; see README, 'Changing a menu'. */
export const BUDGET = 160
const PREFIX = 'CON '.length

/** What fills a screen: values for its words, the rows of its list, whether there is a screen to go back to. */
export type Filling = { values: Record<string, unknown>; items: readonly Item[]; back: boolean; language: Language }

/** The pages of a screen as a person sees them, without the prefix. A `note` stands above the page `at` where it fits. */
export function drawn(screen: Shown, filling: Filling, phrases: Phrasebook, fill: Phrasebook['fill'] = phrases.fill): Page[] {
  const { values, items, language } = filling
  const labels = [
    ...items.map((item) => fill((screen.list as { en: string; sw: string })[language], { ...values, ...item }, language)),
    ...offered(screen, values).map((choice) => fill(choice[language], values, language)),
  ]
  const options = labels.map((label, place) => `${place + 1}. ${label}`)
  return pages(
    fill(screen.say[language], values, language),
    options,
    foot(screen, filling.back, language, phrases),
    BUDGET - PREFIX,
  )
}

/** The choices that stand on the screen while the variables are as they are. */
export function offered(screen: Shown, values: Record<string, unknown>): Choice[] {
  return (screen.choices ?? []).filter(
    ({ when, unless }) => (when === undefined || holds(when, values)) && (unless === undefined || !holds(unless, values)),
  )
}

/** Whether `name` is true, or `name=value` so. */
function holds(condition: string, values: Record<string, unknown>): boolean {
  const { name, value } = readCondition(condition)
  return values[name] === value
}

export function readCondition(condition: string): { name: string; value: string | true } {
  const [name = '', value] = condition.split('=')
  return { name, value: value ?? true }
}

/** `note` above `text`, where both fit the budget together; else `text` alone. */
export function noted(note: string | undefined, text: string): string {
  if (note === undefined) return text
  const both = `${note}\n${text}`
  return septets(both) + PREFIX <= BUDGET ? both : text
}

function foot(screen: Shown, back: boolean, language: Language, phrases: Phrasebook) {
  return (page: number, more: boolean) => {
    if (screen.end) return more ? phrases.word('keys', 'more', language) : ''
    const keys = [...(more ? ['more'] : []), ...(back || page > 0 ? ['back'] : []), ...(back ? ['home'] : [])]
    return keys.map((key) => phrases.word('keys', key, language)).join(' ')
  }
}
