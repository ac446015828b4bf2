import { eq } from 'drizzle-orm'
import { leaveTrace } from '../acting.ts'
import type { App } from '../app.ts'
import { countTry, type Gone, type LinkState, letterBehind, linkState, permitDownload } from '../links/link.ts'
import { readCode } from '../links/token.ts'
import type { Role } from '../store/schema.ts'
import { once, type Read, type Tx } from '../store/store.ts'
import type { LetterFacts } from './facts.ts'

export type Letter = Tx['letters']['$inferSelect']
type NotHad = Gone | 'unknown'
type Parts = Pick<App, 'store' | 'keyring' | 'clock'>
/** Committed rows, or those of the unit that is open. */
type From = { keyring: App['keyring']; store: { read: Read } }

/** Where a letter's frozen facts are sealed for. */
export const placeOf = (letterId: string): string => `letters.facts:${letterId}`

/** What stands behind a code, at no cost and with nothing personal. A forged code is `unknown` without a look into the database. */
export async function lookAt({ store, keyring, clock }: Parts, code: string): Promise<LinkState> {
  const id = readCode(keyring, 'download', code)
  return id === undefined ? { refused: 'unknown' } : linkState(store.read, id, clock.now())
}

export type Download =
  | { letter: { id: string; reference: string; facts: LetterFacts } }
  | { refused: NotHad }
  | { refused: 'wrong'; triesLeft: number }

/**
 * Hands a letter out to whoever knows the code and the last 4 digits of the national ID. One unit counts the try, compares, and
 * counts the download: what the answer says was kept before it is given. Wrong digits cost a try and no download.
 */
export async function downloadLetter(parts: Parts, code: string, last4: string): Promise<Download> {
  const { store, keyring, clock } = parts
  const id = readCode(keyring, 'download', code)
  if (id === undefined) return { refused: 'unknown' }
  const at = clock.now()
  return store.work(`link:${id}`, async (tx): Promise<Download> => {
    const counted = await countTry(tx, id, at)
    const [letter] = counted ? await letterOf(tx, { id: counted.letterId }) : []
    if (!counted || !letter) return notHad(tx, id, at)
    const nationalId = await nationalIdOf(tx, keyring, letter.personId)
    if (nationalId === undefined || nationalId.slice(-4) !== last4)
      return counted.triesLeft > 0 ? { refused: 'wrong', triesLeft: counted.triesLeft } : { refused: 'locked' }
    if (!(await permitDownload(tx, id, at))) return notHad(tx, id, at)
    const { id: letterId, reference, version, personId } = letter
    // Whoever opens a link shows no more than four digits: not a person we know, but one of whom this is said.
    const scene = { tx, at, tools: parts, actor: { via: 'web', name: 'link', signed: false, language: 'en' } } as const
    await leaveTrace(scene, 'letters.download', { outcome: 'done', subject: personId, detail: { reference, version } })
    return { letter: { id: letterId, reference, facts: factsOf(keyring, letter) } }
  })
}

async function notHad(tx: Tx, id: string, at: number): Promise<{ refused: NotHad }> {
  const state = await linkState(tx, id, at)
  return 'refused' in state ? state : { refused: 'used_up' }
}

async function nationalIdOf(tx: Tx, keyring: App['keyring'], personId: string): Promise<string | undefined> {
  const [person] = await sealedIdOf(tx, { id: personId })
  return person && keyring.open(`people.national_id:${personId}`, person.sealed)
}

const letterOf = once<{ id: string }, Letter[]>('letter_row', (tx, hole) =>
  tx.select().from(tx.letters).where(eq(tx.letters.id, hole.id)),
)
const sealedIdOf = once<{ id: string }, { sealed: string }[]>('sealed_id', (tx, hole) =>
  tx.select({ sealed: tx.people.nationalIdSealed }).from(tx.people).where(eq(tx.people.id, hole.id)),
)

/** What anyone may see of a genuine letter. Days are `YYYY-MM-DD`. */
export type Genuine = { name: string; role: Role; station: string; startsOn: string; endsOn: string; reference: string }
export type Checked = { genuine: Genuine } | { refused: 'unknown' | 'revoked' | 'replaced' }

/**
 * Whether a letter is genuine, by the code printed on it or the one in the SMS that brought it. A forged code is `unknown` without a
 * look into the database. A link that has expired still proves its letter.
 */
export async function checkLetter({ keyring, store: { read } }: From, code: string): Promise<Checked> {
  const { letters } = read
  const verifyId = readCode(keyring, 'verify', code)
  const linkId = verifyId === undefined ? readCode(keyring, 'download', code) : undefined
  const letterId = linkId === undefined ? undefined : await letterBehind(read, linkId)
  if (verifyId === undefined && letterId === undefined) return { refused: 'unknown' }
  const [letter] = await read
    .select()
    .from(letters)
    .where(letterId === undefined ? eq(letters.verifyId, verifyId ?? '') : eq(letters.id, letterId))
  if (!letter) return { refused: 'unknown' }
  if (letter.revokedAt !== null) return { refused: letter.revokedWhy ?? 'revoked' }
  const { reference, person, job, station, startsOn, endsOn } = factsOf(keyring, letter)
  return { genuine: { name: shortName(person.name), role: job.role, station: station.name, startsOn, endsOn, reference } }
}

/** A letter and what was frozen in it; undefined where there is no such letter. */
export async function openLetter(
  { keyring, store: { read } }: From,
  id: string,
): Promise<{ letter: Letter; facts: LetterFacts } | undefined> {
  const [letter] = await read.select().from(read.letters).where(eq(read.letters.id, id))
  return letter && { letter, facts: factsOf(keyring, letter) }
}

const factsOf = (keyring: App['keyring'], letter: Letter): LetterFacts =>
  JSON.parse(keyring.open(placeOf(letter.id), letter.factsSealed)) as LetterFacts

/** `Achieng Mary Otieno` is `Achieng O.`: enough to compare with a paper, too little to find somebody by. */
export function shortName(fullName: string): string {
  const parts = fullName.trim().split(/\s+/)
  const [first = ''] = parts
  const last = parts.length > 1 ? parts.at(-1) : undefined
  return last ? `${first} ${[...last][0]}.` : first
}
