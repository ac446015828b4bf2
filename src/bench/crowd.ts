import type { App } from '../app.ts'
import { DAY, nairobiDay } from '../base/dates.ts'
import { demo } from '../demo/demo.ts'
import { dice } from '../demo/draw.ts'
import { profileFor } from '../demo/profile.ts'
import { applyJobs, jobRow } from '../jobs/job-row.ts'
import { applyStations, stationRow } from '../jobs/station.ts'
import { wordsOf } from '../people/name-words.ts'
import { fieldNames } from '../people/profile-fields.ts'
import { bodyPlace } from '../sms/outbox.ts'
import type { ApplicationStatus, DeploymentStatus, MessageClass, MessageStatus, Tables } from '../store/schema.ts'
import type { Tx } from '../store/store.ts'
import { nameOf } from './names.ts'
import { inSlices, into, UNTOUCHED } from './rows.ts'

/** How many rows of each kind a made-up nation has. */
export type CrowdSize = {
  people: number
  applications: number
  deployments: number
  messages: number
  trail: number
  /** How many of those with an account, the first of them, have a complete profile and may apply. */
  profiles: number
}

/** One million people, and what they bring with them in a season. */
export const nation = (people: number): CrowdSize => ({
  people,
  applications: Math.round(people * 0.3),
  deployments: Math.round(people * 0.1),
  messages: people * 3,
  trail: people,
  profiles: Math.round(people * 0.02),
})

const AT_ONCE = 2_000
const STANDINGS: readonly ApplicationStatus[] = ['received', 'received', 'nominated', 'successful', 'reserve', 'unsuccessful']
const STATES: readonly DeploymentStatus[] = [
  'draft',
  'released',
  'released',
  'accepted',
  'accepted',
  'accepted',
  'declined',
  'revoked',
]
const CLASSES: readonly [MessageClass, number][] = [
  ['otp', 0],
  ['reply', 1],
  ['notice', 2],
  ['notice', 2],
  ['bulk', 3],
]
const FATES: readonly MessageStatus[] = [...Array.from({ length: 18 }, () => 'delivered' as const), 'failed', 'expired']

/** `+254700xxxxxx`, with the digits of n backwards so that few people are of many ranges too; the national ID `99xxxxxx` and the TSC number of the n-th made-up person. */
export const phoneOf = (n: number): string => `+254700${[...String(n).padStart(6, '0')].reverse().join('')}`
export const nationalIdOf = (n: number): string => `99${String(n).padStart(6, '0')}`
export const tscNumberOf = (n: number): string => `9${String(n).padStart(6, '0')}`

/** Two of five have an account, all with this PIN. */
export const PIN = '482915'
const hasAccount = (n: number): boolean => n % 5 < 2
/** The number of the k-th person with an account. */
export const holderOf = (k: number): number => Math.floor(k / 2) * 5 + (k % 2)
const isAmongHolders = (n: number, first: number): boolean => hasAccount(n) && n < holderOf(first)

/**
 * Fills an empty database with a made-up nation of at most a million people, sealed and indexed as the roll's import does it, for
 * measuring only: straight into the tables, without the checks of an import, so that it takes minutes and not an hour.
 */
