import type { Context } from 'koa'
import type { Language } from '../store/schema.ts'
import { LANGUAGES } from '../text/phrasebook.ts'
import { cookieOf, setCookie } from './cookies.ts'
import type { PageWords } from './words.ts'

/** Whoever reads a page, and how to speak to them. */
export type Reader = {
  language: Language
  /** Words of `menus/pages/` in their language. */
  say(name: string, values?: Readonly<Record<string, string | number>>): string
  /** A path of ours that keeps the language they chose. */
  to(path: string): string
  /** Whether they chose the language by hand; then forms carry it on. */
  chose: boolean
  /** Whether there are words of that name: for words that an address asks for. */
  has(name: string): boolean
  /** Where the language switch leads. */
  otherLanguage: string
  /** A day and an hour in Nairobi: `5 Nov 2026, 14:05`. */
  time(at: number): string
  /** A number with its thousands apart. */
  count(n: number): string
  /** A day (`YYYY-MM-DD`, or milliseconds since 1970) as people write it: `5 November 2026`. */
  day(day: string | number): string
}

const days: Record<Language, Intl.DateTimeFormat> = { en: dayFormat('en-KE'), sw: dayFormat('sw-KE') }

const times: Record<Language, Intl.DateTimeFormat> = { en: timeFormat('en-KE'), sw: timeFormat('sw-KE') }

/** `?lang=` if it was given, else what the browser asks for, else English. */
export function readerOf(ctx: Context, words: PageWords): Reader {
  const given = LANGUAGES.find((each) => each === ctx.query.lang)
  const language = given ?? ((ctx.acceptsLanguages('en', 'sw') || 'en') as Language)
  return {
    ...speaking(language, words),
    chose: given !== undefined,
    otherLanguage: `?lang=${language === 'en' ? 'sw' : 'en'}`,
    to: (path) => (given === undefined ? path : `${path}?lang=${given}`),
  }
}

function speaking(language: Language, words: PageWords) {
  return {
    language,
    has: (name: string) => words.has(name),
    say: (name: string, values?: Readonly<Record<string, string | number>>) => words.say(name, language, values),
    time: (at: number) => times[language].format(at),
    count: (n: number) => n.toLocaleString('en-KE'),
    day: (day: string | number) => days[language].format(typeof day === 'number' ? day : Date.parse(`${day}T12:00:00+03:00`)),
  }
}

function timeFormat(locale: string) {
  return new Intl.DateTimeFormat(locale, {
    dateStyle: 'medium',
    timeStyle: 'short',
    hourCycle: 'h23',
    timeZone: 'Africa/Nairobi',
  })
}

function dayFormat(locale: string) {
  return new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'Africa/Nairobi' })
}

/**
 * The same on a face, where a cookie remembers the language: addresses stay as they are. `asked` is what the switch of a form said;
 * `page` where a page stands that can be asked for, when this one was the answer to a form.
 */
export function faceReaderOf(
  ctx: Context,
  words: PageWords,
  { asked, page }: { asked?: string | undefined; page?: string | undefined } = {},
): Reader {
  const given = LANGUAGES.find((each) => each === (asked ?? ctx.query.lang))
  if (given) setCookie(ctx, 'lang', given, 365 * 24 * 3600)
  const remembered = LANGUAGES.find((each) => each === cookieOf(ctx, 'lang'))
  const language = given ?? remembered ?? readerOf(ctx, words).language
  const query = new URLSearchParams(page === undefined ? ctx.querystring : '')
  query.set('lang', language === 'en' ? 'sw' : 'en')
  return { ...speaking(language, words), chose: false, otherLanguage: `${page ?? ''}?${query}`, to: (path) => path }
}
