import type { Tools } from '../app.ts'

const DIGITS = 5

/** The code that is shown at a station on one day: five digits that nobody can work out without the service's key. Stored nowhere. */
export function dayCode({ keyring }: Pick<Tools, 'keyring'>, centreCode: string, day: string): string {
  return digitsOf(keyring.sign('day_code', `${centreCode}:${day}`))
}

/** Also by a key that was in use this morning. */
export const isDayCode = ({ keyring }: Pick<Tools, 'keyring'>, centreCode: string, day: string, typed: string): boolean =>
  keyring.signatures('day_code', `${centreCode}:${day}`).some((mac) => digitsOf(mac) === typed)

const digitsOf = (mac: Buffer): string => String(mac.readUInt32BE(0) % 10 ** DIGITS).padStart(DIGITS, '0')
