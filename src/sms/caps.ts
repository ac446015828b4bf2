import { prefixOf } from '../base/msisdn.ts'
import { type Limit, SMS_IN_ALL, SMS_OF_NUMBER, SMS_OF_PREFIX } from '../security/limit-sizes.ts'
import { countWithin, uncount } from '../security/limits.ts'
import type { MessageClass } from '../store/schema.ts'
import type { Tx } from '../store/store.ts'

export type SmsCaps = { number: Limit; prefix: Limit; all: Limit }
export const SMS_CAPS: SmsCaps = { number: SMS_OF_NUMBER, prefix: SMS_OF_PREFIX, all: SMS_IN_ALL }

type Message = { class: MessageClass; msisdn: string }

const isCounted = ({ class: kind }: Message): boolean => kind === 'otp' || kind === 'reply'
/** What a message is counted under, the narrowest first. */
const keysOf = ({ msisdn }: Message): [keyof SmsCaps, string][] => [
  ['number', `sms:${msisdn}`],
  ['prefix', `sms:${prefixOf(msisdn)}`],
  ['all', 'sms:all'],
]

/**
 * Counts a message that is about to leave, and says whose cap it would pass; undefined where it may go. What officers send is not
 * counted: they have seen how many there are, and what they cost.
 */
export async function overCap(tx: Tx, at: number, message: Message, caps: SmsCaps): Promise<keyof SmsCaps | undefined> {
  if (!isCounted(message)) return undefined
  for (const [why, key] of keysOf(message)) if ((await countWithin(tx, at, key, caps[why])) === undefined) return why
  return undefined
}

/** It was counted, and did not leave after all. */
export async function notSent(tx: Tx, at: number, message: Message, caps: SmsCaps): Promise<void> {
  if (isCounted(message)) for (const [why, key] of keysOf(message)) await uncount(tx, at, key, caps[why])
}
