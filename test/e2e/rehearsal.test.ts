import { and, count, eq, inArray, isNotNull } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Actor } from '../../src/action.ts'
import { adoptPlan } from '../../src/allocation/adopt.ts'
import { planOf } from '../../src/allocation/overview.ts'
import { askPlan } from '../../src/allocation/plan.ts'
import { applyHeads, headRow } from '../../src/attendance/heads.ts'
import { staffingOf } from '../../src/attendance/staffing.ts'
import { addDays, DAY, HOUR, nairobiDay, startOfDay } from '../../src/base/dates.ts'
import { nationalIdOf } from '../../src/bench/crowd.ts'
import { orderRules } from '../../src/catalogue.ts'
import { askRelease } from '../../src/deployments/release.ts'
import { sweepAnswers } from '../../src/deployments/silence.ts'
import { askDecideAll } from '../../src/jobs/decide-many.ts'
import { applyJobs, jobRow } from '../../src/jobs/job-row.ts'
import { type SeriesRules, writeRules } from '../../src/jobs/rules.ts'
import { applyStations, stationRow } from '../../src/jobs/station.ts'
import { answerOrder } from '../../src/orders/decide.ts'
import { markSent } from '../../src/pay/approve.ts'
import { takeFile } from '../../src/pay/file.ts'
import { applyOutcomes } from '../../src/pay/import.ts'
import { askCheck, clearIssues } from '../../src/pay/issues.ts'
import { askList } from '../../src/pay/prepare.ts'
import { fieldNames, writeField } from '../../src/people/profile-fields.ts'
import { applyRoll, rollRow } from '../../src/people/roll.ts'
import { type Booted, boot } from '../kit/boot.ts'
import { movableClock } from '../kit/desk.ts'
import { seatOfficers } from '../kit/officers.ts'
import { profileAnswers } from '../kit/town.ts'

/** The whole of an exam, played by 2,000 phones and a few officers; what one step leaves is what the next one counts. */
const PEOPLE = 2_000
const STATIONS = 100
/** 340 candidates take 17 invigilators. */
const PLACES = STATIONS * 17
const JOB = 'KCSE26INV'
const RULES: SeriesRules = {
  not_own_school: true,
  years_since_served: 3,
  candidates_per: { supervisor: 200, invigilator: 20 },
  reserve_share: 1,
  within: 'nation',
  rehearsal_days_before: 1,
  report_at: '07:00',
  answer_days: 5,
  reserve_hours: 24,
  remind_hours: 24,
  silence: 'decline',
  late_minutes: 30,
  allowances: [
    { from_km: 0, kes: 200 },
    { from_km: 20, kes: 500 },
  ],
  deductions: [{ name: 'withholding', percent: 5 }],
}
const COUNTIES = ['Kisumu', 'Siaya', 'Vihiga', 'Nandi']

const clock = movableClock()
const today = nairobiDay(clock.now())
/** Nothing that waits to be sent is left behind: a reply is worth nothing days later. */
async function goTo(day: string, hour: number) {
  await sent()
  clock.move(startOfDay(day) + hour * HOUR - clock.now())
}
const startsOn = addDays(today, 30)
const asking: Actor = { via: 'console', name: 'officer:asks', signed: false, language: 'en' }
const agreeing: Actor = { via: 'console', name: 'officer:agrees', signed: false, language: 'en' }

let service: Booted
beforeAll(async () => {
  clock.move(startOfDay(today) + 9 * HOUR - clock.now())
  service = await boot({ SMS_PER_SECOND: '1000' }, clock)
  await seatOfficers(service.app, asking, agreeing)
}, 60_000)
afterAll(() => service.close())

const numbers = Array.from({ length: PEOPLE }, (_, n) => n)
const phoneOf = (n: number) => `+254700${String(n).padStart(6, '0')}`
const phone = (n: number) => service.phone(phoneOf(n))

/** The same for each, some at once, as a nation does it. */
async function each<T>(items: readonly T[], work: (item: T) => Promise<unknown>, atOnce = 40): Promise<void> {
  const queue = items.values()
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const item of queue) await work(item)
    }),
  )
}

async function countOf(
  table: 'accounts' | 'applications' | 'deployments' | 'letters' | 'people' | 'openings',
  ...where: unknown[]
): Promise<number> {
  const { read } = service.app.store
  const t = read[table]
  const [row] = await read
    .select({ n: count() })
    .from(t as typeof read.deployments)
    .where(and(...(where as Parameters<typeof and>)))
  return Number(row?.n)
}

