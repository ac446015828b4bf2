import { eq, inArray } from 'drizzle-orm'
import { z } from 'zod'
import { acting } from '../acting.ts'
import type { Actor, Scene } from '../action.ts'
import type { App } from '../app.ts'
import { DAY } from '../base/dates.ts'
import type { Msisdn } from '../base/msisdn.ts'
import { readMsisdn } from '../base/msisdn.ts'
import { languageOf } from '../people/language.ts'
import { newOneTime } from '../people/one-time.ts'
import { forgetGuesses } from '../security/guesses.ts'
import { tell } from '../sms/outbox.ts'
import type { Tx } from '../store/store.ts'

export type Head = Tx['heads']['$inferSelect']

/** One row of heads.csv: who answers for a station, and by which phone. */
export const headRow = z.strictObject({
  centre_code: z.string().regex(/^\d{8}$/, 'expected 8 digits, e.g. 20401001'),
  name: z.string().trim().min(1, 'must not be empty').max(120, 'is too long'),
  phone: z.string().transform((text, context) => {
    const msisdn = readMsisdn(text)
    if (msisdn !== undefined) return msisdn
    context.addIssue({ code: 'custom', message: 'expected a Kenyan mobile number, e.g. 0712345678' })
    return z.NEVER
  }),
})
export type HeadRow = z.infer<typeof headRow>

/** A one-time PIN waits so long for its first use. */
const WAITS_MS = 14 * DAY
export const guessKey = (centreCode: string): string => `head:${centreCode}`

/**
 * Writes heads by their station. A new one, and another one with another phone, gets a one-time PIN by SMS; the same file twice changes
 * nothing. A row whose station nobody knows is counted and left out.
 */
export async function applyHeads(
  scene: Scene,
  rows: readonly HeadRow[],
): Promise<Record<'added' | 'changed' | 'same' | 'no_station', number>> {
  const { tx, at } = scene
  const counts = { added: 0, changed: 0, same: 0, no_station: 0 }
  const codes = rows.map((row) => row.centre_code)
  const known = await tx
    .select({ code: tx.stations.centreCode, head: tx.heads })
    .from(tx.stations)
    .leftJoin(tx.heads, eq(tx.heads.centreCode, tx.stations.centreCode))
    .where(inArray(tx.stations.centreCode, codes))
  const held = new Map(known.map(({ code, head }) => [code, head]))
  for (const { centre_code: centreCode, name, phone: msisdn } of rows) {
    const head = held.get(centreCode)
    if (head === undefined) {
      counts.no_station++
      continue
    }
    if (head?.name === name && head.msisdn === msisdn) {
      counts.same++
      continue
    }
    const values = { centreCode, name, msisdn, at, ...(head?.msisdn === msisdn ? {} : { pinHash: null }) }
    await tx.insert(tx.heads).values(values).onConflictDoUpdate({ target: tx.heads.centreCode, set: values })
    if (head?.msisdn !== msisdn) await sendOneTime(scene, { centreCode, msisdn })
    counts[head ? 'changed' : 'added']++
  }
  return counts
}

/** Another one-time PIN for a head who lost theirs: the PIN of before is worth nothing from then on. False where the station has no head. */
export function renewHead(app: App, by: Actor, centreCode: string): Promise<boolean> {
  return acting(app, by, 'heads.renew', guessKey(centreCode), async (scene) => {
    const { tx } = scene
    const [head] = await tx
      .update(tx.heads)
      .set({ pinHash: null })
      .where(eq(tx.heads.centreCode, centreCode))
      .returning({ centreCode: tx.heads.centreCode, msisdn: tx.heads.msisdn })
    if (!head) return [false, { outcome: 'unknown', detail: { centre: centreCode } }]
    await forgetGuesses(tx, guessKey(centreCode))
    await sendOneTime(scene, head)
    return [true, { outcome: 'done', detail: { centre: centreCode } }]
  })
}

async function sendOneTime(
  scene: Pick<Scene, 'tx' | 'at' | 'tools'>,
  { centreCode, msisdn }: Pick<Head, 'centreCode' | 'msisdn'>,
): Promise<void> {
  const { tx, at, tools } = scene
  const password = newOneTime(tools.clock)
  await tx
    .update(tx.heads)
    .set({ oneTimeHash: oneTimeDigest(tools, centreCode, password), oneTimeUntil: at + WAITS_MS })
    .where(eq(tx.heads.centreCode, centreCode))
  const [station] = await tx.select({ name: tx.stations.name }).from(tx.stations).where(eq(tx.stations.centreCode, centreCode))
  await tell(scene, {
    to: msisdn as Msisdn,
    message: 'head_pin',
    values: { station: station?.name ?? '', password, centre: centreCode },
    language: await languageOf(scene, msisdn),
    class: 'otp',
    dedupe: `head_pin:${centreCode}:${at}`,
  })
}

/** Keyed, with a key that is not in the database: eight digits are too few to be hashed without. */
export const oneTimeDigest = ({ keyring }: Pick<Scene['tools'], 'keyring'>, centreCode: string, password: string): string =>
  keyring.digest('head_one_time', `${centreCode}:${password}`)
