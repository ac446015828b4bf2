import type { Clock } from '../base/clock.ts'

/** Waits so that there are never more than `perSecond` turns in any 1,000 ms, by a clock that nobody can set. */
export function openPace(
  clock: Pick<Clock, 'ticks' | 'sleep'>,
  perSecond: number,
): { turn(signal?: AbortSignal): Promise<void> } {
  // The ticks of the last turns, as a ring: the oldest stands where the next will.
  const turns = new Float64Array(perSecond).fill(Number.NEGATIVE_INFINITY)
  let next = 0
  return {
    async turn(signal) {
      for (;;) {
        const wait = (turns[next] as number) + 1_000 - clock.ticks()
        if (wait < 0 || signal?.aborted) break
        await clock.sleep(Math.ceil(wait) + 1, signal)
      }
      turns[next] = clock.ticks()
      next = (next + 1) % perSecond
    },
  }
}
