import { and, eq } from 'drizzle-orm'
import type { Scene } from '../action.ts'
import { Fault } from '../base/fault.ts'
import { newReference } from '../jobs/apply.ts'
import { takePlace } from '../jobs/decide.ts'

/** The application of somebody who is given a duty, made where there was none. False where the job has no place left. */
export async function makeSuccessful(
  scene: Scene,
  { personId, jobCode }: { personId: string; jobCode: string },
): Promise<boolean> {
  const { tx, at, tools } = scene
  const { applications } = tx
  const mine = and(eq(applications.personId, personId), eq(applications.jobCode, jobCode))
  const [standing] = await tx.select().from(applications).where(mine)
  if (standing?.status === 'successful') return true
  if (!(await takePlace(scene, jobCode))) return false
  const [person] = await tx
    .select({ county: tx.people.homeCounty, subCounty: tx.people.homeSubCounty })
    .from(tx.people)
    .where(eq(tx.people.id, personId))
  if (!person) throw new Fault('storage_broken', 'a deployment was planned for nobody on the roll')
  for (let left = 4; left > 0 && !standing; left--) {
    const made = await tx
      .insert(applications)
      .values({
        id: tools.clock.id(),
        reference: newReference(tools.clock),
        personId,
        jobCode,
        ...person,
        status: 'successful',
        at,
        changedAt: at,
      })
      .onConflictDoNothing()
      .returning({ id: applications.id })
    if (made.length > 0) return true
  }
  await tx.update(applications).set({ status: 'successful', changedAt: at }).where(mine)
  return true
}
