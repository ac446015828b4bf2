import { and, eq } from 'drizzle-orm'
import { z } from 'zod'
import { action, done, refused, type Scene } from '../action.ts'
import { nairobiDay } from '../base/dates.ts'
import { Fault } from '../base/fault.ts'
import type { Msisdn } from '../base/msisdn.ts'
import { openBars } from '../deployments/barred.ts'
import { isBusy } from '../deployments/busy.ts'
import { endDuty } from '../deployments/end.ts'
import { metresOf } from '../deployments/offer.ts'
import { type Seating, seatSomebody } from '../deployments/place.ts'
import { versionedRules } from '../jobs/rules.ts'
import { lockPerson } from '../jobs/seat.ts'
import { titleOf } from '../jobs/vacancy.ts'
import { sourceOf } from '../letters/freeze.ts'
import { issueLetter } from '../letters/issue.ts'
import { tellOfLetter } from '../letters/send.ts'
import { tell } from '../sms/outbox.ts'
import type { Tx } from '../store/store.ts'
import { hasPass, passed } from './head-pin.ts'
import { writeMark } from './mark.ts'
import { type OnDuty, peopleHere } from './people-here.ts'

const USUAL_HOUR = '07:00'
type Input = { centre: string; pass: string; national_id: string; duty?: string | undefined }

/**
 * Takes somebody on at the station today: in the place of one who did not come (`duty`), or beside the others. They must stand on the roll,
 * be allowed here and be free, by the same rules as anybody who is sent, but that they may come from far; they get a letter at once, and
 * are paid when an officer has agreed.
 */
export const attendanceSpot = action<Input>({
  who: 'anyone',
  input: z.object({ ...passed, national_id: z.string(), duty: z.string().optional() }),
  refusals: ['pin_needed', 'none', 'nobody', 'suspended', 'barred', 'busy', 'again', 'full'],
  gives: ['name'],
  sends: ['spot_letter', 'letter_revoked'],
  async apply(scene, input) {
    const { tx, at, tools } = scene
    const { centre, national_id, duty } = input
    if (!hasPass(scene, input)) return refused('pin_needed')
    const day = nairobiDay(at)
    const here = await peopleHere(tx, centre, day)
    const instead = here.find(({ deployment }) => deployment.id === duty)
    // Beside the others it is the job that most of them do.
    const model = instead ?? here[0]
    if (!model || (duty !== undefined && !instead)) return refused('none')
    const [person] = await tx
      .select()
      .from(tx.people)
      .where(eq(tx.people.nationalIdIndex, tools.keyring.index('national_id', national_id)))
    const [station] = await tx.select().from(tx.stations).where(eq(tx.stations.centreCode, centre))
    if (!person || !station) return refused('nobody')
    const { job } = model
    const { rules, version } = await versionedRules(tx, job.exam)
    if (person.status !== 'vetted') return refused('suspended', {}, person.id)
    const barsOf = await openBars(scene, { job, rules, station, from: day }, [person])
    // They are there already, so it is not far; that they are busy is said below, in words of its own.
    const bars = (await barsOf(person)).filter(({ why }) => why !== 'too_far' && why !== 'busy')
    if (bars.length > 0) return refused('barred', {}, person.id)
    const metres = await metresOf(tx, person, station)
    const seating = {
      personId: person.id,
      jobCode: job.code,
      centreCode: centre,
      reportOn: day < job.startsOn ? job.startsOn : day,
      reportAt: rules.report_at ?? USUAL_HOUR,
      origin: 'spot' as const,
      status: 'accepted' as const,
      rulesVersion: version,
      ...(metres === undefined ? {} : { metres }),
    }
    // Asked before anybody's duty ends: a refusal leaves everything as it was.
    const hindrance = await mayTake(tx, seating)
    if (hindrance) return refused(hindrance, {}, person.id)
    if (instead) await sendHome(scene, instead, day)
    const seat = instead?.deployment.seat ?? undefined
    const seated = await seatSomebody(scene, { ...seating, seat, ...(instead ? { offeredFrom: instead.deployment.id } : {}) })
    // Undoes what was ended; the head may try again.
    if ('refused' in seated && instead) throw new Fault('busy', `a place could not be handed on: ${seated.refused}`)
    if ('refused' in seated) return refused('full', {}, person.id)
    await tellOfLetter(scene, await issueLetter(scene, seated.id), 'spot_letter')
    const [made] = await tx.select().from(tx.deployments).where(eq(tx.deployments.id, seated.id))
    if (made) await writeMark(scene, made, { day, mark: 'present', by: 'head' })
    return done({ name: person.fullName }, person.id)
  },
})

async function mayTake(
  tx: Tx,
  seating: Pick<Seating, 'personId' | 'jobCode' | 'reportOn'>,
): Promise<'again' | 'busy' | undefined> {
  const { personId, jobCode } = seating
  await lockPerson(tx, personId)
  const { deployments: d } = tx
  const [held] = await tx
    .select({ id: d.id })
    .from(d)
    .where(and(eq(d.personId, personId), eq(d.jobCode, jobCode)))
  if (held) return 'again'
  return (await isBusy(tx, seating)) ? 'busy' : undefined
}

/** Marked absent, the letter ended, and told so: somebody else stands in their place. Days that they did serve stay marked, and are paid. */
async function sendHome(scene: Scene, { deployment, msisdn }: OnDuty, day: string): Promise<void> {
  await writeMark(scene, deployment, { day, mark: 'absent', by: 'head' })
  const source = await sourceOf(scene.tx, deployment.id)
  await endDuty(scene, deployment.id, { to: 'revoked', why: 'revoked', offer: false })
  if (!source) return
  const { job, station, language } = source
  await tell(scene, {
    to: msisdn as Msisdn,
    person: deployment.personId,
    message: 'letter_revoked',
    values: { title: titleOf(job, language), station: station.name },
    language,
    class: 'notice',
    dedupe: `letter_revoked:${deployment.id}:${deployment.letterVersion}`,
  })
}
