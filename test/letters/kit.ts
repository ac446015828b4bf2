import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, onTestFinished } from 'vitest'
import type { Actor, Catalogue } from '../../src/action.ts'
import type { App } from '../../src/app.ts'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { startOfDay } from '../../src/base/dates.ts'
import { openLog } from '../../src/base/log.ts'
import type { Msisdn } from '../../src/base/msisdn.ts'
import { readConfig } from '../../src/config.ts'
import { deploymentActions } from '../../src/deployments/actions.ts'
import { letterActions } from '../../src/letters/actions.ts'
import { performing } from '../../src/perform.ts'
import { openHasher } from '../../src/security/hashing.ts'
import { openKeyring } from '../../src/security/keyring.ts'
import { openStore } from '../../src/store/open.ts'
import type { Store, Tx } from '../../src/store/store.ts'
import { readPhrasebook } from '../../src/text/phrasebook.ts'
import { migratedDatabases } from '../kit/engines.ts'
import { startPostgres, type TestPostgres } from '../kit/postgres.ts'

export const TODAY = '2026-10-01'
const actions: Catalogue = { ...deploymentActions, ...letterActions }
const key = (byte: number) => Buffer.alloc(32, byte).toString('base64')
const keyring = openKeyring({ secretKeys: `t1:${key(1)}`, indexKey: key(2), pepper: key(3) })

/** Where the next town stores what it knows. */
let newAddress = (): Promise<string> => Promise.resolve(temporaryFile())

/** The same tests on SQLite and on a real PostgreSQL. */
export function onBothEngines(tests: () => void): void {
  describe('on SQLite', tests)
  describe('on PostgreSQL', () => {
    const onSqlite = newAddress
    let postgres: TestPostgres
    beforeAll(async () => {
      postgres = await startPostgres()
      newAddress = await migratedDatabases(postgres)
    })
    afterAll(async () => {
      newAddress = onSqlite
      await postgres.stop()
    })
    tests()
  })
}

export type Town = Awaited<ReturnType<typeof buildTown>>

/** A store of its own with two jobs and three stations, a clock that stands still, and real keys and words. */
export async function buildTown() {
  const store = await openStore(await newAddress())
  onTestFinished(() => close())
  let at = startOfDay(TODAY) + 9 * 3_600_000
  const clock: Clock = { ...systemClock, now: () => at }
  const constants = { short_code: '22262', service_code: '*483*22262#' }
  const phrases = readPhrasebook(new URL('../../menus', import.meta.url).pathname, constants, [])
  const config = readConfig({ NODE_ENV: 'test' })
  const log = openLog('silent')
  const app: App = {
    config,
    clock,
    keyring,
    phrases,
    publicUrl: 'https://wito.test',
    store,
    hasher: openHasher({ keyring, clock }),
    log,
  }
  const work = <T>(unit: (tx: Tx) => Promise<T>) => store.work('town', unit)
  let closing: Promise<void> | undefined
  const close = () => (closing ??= store.close())

  await work(async (tx) => {
    for (const [centreCode, name] of [
      ['10101001', 'Kilele Secondary'],
      ['10101002', 'Mto Girls'],
      ['10101003', 'Ziwa Boys'],
    ] as const)
      await tx.insert(tx.stations).values({ centreCode, name, county: 'Kilele', subCounty: 'Mto', candidates: 200 })
  })

  return {
    app,
    store,
    work,
    /** Otherwise it ends with the test: to be closed where a test builds many. */
    close,
    get at() {
      return at
    },
    goTo(day: string, hour = 9) {
      at = startOfDay(day) + hour * 3_600_000
    },
    addJob: (code: string, changes: Partial<Tx['jobs']['$inferInsert']> = {}) =>
      work((tx) => tx.insert(tx.jobs).values({ ...job(code), ...changes })),
    /** The n-th person of the roll, with an account; their ID ends in `n`, four digits wide. */
    addPerson: (n: number, changes: Partial<Tx['people']['$inferInsert']> = {}) => addPerson(store, at, n, changes),
    /** A draft, straight into the store. */
    draft: (n: number, jobCode: string, changes: Partial<Tx['deployments']['$inferInsert']> = {}) =>
      work(async (tx) => {
        const place = { centreCode: '10101001', county: 'Mombasa', reportOn: '2026-11-02', reportAt: '07:00' }
        const row = {
          id: `d${n}-${jobCode}`,
          personId: `p${n}`,
          jobCode,
          ...place,
          status: 'draft' as const,
          letterVersion: 0,
          changedAt: at,
        }
        await tx.insert(tx.deployments).values({ ...row, ...changes })
        return changes.id ?? row.id
      }),
    /** What an action answers the n-th person. */
    ask: (n: number, action: string, input: Record<string, unknown> = {}) =>
      performing(app, actions, numberOf(n), (_, perform) => perform(action, actorOf(n), input)),
    deployment: async (id: string) => (await rows(store, 'deployments')).find((row) => row.id === id),
    letters: () => rows(store, 'letters'),
    links: () => rows(store, 'links'),
    audit: () => rows(store, 'audit'),
    applications: () => rows(store, 'applications'),
    /** Every text to the n-th person, the oldest first. */
    texts: async (n: number) =>
      (await rows(store, 'outbox'))
        .filter(({ msisdn }) => msisdn === numberOf(n))
        .map((row) => keyring.open(`outbox.body:${row.id}`, row.bodySealed)),
  }
}

