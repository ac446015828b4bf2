import { randomBytes, randomInt, randomUUIDv7 } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'

/** The only source of time and of chance. Tests replace it whole. */
export type Clock = {
  /** Wall clock, milliseconds since 1970 (UTC): for what is stored and shown. */
  now(): number
  /** Monotonic milliseconds: for timers and rates; a changed wall clock does not move it. */
  ticks(): number
  /** Resolves after `ms`, or at once when `signal` aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  bytes(length: number): Buffer
  /** A whole number, `0 <= n < below`. */
  below(below: number): number
  /** An identifier for a row: 74 random bits behind the time, so that rows of one moment lie together in every index. No secret. */
  id(): string
}

/** Asking the system for each nonce costs more than sealing with it: many are drawn at once. What was given out is never given out again. */
const POOL = 8_192
let pool = Buffer.alloc(0)
function drawn(length: number): Buffer {
  if (length > 64) return randomBytes(length)
  if (pool.length < length) pool = randomBytes(POOL)
  const taken = Buffer.from(pool.subarray(0, length))
  pool = pool.subarray(length)
  return taken
}

export const systemClock: Clock = {
  now: () => Date.now(),
  ticks: () => performance.now(),
  sleep: (ms, signal) =>
    wait(ms, undefined, signal ? { signal } : {}).catch((reason: unknown) => {
      if (!signal?.aborted) throw reason
    }),
  bytes: drawn,
  below: (below) => randomInt(below),
  id: () => randomUUIDv7(),
}
