import { eq } from 'drizzle-orm'
import type { Scene } from '../action.ts'
import { addDays } from '../base/dates.ts'
import { isBusy } from '../deployments/busy.ts'
import { lockPerson } from '../jobs/seat.ts'
import type { Tx } from '../store/store.ts'

type Deployment = Tx['deployments']['$inferSelect']

/**
 * Puts one duty on its new day, and so the place that somebody gave up and that is still open. Whoever had accepted and has another duty
 * on the new days is asked anew.
 */
export async function postpone(
  { tx, at }: Scene,
  row: Deployment,
  { days, calendar }: { days: number; calendar: number },
): Promise<Pick<Deployment, 'status' | 'reportOn'>> {
  const { deployments: d } = tx
  await lockPerson(tx, row.personId)
  const reportOn = addDays(row.reportOn, days)
  const anew = row.status === 'accepted' && (await isBusy(tx, { ...row, reportOn }))
  const status = anew ? 'released' : row.status
  await tx.update(d).set({ reportOn, calendar, status, changedAt: at }).where(eq(d.id, row.id))
  return { status, reportOn }
}