/** Until nothing waits to be sent. */
async function sent(): Promise<void> {
  const { read } = service.app.store
  for (;;) {
    const [row] = await read
      .select({ n: count() })
      .from(read.outbox)
      .where(inArray(read.outbox.status, ['queued', 'sending']))
    if (Number(row?.n) === 0) return
    await clock.sleep(50)
  }
}

async function runTo(id: string) {
  const { read } = service.app.store
  for (;;) {
    const [run] = await read.select().from(read.runs).where(eq(read.runs.id, id))
    if (run?.state === 'done') return run
    if (run?.state === 'failed') throw new Error(`${run.kind} failed: ${run.why}`)
    await clock.sleep(50)
  }
}

/** How many messages of a kind were written for people, told by how they begin. */
async function texts(n: number, pattern: RegExp): Promise<string[]> {
  return (await phone(n).inbox()).map(({ text }) => text).filter((text) => pattern.test(text))
}

test('the roll, its stations and the job', async () => {
  const { app } = service
  const stations = Array.from({ length: STATIONS }, (_, n) =>
    stationRow.parse({
      centre_code: `4${n % 4}1010${String(n).padStart(2, '0')}`,
      name: `Shule ya ${n + 1}`,
      county: COUNTIES[n % 4],
      sub_county: `${COUNTIES[n % 4]} ${n % 8 < 4 ? 'East' : 'West'}`,
      latitude: String(-0.5 + (n % 10) * 0.05 + (n % 4) * 0.6),
      longitude: String(34 + Math.floor(n / 10) * 0.05),
      candidates: '340',
    }),
  )
  const job = {
    code: JOB,
    title: 'KCSE Invigilator',
    title_sw: 'Msimamizi wa KCSE',
    exam: 'KCSE2026',
    role: 'invigilator',
    opens_on: addDays(today, -1),
    closes_on: addDays(today, 10),
    starts_on: startsOn,
    ends_on: addDays(startsOn, 2),
    min_qualification: 'diploma',
    subjects: '',
    county: '',
    places: '',
    daily_rate_kes: '550',
  }
  await app.store.work('rehearsal', async (tx) => {
    await applyStations(tx, stations)
    await applyJobs(tx, clock.now(), [jobRow.parse(job)])
    await writeRules({ tx, at: clock.now(), actor: asking }, 'KCSE2026', RULES)
  })
  const roll = numbers.map((n) => {
    const work = stations[n % STATIONS] as (typeof stations)[number]
    return rollRow.parse({
      national_id: nationalIdOf(n),
      full_name: `Mwalimu ${'ABCDEFGHIJ'[n % 10]}${String.fromCharCode(97 + (n % 26))}ino Wa${String.fromCharCode(97 + (n % 23))}ira`,
      phone: phoneOf(n),
      tsc_number: String(500_000 + n),
      kra_pin: `A${String(100_000_000 + n)}Z`,
      qualification: 'degree',
      subjects: 'mathematics',
      home_county: work.county,
      home_sub_county: work.sub_county,
      workstation_code: work.centre_code,
      status: 'vetted',
    })
  })
  for (let from = 0; from < PEOPLE; from += 200)
    await app.store.work('rehearsal', (tx) => applyRoll(tx, app, clock.now(), roll.slice(from, from + 200)))
  expect(await countOf('people')).toBe(PEOPLE)
})

test('everybody registers by SMS and gets a password, the profile is filled, and everybody applies', async () => {
  const { app } = service
  await each(numbers, (n) => phone(n).sms(`REGISTER ${nationalIdOf(n)}`))
  await sent()
  expect(await countOf('accounts')).toBe(PEOPLE)
  for (const n of [0, 777, PEOPLE - 1]) expect(await texts(n, /password|nenosiri/i)).toHaveLength(1)

  // An assisting clerk types the profiles; the fields' own screens are played elsewhere.
  const people = await app.store.read.select().from(app.store.read.people)
  for (let from = 0; from < PEOPLE; from += 100)
    await app.store.work('rehearsal', async (tx) => {
      for (const person of people.slice(from, from + 100))
        for (const field of fieldNames) {
          const own = {
            // One in 250 has an account in somebody else's name.
            account_name: Number(person.msisdn.slice(-6)) % 250 === 10 ? 'Duka La Rafiki' : person.fullName,
            workstation_code: person.workstationCode ?? '',
            teaching_level: 'secondary',
          }
          const value = field in own ? own[field as keyof typeof own] : profileAnswers[field]
          await writeField({ tx, tools: app, at: clock.now() }, person.id, field, value)
        }
    })

  await each(numbers, (n) => phone(n).sms(`APPLY ${JOB}`))
  await sent()
  expect(await countOf('applications', eq(app.store.read.applications.status, 'received'))).toBe(PEOPLE)
}, 900_000)