export const numberOf = (n: number): Msisdn => `+2547000${String(n).padStart(5, '0')}` as Msisdn
export const idOf = (n: number): string => `3100${String(n).padStart(4, '0')}`
export const last4 = (n: number): string => idOf(n).slice(-4)
/** The code of the link in a text. */
export const codeIn = (text: string | undefined): string => /\/l\/([0-9A-Z-]{19})/.exec(text ?? '')?.[1] ?? ''

const actorOf = (n: number): Actor => ({ via: 'ussd', name: `p${n}`, msisdn: numberOf(n), signed: true, language: 'en' })

async function rows<T extends 'deployments' | 'letters' | 'links' | 'audit' | 'applications' | 'outbox'>(store: Store, table: T) {
  return (await store.read.select().from(store.read[table])) as Tx[T]['$inferSelect'][]
}

function job(code: string): Tx['jobs']['$inferInsert'] {
  const dates = { opensOn: '2026-08-01', closesOn: '2026-09-15', startsOn: '2026-11-02', endsOn: '2026-11-20' }
  const words = { title: `KCSE duty ${code}`, titleSw: `Kazi ya KCSE ${code}` }
  return {
    code,
    codeKey: code,
    ...words,
    exam: 'KCSE2026',
    role: 'invigilator',
    ...dates,
    subjects: [],
    taken: 0,
    dailyRateKes: 550,
  }
}

async function addPerson(store: Store, at: number, n: number, changes: Partial<Tx['people']['$inferInsert']>) {
  const id = `p${n}`
  const seal = (column: string, value: string) => keyring.seal(`people.${column}:${id}`, value)
  await store.work('town', async (tx) => {
    await tx.insert(tx.people).values({
      id,
      nationalIdSealed: seal('national_id', idOf(n)),
      nationalIdIndex: keyring.index('national_id', idOf(n)),
      fullName: `Achieng Number${n} Otieno`,
      msisdn: numberOf(n),
      tscNumberSealed: seal('tsc_number', '123456'),
      qualification: 'degree',
      subjects: [],
      homeCounty: 'Kilele',
      homeSubCounty: 'Mto',
      status: 'vetted',
      at,
      ...changes,
    })
    await tx.insert(tx.accounts).values({ personId: id, msisdn: numberOf(n), alerts: false, createdAt: at })
  })
}

function temporaryFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'wito-letters-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return `file:${join(folder, 'town.db')}`
}
