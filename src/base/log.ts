import { type DestinationStream, type Logger, pino } from 'pino'
import { systemClock } from './clock.ts'

export type Log = Logger

/**
 * A log that cannot hold a phone, an identity number, a PIN or a letter code: every line is scrubbed whole, whatever field it came in.
 * Message texts are kept out by never being given to it.
 */
export function openLog(level: string, to: { write(line: string): void } = process.stdout): Log {
  const scrubbed: DestinationStream = { write: (line) => to.write(scrub(line)) }
  return pino({ level, base: null, timestamp: () => `,"time":"${new Date(systemClock.now()).toISOString()}"` }, scrubbed)
}

/** Replaces digit runs of five and more (spaces, dashes and brackets between them too) and letter codes by `#`. Times stay. */
export function scrub(line: string): string {
  return line
    .replace(/\b(?:[0-9a-z]{4}-){3}[0-9a-z]{4}\b(?![-0-9a-z])/gi, '#')
    .replace(/(?<![\d-])\+?\(?\d(?:[ ()-]?\d){4,}(?![\d:])/g, (run) => (/^\d{4}-\d{2}-\d{2}$/.test(run) ? run : '#'))
}