test('officers choose them, plan, adopt, and release by two; everybody who goes somewhere has one letter', async () => {
  const { app } = service
  const { read } = app.store
  await goTo(addDays(today, 11), 9)
  await askDecideAll(app, asking, { to: 'successful', which: { job: JOB, asOf: clock.now() }, of: PEOPLE, once: 'choose' })
  expect((await runTo('choose')).tally).toEqual({ decided: PEOPLE })

  await askPlan(app, asking, { id: 'plan', job: JOB })
  await runTo('plan:plan')
  const summary = (await planOf(read, 'plan'))?.summary
  expect(summary).toMatchObject({ places: PLACES, filled: PLACES, empty: 0, chosen: PEOPLE, reserves: PEOPLE - PLACES })
  expect(summary?.metres).toBe(summary?.bound)

  await adoptPlan(app, asking, 'plan')
  expect((await runTo('adopt:plan')).tally).toMatchObject({ made: PLACES })
  expect(await countOf('letters')).toBe(0)
  const asked = await askRelease(app, asking, { job: JOB, id: 'release' })
  const [order] = await read.select().from(read.orders).where(eq(read.orders.id, 'release'))
  expect(asked).toEqual({ order: 'release' })
  expect(await answerOrder(app, asking, orderRules, { id: 'release', digest: order?.digest ?? '', yes: true })).toEqual({
    refused: 'own',
  })
  await answerOrder(app, agreeing, orderRules, { id: 'release', digest: order?.digest ?? '', yes: true })
  expect((await runTo('release:release')).tally).toEqual({ released: PLACES, held: 0 })
  await sent()
  expect(await countOf('letters')).toBe(PLACES)
  expect(await countOf('deployments', isNotNull(read.deployments.held), eq(read.deployments.status, 'released'))).toBe(PLACES)
}, 900_000)

/** Who holds a released place and has not answered, as numbers of phones. */
async function unanswered(): Promise<number[]> {
  const { read } = service.app.store
  const rows = await read
    .select({ msisdn: read.people.msisdn })
    .from(read.deployments)
    .innerJoin(read.people, eq(read.people.id, read.deployments.personId))
    .where(and(eq(read.deployments.jobCode, JOB), eq(read.deployments.status, 'released')))
  return rows.map(({ msisdn }) => Number(msisdn.slice(-6))).sort((a, b) => a - b)
}

test('they answer by SMS, some with no, some not at all; the reserves take their places until all are held', async () => {
  const { app } = service
  const { deployments: d, openings } = app.store.read
  const first = await unanswered()
  const refuses = (n: number) => n % 19 === 3 && n % 23 !== 7
  const silent = (n: number) => n % 23 === 7
  await each(first, async (n) => {
    if (!silent(n)) await phone(n).sms(refuses(n) ? `DECLINE ${JOB} I am unwell` : `ACCEPT ${JOB}`)
  })
  await sent()
  const said = (status: 'accepted' | 'declined') => countOf('deployments', eq(d.status, status))
  expect(await said('accepted')).toBe(first.filter((n) => !refuses(n) && !silent(n)).length)
  expect(await said('declined')).toBe(first.filter(refuses).length)
  const offered = (await unanswered()).filter((n) => !first.includes(n))
  expect(offered).toHaveLength(first.filter(refuses).length)
  await each(offered, (n) => phone(n).sms('ACCEPT'))

  await sent()
  clock.move(5 * DAY + HOUR)
  // The schedule of the service may have come first, and may still be at it.
  await sweepAnswers(app)
  await vi.waitFor(async () => expect(await unanswered()).toHaveLength(first.filter(silent).length), 60_000)
  await each(await unanswered(), (n) => phone(n).sms('kubali'))
  await sent()
  expect(await said('accepted')).toBe(PLACES)
  expect(await countOf('deployments', isNotNull(d.held))).toBe(PLACES)
  expect(await countOf('openings', eq(openings.state, 'offered'))).toBe(
    first.filter(refuses).length + first.filter(silent).length,
  )
  // Everybody on duty has one letter in force; everybody else none.
  const { letters } = app.store.read
  const inForce = await app.store.read.select().from(letters)
  expect(inForce.filter(({ revokedAt }) => revokedAt === null)).toHaveLength(PLACES)
}, 900_000)

