import { type DestinationStream, type Logger, pino } from 'pino'
import { bareError } from './bare.ts'
import { systemClock } from './clock.ts'

export type Log = Logger

/**
 * A log that cannot hold a phone, an identity number, a PIN or a letter code: every line is scrubbed whole, whatever field it came in.
 * Message texts are kept out by never being given to it.
 */
export function openLog(level: string, to: { write(line: string): void } = process.stdout): Log {
  const scrubbed: DestinationStream = { write: (line) => to.write(scrub(line)) }
  return pino(
    {
      level,
      base: null,
      serializers: { err: (reason: unknown) => bareError(reason) },
      timestamp: () => `,"time":"${new Date(systemClock.now()).toISOString()}"`,
    },
    scrubbed,
  )
}

/** Row ids, moments and days: numbers that are nobody's. */
const KEPT = [
  /[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}(?![\da-z])/,
  /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/,
  /(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?![\d-])/,
]
const CODES = [
  /(?<![\da-z])(?:[\da-z]{4}-){3,}[\da-z]{4}(?![\da-z])/,
  // Without hyphens four words of four letters would look the same: so with a digit, or of a code's own letters only.
  /(?<![\da-z])(?=[a-z\s]*\d)(?:[\da-z]{4}\s?){3}[\da-z]{4}(?![\da-z])/,
  /(?<![\da-z])(?:[a-hjkmnp-tv-z]{4}\s?){3}[a-hjkmnp-tv-z]{4}(?![\da-z])/,
]
const NUMBERS = [
  // A point stands in versions and fractions too: so only in what is as long as a phone.
  /[+(]*\p{Nd}(?:[\s()./_\p{Pd}]{0,3}\p{Nd}){6,}/u,
  /[+(]*\p{Nd}(?:[\s()\p{Pd}]{0,2}\p{Nd}){4,}/u,
]
const source = (patterns: RegExp[]) => patterns.map((pattern) => pattern.source).join('|')
const TELLING = new RegExp(`(?<kept>${source(KEPT)})|${source(CODES)}|${source(NUMBERS)}`, 'giu')
/** The strings (keys too) and the numbers of a line of JSON. */
const PARTS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/gi

/** Puts `#` for digit runs of five and more, whatever stands between them, and for letter codes. It stays a line of JSON. */
function scrub(line: string): string {
  return line.replace(PARTS, (part) => {
    if (part.startsWith('"'))
      return JSON.stringify((JSON.parse(part) as string).replace(TELLING, (_, kept?: string) => kept ?? '#'))
    return /^-?\d{5}/.test(part) ? '"#"' : part
  })
}
