import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { Fault } from '../base/fault.ts'
import type { Language } from '../store/schema.ts'
import { HOLE, holesOf } from '../text/phrasebook.ts'
import { described, type Problem, readSource, shaped } from '../text/source.ts'

const words = z.strictObject({ en: z.string().min(1), sw: z.string().min(1) })
const file = z.record(z.string(), words)

export type PageWords = {
  /** The words called `name`, with `{holes}` filled. Throws where a name or a value is missing. Not yet escaped for HTML. */
  has(name: string): boolean
  say(name: string, language: Language, values?: Readonly<Record<string, string | number>>): string
}

/** Reads the files of `pages/` in `folder` into one book; what is wrong in them (a missing translation, holes that differ, a name used twice) is noted in `problems`. */
export function readPageWords(folder: string, problems: Problem[]): PageWords {
  const all: Record<string, z.infer<typeof words>> = {}
  for (const name of readdirSync(join(folder, 'pages')).filter((entry) => entry.endsWith('.yaml'))) {
    const source = readSource(join(folder, 'pages', name))
    for (const [key, entry] of Object.entries(shaped(source, file, problems) ?? {})) {
      if (all[key]) problems.push(source.problem([key], `'${key}' stands in another file of pages/ too`))
      const [inEnglish, inKiswahili] = [entry.en, entry.sw].map((text) => holesOf(text).sort().join(', '))
      if (inEnglish !== inKiswahili)
        problems.push(source.problem([key, 'sw'], `'${key}' has {${inEnglish}} in en, {${inKiswahili}} in sw`))
      all[key] = entry
    }
  }
  return {
    has: (name) => Object.hasOwn(all, name),
    say(name, language, values = {}) {
      const text = all[name]?.[language]
      if (text === undefined) throw new Fault('bad_settings', `menus/pages/ has no words '${name}'`)
      return text.replace(HOLE, (_, hole: string) => {
        const value = values[hole]
        if (value === undefined) throw new Fault('bad_settings', `'${name}' of menus/pages/ was given no {${hole}}`)
        return String(value)
      })
    },
  }
}

/** The same for a server that is starting: throws a Fault that says what to mend. */
export function openPageWords(folder: string): PageWords {
  const problems: Problem[] = []
  const words = readPageWords(folder, problems)
  if (problems.length > 0)
    throw new Fault('bad_settings', `The pages' words need mending:\n  ${problems.map(described).join('\n  ')}`)
  return words
}
