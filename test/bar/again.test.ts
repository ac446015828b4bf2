import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { Msisdn } from '../../src/base/msisdn.ts'
import { takeInbound } from '../../src/sms/inbound.ts'
import { type Desk, type Hop, type Reply, takeHop } from '../../src/ussd/hop.ts'
import { boot } from '../kit/boot.ts'
import { type Chance, chanceOf } from '../kit/chance.ts'
import { type OpenDesk, openDesk } from '../kit/desk.ts'
import { operate } from '../kit/operator.ts'
import { addPeople, people } from '../kit/town.ts'
import { size, tried } from './row.ts'

const PIN = '482917'
const nationalId = (n: number) => String(99_300_000 + n)
const numberOf = (n: number) => `+254700000${String(600 + n)}` as Msisdn
const WORDS = [
  'JOBS',
  'KAZI',
  'APPLY KCSE26INV',
  'STATUS',
  'LANG SW',
  'LANG EN',
  'STOP',
  'START',
  'HELP',
  'PASSWORD',
  'hello there',
]

/** What somebody types next: mostly what a menu offers; where a PIN is asked for, mostly the right one. */
function typed(chance: Chance, screen: string): string {
  const roll = chance.below(100)
  if (screen.startsWith('pin_enter')) return roll < 60 ? PIN : roll < 90 ? '111222' : '0'
  return roll < 75 ? String(1 + chance.below(4)) : chance.pick(['0', '00', '98', '', '6', '99100001', 'KCSE26INV'])
}

/** How one callback arrives: how many copies, each at once, some turns of the event loop later, or after the answer. */
type Arrive = <T>(timing: Chance, take: (desk: Desk) => Promise<T>) => Promise<T[]>

/** One town with so many account holders, each of whom calls and writes by their own chance: the same in every town. */
async function live(town: OpenDesk, { callers, each }: { callers: number; each: number }, arrive: Arrive) {
  const counts = { hops: 0, messages: 0, copies: 0 }
  const inbound = { ...town.desk, keywords: town.keywords }
  await addPeople(
    town.app,
    Array.from({ length: callers }, (_, n) => ({ ...people.baraka, national_id: nationalId(n), phone: numberOf(n) })),
  )
  const once = async <T>(timing: Chance, take: (desk: Desk) => Promise<T>): Promise<T> => {
    const answers = await arrive(timing, take)
    counts.copies += answers.length
    for (const answer of answers) expect(answer).toEqual(answers[0])
    return answers[0] as T
  }
  const hopOf = async (timing: Chance, hop: Hop): Promise<string> => {
    counts.hops++
    return once(timing, async (desk) => said(await takeHop(desk, hop)))
  }
  const life = async (n: number) => {
    const chance = chanceOf(n + 1)
    // Rolls of its own: how copies arrive must not change what is typed.
    const timing = chanceOf(n + 1_001)
    const msisdn = numberOf(n)
    await operate(town.app, { account: { phone: msisdn, national_id: nationalId(n), pin: PIN } })
    // The first call goes where an effect is certain, the others wherever chance leads.
    const first = n % 2 === 0 ? ['1', '1', '1', PIN, '1'] : ['4', '111222', '111222', '0', '0']
    for (let left = each; left > 0; ) {
      if (first.length === 0 && chance.below(2) === 0) {
        const sms = { id: `ATXid_${n}_${left}`, from: msisdn, to: '22262', text: chance.pick(WORDS) }
        counts.messages++
        await once(timing, () => takeInbound(inbound, sms))
        left--
        continue
      }
      const hop = { sessionId: `ATUid_${n}_${left}`, msisdn, serviceCode: '*483*22262#', text: '' }
      const answered: [Hop, string][] = []
      for (let answer = ': CON'; left > 0 && answer.includes(': CON') && answered.length < 14; left--) {
        answer = await hopOf(timing, { ...hop })
        answered.push([{ ...hop }, answer])
        const next = first.shift() ?? typed(chance, answer)
        hop.text = hop.text === '' ? next : `${hop.text}*${next}`
        // One that was long on its way: the session has gone on, and its answer is still the first one.
        const [late, then] = timing.pick(answered)
        if (timing.below(6) === 0) expect(said(await takeHop(town.desk, late))).toBe(then)
      }
    }
  }
  await Promise.all(Array.from({ length: callers }, (_, n) => life(n)))
  return counts
}

const said = ({ body, screen }: Reply) => `${screen}: ${body}`

