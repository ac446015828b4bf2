/** The most that fall into any span of 1,000 ms, its beginning included and its end not. */
export function most(at: readonly number[]): number {
  const sorted = [...at].sort((a, b) => a - b)
  let first = 0
  return sorted.reduce((peak, now, last) => {
    while (now - (sorted[first] as number) >= 1_000) first++
    return Math.max(peak, last - first + 1)
  }, 0)
}
