import { LRUCache } from 'lru-cache'
import type { Clock } from '../base/clock.ts'

type Seen = { window: number; now: number; before: number }

/**
 * At most `most` takings of one key in any `windowMs`, kept in memory and so forgotten by a restart.
 * The last window counts by the share of it that still reaches into the sliding one. Remembers 100,000 keys.
 */
export function openLimit({ clock, most, windowMs }: { clock: Pick<Clock, 'ticks'>; most: number; windowMs: number }) {
  const seen = new LRUCache<string, Seen>({ max: 100_000 })
  /** False when the key has had its share; such a taking is not counted. */
  return function take(key: string): boolean {
    const ticks = clock.ticks()
    const window = Math.floor(ticks / windowMs)
    const last = seen.get(key)
    const before = last?.window === window ? last.before : last?.window === window - 1 ? last.now : 0
    const now = last?.window === window ? last.now : 0
    const reaching = before * (1 - (ticks % windowMs) / windowMs)
    if (reaching + now + 1 > most) return false
    seen.set(key, { window, now: now + 1, before })
    return true
  }
}
