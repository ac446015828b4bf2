import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { operator } from '../../src/acting.ts'
import { addDays, nairobiDay } from '../../src/base/dates.ts'
import { actions, formats, orderRules, runKinds } from '../../src/catalogue.ts'
import { answerOrder } from '../../src/orders/decide.ts'
import { markSent } from '../../src/pay/approve.ts'
import { applyOutcomes } from '../../src/pay/import.ts'
import { askCheck } from '../../src/pay/issues.ts'
import { askList } from '../../src/pay/prepare.ts'
import { writeField } from '../../src/people/profile-fields.ts'
import { takeInbound } from '../../src/sms/inbound.ts'
import type { Mark } from '../../src/store/schema.ts'
import { septets } from '../../src/text/gsm7.ts'
import { segments } from '../../src/text/segments.ts'
import { type OpenDesk, openDesk, session } from '../kit/desk.ts'
import { seatOfficers } from '../kit/officers.ts'
import { operate } from '../kit/operator.ts'
import { finishRuns } from '../kit/runs.ts'
import { AGREES, PREPARES } from './kit.ts'

const ACHIENG = '+254700000901'
const BARAKA = '+254700000902'
const JOB = 'KCSE26INV'
let desk: OpenDesk
let messages = 0
beforeEach(async () => {
  desk = await openDesk()
  await seatOfficers(desk.app, PREPARES, AGREES)
  await operate(desk.app, { account: { phone: ACHIENG, national_id: '99100001', pin: '482917' } })
})
afterEach(() => desk.close())

const work = () => desk.app.store.work
const today = () => nairobiDay(desk.clock.now())

/** The duty of a job, so many days ago, as it stands after the person said yes; each of three days with its mark. */
async function serve(job: string, marks: (Mark | undefined)[], ago = 10) {
  const { app } = desk
  const [person] = await app.store.read.select().from(app.store.read.people).where(eq(app.store.read.people.msisdn, ACHIENG))
  const startsOn = addDays(today(), -ago)
  await work()('serve', async (tx) => {
    await tx
      .update(tx.jobs)
      .set({ startsOn, endsOn: addDays(startsOn, 2) })
      .where(eq(tx.jobs.code, job))
    const place = { jobCode: job, centreCode: '42101002', county: 'Kisumu' }
    const stands = { reportOn: startsOn, reportAt: '07:00', status: 'accepted' as const, letterVersion: 1, changedAt: 0 }
    await tx.insert(tx.deployments).values({ ...place, ...stands, id: `duty-${job}`, personId: person?.id ?? '' })
    for (const [n, mark] of marks.entries())
      if (mark)
        await tx
          .insert(tx.attendance)
          .values({ ...place, deploymentId: `duty-${job}`, day: addDays(startsOn, n), mark, by: 'head', at: 0 })
  })
  return person?.id ?? ''
}
const finish = () => finishRuns(desk.app, runKinds)
const check = async (job = JOB) => {
  await askCheck(desk.app, PREPARES, { job })
  await finish()
}
const prepare = async (id: string, job = JOB) => {
  await askList(desk.app, PREPARES, { job, id })
  await finish()
}
async function answer(id: string, yes = true) {
  const { read } = desk.app.store
  const [order] = await read.select().from(read.orders).where(eq(read.orders.id, id))
  await answerOrder(desk.app, AGREES, orderRules, { id, digest: order?.digest ?? '', yes })
}
const outcome = async (list: string, state: 'paid' | 'returned', reference = '', reason = '') => {
  const { read } = desk.app.store
  const lines = await read.select().from(read.payLines).where(eq(read.payLines.listId, list))
  await applyOutcomes(
    desk.app,
    PREPARES,
    lines.map(({ id }) => ({ line: id, state, reference, reason })),
  )
}

/** What `PAY` answers, which is one segment. */
async function pay(word = 'PAY', from = ACHIENG) {
  await takeInbound(
    { app: desk.app, actions, keywords: desk.keywords, formats },
    { id: `pay-${++messages}`, from, text: word, to: '22262', date: '2026-11-02 07:00:00' },
  )
  const text = (await desk.texts(from)).at(-1) ?? ''
  expect(segments(text)).toMatchObject({ encoding: 'GSM-7', count: 1 })
  return text
}
/** My applications, My pay, the first duty: every page of it, on one line. */
async function screen(language: 'en' | 'sw' = 'en') {
  const call = session(desk.desk, ACHIENG)
  // A call that was left open is offered again.
  if (/cut off|ilikatika/.test(await call.dial())) await call.type('2')
  const applications = await call.type('2')
  const label = language === 'en' ? 'My pay' : 'Malipo yangu'
  const list = await call.type(new RegExp(`(\\d+)\\. ${label}`).exec(applications)?.[1] ?? '')
  let page = await call.type('1')
  let whole = page
  while (/98 (More|Zaidi)/.test(page)) {
    page = await call.type('98')
    whole += `\n${page}`
  }
  for (const each of [applications, list, page]) expect(septets(each)).toBeLessThanOrEqual(160)
  return { list, whole: whole.replace(/(CON |\n0 .*|\n98 .*)/g, ' ').replace(/\s+/g, ' ') }
}

async function apply() {
  // My pay stands under My applications: there is one.
  await work()('apply', async (tx) => {
    const [person] = await tx.select().from(tx.people).where(eq(tx.people.msisdn, ACHIENG))
    const where = { county: 'Kisumu', subCounty: 'Kisumu East', at: 0, changedAt: 0 }
    await tx
      .insert(tx.applications)
      .values({ id: 'a1', reference: 'R1', personId: person?.id ?? '', jobCode: JOB, status: 'successful', ...where })
  })
}

