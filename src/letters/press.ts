import { Worker } from 'node:worker_threads'
import { LRUCache } from 'lru-cache'
import { type Clock, systemClock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import type { LetterFacts } from './facts.ts'
import { loadLetterhead } from './letterhead.ts'
import type { Answer, Ask, Setup } from './press-worker.ts'
import { openLetterWords } from './words.ts'

type Options = {
  /** Threads; each starts with the first letter that needs it. */
  workers?: number
  /** Letters kept, some 35 KB each. */
  cacheEntries?: number
  /** Letters that may wait for a worker; one more is refused with the Fault `busy`. */
  queue?: number
  /** See `loadLetterhead`; the neutral one where none is given. */
  letterheadFolder?: string
  /** Where `VERIFY` goes by SMS. */
  shortCode?: string
  /** A letter that takes longer, in milliseconds, is given up, and its worker with it. */
  patience?: number
  clock?: Pick<Clock, 'sleep'>
  /** The worker's file. */
  script?: URL
}

export type PressStats = {
  drawn: number
  fromCache: number
  shared: number
  refused: number
  crashes: number
  waiting: number
  drawing: number
  workers: number
}

export type Press = {
  /**
   * The PDF of a letter. `id` stands for these facts for ever: a letter never changes, its next version is another letter. Those who
   * ask for one id at once share one drawing. Throws the Fault `busy` when too many wait, and an Error without the letter's
   * words where it cannot be drawn; a letter whose worker crashed is tried once more.
   */
  print(id: string, facts: LetterFacts): Promise<Buffer>
  /** Ends the workers; what still waits is refused as `busy`. */
  close(): Promise<void>
  stats(): PressStats
}

type Job = { facts: LetterFacts; tries: number; resolve(pdf: Buffer): void; reject(reason: Error): void }

/** Draws letters in worker threads, so that no hop waits behind a page. Throws a Fault where words or letterhead need mending. */
export function openPress(options: Options = {}): Press {
  const { workers: most = 2, cacheEntries = 200, queue: longest = 500, patience = 15_000, clock = systemClock } = options
  const script = options.script ?? new URL('./press-worker.ts', import.meta.url)
  // A worker that cannot start tells nobody why; so what it will read is read here first.
  openLetterWords()
  loadLetterhead(options.letterheadFolder)

  const kept = new LRUCache<string, Buffer>({ max: cacheEntries })
  const underway = new Map<string, Promise<Buffer>>()
  const queue: Job[] = []
  const idle: Worker[] = []
  const busy = new Map<Worker, { job: Job; watch: AbortController }>()
  const counts = { drawn: 0, fromCache: 0, shared: 0, refused: 0, crashes: 0 }
  let closed = false

  function start(): Worker {
    const workerData: Setup = { letterheadFolder: options.letterheadFolder, shortCode: options.shortCode }
    // Without the environment: a thread that handles what people typed needs none of the secrets.
    const worker = new Worker(script, { workerData, env: {}, resourceLimits: { maxOldGenerationSizeMb: 256 } })
    worker.on('message', (answer: Answer) => finish(worker, answer))
    worker.on('error', () => lose(worker))
    worker.on('exit', () => lose(worker))
    return worker
  }

  function next() {
    while (queue.length > 0 && busy.size < most && !closed) {
      const job = queue.shift() as Job
      const worker = idle.pop() ?? start()
      const watch = new AbortController()
      busy.set(worker, { job, watch })
      // Holds the process open for as long as somebody waits for a page.
      worker.ref()
      worker.postMessage({ facts: job.facts } satisfies Ask)
      void clock.sleep(patience, watch.signal).then(() => (watch.signal.aborted ? undefined : worker.terminate()))
    }
  }

  function take(worker: Worker): Job | undefined {
    const held = busy.get(worker)
    busy.delete(worker)
    held?.watch.abort()
    return held?.job
  }

  function finish(worker: Worker, answer: Answer) {
    const job = take(worker)
    idle.push(worker)
    worker.unref()
    if ('pdf' in answer) {
      counts.drawn++
      job?.resolve(Buffer.from(answer.pdf.buffer))
    } else job?.reject(new Error(`a letter could not be drawn: ${answer.failed}`))
    next()
  }

  // Called for 'error' and again for 'exit'; the second finds nothing left to do.
  function lose(worker: Worker) {
    const place = idle.indexOf(worker)
    if (place >= 0) idle.splice(place, 1)
    const job = take(worker)
    if (closed) job?.reject(new Fault('busy', 'the press is closed'))
    else if (job) {
      counts.crashes++
      if (++job.tries > 1) job.reject(new Error('a letter could not be drawn: its worker crashed twice'))
      else queue.unshift(job)
    }
    next()
  }

  function draw(id: string, facts: LetterFacts): Promise<Buffer> {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
    queue.push({ facts, tries: 0, resolve, reject })
    next()
    const settled = promise.then((pdf) => {
      kept.set(id, pdf)
      return pdf
    })
    const shared = settled.finally(() => underway.delete(id))
    underway.set(id, shared)
    return shared
  }

  return {
    async print(id, facts) {
      const pdf = kept.get(id)
      if (pdf) {
        counts.fromCache++
        return pdf
      }
      const same = underway.get(id)
      if (same) {
        counts.shared++
        return same
      }
      if (closed || queue.length >= longest) {
        counts.refused++
        throw new Fault('busy', closed ? 'the press is closed' : 'too many letters are waiting to be drawn')
      }
      return draw(id, facts)
    },
    async close() {
      closed = true
      for (const job of queue.splice(0)) job.reject(new Fault('busy', 'the press is closed'))
      await Promise.all([...idle, ...busy.keys()].map((worker) => worker.terminate()))
    },
    stats: () => ({ ...counts, waiting: queue.length, drawing: busy.size, workers: idle.length + busy.size }),
  }
}
