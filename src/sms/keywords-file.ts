import { join } from 'node:path'
import { z } from 'zod'
import type { Catalogue } from '../action.ts'
import { refusalsOf } from '../perform.ts'
import type { Phrasebook } from '../text/phrasebook.ts'
import { type Problem, readSource, type Source, shaped } from '../text/source.ts'
import type { KeywordWord } from './keyword.ts'

export type Format = { read(text: string): string | undefined }
export type Formats = Readonly<Record<string, Format>>

const word = z.string().regex(/^[A-Z]{2,20}$/, 'a word in capitals')
const entry = z.strictObject({
  en: z.array(word),
  sw: z.array(word),
  /** The action that it stands for, or the message that is all it says. */
  do: z.string().optional(),
  say: z.string().optional(),
  /** What must follow the word, read through a named format; without it the message `missing` is the answer. */
  take: z.strictObject({ format: z.string(), as: z.string(), optional: z.literal(true).optional() }).optional(),
  missing: z.string().optional(),
  /** Outcome to message; null where the action writes its own. */
  reply: z.record(z.string(), z.string().nullable()).optional(),
})
const file = z.strictObject({ keywords: z.record(z.string(), entry), unknown: z.string() })

export type KeywordEntry = z.infer<typeof entry>
export type Keywords = { words: readonly KeywordWord[]; entries: Readonly<Record<string, KeywordEntry>>; unknown: string }

/** Reads keywords.yaml and checks it against the catalogue; what is wrong goes into `problems` with its line and column. */
export function readKeywords(
  folder: string,
  known: { actions: Catalogue; formats: Formats; phrases: Phrasebook },
  problems: Problem[],
): Keywords {
  const source = readSource(join(folder, 'keywords.yaml'))
  const read = shaped(source, file, problems)
  if (!read) return { words: [], entries: {}, unknown: '' }
  const words = Object.entries(read.keywords).flatMap(([name, { en, sw }]) => [
    ...en.map((text): KeywordWord => ({ name, word: text, language: sw.includes(text) ? undefined : 'en' })),
    ...sw.filter((text) => !en.includes(text)).map((text): KeywordWord => ({ name, word: text, language: 'sw' })),
  ])
  for (const [name, keyword] of Object.entries(read.keywords)) checkEntry(source, name, keyword, known, problems)
  const seen = new Map<string, string>()
  for (const { name, word: text } of words) {
    if (seen.has(text)) problems.push(source.problem(['keywords', name], `the word '${text}' stands for '${seen.get(text)}' too`))
    seen.set(text, name)
  }
  if (!known.phrases.messages[read.unknown]) problems.push(source.problem(['unknown'], `there is no message '${read.unknown}'`))
  return { words, entries: read.keywords, unknown: read.unknown }
}

function checkEntry(
  source: Source,
  name: string,
  keyword: KeywordEntry,
  { actions, formats, phrases }: { actions: Catalogue; formats: Formats; phrases: Phrasebook },
  problems: Problem[],
) {
  const say = (path: (string | number)[], message: string) =>
    problems.push(source.problem(['keywords', name, ...path], `keyword '${name}': ${message}`))
  if ((keyword.do === undefined) === (keyword.say === undefined)) say([], 'needs either do or say')
  for (const [path, message] of [
    ['say', keyword.say],
    ['missing', keyword.missing],
  ] as const)
    if (message !== undefined && !phrases.messages[message]) say([path], `there is no message '${message}'`)
  if (keyword.take && !formats[keyword.take.format]) say(['take', 'format'], `there is no format '${keyword.take.format}'`)
  if (keyword.take && !keyword.take.optional && keyword.missing === undefined)
    say(['take'], 'needs missing: what to answer when nothing follows')
  if (keyword.do === undefined) return
  const action = actions[keyword.do]
  if (!action) return say(['do'], `there is no action '${keyword.do}'`)
  const outcomes = ['done', ...refusalsOf(action)]
  const reply = keyword.reply ?? {}
  for (const outcome of outcomes)
    if (!(outcome in reply)) say(['do'], `the outcome '${outcome}' of '${keyword.do}' has no answer: add it under reply`)
  for (const [outcome, message] of Object.entries(reply)) {
    if (!outcomes.includes(outcome)) say(['reply', outcome], `'${keyword.do}' has no outcome '${outcome}'`)
    if (message !== null && !phrases.messages[message]) say(['reply', outcome], `there is no message '${message}'`)
  }
}
