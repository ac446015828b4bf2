export type Numbered<T> = T & { n: number }

export type Ring<T> = {
  /** Keeps the item under the next number and forgets the oldest when there are too many. */
  add(item: T): Numbered<T>
  /** Everything kept with a higher number than `n`, oldest first. */
  after(n: number): Numbered<T>[]
  clear(): void
  /** Resolves at the next `add`, or when `signal` aborts. */
  next(signal: AbortSignal): Promise<void>
}

/** The newest `limit` items, numbered 1, 2, 3 … so that a reader can ask for what came since. Numbers go on after `clear`. */
export function openRing<T>(limit: number): Ring<T> {
  let last = 0
  let items: Numbered<T>[] = []
  const waiting = new Set<() => void>()
  return {
    add(item) {
      last += 1
      const numbered = Object.assign(item as object, { n: last }) as Numbered<T>
      items.push(numbered)
      if (items.length > limit) items.shift()
      for (const wake of waiting) wake()
      return numbered
    },
    after: (n) => items.filter((item) => item.n > n),
    clear() {
      items = []
    },
    next: (signal) =>
      new Promise((resolve) => {
        const wake = () => {
          waiting.delete(wake)
          signal.removeEventListener('abort', wake)
          resolve()
        }
        if (signal.aborted) return resolve()
        waiting.add(wake)
        signal.addEventListener('abort', wake)
      }),
  }
}
