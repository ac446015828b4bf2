import type { Clock } from '../base/clock.ts'
import type { Store, Tx } from './store.ts'

/** Between two slices, so that whoever waits for an answer comes first. */
export const BREATH_MS = 10

/**
 * Runs one small unit after the other until one gives fewer than `most` rows; gives how many in all. What a nation leaves behind in a
 * day, forgotten at once, would hold every caller for seconds.
 */
export async function bySlices(
  { store, clock }: { store: Store; clock: Pick<Clock, 'sleep'> },
  key: string,
  most: number,
  unit: (tx: Tx) => Promise<number>,
): Promise<number> {
  for (let all = 0; ; ) {
    const some = await store.work(key, unit)
    all += some
    if (some < most) return all
    await clock.sleep(BREATH_MS)
  }
}
