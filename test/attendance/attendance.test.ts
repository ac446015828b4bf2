import { and, eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dayCode } from '../../src/attendance/day-code.ts'
import { applyHeads, headRow, renewHead } from '../../src/attendance/heads.ts'
import { markByOfficer } from '../../src/attendance/officer-marks.ts'
import { byCounty, disputesOf, jobsOn, staffingOf } from '../../src/attendance/staffing.ts'
import { addDays, HOUR, nairobiDay, startOfDay } from '../../src/base/dates.ts'
import { type OpenDesk, openDesk, session } from '../kit/desk.ts'
import { operate } from '../kit/operator.ts'

const HEAD = '+254700000951'
const OTHER = '+254700000952'
const CENTRE = '42101002'
const officer = { via: 'console', name: 'officer:1', signed: false, language: 'en' } as const
const PIN = '482917'

let desk: OpenDesk
let startsOn: string
beforeAll(async () => {
  desk = await openDesk()
  const { read } = desk.app.store
  const [job] = await read.select().from(read.jobs).where(eq(read.jobs.code, 'KCSE26INV'))
  startsOn = job?.startsOn ?? ''
  for (const [phone, national_id] of [
    ['0700000901', '99100001'],
    ['0700000902', '99100002'],
    ['0700000905', '99100005'],
  ] as const) {
    await operate(desk.app, { account: { phone, national_id, pin: PIN } })
    await operate(desk.app, { deploy: { national_id, job: 'KCSE26INV', centre: CENTRE } })
  }
  await operate(desk.app, { publish: true })
})
afterAll(() => desk.close())

const goTo = (day: string, hour: number) => desk.clock.move(startOfDay(day) + hour * HOUR - desk.clock.now())
async function writeHeads(...rows: Record<string, string>[]) {
  const { app } = desk
  return app.store.work('heads', (tx) =>
    applyHeads(
      { tx, at: app.clock.now(), tools: app, actor: officer },
      rows.map((row) => headRow.parse(row)),
    ),
  )
}
const lastText = async (msisdn: string) => (await desk.texts(msisdn)).at(-1) ?? ''
const oneTimeIn = (text: string) => /PIN as head is (\d{8})/.exec(text)?.[1] ?? ''
const marks = async () => {
  const { read } = desk.app.store
  const rows = await read
    .select({ person: read.deployments.personId, day: read.attendance.day, mark: read.attendance.mark, by: read.attendance.by })
    .from(read.attendance)
    .innerJoin(read.deployments, eq(read.deployments.id, read.attendance.deploymentId))
  return rows
}
const nameOf = async (national_id: string) => {
  const { read } = desk.app.store
  const [person] = await read
    .select()
    .from(read.people)
    .where(eq(read.people.nationalIdIndex, desk.app.keyring.index('national_id', national_id)))
  return person?.id ?? ''
}
/** A call from its beginning, whatever was cut off before. */
async function dialled(msisdn: string) {
  const call = session(desk.desk, msisdn)
  if ((await call.dial()).includes('cut off')) await call.type('2')
  return call
}
/** From the home of a number that is not on the roll to the station's day. */
async function enter(msisdn = HEAD, pin = PIN) {
  const call = await dialled(msisdn)
  const body = await call.type('4', CENTRE, pin)
  return { call, body }
}

