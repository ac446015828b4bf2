/** Runs at most `width` jobs at once; the others wait their turn, in order. */
export function openLane(width: number): <T>(job: () => Promise<T>) => Promise<T> {
  let free = width
  const waiting: (() => void)[] = []
  return async (job) => {
    if (free > 0) free -= 1
    else await new Promise<void>((turn) => waiting.push(turn))
    try {
      return await job()
    } finally {
      const turn = waiting.shift()
      if (turn) turn()
      else free += 1
    }
  }
}
