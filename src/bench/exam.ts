import type { App } from '../app.ts'
import { addDays, nairobiDay } from '../base/dates.ts'
import { counties } from '../demo/country.ts'
import { dice } from '../demo/draw.ts'
import { heldKey } from '../jobs/seat.ts'
import type { Tx } from '../store/store.ts'
import { nationalIdOf, phoneOf } from './crowd.ts'
import { nameOf } from './names.ts'
import { inSlices, into, invigilators, UNTOUCHED } from './rows.ts'

export type ExamSize = { people: number; stations: number }
/** A national exam: 300,000 people at 35,000 stations, or a part of it. Field-facts: 278,796 people at some 35,000 centres. */
export const examOf = (people: number): ExamSize => ({ people, stations: Math.max(47, Math.round((people * 35) / 300)) })

export const JOB = 'BENCH26INV'
const LAST_YEAR = 'BENCH25INV'
const AT_ONCE = 2_000

type Place = { code: string; county: string; subCounty: string }

/**
 * Fills an empty database with one job, its stations and the people who were chosen for it, for measuring only: straight into the tables.
 * Stations lie around the middles of the 47 counties, people work at them; three in ten served somewhere last year.
 */
export async function fillExam(app: App, size: ExamSize, onProgress: (what: string, done: number) => void): Promise<void> {
  const { keyring, clock, store } = app
  const at = clock.now()
  const cast = dice(11)
  const startsOn = addDays(nairobiDay(at), 60)
  await store.work('bench', async (tx) => {
    const job = (code: string, first: string) =>
      invigilators(code, 'KCSE2026', {
        opensOn: addDays(first, -90),
        closesOn: addDays(first, -30),
        startsOn: first,
        endsOn: addDays(first, 15),
      })
    await tx.insert(tx.jobs).values([job(JOB, startsOn), job(LAST_YEAR, addDays(startsOn, -365))])
  })
  const places: Place[] = []
  const fill = (what: string, count: number, write: (tx: Tx, n: number) => Promise<unknown>) =>
    inSlices(store, count, AT_ONCE, write, (done) => onProgress(what, done))
  const around = (middle: number, degrees: number) => middle + ((cast.below(2_001) - 1_000) / 1_000) * degrees
  await fill('stations', size.stations, async (tx, n) => {
    const county = counties[n % counties.length] as (typeof counties)[number]
    const subCounty = county.subCounties[n % county.subCounties.length] as string
    const code = `${county.code}${String((n % county.subCounties.length) + 1).padStart(3, '0')}${String(Math.floor(n / 47)).padStart(3, '0')}`
    places.push({ code, county: county.name, subCounty })
    await intoStations(tx, {
      centreCode: code,
      name: `Station ${code}`,
      county: county.name,
      subCounty,
      latitude: around(county.at[0], 0.4),
      longitude: around(county.at[1], 0.4),
      // One in twelve is too small to stand by itself; the others need some 7.3 people for 8.6 who were chosen.
      candidates: cast.below(12) === 0 ? 3 + cast.below(10) : 20 + cast.below(245),
    })
  })
  await fill('people', size.people, async (tx, n) => {
    const id = clock.id()
    const work = places[cast.below(places.length)] as Place
    await intoPeople(tx, {
      id,
      nationalIdSealed: keyring.seal(`people.national_id:${id}`, nationalIdOf(n)),
      nationalIdIndex: keyring.index('national_id', nationalIdOf(n)),
      fullName: nameOf(cast),
      msisdn: phoneOf(n),
      tscNumberSealed: null,
      tscNumberIndex: null,
      kraPinSealed: null,
      qualification: 'degree',
      subjects: ['mathematics'],
      homeCounty: work.county,
      homeSubCounty: work.subCounty,
      workstationCode: work.code,
      status: 'vetted',
      at,
    })
    await intoApplications(tx, {
      id: clock.id(),
      reference: `X${String(n).padStart(7, '0')}`,
      personId: id,
      jobCode: JOB,
      county: work.county,
      subCounty: work.subCounty,
      status: n % 25 < 2 ? 'reserve' : 'successful',
      rulesVersion: 0,
      leftOut: null,
      at: at - cast.below(1_000_000_000),
      changedAt: at,
    })
    if (n % 10 >= 3) return
    const before = places[cast.below(places.length)] as Place
    await intoDeployments(tx, {
      ...UNTOUCHED,
      id: clock.id(),
      personId: id,
      jobCode: LAST_YEAR,
      centreCode: before.code,
      county: before.county,
      reportOn: addDays(startsOn, -365),
      status: 'accepted',
      letterVersion: 1,
      changedAt: at,
      seat: n + 1,
      held: heldKey({ jobCode: LAST_YEAR, centreCode: before.code, seat: n + 1 }),
      rulesVersion: 0,
    })
  })
}

const intoStations = into('stations')
const intoPeople = into('people')
const intoApplications = into('applications')
const intoDeployments = into('deployments')
