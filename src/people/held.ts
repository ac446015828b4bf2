import { and, desc, eq, inArray } from 'drizzle-orm'
import type { Scene } from '../action.ts'
import { orderInput } from '../orders/order.ts'
import { bodyPlace } from '../sms/outbox.ts'
import { ownNumbers } from './numbers.ts'
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
  const numbers = await ownNumbers(tx, person)
  const received = await tx.select().from(tx.inbound).where(inArray(tx.inbound.msisdn, numbers)).orderBy(desc(tx.inbound.at))
  const chosen = await tx.select().from(tx.subscribers).where(inArray(tx.subscribers.msisdn, numbers))
  const devices = await tx.select().from(tx.devices).where(eq(tx.devices.personId, personId))
  const asked = await tx
    .select()
    .from(tx.orders)
    .where(and(eq(tx.orders.subject, personId), inArray(tx.orders.kind, ['bank', 'phone', 'erasure'])))
  const days = await tx
    .select({
      id: tx.attendance.deploymentId,
      day: tx.attendance.day,
      mark: tx.attendance.mark,
      centre: tx.attendance.centreCode,
      dispute: tx.attendance.disputeSealed,
    })
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
    messages_received: received.map(({ id, bodySealed, keyword, at }) => ({
      at: iso(at),
      keyword,
      text: tools.keyring.open(`inbound.body:${id}`, bodySealed),
    })),
    numbers: chosen.map(({ msisdn, language, stoppedAt }) => ({ phone: msisdn, language, stopped_at: iso(stoppedAt) })),
    browsers: devices.map(({ label, at, seenAt }) => ({ label, at: iso(at), seen_at: iso(seenAt) })),
    changes_asked: asked.map((order) => ({
      kind: order.kind,
      state: order.state,
      at: iso(order.askedAt),
      wanted: orderInput<unknown>(tools, order),
    })),
    schools_declared: declared.map(({ centreCode, why, at }) => ({ centre: centreCode, why, at: iso(at) })),
    days: days.map(({ id, day, mark, centre, dispute }) => ({
      day,
      mark,
      centre,
      dispute: dispute === null ? null : tools.keyring.open(`attendance.dispute:${id}:${day}`, dispute),
    })),
    payments: pay.map(({ id, payeeSealed, days: paidDays, totalKes, bank, state, reason, changedAt }) => ({
      paid_into: JSON.parse(tools.keyring.open(`pay_lines.payee:${id}`, payeeSealed)) as unknown,
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
