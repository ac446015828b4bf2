import { Fault } from '../base/fault.ts'
import { ranChild } from './child.ts'

/** One hop: what is typed, and the screens that may come of it. The first of a way is the dial itself, which types nothing. */
export type Step = { types: string; reaches: readonly string[] }
/** A way through the menu, a step after the other: the screen that the dial reaches, then `1 jobs` for a 1 that leads to the jobs, or `2 one|other`. */
export const way = (dial: string, ...steps: string[]): Step[] =>
  [` ${dial}`, ...steps].map((step) => {
    const [types = '', screens = ''] = step.split(' ')
    return { types, reaches: screens.split('|') }
  })

/** What is asked of a generator: whole calls, one after the other on each connection, by the next caller each time. */
export type Load = {
  /** Where hops go: `http://127.0.0.1:3000/callbacks/SECRET/ussd`. */
  url: string
  connections: number
  /** How long, at most; whoever is in a call then goes on to its end, outside of rate and times. */
  seconds: number
  /** So many calls and no more; left out, as many as there is time for. */
  calls?: number
  /** Hops a second in all, at even distances, whether or not the last was answered; left out, each connection asks again at once. */
  perSecond?: number
  ways: readonly (readonly Step[])[]
  /** Each with the place of their way among `ways`. Nobody is in two calls at once. */
  callers: readonly { number: string; way: number }[]
  /** The place of the first caller; left out, the first of all. */
  from?: number
  /** Whether each answer must name a screen that its step may reach, as the service does. The references name none. */
  named: boolean
}

/** What came of it. Times in milliseconds, from when a hop was due to leave until its answer was whole. */
export type Loaded = {
  /** All that were answered, those after the time too. */
  hops: number
  /** Of those that were answered in time. */
  perSecond: number
  p99: number
  worst: number
  /** Who would have called next. */
  next: number
  /** Answers other than a 200 that begins with CON and is of a screen that was meant, and connections that broke. No way ends with an END: that is somebody turned away. */
  wrong: number
  firstWrong?: string
}

const CHILD = new URL('./load-child.ts', import.meta.url)

/** Plays a load from a process of its own. Throws a Fault where an answer was wrong: what is not done right is not fast. */
export async function play(load: Load): Promise<Loaded> {
  const loaded = await ranChild<Loaded>(CHILD, { input: load })
  if (loaded.wrong > 0)
    throw new Fault('busy', `${loaded.wrong} of ${loaded.hops} answers were wrong, first: ${loaded.firstWrong}`)
  return loaded
}

/** Plays a load as often as it is asked, in part otherwise than it says, each time from the caller on with whom the last time ended. */
export function onwards(load: Load): (now: Partial<Load>) => Promise<Loaded> {
  let from = 0
  return async (now) => {
    const loaded = await play({ ...load, from, ...now })
    from = loaded.next
    return loaded
  }
}
