import { and, eq, gt, gte, inArray, isNotNull, like, lt, ne, or } from 'drizzle-orm'
import { leaveTrace } from '../acting.ts'
import type { Scene } from '../action.ts'
import type { App } from '../app.ts'
import { nairobiDay } from '../base/dates.ts'
import type { Msisdn } from '../base/msisdn.ts'
import { carryOut, forgetInputs, type Order } from '../orders/order.ts'
import { forgetGuesses } from '../security/guesses.ts'
import { endSessions } from '../security/web-sessions.ts'
import { bodyPlace, tell } from '../sms/outbox.ts'
import { inNamed } from '../store/named.ts'
import type { Language } from '../store/schema.ts'
import { forgetDocuments } from './documents.ts'
import { heldPeople } from './holds.ts'
import { languageOf } from './language.ts'
import { ownNumbers } from './numbers.ts'
import { guessKeysOf } from './standing.ts'

/** What stands where a name, a number and an identity stood. */
export const ERASED = 'erased'
const LAST_WORD = 'erased:'

/**
 * Nobody is erased while a legal hold says so; while a station counts on them: the letter in their hand must stay genuine; nor while money is
 * on its way to them: what two officers agreed to must stay what it was.
 */
export async function erasureHindrance(
  { tx, at }: Pick<Scene, 'tx' | 'at'>,
  { subject }: Order,
): Promise<'held' | 'on_duty' | 'unpaid' | undefined> {
  const { deployments, jobs, payLines } = tx
  if ((await heldPeople(tx, [subject ?? ''])).size > 0) return 'held'
  const duties = await tx
    .select({ id: deployments.id })
    .from(deployments)
    .innerJoin(jobs, eq(jobs.code, deployments.jobCode))
    .where(
      and(
        eq(deployments.personId, subject ?? ''),
        inArray(deployments.status, ['released', 'accepted']),
        gte(jobs.endsOn, nairobiDay(at)),
      ),
    )
    .limit(1)
  if (duties.length > 0) return 'on_duty'
  const payments = await tx
    .select({ id: payLines.id })
    .from(payLines)
    .where(and(eq(payLines.personId, subject ?? ''), inArray(payLines.state, ['prepared', 'approved', 'sent'])))
    .limit(1)
  return payments.length > 0 ? 'unpaid' : undefined
}

/** Carries out an erasure that was agreed to, and tells the person so; the SMS follows them out when it has gone. */
export async function erase(scene: Scene, order: Order): Promise<void> {
  const { tx } = scene
  const [person] = await tx
    .select()
    .from(tx.people)
    .where(eq(tx.people.id, order.subject ?? ''))
  if (!person || !(await carryOut(scene, order.id))) return
  const { id } = person
  const { number, language } = await wipe(scene, id)
  await leaveTrace(scene, 'people.erase', { outcome: 'done', subject: id, detail: { order: order.id } })
  await tell(scene, {
    to: number,
    message: 'erased',
    values: {},
    language,
    class: 'notice',
    dedupe: `${LAST_WORD}${id}`,
  })
}

/**
 * Takes out everything by which a person can be found, named or reached; what is left are counts of a county. The files of certificates
 * follow with the nightly sweep. Audit rows stay: they hold no more than the id of this row. Gives the number and language they had.
 */
export async function wipe(scene: Scene, id: string): Promise<{ number: Msisdn; language: Language }> {
  const { tx, tools, at } = scene
  const [person] = await tx.select().from(tx.people).where(eq(tx.people.id, id))
  const [account] = await tx.select().from(tx.accounts).where(eq(tx.accounts.personId, id))
  const number = account?.msisdn ?? person?.msisdn ?? ERASED
  const numbers = person ? await ownNumbers(tx, person) : []
  const language = await languageOf(scene, number)

  await tx
    .update(tx.people)
    .set({
      fullName: ERASED,
      nationalIdSealed: tools.keyring.seal(`people.national_id:${id}`, ERASED),
      nationalIdIndex: `${ERASED}:${id}`,
      msisdn: ERASED,
      tscNumberSealed: null,
      tscNumberIndex: null,
      kraPinSealed: null,
      subjects: [],
      workstationCode: null,
      status: 'suspended',
      at,
    })
    .where(eq(tx.people.id, id))
  await tx.delete(tx.nameWords).where(eq(tx.nameWords.personId, id))
  await tx.delete(tx.accounts).where(eq(tx.accounts.personId, id))
  await tx.delete(tx.profileFields).where(eq(tx.profileFields.personId, id))
  await tx.delete(tx.devices).where(eq(tx.devices.personId, id))
  await tx.delete(tx.challenges).where(eq(tx.challenges.personId, id))
  await endSessions(tx, 'portal', id)
  await forgetDocuments(scene, id)
  await eraseLetters(scene, id)
  await eraseService(scene, id)
  await emptyOrders(scene, id)
  await tx.delete(tx.legalHolds).where(eq(tx.legalHolds.personId, id))
  for (const each of numbers) await eraseNumber(scene, each)
  await eraseTexts(scene, id, numbers)
  return { number: number as Msisdn, language }
}

