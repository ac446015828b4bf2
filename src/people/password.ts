import { eq } from 'drizzle-orm'
import { z } from 'zod'
import { action, done, refused } from '../action.ts'
import { PASSWORDS } from '../security/limit-sizes.ts'
import { withinAll } from '../security/limits.ts'
import { tell } from '../sms/outbox.ts'
import { findHolder } from './holder.ts'
import { gatherOneTime, ONE_TIME_MS, type OneTime } from './one-time.ts'
import { noteReset } from './sim-swap.ts'

/**
 * A new one-time password, by SMS to the number on file and to no other. The answer is the same for a number without an account:
 * it takes as long, counts against the same limits and says the same words.
 */
export const passwordReset = action<Record<string, never>, OneTime>({
  who: 'anyone',
  input: z.object({}),
  refusals: ['slow_down'],
  gives: [],
  sends: ['password_new'],
  gather: gatherOneTime,
  async apply(scene, _, { password, hash }) {
    const { tx, actor, at, tools } = scene
    if (!(await withinAll(tx, at, `password:${actor.msisdn}`, PASSWORDS))) return refused('slow_down')
    const holder = await findHolder(tx, actor.msisdn)
    if (holder?.person.status !== 'vetted') return done()
    const personId = holder.person.id
    await tx
      .update(tx.accounts)
      .set({ oneTimeHash: hash, oneTimeUntil: at + ONE_TIME_MS })
      .where(eq(tx.accounts.personId, personId))
    await noteReset(scene, holder.msisdn)
    await tell(scene, {
      to: holder.msisdn,
      person: personId,
      message: 'password_new',
      values: { password },
      language: actor.language,
      class: 'otp',
      dedupe: `password:${personId}:${tools.clock.id()}`,
    })
    return done({}, personId)
  },
})
