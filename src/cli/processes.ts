import cluster, { type Worker } from 'node:cluster'
import { systemClock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'

/** One that lived no longer than this is not started again at once: it would only turn in a circle. */
const SHORT_MS = 2_000

/**
 * So many processes that answer on one port, each with memory and connections of its own; one that dies is replaced. The system gives each
 * a share of the connections: handed on by this process, one that came as another died would hang for ever.
 * Resolves when all of them listen. `settings` are what they have beside our own environment.
 */
export async function openProcesses(
  count: number,
  settings: Record<string, string>,
  log: Log,
): Promise<{ close(): Promise<void> }> {
  const living = new Set<Worker>()
  const stopping = new AbortController()

  /** Resolves when it listens, or whoever had to take its place. */
  function start(): Promise<void> {
    const worker = cluster.fork(settings)
    const since = systemClock.ticks()
    living.add(worker)
    const listening = new Promise<void>((resolve) => worker.once('message', () => resolve()))
    const gone = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
    const replaced = gone.then(async () => {
      living.delete(worker)
      if (stopping.signal.aborted) return
      const { exitCode, signalCode } = worker.process
      log.warn({ pid: worker.process.pid, exitCode, signalCode }, 'a process ended and is replaced')
      if (systemClock.ticks() - since < SHORT_MS) await systemClock.sleep(SHORT_MS, stopping.signal)
      if (!stopping.signal.aborted) await start()
    })
    return Promise.race([listening, replaced])
  }

  await Promise.all(Array.from({ length: count }, start))
  return {
    async close() {
      stopping.abort()
      const gone = [...living].map((worker) => new Promise<void>((resolve) => worker.once('exit', () => resolve())))
      // Not `worker.kill()`: that would end its conversation with us first, and at that it ends at once.
      for (const worker of living) worker.process.kill('SIGTERM')
      await Promise.all(gone)
    },
  }
}
