import { Fault } from '../base/fault.ts'
import { ranChild } from './child.ts'

/** The same few requests again and again, by the next one each time; each connection asks again at once. `body` is a form. */
export type Repeat = {
  /** `http://127.0.0.1:3000` */
  url: string
  requests: readonly { method: 'GET' | 'POST'; path: string; body?: string }[]
  connections: number
  seconds: number
  /** How every body begins. */
  begins: string
}
/** `wrong`: answers other than a whole 200 that begins so, and connections that broke. */
export type Repeated = { answers: number; perSecond: number; wrong: number; firstWrong?: string }

const CHILD = new URL('repeat-child.ts', import.meta.url)

/** Asks from a process of its own. Throws a Fault where an answer was wrong: what is not done right is not fast. */
export async function repeated(repeat: Repeat): Promise<Repeated> {
  const done = await ranChild<Repeated>(CHILD, { input: repeat })
  if (done.wrong > 0) throw new Fault('busy', `${done.wrong} of ${done.answers} answers were wrong, first: ${done.firstWrong}`)
  return done
}
