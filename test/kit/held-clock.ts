import { setTimeout as wait } from 'node:timers/promises'
import { type Clock, systemClock } from '../../src/base/clock.ts'

/** How long background work waits: between two slices, and before it looks for work again (src/runs/run.ts). */
export const BREATH_MS = 5
export const POLL_MS = 300

/** The system's clock, but a test can hold whoever sleeps for exactly so long: work that is under way stays so until it is let go. */
export function heldClock() {
  const gates = new Map<number, { open: Promise<void>; waiting: number }>()
  const clock: Clock = {
    ...systemClock,
    async sleep(ms, signal) {
      await systemClock.sleep(ms, signal)
      const gate = gates.get(ms)
      if (!gate) return
      gate.waiting++
      const stopped = new Promise<void>((done) => signal?.addEventListener('abort', () => done(), { once: true }))
      if (!signal?.aborted) await Promise.race([gate.open, stopped])
      gate.waiting--
    },
  }
  return {
    clock,
    hold(ms: number) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const gate = { open: promise, waiting: 0 }
      gates.set(ms, gate)
      return {
        /** When so many stand before the gate. */
        async reached(n = 1) {
          for (let tries = 0; gate.waiting < n; tries++) {
            if (tries > 1_000) throw new Error('nobody came to the gate')
            await wait(20)
          }
        },
        release() {
          gates.delete(ms)
          resolve()
        },
      }
    },
  }
}
