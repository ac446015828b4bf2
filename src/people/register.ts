import { and, eq } from 'drizzle-orm'
import { z } from 'zod'
import { action, done, refused, type Scene } from '../action.ts'
import { REGISTRATIONS } from '../security/limit-sizes.ts'
import { withinLimit } from '../security/limits.ts'
import { tell } from '../sms/outbox.ts'
import { nationalId } from './formats.ts'
import { findHolder, firstName } from './holder.ts'
import { gatherOneTime, ONE_TIME_MS, type OneTime } from './one-time.ts'
import { copyFromRoll } from './profile-fields.ts'

/**
 * Makes an account for the number that dialled or wrote. The national ID must be that of the roll's row for this number.
 * Not on the roll, suspended and another number are one refusal, so that nobody learns whom the roll holds.
 */
export const register = action<{ national_id: string }, OneTime>({
  who: 'anyone',
  input: z.object({ national_id: z.string() }),
  refusals: ['not_matched', 'already', 'slow_down'],
  gives: ['first_name', 'username'],
  sends: ['registered'],
  gather: gatherOneTime,
  async apply(scene, { national_id }, { password, hash }) {
    const { tx, actor, at } = scene
    if (!actor.msisdn) return refused('not_matched')
    if (!(await withinLimit(tx, at, `register:${actor.msisdn}`, REGISTRATIONS))) return refused('slow_down')
    const person = await personOnRoll(scene, nationalId.read(national_id) ?? '')
    if (!person) return refused('not_matched')
    const known = await findHolder(tx, actor.msisdn)
    if (known) return known.person.id === person.id ? refused('already', {}, person.id) : refused('not_matched')
    const made = await tx
      .insert(tx.accounts)
      .values({
        personId: person.id,
        msisdn: actor.msisdn,
        oneTimeHash: hash,
        oneTimeUntil: at + ONE_TIME_MS,
        alerts: true,
        createdAt: at,
      })
      .onConflictDoNothing()
      .returning({ personId: tx.accounts.personId })
    if (made.length === 0) return refused('not_matched')
    await copyFromRoll(scene, person)
    const username = actor.msisdn
    await tell(scene, {
      to: actor.msisdn,
      person: person.id,
      message: 'registered',
      values: { username, password },
      language: actor.language,
      class: 'otp',
      dedupe: `registered:${person.id}`,
    })
    return done({ first_name: firstName(person.fullName), username }, person.id)
  },
})

async function personOnRoll({ tx, actor, tools }: Scene, id: string) {
  const [person] = await tx
    .select()
    .from(tx.people)
    .where(and(eq(tx.people.nationalIdIndex, tools.keyring.index('national_id', id)), eq(tx.people.msisdn, actor.msisdn ?? '')))
  return person?.status === 'vetted' ? person : undefined
}
