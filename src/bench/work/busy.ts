import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { stringify } from 'csv-stringify'
import { eq } from 'drizzle-orm'
import type { App } from '../../app.ts'
import { systemClock } from '../../base/clock.ts'
import { addDays, nairobiDay } from '../../base/dates.ts'
import type { Msisdn } from '../../base/msisdn.ts'
import { readConfig } from '../../config.ts'
import { publish } from '../../deployments/publish.ts'
import { codeOf } from '../../links/token.ts'
import { freePort, openApp } from '../../open.ts'
import { ROLL_COLUMNS } from '../../people/roll.ts'
import { write } from '../../sms/outbox.ts'
import { into, nation } from '../crowd.ts'
import type { Work } from '../figure.ts'
import { type Load, type Loaded, play } from '../load.ts'
import { nationOf } from '../nation.ts'
import { startService } from '../service.ts'
import { loadOn } from './hop.ts'

const SIZE = { ...nation(30_000), profiles: 100 }
const LETTERS = 10_000
const MESSAGES = 30_000
const JOB = 'BENCHBUSY'
const WITO = new URL('../../cli/wito.js', import.meta.url).pathname
const CONNECTIONS = 50

type Letter = { code: string; last4: string }

export const busy: Work = {
  about: 'how long hops take while letters render, SMS leave and a roll is imported',
  async measure(run) {
    const settings = await nationOf({ ...run, folder: join(run.folder, 'busy') }, SIZE)
    const port = await freePort('127.0.0.1')
    const emulator = spawn(process.execPath, [WITO, 'emulator', '--port', String(port)], { env: settings, stdio: 'ignore' })
    const roll = join(run.folder, 'roll-busy.csv')
    await writeRoll(roll, 200_000)
    const { app, close } = await openApp(readConfig(settings))
    let service: Awaited<ReturnType<typeof startService>> | undefined
    try {
      run.say('  issuing letters')
      const letters = await issued(app)
      service = await startService({ ...settings, AT_URL: `http://127.0.0.1:${port}`, SMS_PER_SECOND: '1000' })
      const load = loadOn(`${service.url}/callbacks/bench/ussd`, SIZE, CONNECTIONS)
      await play({ ...load, seconds: 2 })
      const most = await play({ ...load, seconds: run.seconds })
      const half: Load = { ...load, seconds: Math.max(5, run.seconds), perSecond: Math.floor(most.perSecond / 2) }
      run.say(`  ${most.perSecond.toFixed(0)} hops/s at most`)
      const pairs: { alone: Loaded; under: Loaded }[] = []
      for (let round = 0; round < run.rounds; round++) {
        const alone = await play(half)
        const rest = await meanwhile(app, service.url, letters, { ...settings, ROLL: roll })
        let done = ''
        const under = await play(half).finally(async () => {
          done = await rest.stop()
        })
        run.say(`  99 % within ${alone.p99.toFixed(1)} ms alone, ${under.p99.toFixed(1)} ms while ${done}`)
        pairs.push({ alone, under })
      }
      return [
        {
          work: 'hop at half of capacity, 99 %, while letters, SMS and a roll',
          reference: 'itself alone',
          unit: 'ms',
          pairs: pairs.map(({ alone, under }) => ({ ours: under.p99, theirs: alone.p99 })),
          reach: { atMost: 3 },
        },
        {
          work: 'the slowest of those hops',
          reference: '',
          unit: 'ms',
          pairs: pairs.map(({ under }) => ({ ours: under.worst })),
          reach: { atMost: 250 },
        },
      ]
    } finally {
      await service?.stop()
      await close()
      emulator.kill('SIGTERM')
      await rm(join(run.folder, 'busy'), { recursive: true, force: true })
      await rm(roll, { force: true })
    }
  },
}

