import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { operator } from '../../src/acting.ts'
import { systemClock } from '../../src/base/clock.ts'
import { newOfficer } from '../../src/officers/manage.ts'
import { applyRoll, rollRow } from '../../src/people/roll.ts'
import { type Booted, boot } from '../kit/boot.ts'
import type { Answer } from '../web/kit.ts'
import { effort, size, tried } from './row.ts'

/** So many of each kind for one way in; the retry, where chance was against it, has as many again. */
const EACH = size({ quick: 25, full: 400 })
const RETRIES = size({ quick: 0, full: 2 })
const SECRET = 'the-secret-of-this-gateway'
/** The promise; a small sample cannot tell so finely: three standard deviations of chance are its margin. */
const mostFor = (n: number) => 0.55 + (effort === 'quick' ? 3 * Math.sqrt((2 * n + 1) / (12 * n * n)) : 0)

let service: Booted
/** Secrets that were hashed: what takes most of the time, and shows on however busy a machine. */
let hashed = 0
const counted = <T>(result: T): T => {
  hashed++
  return result
}
type Person = { phone: string; id: string; username: string }
/** People with accounts, people of the roll without one, and numbers that nobody knows. */
const known: Person[] = []
const rolled: Person[] = []
const unknown: Person[] = []
beforeAll(async () => {
  service = await boot({ CALLBACK_SECRETS: SECRET })
  const { app } = service
  const { hasher } = app
  const { hash: make, verify } = hasher
  hasher.hash = (secret) => counted(make(secret))
  hasher.verify = (secret, whose) => counted(verify(secret, whose))
  const hash = await app.hasher.hash('kahawa ya asubuhi 7')
  const total = EACH * (RETRIES + 1)
  for (let n = 0; n < total; n++) {
    const tail = String(n).padStart(5, '0')
    known.push({ phone: `+2547012${tail}`, id: `311${tail}`, username: `known.${tail}` })
    rolled.push({ phone: `+2547014${tail}`, id: `313${tail}`, username: `rolls.${tail}` })
    unknown.push({ phone: `+2547013${tail}`, id: `312${tail}`, username: `other.${tail}` })
  }
  const rows = [...known, ...rolled].map(({ phone, id }, n) =>
    rollRow.parse({
      national_id: id,
      full_name: `Achieng Number${n} Otieno`,
      phone,
      tsc_number: '',
      kra_pin: '',
      qualification: 'degree',
      subjects: '',
      home_county: 'Kisumu',
      home_sub_county: 'Kisumu East',
      workstation_code: '',
      status: 'vetted',
    }),
  )
  await app.store.work('roll', async (tx) => {
    const at = app.clock.now()
    await applyRoll(tx, app, at, rows)
    for (const person of (await tx.select().from(tx.people)).filter(({ msisdn }) => msisdn.startsWith('+2547012')))
      await tx
        .insert(tx.accounts)
        .values({ personId: person.id, msisdn: person.msisdn, passwordHash: hash, alerts: false, createdAt: at })
  })
  for (const { username } of known.slice(0, EACH))
    await newOfficer(app, operator, { username, name: 'Made Up', role: 'clerk', counties: [] })
  await app.store.work('officers', (tx) => tx.update(tx.officers).set({ passwordHash: hash }))
}, 120_000)
afterAll(() => service?.close())

type Jar = { cookie: string; csrf: string }
const jars = new Map<string, Jar>()
/** What a browser holds that has opened a form. */
async function opened(path: string): Promise<Jar> {
  const page = await fetch(service.url + path)
  const cookie = page.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ')
  return { cookie, csrf: /name="csrf" value="([^"]*)"/.exec(await page.text())?.[1] ?? '' }
}

