import { z } from 'zod'
import { action, done } from '../action.ts'
import type { Language } from '../store/schema.ts'
import { once } from '../store/store.ts'

const setLanguage = once<{ msisdn: string; language: Language }, unknown>('set_language', (tx, hole) =>
  tx
    .insert(tx.subscribers)
    .values({ msisdn: hole.msisdn, language: hole.language })
    .onConflictDoUpdate({ target: tx.subscribers.msisdn, set: { language: hole.language } }),
)

export const languageSet = action({
  who: 'anyone',
  input: z.object({ language: z.enum(['en', 'sw']) }),
  refusals: [],
  gives: ['language'],
  async apply({ tx, actor }, { language }) {
    if (actor.msisdn) await setLanguage(tx, { msisdn: actor.msisdn, language })
    return done({ language })
  },
})
