import type { App } from '../app.ts'
import type { Clock } from '../base/clock.ts'
import { HOUR } from '../base/dates.ts'

/** A password that is good once and for a day; only ever in the SMS. */
export type OneTime = { password: string; hash: string }

export const ONE_TIME_MS = 24 * HOUR

/** Eight digits, so that any phone can key them. */
export const newOneTime = (clock: Clock): string => Array.from({ length: 8 }, () => clock.below(10)).join('')

/** Made and hashed before the unit, for everybody alike: how long it takes tells nobody who is registered. */
export async function gatherOneTime(app: App): Promise<OneTime> {
  const password = newOneTime(app.clock)
  return { password, hash: await app.hasher.hash(password) }
}
