import { LRUCache } from 'lru-cache'
import type { App } from '../app.ts'
import type { Limit } from './limit-sizes.ts'
import { countWithin, endOfWindow } from './limits.ts'

type Share = { until: number; left: number; owed: number; full: boolean; asking: Promise<void> | undefined }

/**
 * A limit that all processes on one database keep together, for what is far too frequent to be written down each time. A process spends
 * a twentieth of `most` before it asks the table, and then takes a twentieth at a time: so nobody who types by hand costs a query, and a
 * row that everybody shares is written some twenty times a window, in units of its own. What the table gave out is never more than
 * `most`; a process that has not asked yet is not in it: together at most `most` and a twentieth for each process but one.
 * What was taken and not spent when the window ends, or the process, is lost. The `keys` that came last are remembered, each for some 150
 * bytes; whoever is forgotten begins with a twentieth anew.
 */
export function openShares({ store, clock }: Pick<App, 'store' | 'clock'>, name: string, keys: number, limit: Limit) {
  const part = Math.max(1, Math.floor(limit.most / 20))
  const shares = new LRUCache<string, Share>({ max: keys })

  function shareOf(key: string): Share {
    const at = clock.now()
    const known = shares.get(key)
    if (known && at < known.until && known.until <= at + 2 * limit.windowMs) return known
    const fresh = { until: endOfWindow(at, limit.windowMs), left: part, owed: part, full: false, asking: undefined }
    shares.set(key, fresh)
    return fresh
  }

  async function ask(key: string, share: Share) {
    const row = `${name}:${key}`
    const until = await store.work(`limit:${row}`, (tx) => countWithin(tx, clock.now(), row, limit, share.owed + part))
    if (until === undefined) share.full = true
    else Object.assign(share, { until, left: part, owed: 0 })
  }

  /** False when `key` has had its share. Throws what the store throws. */
  return async function take(key: string): Promise<boolean> {
    for (;;) {
      const share = shareOf(key)
      if (share.left > 0) {
        share.left -= 1
        return true
      }
      if (share.full) return false
      share.asking ??= ask(key, share).finally(() => {
        share.asking = undefined
      })
      await share.asking
    }
  }
}
