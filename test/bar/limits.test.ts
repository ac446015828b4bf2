import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { MINUTE } from '../../src/base/dates.ts'
import { countWithin } from '../../src/security/limits.ts'
import { startPostgres, type TestPostgres } from '../kit/postgres.ts'
import { CODES, openWeb, SECRETS, step, type Web } from '../web/kit.ts'
import { size, tried } from './row.ts'

const USSD = `/callbacks/${SECRETS[0]}/ussd`
/** Small, so that they are met; a process spends a twentieth before it asks the table. */
const times = size({ quick: 1, full: 8, long: 40 })
const MOST = { perNumber: 20 * times, perPrefix: 40 * times, inAll: 60 * times }
const FORMS = { most: 40 * times, windowMs: MINUTE }
const spare = (most: number) => most / 20

let postgres: TestPostgres
let folder: string
beforeAll(async () => {
  postgres = await startPostgres()
  folder = mkdtempSync(join(tmpdir(), 'wito-limits-'))
})
afterAll(async () => {
  await postgres.stop()
  rmSync(folder, { recursive: true, force: true })
})

let sessions = 0
let files = 0
describe.each([
  ['SQLite', () => Promise.resolve(`file:${folder}/${files++}.db`)],
  ['PostgreSQL', () => postgres.createDatabase()],
])('two processes on one database, %s', (engine, address) => {
  /** Stands still, so that no minute ends in the middle. */
  let now = 1_800_000_000_000
  const clock: Clock = { ...systemClock, now: () => now }
  let processes: [Web, Web]
  beforeAll(async () => {
    const databaseUrl = await address()
    const open = () => openWeb({ limits: { ...MOST, forms: FORMS } }, { databaseUrl, clock, environment: { TRUST_PROXY: '1' } })
    processes = [await open(), await open()]
  })
  afterAll(() => Promise.all(processes.map((web) => web.close())))
  // A minute of its own for each.
  beforeEach(() => {
    now += MINUTE
  })

  const phone = (prefix: number, n: number) => `+254${7110 + prefix}${String(n).padStart(5, '0')}`
  const dial = (web: Web, phoneNumber: string) => web.post(USSD, step('', { sessionId: `ATUid_${++sessions}`, phoneNumber }))
  /** Whoever comes goes to either process, as a proxy would send them; some 40 at once. */
  async function inTurn<T>(of: readonly T[], ask: (web: Web, one: T) => Promise<boolean>): Promise<number> {
    const [left, answered] = [[...of], [] as boolean[]]
    const lane = async () => {
      for (let one = left.pop(); one !== undefined; one = left.pop())
        answered.push(await ask(processes[systemClock.below(2)] as Web, one))
    }
    await Promise.all(Array.from({ length: 40 }, lane))
    return answered.filter(Boolean).length
  }
  const hops = (phones: readonly string[]) =>
    inTurn(phones, async (web, phoneNumber) => {
      const { status, body } = await dial(web, phoneNumber)
      expect([status, body.slice(0, 4)]).toEqual([200, body.startsWith('CON') ? 'CON ' : 'END '])
      if (body.startsWith('END')) expect(body).toContain('Many people are calling now')
      return body.startsWith('CON')
    })
  const shed = async (why: string) => {
    const each = await Promise.all(processes.map((web) => web.metricOf('wito_shed_total')))
    return each
      .flat()
      .filter(({ labels }) => labels.why === why)
      .reduce((sum, { value }) => sum + value, 0)
  }

  test('whoever types by hand costs no row', async () => {
    for (const web of processes)
      for (let n = 0; n < spare(MOST.perNumber); n++) expect((await dial(web, phone(0, 1))).body).toMatch(/^CON/)
    const { read } = processes[0].store
    expect(await read.select().from(read.limits)).toEqual([])
  })

  test('steps of one number, of a range of numbers and of all are kept to their limits together, politely, and counted', async (context) => {
    const kinds = [
      ['number', MOST.perNumber, (n: number) => phone(0, n % 1)],
      ['prefix', MOST.perPrefix, (n: number) => phone(1, n % 37)],
      ['all', MOST.inAll, (n: number) => phone(2 + (n % 20), n)],
    ] as const
    const said: string[] = []
    for (const [why, most, from] of kinds) {
      now += MINUTE
      const asked = Array.from({ length: most * 1.5 }, (_, n) => from(n))
      const answered = await hops(asked)
      expect(answered, why).toBeGreaterThanOrEqual(most - 2 * spare(most))
      expect(answered, why).toBeLessThanOrEqual(most + spare(most))
      expect(await shed(why), why).toBe(asked.length - answered)
      said.push(`${answered} of ${asked.length} by ${why} (at most ${most})`)
    }
    now += MINUTE
    expect(await hops([phone(0, 0), phone(1, 0), phone(2, 0)])).toBe(3)
    tried(context, `${engine}: ${said.join(', ')}`)
  }, 120_000)

  test('forms of one address are kept to their limit together, whatever they forge, and nobody else’s are', async (context) => {
    const form = (web: Web, address: string, lang = 'en') =>
      web.post(`/l/${CODES.good}?lang=${lang}`, { id_last4: '9999' }, { 'x-forwarded-for': address })
    const asked = Array.from({ length: FORMS.most * 1.5 }, (_, n) => `203.0.113.${n % 200}, 197.136.4.7`)
    const answered = await inTurn(asked, async (web, address) => (await form(web, address)).status === 422)
    expect(answered).toBeGreaterThanOrEqual(FORMS.most - 2 * spare(FORMS.most))
    expect(answered).toBeLessThanOrEqual(FORMS.most + spare(FORMS.most))
    expect(await shed('address')).toBe(asked.length - answered)
    const turned = await form(processes[0], '197.136.4.7')
    expect([turned.status, turned.headers['retry-after']]).toEqual([429, '30'])
    expect(turned.body).toContain('Please wait a minute, go back and send yours again.')
    expect((await form(processes[1], '197.136.4.7', 'sw')).body).toContain('Tafadhali subiri dakika moja')
    // Others, and whoever only looks, notice nothing; nor do those behind a proxy that nobody told us of.
    expect((await form(processes[0], '197.136.4.8')).status).toBe(422)
    expect((await processes[0].get(`/l/${CODES.good}`, { 'x-forwarded-for': '197.136.4.7' })).status).toBe(200)
    const all = Array.from({ length: FORMS.most * 1.5 }, () => '')
    expect(await inTurn(all, async (web) => (await form(web, '10.0.0.1')).status === 422)).toBe(all.length)
    tried(context, `${answered} of ${asked.length} forms of one address (at most ${FORMS.most})`)
  }, 60_000)

  test.runIf(engine === 'PostgreSQL')('a row that everybody shares is not waited for by an ordinary step', async () => {
    const answers = await processes[0].store.work('somebody is slow', async (tx) => {
      expect(await countWithin(tx, now, 'hops:all', { most: 1e9, windowMs: MINUTE })).toBeDefined()
      return Promise.all(Array.from({ length: spare(MOST.inAll) }, (_, n) => dial(processes[1], phone(n % 20, n))))
    })
    expect(answers.map(({ body }) => body.slice(0, 3))).toEqual(answers.map(() => 'CON'))
  })
})