/** All that a callback may do, as counts that do not depend on chance. */
async function effects({ app: { store } }: OpenDesk): Promise<string[]> {
  const { read } = store
  const tables = [
    (await read.select().from(read.sessions)).map(({ id, length, screen, open }) => `session ${id} ${length} ${screen} ${open}`),
    (await read.select().from(read.hops)).map(({ sessionId, screen }) => `hop ${sessionId} ${screen}`),
    (await read.select().from(read.audit)).map((row) => `audit ${row.actor} ${row.action} ${row.outcome}`),
    (await read.select().from(read.guesses)).map(({ key, tries }) => `guess ${key} ${tries}`),
    (await read.select().from(read.applications)).map(({ jobCode, status }) => `application ${jobCode} ${status}`),
    (await read.select().from(read.outbox)).map((row) => `message ${row.msisdn} ${row.class} ${row.segments}`),
    (await read.select().from(read.inbound)).map(({ id, keyword, outcome }) => `sms ${id} ${keyword} ${outcome}`),
    (await read.select().from(read.limits)).map(({ key }) => `limit ${key}`),
    (await read.select().from(read.subscribers)).map(
      (row) => `subscriber ${row.msisdn} ${row.language} ${row.stoppedAt !== null}`,
    ),
  ]
  return tables.flat().sort()
}

test('what comes 2 to 5 times, close together or late, has the same answer to the byte, and leaves what it leaves when it comes once', async (context) => {
  const callers = size({ quick: 8, full: 180 })
  const each = size({ quick: 30, full: 115 })
  const [once, often] = [await openDesk(), await openDesk()]
  onTestFinished(async () => {
    await once.close()
    await often.close()
  })
  await live(once, { callers, each }, async (_, take) => [await take(once.desk)])
  const counts = await live(often, { callers, each }, (timing, take) => {
    const copies = 2 + timing.below(4)
    const first = take(often.desk)
    const others = Array.from({ length: copies - 1 }, async () => {
      for (let turns = timing.pick([0, 0, 1, 3, 9]); turns > 0; turns--) await nextTurn()
      if (timing.below(4) === 0) await first
      return take(often.desk)
    })
    return Promise.all([first, ...others])
  })
  const left = await effects(often)
  expect(left).toEqual(await effects(once))
  // Not an empty life: people applied, PINs were wrong, and some were locked out.
  for (const kind of [/^application /, /^guess .* [1-5]$/, /^audit .* pin.check wrong/, /^message .* reply/])
    expect(left.filter((line) => kind.test(line)).length, String(kind)).toBeGreaterThan(0)
  const { hops, messages, copies } = counts
  tried(context, `${hops} hops and ${messages} SMS in ${copies} copies, 0 answers differ, ${left.length} effects as of one each`)
}, 600_000)

test('the same over HTTP, each callback five times on connections of its own', async () => {
  const service = await boot({ CALLBACK_SECRETS: 'test-test-test-test-test-test' })
  onTestFinished(() => service.close())
  const { app, url } = service
  const post = async (kind: string, form: Record<string, string>) => {
    const answers = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const answer = await fetch(`${url}/callbacks/test-test-test-test-test-test/${kind}`, {
          method: 'POST',
          body: new URLSearchParams(form),
        })
        return `${answer.status} ${answer.headers.get('at-ussd-hop-metadata')} ${await answer.text()}`
      }),
    )
    expect(new Set(answers).size).toBe(1)
    return answers[0] ?? ''
  }
  await addPeople(app, [{ ...people.achieng }])
  const phoneNumber = '+254700000901'
  await operate(app, { account: { phone: phoneNumber, national_id: '99100001', pin: PIN } })
  const hop = { sessionId: 'ATUid_http', phoneNumber, networkCode: '63902', serviceCode: '*483*22262#' }
  expect(await post('ussd', { ...hop, text: '' })).toContain('Hello Achieng')
  await post('ussd', { ...hop, text: '4' })
  expect(await post('ussd', { ...hop, text: '4*111222' })).toContain('Tries left: 4')
  expect(await post('sms', { id: 'ATXid_http', from: phoneNumber, to: '22262', text: 'LANG SW' })).toBe('200 null ok')
  const { read } = app.store
  expect(await read.select({ tries: read.guesses.tries }).from(read.guesses)).toEqual([{ tries: 1 }])
  expect((await read.select().from(read.audit)).filter(({ action }) => action === 'language.set')).toHaveLength(1)
})
