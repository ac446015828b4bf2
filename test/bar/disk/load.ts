import { setTimeout as wait } from 'node:timers/promises'
import { systemClock } from '../../../src/base/clock.ts'
import { callbacksOf, type Fact, isTaken, type Served } from './service.ts'

/** People who call and write all the time, each from a number of their own; whoever is turned away tries no more. */
export function openLoad(post: Served['post'], lanes: number) {
  const facts: (Fact & { taken: number })[] = []
  const answers: { began: number; ended: number }[] = []
  const refused: string[] = []
  let over = false
  const lane = async () => {
    while (!over) {
      const by = facts.length % 2 ? 'sms' : 'ussd'
      const fact: (typeof facts)[number] = { n: facts.length + 1, by, acknowledged: false, taken: 0 }
      facts.push(fact)
      const callbacks = callbacksOf(fact)
      for (const { kind, form } of callbacks) {
        const began = systemClock.ticks()
        const answer = await post(kind, form).catch((reason: unknown) => String(reason))
        if (typeof answer === 'string' || !isTaken(answer)) {
          refused.push(typeof answer === 'string' ? answer : `${answer.status} ${answer.body}`)
          await wait(50)
          break
        }
        fact.taken++
        answers.push({ began, ended: systemClock.ticks() })
      }
      fact.acknowledged = fact.taken === callbacks.length
    }
  }
  const done = Promise.all(Array.from({ length: lanes }, lane))
  return {
    facts,
    /** What those heard who were turned away. */
    refused,
    /** When the first request that began after this moment was taken. */
    takenAfter: (moment: number) => answers.find(({ began }) => began > moment)?.ended,
    async end() {
      over = true
      await done
    },
  }
}
