import type { Clock } from '../base/clock.ts'

type Waiting = { until: number; late: () => void }

/**
 * Gives each work `ms` to finish, to within `stepMs`; then `late` answers in its place and the work goes on unheard.
 * One timer serves all: at thousands of hops a second, one each would cost more than the hop.
 */
export function openDeadline({
  clock,
  ms,
  stepMs = 250,
}: {
  clock: Pick<Clock, 'ticks' | 'sleep'>
  ms: number
  stepMs?: number
}) {
  // All wait equally long, so the order of arrival is the order of deadlines.
  const waiting = new Set<Waiting>()
  let watching = false

  async function watch() {
    watching = true
    while (waiting.size > 0) {
      await clock.sleep(stepMs)
      for (const each of waiting) {
        if (each.until > clock.ticks()) break
        waiting.delete(each)
        each.late()
      }
    }
    watching = false
  }

  return <T>(work: Promise<T>, late: () => T | Promise<T>): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      const mine: Waiting = { until: clock.ticks() + ms, late: () => resolve(late()) }
      waiting.add(mine)
      work.then(resolve, reject).finally(() => waiting.delete(mine))
      if (!watching) void watch()
    })
}
