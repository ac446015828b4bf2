import { join } from 'node:path'
import { z } from 'zod'
import { Fault } from '../base/fault.ts'
import type { Language, Role } from '../store/schema.ts'
import { HOLE, holesOf } from '../text/phrasebook.ts'
import { described, type Problem, readSource, shaped } from '../text/source.ts'
import { MOST_DUTY, MOST_TERM } from './facts.ts'

/** Every phrase of the letter and the values it takes; a list of duties and terms stands beside them. */
const PHRASES = {
  reference: [],
  date: [],
  version: ['version'],
  national_id: [],
  tsc_number: [],
  mobile: [],
  town: [],
  through: [],
  subject: ['role', 'exam'],
  greeting: ['name'],
  opening: ['role', 'exam'],
  duty: [],
  centre: [],
  county: [],
  county_value: ['county', 'sub_county'],
  rehearsal: [],
  reporting: [],
  reporting_value: ['day', 'time'],
  period: [],
  period_value: ['from', 'to'],
  rate: [],
  rate_value: ['rate'],
  duties: [],
  terms: [],
  closing: [],
  check: [],
  check_scan: [],
  check_sms: ['code', 'short_code'],
  check_why: [],
} as const satisfies Record<string, readonly string[]>
export type Phrase = keyof typeof PHRASES

const both = z.strictObject({ en: z.string().min(1), sw: z.string().min(1) })
const short = (most: number) => z.strictObject({ en: z.string().min(1).max(most), sw: z.string().min(1).max(most) })
const duties = z.array(short(MOST_DUTY)).min(1).max(10)
const file = z.strictObject({
  phrases: z.strictObject(Object.fromEntries(Object.keys(PHRASES).map((name) => [name, both])) as Record<Phrase, typeof both>),
  roles: z.strictObject({
    supervisor: both,
    invigilator: both,
    examiner: both,
    practical_examiner: both,
    security: both,
    driver: both,
  }),
  duties: z.strictObject({
    supervisor: duties,
    invigilator: duties,
    examiner: duties,
    practical_examiner: duties,
    security: duties,
    driver: duties,
  }),
  terms: z.array(short(MOST_TERM)).min(1).max(8),
})

export type LetterWords = {
  /** A phrase with its `{holes}` filled; throws where a value is missing. Not escaped. */
  say(name: Phrase, language: Language, values?: Readonly<Record<string, string | number>>): string
  role(role: Role, language: Language): string
  /** What someone of this role does, in order; frozen into the letter when it is issued. */
  duties(role: Role, language: Language): string[]
  terms(language: Language): string[]
}

/** Reads `letter.yaml` of `folder`; what is wrong in it is noted in `problems`, and undefined is given where it cannot be used. */
export function readLetterWords(folder: string, problems: Problem[]): LetterWords | undefined {
  const source = readSource(join(folder, 'letter.yaml'))
  const all = shaped(source, file, problems)
  if (!all) return undefined
  for (const [name, holes] of Object.entries(PHRASES) as [Phrase, readonly string[]][])
    for (const language of ['en', 'sw'] as const)
      for (const hole of holesOf(all.phrases[name][language]))
        if (!holes.includes(hole)) problems.push(source.problem(['phrases', name, language], `'${name}' has no value {${hole}}`))
  return {
    say: (name, language, values = {}) =>
      all.phrases[name][language].replace(HOLE, (_, hole: string) => {
        const value = values[hole]
        if (value === undefined) throw new Fault('bad_settings', `'${name}' of menus/letter.yaml was given no {${hole}}`)
        return String(value)
      }),
    role: (role, language) => all.roles[role][language],
    duties: (role, language) => all.duties[role].map((duty) => duty[language]),
    terms: (language) => all.terms.map((term) => term[language]),
  }
}

export const MENUS = join(import.meta.dirname, '../../menus')

/** The same for whoever needs them now: throws a Fault that says, by line and column, what to mend. */
export function openLetterWords(folder = MENUS): LetterWords {
  const problems: Problem[] = []
  const words = readLetterWords(folder, problems)
  if (!words || problems.length > 0)
    throw new Fault('bad_settings', `The letter's words need mending:\n  ${problems.map(described).join('\n  ')}`)
  return words
}
