import { createHmac } from 'node:crypto'
import { eq } from 'drizzle-orm'
import type { Scene } from '../action.ts'
import type { App } from '../app.ts'
import { Fault } from '../base/fault.ts'
import type { Keyring } from '../security/keyring.ts'
import type { Tx } from '../store/store.ts'
import { NOTE, notedKeys, standingOf } from './standing.ts'

const PLACE = 'facts.value:keys'
const WORDS = 'these keys fit'

type Parts = Pick<App, 'store' | 'keyring' | 'clock'>

/**
 * A database remembers a sealed word, its index, and every key that it was written with: other keys, or one that is gone while something
 * still needs it, are refused at the start, not at the first letter. Throws a Fault that names the variable, never a value.
 */
export async function provesKeys(app: Parts): Promise<void> {
  const { keyring, store, clock } = app
  await store.work('facts:keys', async (tx) => {
    await tx
      .insert(tx.facts)
      .values({ name: 'keys', value: proofOf(keyring) })
      .onConflictDoNothing()
    const [kept] = await tx.select().from(tx.facts).where(eq(tx.facts.name, 'keys'))
    const { sealed, index, pepper } = JSON.parse(kept?.value ?? '{}') as { sealed: string; index: string; pepper: string }
    if (index !== keyring.index('facts', 'keys'))
      throw new Fault('bad_settings', 'INDEX_KEY is not the one this database was written with')
    if (pepper !== peppered(keyring)) throw new Fault('bad_settings', 'PEPPER is not the one this database was written with')
    keyring.open(PLACE, sealed)
    // When it was first seen says which codes it signed: those that were made from then on, until the next.
    await tx
      .insert(tx.facts)
      .values({ name: `${NOTE}${keyring.newest}`, value: String(clock.now()) })
      .onConflictDoNothing()
  })
  await refuseLostKeys(app)
}

/** Looks closely only where a key is missing, which is rare: it reads every sealed column. */
async function refuseLostKeys(app: Parts): Promise<void> {
  const { all, sealing } = app.keyring.ids
  for (const { id } of await notedKeys(app)) {
    if (sealing.includes(id)) continue
    const { values, codesUntil } = await standingOf(app, id)
    const needs = [
      ...(values > 0 ? [`${values} values are sealed with it`] : []),
      ...(codesUntil !== undefined && !all.includes(id) ? [`codes that it signed are good until ${codesUntil}`] : []),
    ]
    if (needs.length > 0)
      throw new Fault(
        'bad_settings',
        `SECRET_KEYS lacks the key '${id}': ${needs.join('; ')}. Put it back; see the README on keys.`,
      )
  }
}

/** The last step of sealing everything anew. */
export async function resealProof({ tx, tools }: Pick<Scene, 'tx' | 'tools'>): Promise<number> {
  const [kept] = await tx.select().from(tx.facts).where(eq(tx.facts.name, 'keys'))
  if (kept) await putProof(tx, tools.keyring)
  return 1
}

const putProof = (tx: Tx, keyring: Keyring) =>
  tx
    .update(tx.facts)
    .set({ value: proofOf(keyring) })
    .where(eq(tx.facts.name, 'keys'))

const proofOf = (keyring: Keyring) =>
  JSON.stringify({ sealed: keyring.seal(PLACE, WORDS), index: keyring.index('facts', 'keys'), pepper: peppered(keyring) })

const peppered = ({ pepper }: Keyring) => createHmac('sha256', pepper).update('facts').digest('base64url')