describe('PAY and My pay', () => {
  test('nobody without an account, and nothing before a duty has begun', async () => {
    expect(await pay('PAY', BARAKA)).toContain('This number has no account')
    expect(await pay()).toContain('No pay is recorded here for you yet')
    await serve(JOB, [], -20)
    expect(await pay()).toContain('No pay is recorded here for you yet')
    await apply()
    const { list } = await screen()
    expect(list).toContain('No pay is recorded for you yet.')
  })

  test('tell in every state: not yet, prepared, approved, sent, paid', async () => {
    await serve(JOB, ['present', 'late', 'absent'])
    await apply()
    const seen = async (short: string, long: string) => {
      expect(await pay()).toBe(`KCSE26INV: 2 days KES 1,100, ${short}\nMore: *483*22262#`)
      const { list, whole } = await screen()
      expect(list).toContain(`1. KCSE Invigilator: ${short}`)
      expect(whole).toContain(`KCSE Invigilator: 2 days, KES 1,100. ${long}`)
    }
    await seen('not yet', 'Not on a payment list yet.')
    await prepare('list-1')
    await seen('prepared', 'On a payment list that waits for approval.')
    await answer('list-1')
    await seen('approved', 'Approved, goes to the bank next.')
    await markSent(desk.app, PREPARES, 'list-1')
    await seen('sent', 'Sent to the bank or M-PESA.')
    await outcome('list-1', 'paid', 'QX7')
    await seen('paid', 'Paid.')
    await takeInbound(
      { app: desk.app, actions, keywords: desk.keywords, formats },
      { id: 'sw', from: ACHIENG, text: 'LUGHA SW', to: '22262', date: '2026-11-02 07:00:00' },
    )
    expect(await pay('MALIPO')).toBe('KCSE26INV: siku 2 KES 1,100, imelipwa\nZaidi: *483*22262#')
    expect((await screen('sw')).whole).toContain('Msimamizi wa KCSE: siku 2, KES 1,100. Imelipwa.')
  })

  test('what came back says why and what to mend, until the next list has it', async () => {
    await serve(JOB, ['present', 'present', 'present'])
    await apply()
    await prepare('list-1')
    await answer('list-1')
    await markSent(desk.app, PREPARES, 'list-1')
    await outcome('list-1', 'returned', '', 'Account unknown')
    expect(await pay()).toBe('KCSE26INV: 3 days KES 1,650, returned (no such account; correct its number)\nMore: *483*22262#')
    expect((await screen()).whole).toContain('The money came back: no such account; correct its number.')
    desk.clock.move(1_000)
    await prepare('list-2')
    expect(await pay()).toContain('KES 1,650, prepared')
    // A refused list says nothing of its own.
    await answer('list-2', false)
    expect(await pay()).toContain('returned')
  })

  test('each thing in the way is named with how to mend it, several one after the other', async () => {
    const person = await serve(JOB, ['present', undefined, 'present'])
    await apply()
    await work()('spoil', async (tx) => {
      const scene = { tx, tools: desk.app, at: desk.app.clock.now() }
      await writeField(scene, person, 'account_name', 'Somebody Else')
      await writeField(scene, person, 'tsc_number', 'NONE')
      await tx.update(tx.people).set({ tscNumberSealed: null }).where(eq(tx.people.id, person))
      await tx.update(tx.deployments).set({ origin: 'spot' }).where(eq(tx.deployments.personId, person))
      // The day in the middle counts, whichever day of the week it is.
      const day = addDays(today(), -9)
      const other = { jobCode: JOB, centreCode: '42101002', county: 'Kisumu', mark: 'present' as const, by: 'head', at: 0 }
      await tx.insert(tx.attendance).values({ deploymentId: 'another', day, ...other })
    })
    await check()
    expect(await pay()).toContain('KCSE26INV: 2 days KES 1,100, held (account name, no TSC number, days not marked, no letter)')
    const { list, whole } = await screen()
    expect(list).toContain('1. KCSE Invigilator: held')
    for (const cure of [
      'Not paid yet.',
      'Correct it on our website.',
      'Add it under My profile.',
      'Ask the head of your station to mark them.',
      'Ask your sub-county office to confirm it.',
    ])
      expect(whole).toContain(cure)
    expect(whole).toMatch(/\d\. My profile/)
  })

  test('the other things in the way: no ID, no account, a day that is disputed', async () => {
    const person = await serve(JOB, ['present', 'absent', 'present'])
    await apply()
    await work()('spoil', async (tx) => {
      await tx.update(tx.people).set({ nationalIdSealed: 'v1.a.b.c.d' }).where(eq(tx.people.id, person))
      await tx.delete(tx.profileFields).where(eq(tx.profileFields.field, 'account_number'))
      await tx
        .update(tx.attendance)
        .set({ disputedAt: 5 })
        .where(eq(tx.attendance.day, addDays(today(), -9)))
    })
    await check()
    expect(await pay()).toContain('held (no ID number, no account, a day disputed)')
    const { whole } = await screen()
    for (const cure of ['Take your ID to your sub-county office.', 'M-PESA: code 00', 'You need do nothing.'])
      expect(whole).toContain(cure)
    // One is mended: the next look says so.
    await work()('mend', (tx) => tx.update(tx.attendance).set({ settledBy: operator.name }))
    await check()
    expect(await pay()).toContain('held (no ID number, no account)')
  })

  test('several duties, the last to begin first', async () => {
    await serve('KCSE26EXM-MAT', ['present'], 30)
    await serve(JOB, ['present', 'present', 'present'])
    expect(await pay()).toBe('KCSE26INV: 3 days KES 1,650, not yet\nKCSE26EXM-MAT: 1 day KES 550, not yet\nMore: *483*22262#')
  })
})
