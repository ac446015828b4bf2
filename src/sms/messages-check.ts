import type { Catalogue } from '../action.ts'
import { isGsm7, strangers } from '../text/gsm7.ts'
import { holesOf, LANGUAGES, type Phrasebook } from '../text/phrasebook.ts'
import type { Problem } from '../text/source.ts'
import { segments } from '../text/segments.ts'

/** Every message GSM-7 and one segment at its widest, in both languages; every message that an action sends is there. */
export function checkMessages(phrases: Phrasebook, actions: Catalogue): Problem[] {
  const problems: Problem[] = []
  const source = phrases.sources.messages
  for (const [name, words] of Object.entries(phrases.messages)) {
    for (const language of LANGUAGES) {
      const text = words[language]
      const say = (message: string) => problems.push(source.problem([name, language], `message '${name}', ${language}: ${message}`))
      const unknown = holesOf(text).filter((hole) => !phrases.variables[hole])
      for (const hole of unknown) say(`the variable '${hole}' has no width or words in menus/words.yaml`)
      if (!isGsm7(text)) say(`not GSM-7: ${strangers(text).map((character) => `'${character}'`).join(' ')}`)
      else if (unknown.length === 0) {
        const { units, count } = segments(phrases.widest(text, language))
        if (count > 1) say(`${units} septets at its widest, ${units - 160} over one segment`)
      }
    }
  }
  for (const [name, action] of Object.entries(actions))
    for (const message of action.sends ?? []) if (!phrases.messages[message]) problems.push(source.problem([], `'${name}' sends '${message}', which is not here`))
  return problems
}
