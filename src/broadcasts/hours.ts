import { addDays, HOUR, MINUTE, nairobiDay, startOfDay } from '../base/dates.ts'
import type { Config } from '../config.ts'
import { classes, lastAwake } from '../sms/classes.ts'

/** From and to, in hours of Nairobi's day. */
export const BULK_HOURS = classes.bulk.hours

/** A stand-in on this machine wakes nobody. */
export function keepsHours({ production, gateway: { url, apiKey } }: Pick<Config, 'production' | 'gateway'>): boolean {
  if (url !== undefined) return !['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname)
  return production || apiKey !== undefined
}

/** When a broadcast that is written now may begin to go out: now, or when the quiet hours are over. Milliseconds since 1970. */
export function goesAt(config: Pick<Config, 'production' | 'gateway'>, at: number): number {
  if (!keepsHours(config) || lastAwake(at) >= classes.bulk.rank) return at
  const today = startOfDay(nairobiDay(at)) + BULK_HOURS[0] * HOUR
  const opens = today > at ? today : startOfDay(addDays(nairobiDay(at), 1)) + BULK_HOURS[0] * HOUR
  // Not all in the same millisecond: a long table of messages is walked by it.
  return opens + (at % MINUTE)
}
