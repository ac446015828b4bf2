export const DAY = 86_400_000
export const HOUR = 3_600_000
export const MINUTE = 60_000

/** The date in Nairobi (UTC+3 all year), `YYYY-MM-DD`, of a moment in milliseconds since 1970. */
export function nairobiDay(at: number): string {
  return new Date(at + 3 * HOUR).toISOString().slice(0, 10)
}

/** The hour in Nairobi, 0 to 23. */
export function nairobiHour(at: number): number {
  return Math.floor(((at + 3 * HOUR) % DAY) / HOUR)
}

/** Milliseconds since 1970 of midnight in Nairobi at the start of `day` (`YYYY-MM-DD`). */
export function startOfDay(day: string): number {
  return Date.parse(`${day}T00:00:00+03:00`)
}

/** `day` moved by whole days. */
export function addDays(day: string, days: number): string {
  return nairobiDay(startOfDay(day) + days * DAY + 12 * HOUR)
}

/** Whether `text` is a day of the calendar, `YYYY-MM-DD`. */
export function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(startOfDay(text)) && addDays(text, 0) === text
}

/** A moment of ISO 8601, in milliseconds since 1970, where no zone is named in Nairobi's time; a day is its first moment. Undefined where it is none. */
export function readMoment(text: string): number | undefined {
  if (isDay(text)) return startOfDay(text)
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text)) return undefined
  const at = Date.parse(/(Z|[+-]\d{2}:\d{2})$/.test(text) ? text : `${text}+03:00`)
  return Number.isNaN(at) ? undefined : at
}

/** `2026-11-05` as people write it: `5/11/2026`. */
export function shortDay(day: string): string {
  const [year, month, date] = day.split('-').map(Number)
  return `${date}/${month}/${year}`
}

/** A moment as people write it: `5/11/2026 07:00`; empty for none. */
export function shortMoment(at: number | null): string {
  if (at === null) return ''
  const clock = new Date(at + 3 * HOUR).toISOString().slice(11, 16)
  return `${shortDay(nairobiDay(at))} ${clock}`
}

/** Of a day `YYYY-MM-DD`. */
export const yearOf = (day: string): number => Number(day.slice(0, 4))
