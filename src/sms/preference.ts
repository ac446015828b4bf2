import { z } from 'zod'
import { action, done } from '../action.ts'
import { stop } from './report.ts'

const preference = (stops: boolean) =>
  action({
    who: 'anyone',
    input: z.object({}),
    refusals: [],
    gives: [],
    async apply({ tx, actor, at }) {
      if (actor.msisdn) await stop(tx, actor.msisdn, stops ? at : null, actor.language)
      return done()
    },
  })

/** No more of class `bulk`; letters, answers and one-time passwords still come. */
export const alertsStop = preference(true)
export const alertsStart = preference(false)
