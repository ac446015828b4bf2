import { desc, eq } from 'drizzle-orm'
import type { Scene } from '../action.ts'
import { bodyPlace } from '../sms/outbox.ts'
import { readProfile } from './profile-fields.ts'

/** Everything that is held of a person, in clear, for that person: plain JSON, times in ISO 8601, no hash and no key. */
export async function everythingHeld(
  scene: Pick<Scene, 'tx' | 'tools' | 'at'>,
  personId: string,
): Promise<Record<string, unknown>> {
  const { tx, tools } = scene
  const [person] = await tx.select().from(tx.people).where(eq(tx.people.id, personId))
  if (!person) return {}
  const open = (column: string, sealed: string | null) =>
    sealed === null ? null : tools.keyring.open(`people.${column}:${personId}`, sealed)
  const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString())
  const [account] = await tx.select().from(tx.accounts).where(eq(tx.accounts.personId, personId))
  const applications = await tx.select().from(tx.applications).where(eq(tx.applications.personId, personId))
  const deployments = await tx.select().from(tx.deployments).where(eq(tx.deployments.personId, personId))
  const letters = await tx.select().from(tx.letters).where(eq(tx.letters.personId, personId))
  const messages = await tx.select().from(tx.outbox).where(eq(tx.outbox.personId, personId)).orderBy(desc(tx.outbox.createdAt))
  const documents = await tx.select().from(tx.documents).where(eq(tx.documents.personId, personId))
  const declared = await tx.select().from(tx.declarations).where(eq(tx.declarations.personId, personId))
  const days = await tx
    .select({ day: tx.attendance.day, mark: tx.attendance.mark, centre: tx.attendance.centreCode })
    .from(tx.attendance)
    .innerJoin(tx.deployments, eq(tx.deployments.id, tx.attendance.deploymentId))
    .where(eq(tx.deployments.personId, personId))
  const pay = await tx.select().from(tx.payLines).where(eq(tx.payLines.personId, personId))
  const trail = await tx.select().from(tx.audit).where(eq(tx.audit.subject, personId)).orderBy(desc(tx.audit.at))
  return {
    made_at: iso(scene.at),
    roll: {
      name: person.fullName,
      national_id: open('national_id', person.nationalIdSealed),
      phone: person.msisdn,
      tsc_number: open('tsc_number', person.tscNumberSealed),
      kra_pin: open('kra_pin', person.kraPinSealed),
      qualification: person.qualification,
      subjects: person.subjects,
      home_county: person.homeCounty,
      home_sub_county: person.homeSubCounty,
      workstation_code: person.workstationCode,
      status: person.status,
      changed_at: iso(person.at),
    },
    account: account ? { phone: account.msisdn, alerts: account.alerts, created_at: iso(account.createdAt) } : null,
    profile: await readProfile(scene, personId),
    applications: applications.map(({ reference, jobCode, status, at, changedAt }) => ({
      reference,
      job: jobCode,
      status,
      at: iso(at),
      changed_at: iso(changedAt),
    })),
    deployments: deployments.map(({ id, jobCode, centreCode, reportOn, reportAt, status, reasonSealed }) => ({
      job: jobCode,
      centre: centreCode,
      report_on: reportOn,
      report_at: reportAt,
      status,
      reason: reasonSealed === null ? null : tools.keyring.open(`deployments.reason:${id}`, reasonSealed),
    })),
    letters: letters.map(({ id, reference, version, issuedAt, revokedAt, factsSealed }) => ({
      reference,
      version,
      issued_at: iso(issuedAt),
      revoked_at: iso(revokedAt),
      facts: JSON.parse(tools.keyring.open(`letters.facts:${id}`, factsSealed)) as unknown,
    })),
    messages: messages.map(({ id, bodySealed, status, createdAt, class: kind }) => ({
      at: iso(createdAt),
      kind,
      status,
      // What proves that somebody holds the phone stands only there.
      text: kind === 'otp' ? null : tools.keyring.open(bodyPlace(id), bodySealed),
    })),
    schools_declared: declared.map(({ centreCode, why, at }) => ({ centre: centreCode, why, at: iso(at) })),
    days,
    payments: pay.map(({ days: paidDays, totalKes, bank, state, reason, changedAt }) => ({
      days: paidDays,
      total_kes: totalKes,
      bank,
      state,
      reason,
      changed_at: iso(changedAt),
    })),
    certificates: documents.map(({ label, type, bytes, at }) => ({ label, type, bytes, at: iso(at) })),
    trail: trail.map(({ at, via, action, outcome }) => ({ at: iso(at), via, action, outcome })),
  }
}