export async function fillCrowd(app: App, size: CrowdSize, onProgress: (what: string, done: number) => void): Promise<void> {
  const { keyring, clock, store } = app
  const at = clock.now()
  // Hashing takes its time on purpose: once for all of them.
  const pinHash = await app.hasher.hash(PIN)
  const cast = dice(7)
  const made = demo(nairobiDay(at))
  const stations = made.stations.map((row) => stationRow.parse(row))
  const jobs = made.jobs.map((row) => jobRow.parse(row))
  await store.work('bench', async (tx) => {
    await applyStations(tx, stations)
    await applyJobs(tx, at, jobs)
  })
  const ids: string[] = Array.from({ length: size.people }, () => clock.id())
  const idOf = (n: number) => ids[n % ids.length] as string
  const homeOf = (n: number) => stations[(n * 7) % stations.length] as (typeof stations)[number]
  const fill = (what: string, count: number, write: (tx: Tx, n: number) => Promise<unknown>) =>
    inSlices(store, count, AT_ONCE, write, (done) => onProgress(what, done))

  await fill('people', size.people, async (tx, n) => {
    const id = idOf(n)
    const name = nameOf(cast)
    const home = homeOf(n)
    const seal = (column: string, value: string) => keyring.seal(`people.${column}:${id}`, value)
    const person = {
      id,
      nationalIdSealed: seal('national_id', nationalIdOf(n)),
      nationalIdIndex: keyring.index('national_id', nationalIdOf(n)),
      fullName: name,
      msisdn: phoneOf(n),
      tscNumberSealed: seal('tsc_number', tscNumberOf(n)),
      tscNumberIndex: keyring.index('tsc_number', tscNumberOf(n)),
      kraPinSealed: seal('kra_pin', `A${700_000_000 + n}B`),
      qualification: cast.pick(['certificate', 'diploma', 'degree', 'postgraduate'] as const),
      subjects: ['mathematics', 'physics'],
      homeCounty: home.county,
      homeSubCounty: home.sub_county,
      workstationCode: home.centre_code,
      status: 'vetted',
      at,
    } satisfies Required<Tables['people']['$inferInsert']>
    await intoPeople(tx, person)
    for (const word of wordsOf(name)) await intoNameWords(tx, { word, personId: id, county: home.county })
    if (hasAccount(n))
      await intoAccounts(tx, {
        personId: id,
        msisdn: phoneOf(n),
        passwordHash: null,
        oneTimeHash: null,
        oneTimeUntil: null,
        pinHash,
        alerts: true,
        createdAt: at - cast.below(30 * DAY),
      })
    if (!isAmongHolders(n, size.profiles)) return
    const answers = profileFor(person)
    for (const field of fieldNames)
      await intoProfile(tx, {
        personId: id,
        field,
        valueSealed: keyring.seal(`profile_fields.${field}:${id}`, answers[field]),
        at,
      })
  })
  await fill('applications', size.applications, async (tx, n) => {
    const when = at - cast.below(30 * DAY)
    await intoApplications(tx, {
      id: clock.id(),
      reference: `B${String(n).padStart(7, '0')}`,
      personId: idOf(n),
      jobCode: (jobs[n % jobs.length] as (typeof jobs)[number]).code,
      county: homeOf(n).county,
      subCounty: homeOf(n).sub_county,
      status: cast.pick(STANDINGS),
      rulesVersion: null,
      leftOut: null,
      at: when,
      changedAt: when,
    })
  })
  await fill('deployments', size.deployments, async (tx, n) => {
    const station = stations[(n * 11) % stations.length] as (typeof stations)[number]
    await intoDeployments(tx, {
      ...UNTOUCHED,
      id: clock.id(),
      personId: idOf(n),
      jobCode: (jobs[n % jobs.length] as (typeof jobs)[number]).code,
      centreCode: station.centre_code,
      county: station.county,
      reportOn: nairobiDay(at + (n % 20) * DAY),
      status: cast.pick(STATES),
      changedAt: at,
    })
  })
  await fill('messages', size.messages, async (tx, n) => {
    const id = clock.id()
    const when = at - cast.below(30 * DAY)
    const [kind, rank] = cast.pick(CLASSES)
    await intoOutbox(tx, {
      id,
      dedupe: `bench:${n}`,
      msisdn: phoneOf(n % size.people),
      personId: idOf(n),
      class: kind,
      rank,
      bodySealed: keyring.seal(
        bodyPlace(id),
        'A made-up message of the usual length, for measuring and for nobody to read at all.',
      ),
      segments: 1,
      status: cast.pick(FATES),
      dueAt: when,
      expiresAt: when + DAY,
      leaseUntil: 0,
      tries: 1,
      losses: 0,
      providerId: `bench-${n}`,
      reason: null,
      cost: 'KES 0.8000',
      createdAt: when,
      changedAt: when + cast.below(60_000),
    })
  })
  await fill('trail', size.trail, async (tx, n) => {
    await intoAudit(tx, {
      id: clock.id(),
      at: at - cast.below(30 * DAY),
      actor: `person:${idOf(n)}`,
      via: 'ussd',
      action: cast.pick(['jobs.apply', 'people.register', 'profile.save', 'letters.send'] as const),
      subject: idOf(n),
      outcome: 'done',
      detail: null,
    })
  })
}

const intoPeople = into('people')
const intoNameWords = into('nameWords')
const intoAccounts = into('accounts')
const intoProfile = into('profileFields')
const intoApplications = into('applications')
const intoDeployments = into('deployments')
const intoOutbox = into('outbox')
const intoAudit = into('audit')
