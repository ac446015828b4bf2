/** The demonstration's own dice: the same seed always falls the same way, so that a made-up person is the same person on every machine. */
export type Dice = { below(limit: number): number; pick<T>(list: readonly T[]): T }

/** Mulberry32, a small generator; nothing secret comes from it. */
export function dice(seed: number): Dice {
  let state = seed >>> 0
  const below = (limit: number) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
  return {
    below,
    pick: (list) => {
      const found = list[below(list.length)]
      if (found === undefined) throw new RangeError('nothing to pick from')
      return found
    },
  }
}
