import { DAY, HOUR, MINUTE, nairobiHour } from '../base/dates.ts'
import type { MessageClass } from '../store/schema.ts'

export type ClassRule = {
  /** Lower goes first. */
  rank: number
  /** A message that waited longer is not sent: it would only confuse. */
  lifeMs: number
  /** Handed to the gateway at most so often. */
  tries: number
  /** Waits before the second, third … try. */
  backoffMs: readonly number[]
  /** When nobody knows whether it was sent: send the same once more after so long, or never. */
  resendUnknownAfterMs: number | undefined
  /** Hours of the day in Nairobi, from and to; at any time where absent. */
  hours?: readonly [from: number, to: number]
}

/** A double does no harm where both texts are the same secret or the same letter; elsewhere it would only cost and annoy. */
export const classes = {
  otp: { rank: 0, lifeMs: HOUR, tries: 4, backoffMs: [2_000, 10_000, 60_000], resendUnknownAfterMs: MINUTE },
  reply: { rank: 1, lifeMs: HOUR, tries: 4, backoffMs: [5_000, 30_000, 5 * MINUTE], resendUnknownAfterMs: undefined },
  notice: {
    rank: 2,
    lifeMs: 3 * DAY,
    tries: 8,
    backoffMs: [10_000, MINUTE, 10 * MINUTE, HOUR],
    resendUnknownAfterMs: 15 * MINUTE,
    hours: [6, 20],
  },
  bulk: { rank: 3, lifeMs: DAY, tries: 3, backoffMs: [MINUTE, 30 * MINUTE], resendUnknownAfterMs: undefined, hours: [7, 19] },
} satisfies Record<MessageClass, ClassRule>

export const MESSAGE_CLASSES = Object.keys(classes) as MessageClass[]
export const ruleOf = (name: MessageClass): ClassRule => classes[name]

/** The class that comes after all others. */
export const LAST_RANK = Math.max(...MESSAGE_CLASSES.map((name) => ruleOf(name).rank))

/** How far down the classes may go out to people at this hour: nobody is woken for what they did not just ask for. Who comes later sleeps longer. */
export function lastAwake(at: number): number {
  const hour = nairobiHour(at)
  const awake = MESSAGE_CLASSES.filter((name) => {
    const { hours } = ruleOf(name)
    return !hours || (hour >= hours[0] && hour < hours[1])
  })
  return Math.max(...awake.map((name) => ruleOf(name).rank))
}
