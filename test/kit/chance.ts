export type Chance = {
  /** A whole number, `0 <= n < below`. */
  below(below: number): number
  pick<T>(things: readonly T[]): T
}

/** The same rolls for the same seed, so that what was seen once can be seen again. */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0
  const below = (limit: number) => {
    // xorshift32, from a state that is never 0.
    state = (state || 0x9e3779b9) ^ (state << 13)
    state ^= state >>> 17
    state = (state ^ (state << 5)) >>> 0
    return state % limit
  }
  return { below, pick: (things) => things[below(things.length)] as (typeof things)[number] }
}