/** Letters as officers release them, with the codes of their links and the digits that open them. */
async function issued(app: App): Promise<Letter[]> {
  const today = nairobiDay(app.clock.now())
  const reportOn = addDays(today, 20)
  const { read } = app.store
  const [station] = await read.select().from(read.stations).limit(1)
  const people = await read.select({ id: read.people.id, county: read.people.homeCounty }).from(read.people).limit(LETTERS)
  await app.store.work('bench', async (tx) => {
    await tx.insert(tx.jobs).values({
      code: JOB,
      codeKey: JOB,
      title: 'Invigilator',
      titleSw: 'Msimamizi',
      exam: 'BENCH2026',
      role: 'invigilator',
      opensOn: addDays(today, -60),
      closesOn: addDays(today, -30),
      startsOn: reportOn,
      endsOn: addDays(reportOn, 10),
      subjects: [],
      taken: 0,
      dailyRateKes: 550,
    })
  })
  const insert = into('deployments')
  for (let from = 0; from < people.length; from += 500)
    await app.store.work('bench', async (tx) => {
      for (const { id, county } of people.slice(from, from + 500))
        await insert(tx, {
          id: app.clock.id(),
          personId: id,
          jobCode: JOB,
          centreCode: station?.centreCode ?? '',
          county,
          reportOn,
          reportAt: '07:00',
          status: 'draft',
          reasonSealed: null,
          letterVersion: 0,
          changedAt: app.clock.now(),
          origin: 'import',
          seat: null,
          held: null,
          answerBy: null,
          remindAt: null,
          offeredFrom: null,
          rulesVersion: null,
          metres: null,
          confirmedBy: null,
          calendar: 0,
        })
    })
  await publish(app, { job: JOB })
  const rows = await read.select({ id: read.links.id, letterId: read.links.letterId }).from(read.links)
  const held = await read.select({ id: read.letters.id, personId: read.letters.personId }).from(read.letters)
  const personOf = new Map(held.map(({ id, personId }) => [id, personId]))
  const sealed = new Map(
    (await read.select({ id: read.people.id, sealed: read.people.nationalIdSealed }).from(read.people)).map((row) => [
      row.id,
      row.sealed,
    ]),
  )
  return rows.map(({ id, letterId }) => {
    const person = personOf.get(letterId) ?? ''
    const nationalId = app.keyring.open(`people.national_id:${person}`, sealed.get(person) ?? '')
    return { code: codeOf(app.keyring, 'download', id), last4: nationalId.slice(-4) }
  })
}

/** Everything else that a service does on such a day, until it is stopped; says how far each came. */
async function meanwhile(app: App, url: string, letters: Letter[], { ROLL: roll = '', ...settings }: Record<string, string>) {
  const before = await waiting(app)
  await fillOutbox(app, Math.max(0, MESSAGES - before))
  const importing: ChildProcess = spawn(process.execPath, [WITO, 'import', 'roll', roll], { env: settings, stdio: 'ignore' })
  let over = false
  let rendered = 0
  const queued = await waiting(app)
  const fetching = Promise.all(
    Array.from({ length: 8 }, async () => {
      while (!over) {
        const letter = letters.pop()
        if (!letter) return
        const answer = await fetch(`${url}/l/${letter.code}`, {
          method: 'POST',
          body: new URLSearchParams({ id_last4: letter.last4 }),
        })
        const bytes = await answer.arrayBuffer()
        if (answer.ok && bytes.byteLength > 10_000) rendered++
      }
    }),
  )
  return {
    async stop(): Promise<string> {
      over = true
      await fetching
      importing.kill('SIGKILL')
      const left = await waiting(app)
      return `${rendered} letters rendered, ${queued - left} SMS left and a roll was imported`
    },
  }
}

async function waiting({ store: { read } }: App): Promise<number> {
  return (await read.select({ id: read.outbox.id }).from(read.outbox).where(eq(read.outbox.status, 'queued'))).length
}

async function fillOutbox(app: App, many: number): Promise<void> {
  for (let from = 0; from < many; from += 500)
    await app.store.work('bench', async (tx) => {
      for (let n = from; n < Math.min(from + 500, many); n++) {
        const to = `+254711${String(n).padStart(6, '0')}` as Msisdn
        const scene = { tx, at: app.clock.now(), tools: app }
        await write(
          scene,
          { to, language: 'en', class: 'notice', dedupe: app.clock.id() },
          'A made-up message of the usual length, for measuring only.',
        )
      }
    })
}

/** A roll of other made-up people than those of the crowd. */
async function writeRoll(file: string, rows: number): Promise<void> {
  const csv = stringify({ header: true, columns: ROLL_COLUMNS })
  const out = csv.pipe(createWriteStream(file))
  for (let n = 0; n < rows; n++)
    if (
      !csv.write({
        national_id: String(88_000_000 + n),
        full_name: `Baraka Odera ${n % 1_000}`.replace(/\d/g, (digit) => 'abcdefghij'[Number(digit)] ?? ''),
        phone: `+254712${String(n % 1_000_000).padStart(6, '0')}`,
        tsc_number: String(1_000_000 + n),
        kra_pin: `A${String(100_000_000 + n)}B`,
        qualification: 'degree',
        subjects: 'mathematics;physics',
        home_county: 'Kisumu',
        home_sub_county: 'Kisumu East',
        workstation_code: '42101001',
        status: 'vetted',
      })
    )
      await systemClock.sleep(0)
  csv.end()
  await finished(out)
}
