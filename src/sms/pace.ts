import type { Clock } from '../base/clock.ts'

/** How far a turn may be behind its time and still be made up for: timers wake late, and a commit holds one up. */
const SLACK_MS = 20

/**
 * Waits so that never more than `perSecond` messages reach the gateway in any 1,000 ms, by a clock that nobody can set.
 * Each turn gives the function to call when its answer is there: a message arrives somewhere between the two,
 * so its place is free again 1,000 ms after the answer. Counted from the turn, a slow one would arrive together with the next ones.
 * Turns are spread evenly over the second: what leaves in one heap is answered slowly, and each of its places would come back late.
 */
export function openPace(
  clock: Pick<Clock, 'ticks' | 'sleep'>,
  perSecond: number,
): { turn(signal?: AbortSignal): Promise<() => void>; fill(): void } {
  const apart = 1_000 / perSecond
  let underWay = 0
  /** The ticks of the last answers, the oldest first. */
  const answers: number[] = []
  /** When the next turn is due. */
  let due = Number.NEGATIVE_INFINITY
  return {
    async turn(signal) {
      for (;;) {
        const now = clock.ticks()
        while (now - (answers[0] ?? now) > 1_000) answers.shift()
        const free = underWay + answers.length < perSecond
        // With all of them still under way no place can be free sooner than 1,000 ms from now.
        const freeAt = free ? now : (answers[0] ?? now) + 1_000
        due = Math.max(due, freeAt - SLACK_MS)
        if ((free && due <= now) || signal?.aborted) break
        await clock.sleep(Math.ceil(Math.max(freeAt, due) - now) + 1, signal)
      }
      due += apart
      underWay++
      return () => {
        underWay--
        answers.push(clock.ticks())
      }
    },
    /** Somebody else may have sent as many as may be sent, up to this moment. */
    fill() {
      answers.splice(0, answers.length, ...Array.from({ length: perSecond }, () => clock.ticks()))
    },
  }
}
