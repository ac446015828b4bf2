import type { Context } from 'koa'
import type { Language } from '../store/schema.ts'
import { LANGUAGES } from '../text/phrasebook.ts'
import type { PageWords } from './words.ts'

/** Whoever reads a page, and how to speak to them. */
export type Reader = {
  language: Language
  /** Words of `menus/pages.yaml` in their language. */
  say(name: string, values?: Readonly<Record<string, string | number>>): string
  /** A path of ours that keeps the language they chose. */
  to(path: string): string
  /** Whether they chose the language by hand; then forms carry it on. */
  chose: boolean
  /** A day (`YYYY-MM-DD`, or milliseconds since 1970) as people write it: `5 November 2026`. */
  day(day: string | number): string
}

const days: Record<Language, Intl.DateTimeFormat> = { en: dayFormat('en-KE'), sw: dayFormat('sw-KE') }

/** `?lang=` if it was given, else what the browser asks for, else English. */
export function readerOf(ctx: Context, words: PageWords): Reader {
  const given = LANGUAGES.find((each) => each === ctx.query.lang)
  const language = given ?? ((ctx.acceptsLanguages('en', 'sw') || 'en') as Language)
  return {
    language,
    chose: given !== undefined,
    say: (name, values) => words.say(name, language, values),
    to: (path) => (given === undefined ? path : `${path}?lang=${given}`),
    day: (day) => days[language].format(typeof day === 'number' ? day : Date.parse(`${day}T12:00:00+03:00`)),
  }
}

function dayFormat(locale: string) {
  return new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'Africa/Nairobi' })
}