describe('a head', () => {
  test('gets a one-time PIN by SMS with the list, the same list twice changes nothing', async () => {
    expect(
      await writeHeads(
        { centre_code: CENTRE, name: 'Peter Mwangi', phone: '0700000951' },
        { centre_code: '99999999', name: 'No One', phone: '0700000953' },
      ),
    ).toEqual({ added: 1, changed: 0, same: 0, no_station: 1 })
    expect(await writeHeads({ centre_code: CENTRE, name: 'Peter Mwangi', phone: '0700000951' })).toMatchObject({
      same: 1,
      added: 0,
    })
    expect(await desk.texts(HEAD)).toHaveLength(1)
    expect(oneTimeIn(await lastText(HEAD))).toMatch(/^\d{8}$/)
  })

  test('enters with it once and chooses a PIN of their own; weak, different and wrong ones are refused, five at most', async () => {
    const oneTime = oneTimeIn(await lastText(HEAD))
    const call = session(desk.desk, HEAD)
    expect(await call.dial()).toContain('4. Station head')
    expect(await call.type('4', CENTRE)).toContain('PIN')
    expect(await call.type('111111')).toContain('Tries left: 4')
    expect(await call.type('1', CENTRE, oneTime)).toContain('Choose a PIN of 6 digits')
    expect(await call.type('123456', '123456')).toContain('easy to guess')
    expect(await call.type('1', PIN, '482918')).toContain('not the same')
    expect(await call.type('1', PIN, PIN)).toMatch(/0 of 0 marked/)
    // A cut call goes on, but not past the PIN.
    const cut = session(desk.desk, HEAD)
    expect(await cut.dial()).toContain('cut off')
    expect(await cut.type('1')).toContain('Type your centre code')
    const again = await dialled(HEAD)
    expect(await again.type('4', CENTRE, oneTime)).toContain('do not match')
    expect((await enter()).body).toMatch(/marked/)
    // Right once, the count of wrong tries begins anew; five wrong ones lock, whoever asks.
    const thief = await dialled(OTHER)
    await thief.type('4')
    for (let n = 0; n < 5; n++) await thief.type(CENTRE, '918273', '1')
    expect((await enter()).body).toContain('wait and try again later')
    expect(await renewHead(desk.app, officer, CENTRE)).toBe(true)
    const renewed = oneTimeIn(await lastText(HEAD))
    expect((await enter(HEAD, PIN)).body).toContain('do not match')
    const fresh = await dialled(HEAD)
    expect(await fresh.type('4', CENTRE, renewed, PIN, PIN)).toContain('marked')
    expect(await renewHead(desk.app, officer, '10101001')).toBe(false)
  })

  test('sees those on duty from the rehearsal on, marks each, and all others at once', async () => {
    const rehearsal = addDays(startsOn, -3)
    goTo(rehearsal, 8)
    const { call, body } = await enter()
    expect(body).toMatch(/0 of 3 marked. Code \d{5}/)
    expect(body).toContain(`Code ${dayCode(desk.app, CENTRE, rehearsal)}`)
    expect(await call.type('1')).toMatch(/1\. Achieng Odera: not marked/)
    expect(await call.type('1')).toMatch(/Achieng Odera.*not marked/)
    expect(await call.type('2')).toMatch(/Achieng Odera: late/)
    expect(await call.type('00')).toContain('Wito')
    const second = await enter()
    expect(second.body).toContain('1 of 3 marked')
    expect(await second.call.type('2')).toContain('3 of 3 marked')
    expect((await marks()).map(({ mark }) => mark).sort()).toEqual(['late', 'present', 'present'])
    // Whoever reports without an answer has accepted.
    const { read } = desk.app.store
    expect((await read.select().from(read.deployments)).map(({ status }) => status)).toEqual(['accepted', 'accepted', 'accepted'])
    // The day between the rehearsal and the first day is nobody's.
    goTo(addDays(rehearsal, 1), 8)
    expect((await enter()).body).toContain('0 of 0 marked')
  })

  test('may put right what is two days old, not more', async () => {
    goTo(addDays(startsOn, 2), 8)
    const { call } = await enter()
    expect(await call.type('3').then(() => call.type('0'))).toContain('marked')
    const days = await call.type('4')
    expect(days.match(/\d+\/\d+\/\d+/g)).toHaveLength(3)
    expect(await call.type('3')).toContain('0 of 3 marked')
    expect(await call.type('2')).toContain('3 of 3 marked')
    expect((await marks()).filter(({ day }) => day === startsOn)).toHaveLength(3)
  })
})

describe('the person', () => {
  const ACHIENG = '+254700000901'
  async function duty(msisdn = ACHIENG) {
    const call = await dialled(msisdn)
    return { call, body: await call.type('3', '1') }
  }

  test('checks in with the code of the day: present, or late; a wrong code is counted', async () => {
    const today = addDays(startsOn, 3)
    goTo(today, 6)
    await desk.app.store.work('rules', async (tx) => {
      await tx.insert(tx.series).values({
        exam: 'KCSE2026',
        rules: { late_minutes: 30, rehearsal_days_before: 3, not_own_school: true },
        version: 1,
        at: 0,
      })
    })
    const { call, body } = await duty()
    const key = /(\d)\. Check in/.exec(body)?.[1] ?? ''
    expect(await call.type(key, '00000')).toContain('Tries left: 4')
    expect(await call.type('1', dayCode(desk.app, CENTRE, addDays(today, 1)))).toContain('Tries left: 3')
    expect(await call.type('1', dayCode(desk.app, CENTRE, today))).toContain('present')
    goTo(today, 8)
    const late = await duty('+254700000902')
    expect(await late.call.type(key, dayCode(desk.app, CENTRE, today))).toContain('late')
    // The rule decided which of the two it was, and its version is kept.
    const checkedIn = await desk.app.store.read.select().from(desk.app.store.read.attendance)
    expect(checkedIn.filter(({ by }) => by === 'self').map(({ rulesVersion }) => rulesVersion)).toEqual([1, 1])
    expect(checkedIn.filter(({ by }) => by === 'head').every(({ rulesVersion }) => rulesVersion === null)).toBe(true)
    expect(
      (await marks())
        .filter(({ day }) => day === today)
        .map(({ mark, by }) => `${mark} ${by}`)
        .sort(),
    ).toEqual(['late self', 'present self'])
    // The head's word stands above the person's own.
    const head = await enter()
    await head.call.type('1')
    expect(await head.call.type('2', '3')).toContain('absent')
    const again = await duty()
    expect(await again.call.type(key, dayCode(desk.app, CENTRE, today))).toContain('marked you today already')
  })

  test('sees every day, disputes one, and hears by SMS how an officer settled it', async () => {
    const today = addDays(startsOn, 3)
    const { call, body } = await duty()
    const key = /(\d)\. My days/.exec(body)?.[1] ?? ''
    const list = await call.type(key)
    expect(list).toMatch(/1\. .*: absent\n2\. .*: not marked\n3\. .*: not marked\n4\. .*: present\n98 More/)
    expect(await call.type('98')).toMatch(/5\. .*: late/)
    await call.type('0')
    expect(await call.type('1')).toContain('PIN')
    expect(await call.type(PIN)).toContain('What is wrong?')
    expect(await call.type('I was there from 6')).toContain('tell you by SMS')
    expect(await call.type('1')).toContain('being looked at')
    const { read } = desk.app.store
    const [waiting] = await disputesOf(read, [])
    expect(waiting?.name).toBe('Achieng Odera')
    expect(await disputesOf(read, ['Nairobi'])).toEqual([])
    const deployment = waiting?.attendance.deploymentId ?? ''
    expect(await markByOfficer(desk.app, officer, { deployment, day: today, mark: 'present' })).toBe('done')
    expect(await disputesOf(read, [])).toEqual([])
    expect(await lastText(ACHIENG)).toMatch(/was looked at. It now stands as: present/)
    const head = await enter()
    await head.call.type('1')
    expect(await head.call.type('3', '3')).toMatch(/settled|absent/)
    expect((await marks()).find(({ day, by }) => day === today && by === officer.name)?.mark).toBe('present')
    expect(await markByOfficer(desk.app, officer, { deployment, day: addDays(startsOn, 300), mark: 'present' })).toBe(
      'not_on_duty',
    )
    expect(await markByOfficer(desk.app, officer, { deployment: 'none', day: today, mark: 'present' })).toBe('unknown')
  })
})

