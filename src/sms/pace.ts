import type { Clock } from '../base/clock.ts'

/**
 * Waits so that never more than `perSecond` messages reach the gateway in any 1,000 ms, by a clock that nobody can set.
 * Each turn gives the function to call when its answer is there: a message arrives somewhere between the two,
 * so its place is free again 1,000 ms after the answer. Counted from the turn, a slow one would arrive together with the next ones.
 */
export function openPace(
  clock: Pick<Clock, 'ticks' | 'sleep'>,
  perSecond: number,
): { turn(signal?: AbortSignal): Promise<() => void>; fill(): void } {
  let underWay = 0
  /** The ticks of the last answers, the oldest first. */
  const answers: number[] = []
  return {
    async turn(signal) {
      for (;;) {
        const now = clock.ticks()
        while (now - (answers[0] ?? now) > 1_000) answers.shift()
        if (underWay + answers.length < perSecond || signal?.aborted) break
        // With all of them still under way no place can be free sooner than 1,000 ms from now.
        await clock.sleep(Math.ceil((answers[0] ?? now) + 1_000 - now) + 1, signal)
      }
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
