import { and, eq, inArray } from 'drizzle-orm'
import type { Scene } from '../action.ts'
import { leavePlace } from '../jobs/decide.ts'
import { revokeLetters } from '../letters/issue.ts'
import type { DeploymentStatus } from '../store/schema.ts'
import { openPlace } from './offer.ts'

export type Ending = {
  to: 'declined' | 'revoked'
  why: 'declined' | 'silent' | 'revoked'
  /** The place is offered to a reserve at once. */
  offer: boolean
  /** The person's own words; kept sealed. */
  reason?: string
  from?: DeploymentStatus[]
}

/** Ends somebody's duty: the place is free, the letter worth nothing, the next one asked. False where it was over already. */
export async function endDuty(scene: Scene, id: string, { to, why, offer, reason, from }: Ending): Promise<boolean> {
  const { tx, at, tools } = scene
  const { deployments: d } = tx
  const reasonSealed = reason === undefined ? null : tools.keyring.seal(`deployments.reason:${id}`, reason)
  // Guarded, as somebody else may end or change it at the same moment.
  const [ended] = await tx
    .update(d)
    .set({ status: to, held: null, answerBy: null, reasonSealed, changedAt: at })
    .where(and(eq(d.id, id), inArray(d.status, from ?? ['draft', 'released', 'accepted'])))
    .returning()
  if (!ended) return false
  await revokeLetters(scene, id, 'revoked')
  await leavePlace(scene, ended.personId, ended.jobCode)
  if (offer) await openPlace(scene, ended, why)
  return true
}