describe('on the spot', () => {
  const list = async () => {
    const { call } = await enter()
    return { call, body: await call.type('1') }
  }

  test('somebody who did not come is replaced: the place goes over, both are told, an officer confirms before pay', async () => {
    const today = addDays(startsOn, 4)
    goTo(today, 8)
    const { call, body } = await list()
    const place = /(\d)\. Esther Wanjir/.exec(body)?.[1] ?? ''
    await call.type(place)
    expect(await call.type('4')).toContain('Who came instead of Esther')
    expect(await call.type('12345678')).toContain("Nobody on the council's list")
    await call.type('1')
    expect(
      await call
        .type(/(\d)\. Esther/.exec(await call.type('0').then(() => call.type('1')))?.[1] ?? '1')
        .then(() => call.type('4', '99100004')),
    ).toContain('may not serve')
    // Faraji works at the station next door.
    const fresh = await list()
    await fresh.call.type(/(\d)\. Esther Wanjir/.exec(fresh.body)?.[1] ?? '', '4')
    expect(await fresh.call.type('99100006')).toContain('Faraji Kombo is on your list from today')
    const { read } = desk.app.store
    const rows = await read.select().from(read.deployments)
    const [esther, faraji] = [await nameOf('99100005'), await nameOf('99100006')].map((id) =>
      rows.find(({ personId }) => personId === id),
    )
    expect(esther).toMatchObject({ status: 'revoked', held: null })
    expect(faraji).toMatchObject({
      status: 'accepted',
      origin: 'spot',
      seat: esther?.seat,
      offeredFrom: esther?.id,
      confirmedBy: null,
      reportOn: today,
    })
    expect(await lastText('+254700000905')).toContain('Do not report there')
    expect(await lastText('+254700000906')).toMatch(/^You serve at .* from today: .*\/l\//)
    const day = (await marks()).filter(({ day }) => day === today)
    expect(day.map(({ person, mark }) => `${person === esther?.personId ? 'esther' : 'faraji'} ${mark}`).sort()).toEqual([
      'esther absent',
      'faraji present',
    ])
    // The same person cannot take a second place.
    const more = await enter()
    await more.call.type('3')
    expect(await more.call.type('99100006')).toContain('another duty')
  })

  test('staffing says who is there, by county and by station', async () => {
    const today = addDays(startsOn, 4)
    const { read } = desk.app.store
    expect((await jobsOn(read, today)).map(({ code }) => code)).toContain('KCSE26INV')
    expect((await jobsOn(read, addDays(startsOn, -2))).map(({ code }) => code)).not.toContain('KCSE26INV')
    const stations = await staffingOf(read, { job: 'KCSE26INV', day: today })
    expect(byCounty(stations)).toEqual([
      {
        key: 'Kisumu',
        name: 'Kisumu',
        county: 'Kisumu',
        expected: 3,
        present: 1,
        late: 0,
        absent: 0,
        unmarked: 2,
        empty: 0,
        gap: 2,
      },
    ])
    expect(await staffingOf(read, { job: 'KCSE26INV', day: today, county: 'Kisumu' })).toMatchObject([{ key: CENTRE, gap: 2 }])
    expect(await staffingOf(read, { job: 'KCSE26INV', day: today, counties: ['Nairobi'] })).toEqual([])
    expect(nairobiDay(desk.clock.now())).toBe(today)
    const audit = await read
      .select()
      .from(read.audit)
      .where(and(eq(read.audit.action, 'attendance.spot'), eq(read.audit.outcome, 'done')))
    expect(audit).toHaveLength(1)
  })
})