type Timed = Answer & { ms: number }
function ask(path: string, fields: Record<string, string>, cookie = ''): Promise<Timed> {
  const { hostname, port } = new URL(service.url)
  const body = String(new URLSearchParams(fields))
  const headers = { cookie, 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body) }
  return new Promise((resolve, reject) => {
    const started = performance.now()
    const sent = request({ hostname, port, method: 'POST', path, headers, agent: false }, (answer) => {
      const parts: Buffer[] = []
      answer.on('data', (part: Buffer) => parts.push(part))
      answer.on('end', () => {
        const bytes = Buffer.concat(parts)
        const ms = performance.now() - started
        resolve({ ms, status: answer.statusCode ?? 0, headers: answer.headers, body: bytes.toString(), bytes })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

const form = async (path: string, fields: Record<string, string>) => {
  const { cookie, csrf } = jars.get(path) ?? (await opened(path))
  jars.set(path, { cookie, csrf })
  return ask(path, { csrf, once: 'once', ...fields }, cookie)
}
let sent = 0
const sms = ({ phone }: Person, text: string) =>
  ask(`/callbacks/${SECRET}/sms`, { id: `ATXid_${++sent}`, from: phone, to: '22262', text, date: '2026-05-03T06:04:45Z' })

const ways: Record<string, (person: Person) => Promise<Timed>> = {
  'a forgotten password': ({ phone }) => form('/portal/forgot', { username: phone }),
  'a new account': ({ phone, id }) => form('/portal/new', { phone, phone_again: phone, national_id: id }),
  'a login': ({ phone }) => form('/portal/login', { username: phone, password: 'kahawa ya asubuhi 8' }),
  "an officer's login": ({ username }) => form('/console/login', { username, password: 'kahawa ya asubuhi 8' }),
  'PASSWORD by SMS': (person) => sms(person, 'PASSWORD'),
}

/** The share of pairs in which the first is the slower: 0.5 tells nothing. */
function auc(first: readonly number[], second: readonly number[]): number {
  const all = [...first.map((ms) => ({ ms, mine: 1 })), ...second.map((ms) => ({ ms, mine: 0 }))].sort((a, b) => a.ms - b.ms)
  const ranks = all.reduce((sum, { mine }, place) => sum + mine * (place + 1), 0)
  return (ranks - (first.length * (first.length + 1)) / 2) / (first.length * second.length)
}

/** What of an answer is not about this one request or this one name. */
function bare({ status, headers: { date: _, ...headers }, body }: Answer, { phone, id, username }: Person): string {
  const text = [phone, encodeURIComponent(phone), id, username].reduce((all, own) => all.replaceAll(own, '…'), body)
  return JSON.stringify({ status, headers, text: text.replace(/name="once" value="[^"]*"/g, '') })
}

test.each(Object.keys(ways))(
  '%s: same text, status, length and time, whether somebody is registered or not',
  async (name) => {
    const way = ways[name] as (person: Person) => Promise<Timed>
    const of = name === 'a new account' ? rolled : known
    const times = { known: [] as number[], unknown: [] as number[] }
    const said = new Set<string>()
    let from = 0
    let found = 1
    for (let n = 0; n < 5; n++) await way({ phone: `+25470999${1000 + n}`, id: '30000000', username: `warm.${n}` })
    for (let round = 0; round <= RETRIES; round++) {
      // In any order, so that what one answer leaves to do (an SMS goes out) weighs on both kinds alike.
      const asks = Array.from({ length: EACH }, (_, n) => [
        { kind: 'known' as const, person: of[(from + n) % (name.includes('officer') ? EACH : of.length)] as Person },
        { kind: 'unknown' as const, person: unknown[from + n] as Person },
      ]).flat()
      for (const { kind, person } of shuffled(asks)) {
        hashed = 0
        const answer = await way(person)
        times[kind].push(answer.ms)
        said.add(`${hashed} hashed, ${bare(answer, person)}`)
      }
      from += EACH
      expect([...said].length, [...said].slice(0, 2).join('\n')).toBe(1)
      const one = auc(times.known, times.unknown)
      found = Math.max(one, 1 - one)
      if (found <= mostFor(from)) break
    }
    results.push(`${name} ${found.toFixed(3)} of ${from}`)
    expect(
      found,
      `${name}: AUC over ${from} pairs; median ${median(times.known)} and ${median(times.unknown)} ms`,
    ).toBeLessThanOrEqual(mostFor(from))
  },
  300_000,
)

const shuffled = <T>(all: readonly T[]): T[] =>
  all
    .map((one) => ({ one, at: systemClock.below(2 ** 32) }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one)
const median = (all: readonly number[]) => [...all].sort((a, b) => a - b)[all.length >> 1]?.toFixed(2)
const results: string[] = []
test('what was measured', (context) => {
  expect(results).toHaveLength(Object.keys(ways).length)
  tried(context, `AUC by pairs: ${results.join('; ')}`)
})
