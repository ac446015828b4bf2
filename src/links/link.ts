import { and, desc, eq, exists, gt, isNull, sql } from 'drizzle-orm'
import type { Scene } from '../action.ts'
import { addDays, DAY, startOfDay } from '../base/dates.ts'
import { Fault } from '../base/fault.ts'
import { once, type Read, type Tx } from '../store/store.ts'
import { codeOf, newCode } from './token.ts'

const LIVES_MS = 30 * DAY
export const DOWNLOADS = 5
const TRIES = 10

/** Why a link that was good once no longer is. */
export type Gone = 'expired' | 'used_up' | 'locked' | 'replaced' | 'revoked'
/** `until` in milliseconds since 1970; `unknown`: there is no such link. */
export type LinkState = { open: { downloadsLeft: number; until: number } } | { refused: Gone | 'unknown' }

type At = Pick<Scene, 'tx' | 'tools' | 'at'>

/**
 * Makes a link to a letter and gives its code as people read it. It lasts 30 days, or until the end of `endsOn` (a day in Nairobi)
 * where that comes first.
 */
export async function makeLink({ tx, tools, at }: At, letterId: string, endsOn: string): Promise<string> {
  const expiresAt = Math.min(at + LIVES_MS, startOfDay(addDays(endsOn, 1)))
  for (let left = 4; left > 0; left--) {
    const { id, code } = newCode(tools.keyring, 'download', tools.clock)
    const made = await writeLink(tx, { id, letterId, expiresAt, downloadsLeft: DOWNLOADS, triesLeft: TRIES, madeAt: at })
    if (made.length > 0) return code
  }
  throw new Fault('busy', 'no free link id was found')
}

/** The code of a letter's newest link that still opens it, else of a new one. */
export async function linkTo(scene: At, letterId: string, endsOn: string): Promise<string> {
  const { tx, tools, at } = scene
  const [newest] = await tx
    .select({ id: tx.links.id })
    .from(tx.links)
    .where(and(eq(tx.links.letterId, letterId), isGood(tx, at)))
    .orderBy(desc(tx.links.madeAt), desc(tx.links.id))
    .limit(1)
  return newest ? codeOf(tools.keyring, 'download', newest.id) : makeLink(scene, letterId, endsOn)
}

/** Looks, and changes nothing. A letter that was replaced or revoked closes all its links. */
export async function linkState(from: Read, id: string, at: number): Promise<LinkState> {
  const { links, letters } = from
  const [found] = await from
    .select({ link: links, why: letters.revokedWhy, revokedAt: letters.revokedAt })
    .from(links)
    .innerJoin(letters, eq(letters.id, links.letterId))
    .where(eq(links.id, id))
  if (!found) return { refused: 'unknown' }
  const { link, why, revokedAt } = found
  if (revokedAt !== null) return { refused: why ?? 'revoked' }
  if (link.triesLeft <= 0) return { refused: 'locked' }
  if (link.downloadsLeft <= 0) return { refused: 'used_up' }
  if (link.expiresAt <= at) return { refused: 'expired' }
  return { open: { downloadsLeft: link.downloadsLeft, until: link.expiresAt } }
}

/** The letter of a link, good or gone; undefined where there is no such link. */
export async function letterBehind(from: Read, id: string): Promise<string | undefined> {
  const [link] = await from.select({ letterId: from.links.letterId }).from(from.links).where(eq(from.links.id, id))
  return link?.letterId
}

/**
 * Counts a try before anything is compared, so that guesses made at once are looked at no more often than permitted.
 * Undefined where the link is not good. {@link permitDownload} gives the try of a right answer back.
 */
export async function countTry(tx: Tx, id: string, at: number): Promise<{ letterId: string; triesLeft: number } | undefined> {
  const [counted] = await takeTry(tx, { id, at })
  return counted
}

const takeTry = once<{ id: string; at: number }, { letterId: string; triesLeft: number }[]>('take_try', (tx, hole) => {
  const { links } = tx
  return tx
    .update(links)
    .set({ triesLeft: sql`${links.triesLeft} - 1` })
    .where(and(eq(links.id, hole.id), isGood(tx, hole.at)))
    .returning({ letterId: links.letterId, triesLeft: links.triesLeft })
})

/** Takes one download in the unit that hands the letter out, and gives the try that this unit counted back. False where none was left. */
export async function permitDownload(tx: Tx, id: string, at: number): Promise<boolean> {
  return (await takeDownload(tx, { id, at })).length > 0
}

const takeDownload = once<{ id: string; at: number }, { id: string }[]>('take_download', (tx, hole) => {
  const { links } = tx
  return tx
    .update(links)
    .set({ downloadsLeft: sql`${links.downloadsLeft} - 1`, triesLeft: sql`${links.triesLeft} + 1` })
    .where(and(eq(links.id, hole.id), gt(links.downloadsLeft, 0), gt(links.expiresAt, hole.at)))
    .returning({ id: links.id })
})

function isGood(from: Read, at: number) {
  const { links, letters } = from
  const inForce = from
    .select({ id: letters.id })
    .from(letters)
    .where(and(eq(letters.id, links.letterId), isNull(letters.revokedAt)))
  return and(gt(links.downloadsLeft, 0), gt(links.triesLeft, 0), gt(links.expiresAt, at), exists(inForce))
}

type LinkRow = Tx['links']['$inferInsert']
const writeLink = once<LinkRow, { id: string }[]>('link', (tx, hole) =>
  tx
    .insert(tx.links)
    .values({
      id: hole.id,
      letterId: hole.letterId,
      expiresAt: hole.expiresAt,
      downloadsLeft: hole.downloadsLeft,
      triesLeft: hole.triesLeft,
      madeAt: hole.madeAt,
    })
    .onConflictDoNothing()
    .returning({ id: tx.links.id }),
)
