import { and, eq } from 'drizzle-orm'
import { z } from 'zod'
import { acting } from '../../src/acting.ts'
import type { Actor } from '../../src/action.ts'
import type { App } from '../../src/app.ts'
import { applyHeads, headRow } from '../../src/attendance/heads.ts'
import { addDays, HOUR, nairobiDay } from '../../src/base/dates.ts'
import { readMsisdn } from '../../src/base/msisdn.ts'
import { actions, orderRules } from '../../src/catalogue.ts'
import { importDeployments } from '../../src/deployments/import.ts'
import { publish } from '../../src/deployments/publish.ts'
import { sweepAnswers } from '../../src/deployments/silence.ts'
import { LEFT_OUT } from '../../src/jobs/quota.ts'
import { seriesRules, writeRules } from '../../src/jobs/rules.ts'
import { reissue, revoke } from '../../src/letters/operate.ts'
import { askNotice } from '../../src/notices/ask.ts'
import { answerOrder } from '../../src/orders/decide.ts'
import { findHolder } from '../../src/people/holder.ts'
import { type FieldName, profileFields, writeField } from '../../src/people/profile-fields.ts'
import { performing } from '../../src/perform.ts'
import type { MovableClock } from './desk.ts'
import { seatOfficers } from './officers.ts'
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
  decide: z.strictObject({
    phone,
    job: z.string(),
    to: z.enum(['nominated', 'successful', 'reserve', 'unsuccessful']),
    reason: z.enum(LEFT_OUT).optional(),
  }),
  /** Deploys the person with this national ID, as deployments.csv does; nothing is told before `publish`. */
  deploy: z.strictObject({
    national_id: z.string(),
    job: z.string(),
    centre: z.string(),
    report_at: z.string().default('07:00'),
  }),
  publish: z.literal(true),
  /** Writes the rules of a series. */
  rules: z.strictObject({ exam: z.string(), rules: seriesRules }),
  /** Puts somebody on the reserve list of their own sub-county. */
  reserve: z.strictObject({ national_id: z.string(), job: z.string() }),
  /** Who answers for a station; they get a one-time PIN. */
  head: headRow,
  /** To a day of the job: so many days after its first, at an hour. */
  day: z.strictObject({ job: z.string(), plus: z.int().default(0), at: z.string().default('08:00') }),
  /** Hours go by, and what time does to letters without an answer is done. */
  wait: z.strictObject({ hours: z.number() }),
  /** The exam is put on other days; two officers agree. */
  postpone: z.strictObject({ job: z.string(), days: z.int() }),
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
  if (given.rules) await writeSeries(app, orders.rules.parse(given.rules))
  if (given.reserve) await reserve(app, orders.reserve.parse(given.reserve))
  if (given.head)
    await acting(app, operator, 'heads', 'heads', async (scene) => [
      await applyHeads(scene, [orders.head.parse(given.head)]),
      { outcome: 'done' },
    ])
  if (given.day) await goTo(app, orders.day.parse(given.day))
  if (given.wait) {
    movableOf(app).move(orders.wait.parse(given.wait).hours * HOUR)
    await sweepAnswers(app)
  }
  if (given.postpone) await postpone(app, orders.postpone.parse(given.postpone))
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

async function decide(app: App, { phone: msisdn, job, to, reason }: z.infer<typeof orders.decide>) {
  const outcome = await performing(app, actions, msisdn, async (tx, perform) => {
    const [row] = await tx
      .select({ id: tx.applications.id })
      .from(tx.applications)
      .innerJoin(tx.people, eq(tx.people.id, tx.applications.personId))
      .where(and(eq(tx.people.msisdn, msisdn), eq(tx.applications.jobCode, job)))
    return perform('applications.decide', operator, { application: row?.id ?? '', to, reason })
  })
  if (outcome.refused) throw new Error(`the decision was refused: ${outcome.refused}`)
}

const writeSeries = (app: App, { exam, rules }: z.infer<typeof orders.rules>) =>
  acting<void>(app, operator, 'rules', 'rules', async (scene) => {
    await writeRules(scene, exam, rules)
    return [undefined, { outcome: 'done' }]
  })

const reserve = (app: App, { national_id, job: jobCode }: z.infer<typeof orders.reserve>) =>
  app.store.work('reserve', async (tx) => {
    const mine = eq(tx.people.nationalIdIndex, app.keyring.index('national_id', national_id))
    const [person] = await tx.select().from(tx.people).where(mine)
    if (!person) throw new Error(`nobody has the ID ${national_id}`)
    const { id: personId, homeCounty: county, homeSubCounty: subCounty } = person
    await tx.insert(tx.reserves).values({ jobCode, personId, county, subCounty, rank: 1, state: 'waiting', changedAt: 0 })
  })

function movableOf({ clock }: App): MovableClock {
  if ('move' in clock) return clock as MovableClock
  throw new Error('this service runs by a clock that cannot be moved')
}

async function goTo(app: App, { job: code, plus, at }: z.infer<typeof orders.day>) {
  const { read } = app.store
  const [job] = await read.select().from(read.jobs).where(eq(read.jobs.code, code))
  const day = addDays(job?.startsOn ?? '', plus)
  movableOf(app).move(Date.parse(`${day}T${at}:00+03:00`) - app.clock.now())
}

async function postpone(app: App, { job, days }: z.infer<typeof orders.postpone>) {
  const id = app.clock.id()
  const [one, two] = ['one', 'two'].map((name): Actor => ({ ...operator, via: 'console', name: `officer:${name}` })) as [
    Actor,
    Actor,
  ]
  await seatOfficers(app, one, two)
  expectDone(await askNotice(app, one, { kind: 'postponed', job, days }, id))
  const [order] = await app.store.read.select().from(app.store.read.orders).where(eq(app.store.read.orders.id, id))
  expectDone(await answerOrder(app, two, orderRules, { id, digest: order?.digest ?? '', yes: true }))
}

export const inDays = (app: App, days: number): string => addDays(nairobiDay(app.clock.now()), days)
