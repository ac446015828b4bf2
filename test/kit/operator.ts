import { and, eq } from 'drizzle-orm'
import { z } from 'zod'
import type { Actor } from '../../src/action.ts'
import type { App } from '../../src/app.ts'
import { addDays, nairobiDay } from '../../src/base/dates.ts'
import { readMsisdn } from '../../src/base/msisdn.ts'
import { actions } from '../../src/catalogue.ts'
import { importDeployments } from '../../src/deployments/import.ts'
import { publish } from '../../src/deployments/publish.ts'
import { reissue, revoke } from '../../src/letters/operate.ts'
import { findHolder } from '../../src/people/holder.ts'
import { type FieldName, profileFields, writeField } from '../../src/people/profile-fields.ts'
import { performing } from '../../src/perform.ts'
import { profileAnswers } from './town.ts'

const phone = z.string().transform((text) => readMsisdn(text) ?? '')
const orders = {
  /** Makes an account with a PIN and a complete profile, without playing it. */
  account: z.strictObject({
    phone,
    national_id: z.string(),
    pin: z.string(),
    profile: z.enum(['complete', 'none']).default('complete'),
  }),
  /** Decides the application of the person at `phone`. */
  decide: z.strictObject({ phone, job: z.string(), to: z.enum(['nominated', 'successful', 'reserve', 'unsuccessful']) }),
  /** Deploys the person with this national ID, as deployments.csv does; nothing is told before `publish`. */
  deploy: z.strictObject({
    national_id: z.string(),
    job: z.string(),
    centre: z.string(),
    report_at: z.string().default('07:00'),
  }),
  publish: z.literal(true),
  reissue: z.strictObject({ reference: z.string() }),
  revoke: z.strictObject({ reference: z.string(), why: z.string().default('recalled') }),
}

const operator: Actor = { via: 'cli', name: 'operator:test', signed: false, language: 'en' }

/** What the operator does in the middle of a conversation, through the same actions as the command line. */
export async function operate(app: App, given: Record<string, unknown>): Promise<void> {
  if (given.account) await makeAccount(app, orders.account.parse(given.account))
  if (given.decide) await decide(app, orders.decide.parse(given.decide))
  if (given.deploy) await deploy(app, orders.deploy.parse(given.deploy))
  if (given.publish) await publish(app, {})
  if (given.reissue) expectDone(await reissue(app, orders.reissue.parse(given.reissue)))
  if (given.revoke) expectDone(await revoke(app, orders.revoke.parse(given.revoke)))
}

function expectDone(result: object) {
  if ('refused' in result) throw new Error(`the operator was refused: ${String(result.refused)}`)
}

async function deploy(app: App, { national_id, job: job_code, centre: centre_code, report_at }: z.infer<typeof orders.deploy>) {
  const [job] = await app.store.read.select().from(app.store.read.jobs).where(eq(app.store.read.jobs.code, job_code))
  const values = { job_code, national_id, centre_code, report_on: job?.startsOn ?? '', report_at }
  async function* rows() {
    yield { row: 1, values }
  }
  const result = await importDeployments(app, rows())
  if ('bad' in result)
    throw new Error(`the deployment was refused: ${result.bad.map(({ column, message }) => `${column} ${message}`).join('; ')}`)
}

async function makeAccount(app: App, order: z.infer<typeof orders.account>) {
  const actor: Actor = { via: 'ussd', name: 'number:test', msisdn: order.phone as never, signed: true, language: 'en' }
  await performing(app, actions, order.phone, async (tx, perform, at) => {
    await perform('people.register', actor, { national_id: order.national_id })
    const outcome = await perform('pin.choose', actor, { pin: order.pin, again: order.pin })
    if (outcome.refused) throw new Error(`the PIN was refused: ${outcome.refused}`)
    const holder = await findHolder(tx, order.phone)
    if (!holder) throw new Error('no account was made')
    if (order.profile === 'none') return
    for (const [field, answer] of Object.entries(profileAnswers)) {
      const value = profileFields[field as FieldName].format.read(answer)
      if (value === undefined) throw new Error(`the town's answer for ${field} does not fit`)
      await writeField({ tx, tools: app, at }, holder.person.id, field as FieldName, value)
    }
  })
}

async function decide(app: App, { phone: msisdn, job, to }: z.infer<typeof orders.decide>) {
  const outcome = await performing(app, actions, msisdn, async (tx, perform) => {
    const [row] = await tx
      .select({ id: tx.applications.id })
      .from(tx.applications)
      .innerJoin(tx.people, eq(tx.people.id, tx.applications.personId))
      .where(and(eq(tx.people.msisdn, msisdn), eq(tx.applications.jobCode, job)))
    return perform('applications.decide', operator, { application: row?.id ?? '', to })
  })
  if (outcome.refused) throw new Error(`the decision was refused: ${outcome.refused}`)
}

export const inDays = (app: App, days: number): string => addDays(nairobiDay(app.clock.now()), days)