const HEAD_PIN = '482917'
const headNumber = (station: number) => `+254711000${String(station).padStart(3, '0')}`
const centreOf = (station: number) => `4${station % 4}1010${String(station).padStart(2, '0')}`

/** From a fresh dial to the station's day. */
async function headCall(station: number, ...pins: string[]) {
  const phone = service.phone(headNumber(station))
  let { text } = await phone.dial()
  if (/cut off/.test(text)) text = (await phone.reply('2')).text
  const key = /(\d)\. Station head/.exec(text)?.[1] ?? ''
  for (const input of [key, centreOf(station), ...pins]) text = (await phone.reply(input)).text
  return { phone, text }
}

const onDuty = async () => {
  const { deployments: d } = service.app.store.read
  return service.app.store.read
    .select()
    .from(d)
    .where(and(eq(d.jobCode, JOB), isNotNull(d.held)))
}
const marksOn = async (day: string) => {
  const { attendance } = service.app.store.read
  const rows = await service.app.store.read.select().from(attendance).where(eq(attendance.day, day))
  const count = (mark: string) => rows.filter((row) => row.mark === mark).length
  return {
    all: rows.length,
    present: count('present'),
    late: count('late'),
    absent: count('absent'),
    self: rows.filter(({ by }) => by === 'self').length,
  }
}

test('the heads mark who reports, from the rehearsal on; some check in themselves, some are absent, some are replaced on the spot', async () => {
  const { app } = service
  const { read } = app.store
  const stations = Array.from({ length: STATIONS }, (_, n) => n)
  const heads = stations.map((n) => headRow.parse({ centre_code: centreOf(n), name: `Mkuu ${n}`, phone: headNumber(n) }))
  await app.store.work('rehearsal', (tx) => applyHeads({ tx, at: clock.now(), tools: app, actor: asking }, heads))
  await sent()
  await goTo(addDays(startsOn, -1), 8)
  await each(stations, async (n) => {
    const [sms] = await service.phone(headNumber(n)).inbox()
    const oneTime = /PIN as head is (\d{8})/.exec(sms?.text ?? '')?.[1] ?? ''
    const { phone } = await headCall(n, oneTime, HEAD_PIN, HEAD_PIN)
    expect((await phone.reply('2')).text).toContain('17 of 17 marked')
  })
  expect(await marksOn(addDays(startsOn, -1))).toMatchObject({ all: PLACES, present: PLACES })

  // The first morning: some say themselves that they are there, with the code on the board.
  await goTo(startsOn, 6)
  const [firstHeld] = await read
    .select({ msisdn: read.people.msisdn, centre: read.deployments.centreCode, person: read.people.id })
    .from(read.deployments)
    .innerJoin(read.people, eq(read.people.id, read.deployments.personId))
    .where(and(eq(read.deployments.jobCode, JOB), isNotNull(read.deployments.held)))
    .limit(1)
  const own = service.phone(firstHeld?.msisdn ?? '')
  let { text } = await own.dial()
  if (/cut off/.test(text)) text = (await own.reply('2')).text
  await own.reply('3')
  // A first PIN is chosen on the way to one's own letters.
  await own.reply(HEAD_PIN)
  await own.reply(HEAD_PIN)
  text = (await own.reply('1')).text
  const { text: board } = await headCall(Number(firstHeld?.centre.slice(-2)), HEAD_PIN)
  const code = /Code (\d{5})/.exec(board)?.[1] ?? ''
  await own.reply(/(\d)\. Check in/.exec(text)?.[1] ?? '')
  expect((await own.reply(code)).text).toContain('present')
  expect(await marksOn(startsOn)).toMatchObject({ all: 1, self: 1 })
  const staffing = await staffingOf(read, { job: JOB, day: startsOn })
  expect(staffing.reduce((sum, { gap }) => sum + gap, 0)).toBe(PLACES - 1)

  // One in ten stations misses somebody; the head says so and marks the others.
  await each(stations, async (n) => {
    const { phone } = await headCall(n, HEAD_PIN)
    if (n % 10 === 0) {
      await phone.reply('1')
      await phone.reply('1')
      await phone.reply('3')
      await phone.reply('00')
      const again = await headCall(n, HEAD_PIN)
      expect((await again.phone.reply('2')).text).toContain('17 of 17 marked')
    } else expect((await phone.reply('2')).text).toContain('17 of 17 marked')
  })
  expect(await marksOn(startsOn)).toMatchObject({ all: PLACES, present: PLACES - 10, absent: 10 })

  // The second day five of them are replaced by somebody of the reserve list, by their national ID.
  await goTo(addDays(startsOn, 1), 8)
  const waiting = await read
    .select({ msisdn: read.people.msisdn, work: read.people.workstationCode })
    .from(read.reserves)
    .innerJoin(read.people, eq(read.people.id, read.reserves.personId))
    .where(and(eq(read.reserves.jobCode, JOB), eq(read.reserves.state, 'waiting')))
  const replaced: string[] = []
  for (const n of [0, 20, 40, 60, 80]) {
    const substitute = waiting.find(({ work, msisdn }) => work !== centreOf(n) && !replaced.includes(msisdn))
    replaced.push(substitute?.msisdn ?? '')
    const { phone } = await headCall(n, HEAD_PIN)
    await phone.reply('1')
    await phone.reply('1')
    await phone.reply('4')
    expect((await phone.reply(nationalIdOf(Number(substitute?.msisdn.slice(-6))))).text).toContain('is on your list from today')
  }
  await each(stations, async (n) => {
    const { phone, text: now } = await headCall(n, HEAD_PIN)
    if (!/17 of 17|18 of 18/.test(now)) expect((await phone.reply('2')).text).toMatch(/17 of 17 marked/)
  })
  expect(await marksOn(addDays(startsOn, 1))).toMatchObject({ all: PLACES + 5, present: PLACES, absent: 5 })
  await goTo(addDays(startsOn, 2), 8)
  await each(stations, async (n) => {
    const { phone } = await headCall(n, HEAD_PIN)
    expect((await phone.reply('2')).text).toContain('17 of 17 marked')
  })
  expect(await marksOn(addDays(startsOn, 2))).toMatchObject({ all: PLACES, present: PLACES })
  expect((await onDuty()).filter(({ origin }) => origin === 'spot')).toHaveLength(5)
  expect(await onDuty()).toHaveLength(PLACES)
}, 900_000)

