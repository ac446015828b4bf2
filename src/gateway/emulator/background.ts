import type { Log } from '../../base/log.ts'

export type Background = {
  /** Aborts when the emulator closes: every wait and every call out listens to it. */
  signal: AbortSignal
  /** Lets a job go on by itself; a job that breaks is logged. */
  run(job: Promise<unknown>): void
  /** Aborts `signal` and resolves when every job has let go. */
  close(): Promise<void>
}

/** What goes on while nobody waits for it: reports, redeliveries, session clocks. */
export function openBackground(log: Pick<Log, 'error'>): Background {
  const controller = new AbortController()
  const jobs = new Set<Promise<unknown>>()
  return {
    signal: controller.signal,
    run(job) {
      const settled = job.catch((error: unknown) => log.error({ error }, 'the emulator lost a background job'))
      jobs.add(settled)
      settled.finally(() => jobs.delete(settled))
    },
    async close() {
      controller.abort()
      await Promise.all(jobs)
    },
  }
}
