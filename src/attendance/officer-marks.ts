import { acting, type Trace } from '../acting.ts'
import type { Actor, Scene } from '../action.ts'
import type { App } from '../app.ts'
import { shortDay } from '../base/dates.ts'
import type { Msisdn } from '../base/msisdn.ts'
import { isOnDuty } from '../deployments/days.ts'
import { seriesRules, usualRules } from '../jobs/rules.ts'
import { sourceOf } from '../letters/freeze.ts'
import { tell } from '../sms/outbox.ts'
import type { Mark } from '../store/schema.ts'
import { writeMark } from './mark.ts'
import { isMark } from './own.ts'

export type OfficerMark = { deployment: string; day: string; mark: Mark }
export type OfficerMarked = 'done' | 'unknown' | 'not_on_duty'

/** An officer marks a day, or settles what was disputed about it: the person is told how it stands where they disputed it. */
export function markByOfficer(app: App, by: Actor, { deployment: id, day, mark }: OfficerMark): Promise<OfficerMarked> {
  return acting<OfficerMarked>(app, by, 'attendance.officer_mark', `duty:${id}`, async (scene) => {
    const { tx } = scene
    const source = await sourceOf(tx, id)
    if (!source) return ['unknown', { outcome: 'unknown' }]
    const trace = (outcome: string): Trace => ({ outcome, subject: source.person.id, detail: { deployment: id, day, mark } })
    const rules = source.rules === null ? usualRules : seriesRules.parse(source.rules)
    const [before] = await tx
      .select()
      .from(tx.attendance)
      .where(isMark(tx, id, day))
    if (!before && !isOnDuty({ ...source, rules }, day)) return ['not_on_duty', trace('not_on_duty')]
    await writeMark(scene, source.deployment, { day, mark, by: by.name })
    if (before?.disputedAt != null && before.settledBy === null) {
      await tx
        .update(tx.attendance)
        .set({ settledBy: by.name })
        .where(isMark(tx, id, day))
      await tellSettled(scene, source, day, mark)
    }
    return ['done', trace('done')]
  })
}

async function tellSettled(
  scene: Scene,
  { person, station, language }: NonNullable<Awaited<ReturnType<typeof sourceOf>>>,
  day: string,
  mark: Mark,
): Promise<void> {
  await tell(scene, {
    to: person.msisdn as Msisdn,
    person: person.id,
    message: 'mark_settled',
    values: { station: station.name, day: shortDay(day), mark },
    language,
    class: 'notice',
    dedupe: `mark_settled:${person.id}:${day}:${scene.at}`,
  })
}
