import { prefixOf } from '../base/msisdn.ts'
import { type Limit, SMS_IN_ALL, SMS_OF_NUMBER, SMS_OF_PREFIX } from '../security/limit-sizes.ts'
import { countWithin } from '../security/limits.ts'
import type { MessageClass } from '../store/schema.ts'
import type { Tx } from '../store/store.ts'

export type SmsCaps = { number: Limit; prefix: Limit; all: Limit }
export const SMS_CAPS: SmsCaps = { number: SMS_OF_NUMBER, prefix: SMS_OF_PREFIX, all: SMS_IN_ALL }

/**
 * Counts a message that is about to leave, and says whose cap it would pass; undefined where it may go. What officers send is not
 * counted: they have seen how many there are, and what they cost.
 */
export async function overCap(
  tx: Tx,
  at: number,
  { class: kind, msisdn }: { class: MessageClass; msisdn: string },
  { number, prefix, all }: SmsCaps,
): Promise<keyof SmsCaps | undefined> {
  if (kind !== 'otp' && kind !== 'reply') return undefined
  if ((await countWithin(tx, at, `sms:${msisdn}`, number)) === undefined) return 'number'
  if ((await countWithin(tx, at, `sms:${prefixOf(msisdn)}`, prefix)) === undefined) return 'prefix'
  return (await countWithin(tx, at, 'sms:all', all)) === undefined ? 'all' : undefined
}
