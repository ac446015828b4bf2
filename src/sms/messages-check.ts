import type { Catalogue } from '../action.ts'
import { isGsm7, strangers } from '../text/gsm7.ts'
import { holesOf, LANGUAGES, type Phrasebook } from '../text/phrasebook.ts'
import { segments } from '../text/segments.ts'
import type { Problem } from '../text/source.ts'

/** Every message GSM-7 and one segment at its widest, every small word GSM-7, in both languages; every message that an action sends is there. */
export function checkMessages(phrases: Phrasebook, actions: Catalogue): Problem[] {
  const problems: Problem[] = []
  const source = phrases.sources.messages
  for (const [name, words] of Object.entries(phrases.messages)) {
    for (const language of LANGUAGES) {
      const text = words[language]
      const say = (message: string) =>
        problems.push(source.problem([name, language], `message '${name}', ${language}: ${message}`))
      const unknown = holesOf(text).filter((hole) => !phrases.variables[hole])
      for (const hole of unknown) say(`the variable '${hole}' has no width or words in menus/words.yaml`)
      if (!isGsm7(text))
        say(
          `not GSM-7: ${strangers(text)
            .map((character) => `'${character}'`)
            .join(' ')}`,
        )
      else if (unknown.length === 0) {
        const { units, count } = segments(phrases.widest(text, language))
        if (count > 1) say(`${units} septets at its widest, ${units - 160} over one segment`)
      }
    }
  }
  const small = [
    ...Object.entries(phrases.groups).map(([group, words]) => ({ path: ['words', group], words })),
    { path: ['formats'], words: phrases.formats },
  ]
  for (const { path, words } of small)
    for (const [name, word] of Object.entries(words))
      for (const language of LANGUAGES)
        if (!isGsm7(word[language]))
          problems.push(
            phrases.sources.words.problem(
              [...path, name, language],
              `'${name}', ${language}: not GSM-7: ${strangers(word[language]).join(' ')}`,
            ),
          )
  for (const [name, action] of Object.entries(actions))
    for (const message of action.sends ?? [])
      if (!phrases.messages[message]) problems.push(source.problem([], `'${name}' sends '${message}', which is not here`))
  return problems
}