test('before pay day what is wrong is found and cleared; the list is prepared by one and approved by another; what comes back is paid again, and every sum matches', async () => {
  const { app } = service
  const { read } = app.store
  await goTo(addDays(startsOn, 4), 10)
  const checked = await askCheck(app, asking, { job: JOB })
  await runTo(checked ?? '')
  const issues = await read.select().from(read.payIssues)
  const kinds = Map.groupBy(issues, ({ kind }) => kind)
  expect(kinds.get('no_deployment')).toHaveLength(5)
  const served = await read.select().from(read.attendance)
  const days = Map.groupBy(
    served.filter(({ mark }) => mark !== 'absent'),
    ({ deploymentId }) => deploymentId,
  )
  const misnamed = (
    await read
      .select({ msisdn: read.people.msisdn, id: read.deployments.id })
      .from(read.deployments)
      .innerJoin(read.people, eq(read.people.id, read.deployments.personId))
      .where(eq(read.deployments.jobCode, JOB))
  ).filter(({ id, msisdn }) => days.has(id) && Number(msisdn.slice(-6)) % 250 === 10)
  expect(misnamed.length).toBeGreaterThan(3)
  expect(kinds.get('name')).toHaveLength(misnamed.length)
  await sent()
  expect(await texts(Number(misnamed[0]?.msisdn.slice(-6)), /not paid yet/)).toHaveLength(1)
  expect([...kinds.keys()].sort()).toEqual(['name', 'no_deployment'])
  const all = issues.map(({ deploymentId: deployment, kind }) => ({ deployment, kind }))
  expect(await clearIssues(app, agreeing, { issues: all, reason: 'Seen the papers', mine: () => true })).toEqual({
    cleared: all.length,
  })

  const asked = await askList(app, asking, { job: JOB, id: 'pay-1' })
  expect(asked).toEqual({ list: 'pay-1' })
  await runTo('pay:pay-1')
  const lines = await read.select().from(read.payLines)
  expect(lines).toHaveLength(days.size)
  // Worked out once more, by hand: days, an allowance by distance, five per cent off.
  const duties = new Map((await read.select().from(read.deployments)).map((row) => [row.id, row]))
  const worth = (id: string) => {
    const earned = (days.get(id)?.length ?? 0) * 550
    const metres = duties.get(id)?.metres ?? undefined
    return earned + (metres === undefined ? 0 : metres >= 20_000 ? 500 : 200) - Math.floor(earned * 0.05)
  }
  for (const line of lines) expect(line.totalKes, line.deploymentId).toBe(worth(line.deploymentId))
  const total = [...days.keys()].reduce((sum, id) => sum + worth(id), 0)
  const [list] = await read.select().from(read.paylists)
  expect(list).toMatchObject({ state: 'prepared', lines: days.size, totalKes: total })

  const [order] = await read.select().from(read.orders).where(eq(read.orders.kind, 'pay'))
  const answer = { id: order?.id ?? '', digest: order?.digest ?? '', yes: true }
  expect(await answerOrder(app, asking, orderRules, answer)).toEqual({ refused: 'own' })
  await answerOrder(app, agreeing, orderRules, answer)
  const taken = await takeFile(app, agreeing, 'pay-1', 'csv')
  if ('refused' in taken) throw new Error(taken.refused)
  const rows: string[][] = []
  for await (const some of taken.rows) rows.push(...some)
  expect(rows.filter(([first]) => days.size > 0 && lines.some(({ id }) => id === first))).toHaveLength(days.size)
  expect(rows.find(([first]) => first === 'total')).toContain(String(total))
  expect(await markSent(app, asking, 'pay-1')).toBe(true)

  // Three come back, and are taken up by the next list.
  const outcomes = lines.map(({ id }, n) =>
    n < 3
      ? { line: id, state: 'returned' as const, reference: '', reason: 'dormant' }
      : { line: id, state: 'paid' as const, reference: `R${n}`, reason: '' },
  )
  expect(await applyOutcomes(app, asking, outcomes)).toEqual({ paid: lines.length - 3, returned: 3, same: 0 })
  expect(await applyOutcomes(app, asking, outcomes)).toEqual({ paid: 0, returned: 0, same: lines.length })
  const back = lines.slice(0, 3).map(({ personId }) => personId)
  const [first] = await read.select().from(read.people).where(inArray(read.people.id, back)).limit(1)
  const number = Number(first?.msisdn.slice(-6))
  await phone(number).sms('PAY')
  await sent()
  expect((await texts(number, /came back|dormant|returned/i)).length).toBeGreaterThan(0)
  await askList(app, asking, { job: JOB, id: 'pay-2' })
  await runTo('pay:pay-2')
  const [second] = await read.select().from(read.paylists).where(eq(read.paylists.id, 'pay-2'))
  expect(second).toMatchObject({ lines: 3 })
  const [again] = await read
    .select()
    .from(read.orders)
    .where(and(eq(read.orders.kind, 'pay'), eq(read.orders.state, 'asked')))
  await answerOrder(app, agreeing, orderRules, { id: again?.id ?? '', digest: again?.digest ?? '', yes: true })
  await markSent(app, asking, 'pay-2')
  const last = (await read.select().from(read.payLines)).filter(({ listId }) => listId === 'pay-2')
  await applyOutcomes(
    app,
    asking,
    last.map(({ id }, n) => ({ line: id, state: 'paid' as const, reference: `S${n}`, reason: '' })),
  )

  // Everybody who served a day was paid once, exactly what they earned.
  const paid = (await read.select().from(read.payLines)).filter(({ state }) => state === 'paid')
  expect(paid).toHaveLength(days.size)
  expect(new Set(paid.map(({ deploymentId }) => deploymentId)).size).toBe(days.size)
  expect(paid.reduce((sum, { totalKes }) => sum + totalKes, 0)).toBe(total)
  const someone = paid.find(({ personId }) => !back.includes(personId))
  const [lucky] = await read
    .select()
    .from(read.people)
    .where(eq(read.people.id, someone?.personId ?? ''))
  await phone(Number(lucky?.msisdn.slice(-6))).sms('MALIPO')
  await sent()
  const sum = (someone?.totalKes ?? 0).toLocaleString('en-KE')
  expect((await texts(Number(lucky?.msisdn.slice(-6)), new RegExp(sum))).length).toBeGreaterThan(0)
  // Nothing that was to be sent was lost.
  const { outbox } = read
  const statuses = await read.select({ status: outbox.status, n: count() }).from(outbox).groupBy(outbox.status)
  expect(statuses.map(({ status }) => status).filter((status) => !['delivered', 'sent', 'unreported'].includes(status))).toEqual(
    [],
  )
}, 900_000)
