import { and, eq } from 'drizzle-orm'
import type { Scene } from '../action.ts'
import type { Mark } from '../store/schema.ts'
import type { Tx } from '../store/store.ts'

export const MARKS: readonly Mark[] = ['present', 'late', 'absent']
export type Attendance = Tx['attendance']['$inferSelect']
type Deployment = Pick<Tx['deployments']['$inferSelect'], 'id' | 'jobCode' | 'centreCode' | 'county' | 'status'>

/**
 * Writes who was there on a day. `by` is `head`, `self` or an officer's name; a head's word stands above the person's own, an officer's above
 * both, and one of the same rank may change their own. `rulesVersion`: of the rules, where they decided and not a person. False where a higher word stands. Whoever is there without an answer has accepted.
 */
export async function writeMark(
  { tx, at }: Pick<Scene, 'tx' | 'at'>,
  deployment: Deployment,
  { day, mark, by, rulesVersion = null }: { day: string; mark: Mark; by: string; rulesVersion?: number | null },
): Promise<boolean> {
  const { id: deploymentId, jobCode, centreCode, county, status } = deployment
  const [before] = await tx
    .select()
    .from(tx.attendance)
    .where(and(eq(tx.attendance.deploymentId, deploymentId), eq(tx.attendance.day, day)))
  if (before && rankOf(before.by) > rankOf(by)) return false
  if (before?.mark === mark && before.by === by) return true
  await tx
    .insert(tx.attendance)
    .values({ deploymentId, day, jobCode, centreCode, county, mark, by, at, rulesVersion })
    .onConflictDoUpdate({ target: [tx.attendance.deploymentId, tx.attendance.day], set: { mark, by, at, rulesVersion } })
  if (status === 'released' && mark !== 'absent')
    await tx
      .update(tx.deployments)
      .set({ status: 'accepted', answerBy: null, changedAt: at })
      .where(and(eq(tx.deployments.id, deploymentId), eq(tx.deployments.status, 'released')))
  return true
}

const rankOf = (by: string): number => (by === 'self' ? 0 : by === 'head' ? 1 : 2)
