import { join } from 'node:path'
import { z } from 'zod'
import { Fault } from '../base/fault.ts'
import { clip, septets } from './gsm7.ts'
import { type Problem, readSource, type Source, shaped } from './source.ts'

/** English and Kiswahili: every text stands in both. */
export const LANGUAGES = ['en', 'sw'] as const
type Language = (typeof LANGUAGES)[number]
/** The same words in every language. */
export type Words = Record<Language, string>

const words = z.strictObject({ en: z.string().min(1), sw: z.string().min(1) })
const variable = z.union([
  /** Shown as it is given, in at most so many septets. */
  z.strictObject({ width: z.int().min(1).max(150) }),
  /** Looked up in a group of words by the key that is given, or by each of a list of keys; `from` names the variable that holds it, where it is not this one. */
  z.strictObject({ words: z.string(), from: z.string().optional(), width: z.int().min(1).max(150).optional() }),
])
const wordsFile = z.strictObject({
  variables: z.record(z.string(), variable),
  words: z.record(z.string(), z.record(z.string(), words)),
  formats: z.record(z.string(), words),
})
const messagesFile = z.record(z.string(), words)

/** How a value is shown, and its worst case: a width in septets, or the widest of a group of words. */
export type Variable = z.infer<typeof variable>
/** By the name of the variable. Numbers and money come as they are to be read: nothing is formatted here. */
type Values = Record<string, unknown>

/** Every word of USSD and SMS but for the screens themselves: `words.yaml` and `messages.yaml`, read. */
export type Phrasebook = {
  variables: Readonly<Record<string, Variable>>
  /** What each named format says when an input does not fit it. */
  formats: Readonly<Record<string, Words>>
  /** The SMS by name, not yet filled. */
  messages: Readonly<Record<string, Words>>
  /** Small words by group and key. */
  groups: Readonly<Record<string, Readonly<Record<string, Words>>>>
  /** For naming the line of a mistake that is found later. */
  sources: { words: Source; messages: Source }
  /** A word of a group: `word('keys', 'back', 'sw')` is `0 Rudi`. Throws a Fault `bad_settings` where there is none. */
  word(group: string, key: string, language: Language): string
  /** `text` with its `{variables}` filled: words looked up, values made GSM-7 and clipped to their width. Throws a Fault `bad_settings` where one is missing. */
  fill(text: string, values: Values, language: Language): string
  /** A message of `messages.yaml`, filled. Throws a Fault `bad_settings` where there is none. */
  message(name: string, values: Values, language: Language): string
  /** `text` with every variable at its widest; one that is not known stays a hole. */
  widest(text: string, language: Language): string
}

/** A variable's place in a text: `{first_name}`. */
export const HOLE = /\{(\w+)\}/g
/** The names of a text's variables, as often as they stand in it. */
export const holesOf = (text: string): string[] => [...text.matchAll(HOLE)].map((match) => match[1] as string)

/**
 * Reads `words.yaml` and `messages.yaml` of `folder`; what is wrong in them is added to `problems`, and what can be used is given.
 * `constants` are values that every text may use: the short code, the service code.
 */
export function readPhrasebook(folder: string, constants: Values, problems: Problem[]): Phrasebook {
  const sources = { words: readSource(join(folder, 'words.yaml')), messages: readSource(join(folder, 'messages.yaml')) }
  const all = shaped(sources.words, wordsFile, problems) ?? { variables: {}, words: {}, formats: {} }
  const messages = shaped(sources.messages, messagesFile, problems) ?? {}
  const groups = all.words

  const word = (group: string, key: string, language: Language): string => {
    const found = groups[group]?.[key]
    if (!found) throw new Fault('bad_settings', `menus/words.yaml has no word '${key}' in '${group}'`)
    return found[language]
  }
  const value = (name: string, values: Values, language: Language): string => {
    const kind = all.variables[name]
    const given = values[kind && 'from' in kind && kind.from ? kind.from : name] ?? constants[name]
    if (!kind || given === undefined) throw new Fault('bad_settings', `the variable '${name}' has no value here`)
    if (!('words' in kind)) return clip(String(given), kind.width)
    const keys = Array.isArray(given) ? given : [given]
    const found = keys.map((key) => word(kind.words, String(key), language))
    const text = found.join(found.some((part) => part.endsWith('.')) ? ' ' : ', ')
    return kind.width === undefined ? text : clip(text, kind.width)
  }
  const widestValue = (name: string, language: Language): string => {
    const kind = all.variables[name]
    if (!kind) return `{${name}}`
    if (!('words' in kind)) return 'W'.repeat(kind.width)
    if (kind.width !== undefined) return 'W'.repeat(kind.width)
    const group = Object.values(groups[kind.words] ?? {})
    return group.map((entry) => entry[language]).reduce((widest, next) => (septets(next) > septets(widest) ? next : widest), '')
  }
  const fill = (text: string, values: Values, language: Language) =>
    text.replace(HOLE, (_, name: string) => value(name, values, language))

  return {
    variables: all.variables,
    formats: all.formats,
    messages,
    groups,
    sources,
    word,
    fill,
    message(name, values, language) {
      const found = messages[name]
      if (!found) throw new Fault('bad_settings', `menus/messages.yaml has no message '${name}'`)
      return fill(found[language], values, language)
    },
    widest: (text, language) => text.replace(HOLE, (_, name: string) => widestValue(name, language)),
  }
}
