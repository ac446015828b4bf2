import { Fault } from '../base/fault.ts'
import { ranChild } from './child.ts'

/** What is asked of a generator: whole calls, one after the other on each connection, by the next number and on the next way each time. */
export type Load = {
  /** Where hops go: `http://127.0.0.1:3000/callbacks/SECRET/ussd`. */
  url: string
  connections: number
  /** How long, at most. */
  seconds: number
  /** So many calls and no more; left out, as many as there is time for. */
  calls?: number
  /** Hops a second in all, at even distances, whether or not the last was answered; left out, each connection asks again at once. */
  perSecond?: number
  numbers: readonly string[]
  /** What is typed at each hop; the first hop is the dial itself. */
  journeys: readonly (readonly string[])[]
}

/** What came of it. Times in milliseconds, from when a hop was due to leave until its answer was whole. */
export type Loaded = {
  hops: number
  perSecond: number
  p50: number
  p99: number
  worst: number
  /** Answers other than a 200 that begins with CON, and connections that broke. No way through the menu ends here: an END is one turned away. */
  wrong: number
  firstWrong?: string
  /** Seconds of CPU that the generator itself took. */
  cpu: number
}

const CHILD = new URL('./load-child.ts', import.meta.url)

/** Plays a load from a process of its own. Throws a Fault where an answer was wrong: what is not done right is not fast. */
export async function play(load: Load): Promise<Loaded> {
  const loaded = await ranChild<Loaded>(CHILD, { input: load })
  if (loaded.wrong > 0)
    throw new Fault('busy', `${loaded.wrong} of ${loaded.hops} answers were wrong, first: ${loaded.firstWrong}`)
  return loaded
}
