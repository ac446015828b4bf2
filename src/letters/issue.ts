import { and, eq, isNull, ne, sql } from 'drizzle-orm'
import type { Scene } from '../action.ts'
import { Fault } from '../base/fault.ts'
import { newCode } from '../links/token.ts'
import { once, type Tx } from '../store/store.ts'
import { freeze, type Source, seriesOf, sourceOf } from './freeze.ts'
import { type Letter, placeOf } from './letter.ts'

export type Issued = { id: string; reference: string; version: number; source: Source }

/**
 * Writes the next letter of a deployment: what it says is frozen here and never read from the roll again. The letter before it, if there
 * was one, is replaced from this moment. A deployment keeps its reference through all versions.
 */
export async function issueLetter(scene: Scene, deploymentId: string): Promise<Issued> {
  const { tx, tools, at } = scene
  const source = await sourceOf(tx, deploymentId)
  const [deployment] = await nextVersion(tx, { id: deploymentId })
  if (!source || !deployment) throw new Fault('not_found', 'there is no such deployment')
  const { version } = deployment
  const reference = version === 1 ? await newReference(tx, source) : await referenceOf(tx, deploymentId)
  const id = tools.clock.id()
  const factsWith = await freeze(scene, source)
  for (let left = 4; left > 0; left--) {
    const verify = newCode(tools.keyring, 'verify', tools.clock)
    const facts = factsWith({ reference, version, verifyCode: verify.code })
    const factsSealed = tools.keyring.seal(placeOf(id), JSON.stringify(facts))
    const row = {
      id,
      deploymentId,
      personId: source.person.id,
      reference,
      version,
      factsSealed,
      verifyId: verify.id,
      issuedAt: at,
    }
    if ((await writeLetter(tx, row)).length === 0) continue
    if (version > 1) await revokeLetters(scene, deploymentId, 'replaced', id)
    return { id, reference, version, source }
  }
  throw new Fault('busy', 'no free letter code was found')
}

/** Ends what is in force of a deployment's letters, but for `except`, and with them their links. Gives how many ended. */
export async function revokeLetters(
  { tx, at }: Pick<Scene, 'tx' | 'at'>,
  deploymentId: string,
  why: 'replaced' | 'revoked',
  except = '',
): Promise<number> {
  const { letters } = tx
  const ended = await tx
    .update(letters)
    .set({ revokedAt: at, revokedWhy: why })
    .where(and(eq(letters.deploymentId, deploymentId), isNull(letters.revokedAt), ne(letters.id, except)))
    .returning({ id: letters.id })
  return ended.length
}

/** `KCSE/INV/2026/0001234`: counted for each exam, role and year, without a gap where a unit was undone. */
async function newReference(tx: Tx, source: Source): Promise<string> {
  const series = seriesOf(source)
  const [counter] = await count(tx, { name: `letters:${series}` })
  if (!counter) throw new Fault('storage_broken', 'a counter gave no number')
  return `${series}/${String(counter.n).padStart(7, '0')}`
}

async function referenceOf(tx: Tx, deploymentId: string): Promise<string> {
  const [letter] = await tx
    .select({ reference: tx.letters.reference })
    .from(tx.letters)
    .where(eq(tx.letters.deploymentId, deploymentId))
    .limit(1)
  if (!letter) throw new Fault('not_found', 'a deployment has a version but no letter')
  return letter.reference
}

const count = once('letter_counter', (tx, hole: { name: never }) =>
  tx
    .insert(tx.counters)
    .values({ name: hole.name, n: 1 })
    .onConflictDoUpdate({ target: tx.counters.name, set: { n: sql`${tx.counters.n} + 1` } })
    .returning({ n: tx.counters.n }),
)

/** Counted where it stands, so that two who issue at once make two versions. */
const nextVersion = once('letter_version', (tx, hole: { id: never }) =>
  tx
    .update(tx.deployments)
    .set({ letterVersion: sql`${tx.deployments.letterVersion} + 1` })
    .where(eq(tx.deployments.id, hole.id))
    .returning({ version: tx.deployments.letterVersion }),
)

type LetterRow = Omit<Letter, 'revokedAt' | 'revokedWhy'>
const writeLetter = once<LetterRow, { id: string }[]>('letter', (tx, hole) =>
  tx
    .insert(tx.letters)
    .values({
      id: hole.id,
      deploymentId: hole.deploymentId,
      personId: hole.personId,
      reference: hole.reference,
      version: hole.version,
      factsSealed: hole.factsSealed,
      verifyId: hole.verifyId,
      issuedAt: hole.issuedAt,
    })
    .onConflictDoNothing()
    .returning({ id: tx.letters.id }),
)
