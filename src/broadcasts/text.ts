import type { Language } from '../store/schema.ts'
import { septets, strangers } from '../text/gsm7.ts'
import { segments } from '../text/segments.ts'

/** The same message in both languages. */
export type Texts = Readonly<Record<Language, string>>

/** A broadcast of more is refused: three parts arrive in one piece on every phone, and each is paid for. */
export const MOST_SEGMENTS = 3
/** Of a message of Africa's Talking to a Kenyan number in cents of a shilling, per segment: its answers say `KES 0.8000`. */
const SEGMENT_CENTS = 80

/** What is wrong with a text, or how much of the air it takes. `stranger` is the first character that GSM-7 lacks. */
export type Measured =
  | { wrong: 'empty' }
  | { wrong: 'stranger'; stranger: string }
  | { wrong: 'long'; septets: number; segments: number }
  | { wrong?: undefined; septets: number; segments: number }

/** Line ends as a phone knows them: forms send CR LF, and CR must never be sent. */
export const asTyped = (text: string): string => text.replace(/\r\n?/g, '\n').trim()

/** Measures a text that an officer wrote, `most` segments allowed. */
export function measure(text: string, most: number): Measured {
  if (text === '') return { wrong: 'empty' }
  const [stranger] = strangers(text)
  if (stranger !== undefined) return { wrong: 'stranger', stranger }
  const size = { septets: septets(text), segments: segments(text).count }
  return size.segments > most ? { wrong: 'long', ...size } : size
}

/** What so many segments cost, in shillings. */
export const costOf = (all: number): number => (all * SEGMENT_CENTS) / 100

export type People = Readonly<Record<Language, number>>
export type Price = { people: number; segments: number; costKes: number }

/** What it takes to send the texts to so many people by language. */
export function priceOf(texts: Texts, people: People): Price {
  const all = people.en * segments(texts.en).count + people.sw * segments(texts.sw).count
  return { people: people.en + people.sw, segments: all, costKes: costOf(all) }
}
