import { z } from 'zod'
import { action, done } from '../action.ts'
import { firstName, holderOf } from './holder.ts'

/** Where a dial begins: who has an account sees the whole menu, everybody else the same three choices. */
export const homeOpen = action({
  who: 'account',
  input: z.object({}),
  refusals: [],
  gives: ['first_name', 'has_pin'],
  reads: true,
  async apply(scene) {
    const { person, account } = await holderOf(scene)
    return done({ first_name: firstName(person.fullName), has_pin: account.pinHash !== null })
  },
})