/** What they wanted changed, accounts and numbers: no longer asked for, and forgotten. */
async function emptyOrders(scene: Scene, id: string): Promise<void> {
  const { tx, actor, at } = scene
  await forgetInputs(scene, id)
  await tx
    .update(tx.orders)
    .set({ state: 'cancelled', decidedBy: actor.name, decidedAt: at })
    .where(
      and(eq(tx.orders.subject, id), inArray(tx.orders.kind, ['bank', 'phone']), inArray(tx.orders.state, ['asked', 'approved'])),
    )
}

async function eraseLetters({ tx, tools, at }: Scene, id: string): Promise<void> {
  const { letters, links, deployments } = tx
  const theirs = await tx.select({ id: letters.id }).from(letters).where(eq(letters.personId, id))
  for (const letter of theirs) {
    await tx.delete(links).where(eq(links.letterId, letter.id))
    // One that is revoked is never opened again: what it said can go.
    await tx
      .update(letters)
      .set({ factsSealed: tools.keyring.seal(`letters.facts:${letter.id}`, '{}'), revokedAt: at, revokedWhy: 'revoked' })
      .where(eq(letters.id, letter.id))
  }
  await tx.update(deployments).set({ reasonSealed: null }).where(eq(deployments.personId, id))
}

/** What they declared, what they disputed, where they stood in line, and the accounts that they were paid into. */
async function eraseService({ tx, tools }: Scene, id: string): Promise<void> {
  const { declarations, reserves, planReserves, attendance, deployments, payLines } = tx
  for (const table of [declarations, reserves, planReserves]) await tx.delete(table).where(eq(table.personId, id))
  const duties = tx.select({ id: deployments.id }).from(deployments).where(eq(deployments.personId, id))
  await tx.update(attendance).set({ disputeSealed: null }).where(inArray(attendance.deploymentId, duties))
  const lines = await tx.select({ id: payLines.id }).from(payLines).where(eq(payLines.personId, id))
  for (const line of lines)
    await tx
      .update(payLines)
      .set({ payeeSealed: tools.keyring.seal(`pay_lines.payee:${line.id}`, '{}') })
      .where(eq(payLines.id, line.id))
}

/** Forgets what was kept under a number: calls, tries, preferences, limits. */
async function eraseNumber({ tx }: Scene, msisdn: string): Promise<void> {
  const { sessions, hops, subscribers, limits, reports } = tx
  const calls = tx.select({ id: sessions.id }).from(sessions).where(eq(sessions.msisdn, msisdn))
  await tx.delete(hops).where(inArray(hops.sessionId, calls))
  await tx.delete(sessions).where(eq(sessions.msisdn, msisdn))
  await tx.delete(subscribers).where(eq(subscribers.msisdn, msisdn))
  await tx.delete(limits).where(like(limits.key, `%${msisdn}%`))
  await tx.update(reports).set({ msisdn: ERASED }).where(eq(reports.msisdn, msisdn))
  for (const key of guessKeysOf(msisdn)) await forgetGuesses(tx, key)
}

/** Every SMS from and to them keeps its day and its cost, and says nothing any more. One that still waits does not go. */
async function eraseTexts({ tx, tools, at }: Scene, id: string, numbers: readonly string[]): Promise<void> {
  const { outbox, inbound } = tx
  const sent = await tx
    .select({ id: outbox.id })
    .from(outbox)
    .where(or(eq(outbox.personId, id), inArray(outbox.msisdn, [...numbers])))
  for (const { id: message } of sent)
    await tx
      .update(outbox)
      .set({ msisdn: ERASED, personId: null, bodySealed: tools.keyring.seal(bodyPlace(message), '') })
      .where(eq(outbox.id, message))
  await tx
    .update(outbox)
    .set({ status: 'expired', reason: ERASED, changedAt: at })
    .where(and(eq(outbox.msisdn, ERASED), eq(outbox.status, 'queued')))
  const received = await tx
    .select({ id: inbound.id })
    .from(inbound)
    .where(inArray(inbound.msisdn, [...numbers]))
  for (const { id: message } of received)
    await tx
      .update(inbound)
      .set({ msisdn: ERASED, bodySealed: tools.keyring.seal(`inbound.body:${message}`, '') })
      .where(eq(inbound.id, message))
}

/** The last SMS to somebody erased is itself erased when nothing more can come of it, and what was reported of theirs. Gives how many went. */
export async function forgetLastWords({ store }: Pick<App, 'store'>): Promise<number> {
  return store.work('erased', async (tx) => {
    const { outbox, reports } = tx
    const over = ['delivered', 'unreported', 'failed', 'expired'] as const
    // A range of the index, ids begin with 0 to f: `like` would read every message there is.
    const isLastWord = and(gt(outbox.dedupe, LAST_WORD), lt(outbox.dedupe, `${LAST_WORD}g`))
    const gone = await tx
      .update(outbox)
      .set({ msisdn: ERASED })
      .where(and(isLastWord, ne(outbox.msisdn, ERASED), inArray(inNamed(outbox.status), [...over])))
      .returning({ id: outbox.id })
    const theirs = tx
      .select({ id: outbox.providerId })
      .from(outbox)
      .where(and(eq(outbox.msisdn, ERASED), isNotNull(outbox.providerId)))
    await tx
      .update(reports)
      .set({ msisdn: ERASED })
      .where(and(ne(reports.msisdn, ERASED), inArray(reports.providerId, theirs)))
    return gone.length
  })
}
