import { eq } from 'drizzle-orm'
import { z } from 'zod'
import { action, done, type Scene } from '../action.ts'
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

/** The language that a number chose; English where it never did. */
export async function languageOf({ tx }: Pick<Scene, 'tx'>, msisdn: string) {
  const [row] = await tx
    .select({ language: tx.subscribers.language })
    .from(tx.subscribers)
    .where(eq(tx.subscribers.msisdn, msisdn))
  return row?.language ?? 'en'
}
