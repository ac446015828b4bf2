import { and, eq, inArray } from 'drizzle-orm'
import type { Scene } from '../action.ts'
import { readMsisdn } from '../base/msisdn.ts'
import { titleOf } from '../jobs/vacancy.ts'
import { languageOf } from '../people/language.ts'
import { tell } from '../sms/outbox.ts'
import type { Language } from '../store/schema.ts'
import type { Phrasebook } from '../text/phrasebook.ts'
import { payeePlace } from './payee.ts'
import { type Line, openPayee } from './sum.ts'

/** What a bank says of one line. `reference` is the payment's own, `reason` why it came back. */
export type Outcome = { line: string; state: 'paid' | 'returned'; reference: string; reason: string }
export type Fate = 'paid' | 'returned' | 'same'

/** Reasons that have words and a cure in both languages; whatever else a bank writes is told as it wrote it. */
export const RETURN_REASONS = ['account_closed', 'account_unknown', 'name_differs', 'dormant', 'limit'] as const

/** `Account closed` is `account_closed`. */
export function reasonOf(text: string): string {
  const code = text
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_')
  return (RETURN_REASONS as readonly string[]).includes(code) ? code : text.replace(/\s+/g, ' ').trim()
}

/** A reason in words, with what to mend where it is known. */
export const returnedWords = (phrases: Phrasebook, reason: string | null, language: Language): string =>
  (RETURN_REASONS as readonly string[]).includes(reason ?? '')
    ? phrases.word('pay_returned', reason ?? '', language)
    : (reason ?? '')

/** Shillings as they are read: `2,040`. */
export const kesOf = (kes: number): string => kes.toLocaleString('en-KE')

/**
 * Takes in what became of one line, and tells the person. States only go forward: sent, paid, returned; what stands already is `same`.
 * A returned one no longer holds its duty, which the next list takes up.
 */
export async function settleLine(scene: Scene, { line: id, state, reference, reason }: Outcome): Promise<Fate> {
  const { tx, at, tools } = scene
  const { payLines: l } = tx
  const [before] = await tx.select().from(l).where(eq(l.id, id))
  if (!before) return 'same'
  const payee = openPayee(tools.keyring, before)
  const known = reference === '' ? payee : { ...payee, reference }
  const [settled] = await tx
    .update(l)
    .set({
      state,
      changedAt: at,
      payeeSealed: tools.keyring.seal(payeePlace(id), JSON.stringify(known)),
      ...(state === 'returned' ? { live: null, reason: reasonOf(reason) } : {}),
    })
    .where(and(eq(l.id, id), inArray(l.state, state === 'paid' ? ['sent'] : ['sent', 'paid'])))
    .returning()
  if (!settled) return 'same'
  await tellOf(scene, settled, reference)
  return state
}

async function tellOf(scene: Scene, { id, personId, deploymentId, state, totalKes, reason }: Line, reference: string) {
  const { tx, tools } = scene
  const { deployments: d, jobs, people } = tx
  const [found] = await tx
    .select({ job: jobs, msisdn: people.msisdn })
    .from(d)
    .innerJoin(jobs, eq(jobs.code, d.jobCode))
    .innerJoin(people, eq(people.id, d.personId))
    .where(eq(d.id, deploymentId))
  const to = readMsisdn(found?.msisdn ?? '')
  if (!found || to === undefined) return
  const language = await languageOf(scene, to)
  await tell(scene, {
    to,
    person: personId,
    message: state === 'paid' ? 'pay_paid' : 'pay_returned',
    values: {
      title: titleOf(found.job, language),
      kes: kesOf(totalKes),
      pay_reference: reference === '' ? '-' : reference,
      pay_why: returnedWords(tools.phrases, reason, language),
    },
    language,
    class: 'notice',
    dedupe: `pay_${state}:${id}`,
  })
}
