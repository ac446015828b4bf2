import type { Language } from '../store/schema.ts'
import type { LetterFacts } from './facts.ts'
import type { Letterhead } from './letterhead.ts'
import type { LetterWords } from './words.ts'

/** A label and what stands beside it. */
export type Row = readonly [label: string, value: string]

/** What a letter says, in its own language and in reading order, before anyone gives it a shape. Nothing is escaped. */
export type LetterContent = ReturnType<typeof contentOf>

/** The same words for paper and page. `shortCode` is where `VERIFY` goes by SMS. */
export function contentOf(
  frozen: LetterFacts,
  words: LetterWords,
  { signatory }: Pick<Letterhead, 'signatory'>,
  shortCode: string,
) {
  const facts = plain(frozen)
  const { language, person, job, station } = facts
  const say = (...[name, values]: [Parameters<LetterWords['say']>[0], Parameters<LetterWords['say']>[2]?]) =>
    words.say(name, language, values)
  const role = words.role(job.role, language)
  const exam = `${job.exam} ${job.examYear}`
  const reporting = say('reporting_value', { day: weekDay(facts.reportOn, language), time: facts.reportAt })
  const rows: Row[] = [
    [say('duty'), `${language === 'sw' ? job.titleSw : job.title} (${job.code})`],
    [say('centre'), `${station.centreCode} ${station.name}`],
    [say('county'), say('county_value', { county: station.county, sub_county: station.subCounty })],
    ...(facts.rehearsalOn ? ([[say('rehearsal'), weekDay(facts.rehearsalOn, language)]] as const) : []),
    [say('reporting'), reporting],
    [say('period'), say('period_value', { from: longDay(facts.startsOn, language), to: longDay(facts.endsOn, language) })],
    [say('rate'), say('rate_value', { rate: `KES ${job.dailyRateKes.toLocaleString('en')}` })],
  ]
  const details: Row[] = [
    [say('national_id'), person.idMasked],
    ...(person.tscNumber ? ([[say('tsc_number'), person.tscNumber]] as const) : []),
    [say('mobile'), person.mobile],
    ...(person.town ? ([[say('town'), person.town]] as const) : []),
  ]
  return {
    language,
    reference: [say('reference'), facts.reference] satisfies Row,
    date: [say('date'), longDay(facts.issuedOn, language)] satisfies Row,
    version: facts.version > 1 ? say('version', { version: facts.version }) : undefined,
    name: person.name,
    details,
    through: [say('through'), facts.through] satisfies Row,
    subject: say('subject', { role, exam }),
    greeting: say('greeting', { name: person.name }),
    opening: say('opening', { role, exam }),
    rows,
    duties: { heading: say('duties'), items: facts.duties },
    terms: { heading: say('terms'), items: facts.terms },
    closing: say('closing'),
    signatory,
    check: {
      heading: say('check'),
      scan: say('check_scan'),
      url: facts.verifyUrl,
      code: facts.verifyCode,
      sms: say('check_sms', { code: facts.verifyCode, short_code: shortCode }),
      why: say('check_why'),
    },
  }
}

const format = (locale: string, weekday: boolean) =>
  new Intl.DateTimeFormat(locale, {
    ...(weekday && { weekday: 'long' }),
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'Africa/Nairobi',
  })
const days: Record<Language, Intl.DateTimeFormat> = { en: format('en-KE', false), sw: format('sw-KE', false) }
const weekDays: Record<Language, Intl.DateTimeFormat> = { en: format('en-KE', true), sw: format('sw-KE', true) }
const noon = (day: string) => Date.parse(`${day}T12:00:00+03:00`)
/** `5 November 2026` */
const longDay = (day: string, language: Language) => days[language].format(noon(day))
/** `Thursday, 5 November 2026` */
const weekDay = (day: string, language: Language) => weekDays[language].format(noon(day))

/**
 * The same facts with every text on one line, composed (`ũ` as one letter), and without characters that have no shape of their own:
 * controls, and the marks that turn the direction of what follows, by which one name can be made to look like another.
 */
function plain<T>(value: T): T {
  if (typeof value === 'string')
    return value
      .normalize('NFC')
      .replace(/\s+/gu, ' ')
      .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}]/gu, '')
      .trim() as T
  if (Array.isArray(value)) return value.map(plain) as T
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)])) as T
  return value
}
