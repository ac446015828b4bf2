import { eq } from 'drizzle-orm'
import type { z } from 'zod'
import { acting } from '../acting.ts'
import type { Actor } from '../action.ts'
import type { App, Tools } from '../app.ts'
import type { Msisdn } from '../base/msisdn.ts'
import { endSessions } from '../security/web-sessions.ts'
import { tell } from '../sms/outbox.ts'
import { languageOf } from './language.ts'
import { applyPaired, changedBy, pairRoll, type RollRow, rollRow } from './roll.ts'
import type { Person } from './search.ts'

/** What an operator may correct at once. The number is not among them: it changes with two people and three days, see changes.ts. */
export const CORRECTABLE = [
  'full_name',
  'tsc_number',
  'kra_pin',
  'qualification',
  'subjects',
  'home_county',
  'home_sub_county',
  'workstation_code',
  'status',
] as const satisfies (keyof RollRow)[]
export type Correction = Partial<Record<(typeof CORRECTABLE)[number], string>>

/** A person's row as roll.csv would say it. */
function writtenRow({ keyring }: Pick<Tools, 'keyring'>, person: Person): Record<keyof RollRow, string> {
  const open = (column: string, sealed: string | null) =>
    sealed === null ? '' : keyring.open(`people.${column}:${person.id}`, sealed)
  return {
    national_id: open('national_id', person.nationalIdSealed),
    full_name: person.fullName,
    phone: person.msisdn,
    tsc_number: open('tsc_number', person.tscNumberSealed),
    kra_pin: open('kra_pin', person.kraPinSealed),
    qualification: person.qualification,
    subjects: person.subjects.join(';'),
    home_county: person.homeCounty,
    home_sub_county: person.homeSubCounty,
    workstation_code: person.workstationCode ?? '',
    status: person.status,
  }
}

/** Changes what the roll says of somebody, by the rules of roll.csv, with a reason in the trail, and tells them what was changed. Empty takes out. */
export function correct(
  app: App,
  by: Actor,
  { id, given, reason }: { id: string; given: Correction; reason: string },
): Promise<{ changed: string[] } | { refused: 'unknown' } | { bad: z.core.$ZodIssue[] }> {
  type Corrected = Awaited<ReturnType<typeof correct>>
  return acting<Corrected>(app, by, 'people.correct', id, async (scene) => {
    const { tx, at } = scene
    const [person] = await tx.select().from(tx.people).where(eq(tx.people.id, id))
    const read = person && rollRow.safeParse({ ...writtenRow(app, person), ...given })
    if (!read) return [{ refused: 'unknown' }, { outcome: 'unknown' }]
    if (!read.success) return [{ bad: read.error.issues }, { outcome: 'bad', subject: id }]
    // As if there were no account: the number of the roll stays what it is.
    const pairs = (await pairRoll(tx, app, [read.data])).map((pair) => ({ ...pair, number: undefined }))
    const changed = pairs.flatMap((pair) => changedBy(app, pair) ?? [])
    if (changed.length === 0) return [{ changed }, { outcome: 'same', subject: id }]
    await applyPaired(tx, app, at, pairs)
    if (read.data.status === 'suspended') await endSessions(tx, 'portal', id)
    const [account] = await tx.select().from(tx.accounts).where(eq(tx.accounts.personId, id))
    const to = (account?.msisdn ?? person.msisdn) as Msisdn
    await tell(scene, {
      to,
      person: id,
      message: 'corrected',
      values: { corrected: changed },
      language: await languageOf(scene, to),
      class: 'notice',
      dedupe: `corrected:${id}:${at}`,
    })
    return [{ changed }, { outcome: 'done', subject: id, detail: { fields: changed.join(', '), reason } }]
  })
}
