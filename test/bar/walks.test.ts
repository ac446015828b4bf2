import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { HOUR } from '../../src/base/dates.ts'
import type { Msisdn } from '../../src/base/msisdn.ts'
import { type Dice, dice } from '../../src/demo/draw.ts'
import { type FieldName, writeField } from '../../src/people/profile-fields.ts'
import { takeHop } from '../../src/ussd/hop.ts'
import { type OpenDesk, openDesk, session } from '../kit/desk.ts'
import { operate } from '../kit/operator.ts'
import { people } from '../kit/town.ts'
import { size, tried } from './row.ts'

const PIN = '482917'
const CODE = '*483*22262#'
type Owner = { msisdn: Msisdn; first: string; secrets: string[] }
/** What is held of the two who have accounts: no two values alike, and none like anything that a menu says. */
const owners: Owner[] = []
const STRANGERS = ['+254700000903', '+254700000904', '+254700000960', '+254711222333'] as Msisdn[]

let desk: OpenDesk
let before: string
beforeAll(async () => {
  desk = await openDesk()
  const { app } = desk
  for (const [k, person] of [people.achieng, people.baraka].entries()) {
    const msisdn = `+254${person.phone.slice(1)}` as Msisdn
    await operate(app, { account: { phone: msisdn, national_id: person.national_id, pin: PIN } })
    const [first = '', last = ''] = person.full_name.split(' ')
    const held: Partial<Record<FieldName, string>> = {
      town: `Mjimku${k}`,
      account_number: `110022973${k}`,
      account_name: `${first} ${last}`,
      kin_name: `Jamaamku${k}`,
      kin_phone: `+25470000884${k}`,
      kra_pin: `A00771265${k}Z`,
      nssf: `200123663${k}`,
    }
    await app.store.work(msisdn, async (tx) => {
      const [account] = (await tx.select().from(tx.accounts)).filter((row) => row.msisdn === msisdn)
      for (const [field, value] of Object.entries(held))
        await writeField({ tx, tools: app, at: app.clock.now() }, account?.personId ?? '', field as FieldName, value)
    })
    const masked = [held.account_number, held.kin_phone, held.kra_pin, held.nssf].map((value) => `..${value?.slice(-4)}`)
    owners.push({ msisdn, first, secrets: [last, person.national_id, ...Object.values(held), ...masked] })
  }
  await operate(app, { deploy: { national_id: '99100001', job: 'KCSE26INV', centre: '42101002' }, publish: true })
  before = await effects()
})
afterAll(() => desk.close())

/** Everything but what any call may leave: itself, its count of tries, its language, its row in the trail, an SMS to its own number. */
const TABLES = [
  'people',
  'accounts',
  'profileFields',
  'applications',
  'deployments',
  'letters',
  'declarations',
  'heads',
  'attendance',
  'orders',
  'webSessions',
  'devices',
  'documents',
  'payIssues',
] as const
async function effects(): Promise<string> {
  const { read } = desk.app.store
  const all = await Promise.all(TABLES.map((table) => read.select().from(read[table])))
  return JSON.stringify(all)
}

/** What nobody at this number may see: what is held of anybody, and the name of anybody else. */
const forbidden = (msisdn: Msisdn) =>
  owners.flatMap(({ first, secrets, ...owner }) => (owner.msisdn === msisdn ? secrets : [first, ...secrets]))

type Signed = { owner: Owner; sessionId: string; text: string; sent: Set<string> }
/** A call of the owner's, PIN typed, that stands where everything can be read. */
async function signIn(owner: Owner, roll: Dice): Promise<Signed> {
  const call = session(desk.desk, owner.msisdn)
  const sent = new Set<string>()
  let all = ''
  // Straight into the menu: so nobody is asked about a call of before.
  for (const key of ['4', PIN, roll.pick(['1', '2', '5']), '98']) {
    all += await call.type(key)
    sent.add(call.text)
  }
  expect(
    owner.secrets.some((secret) => all.includes(secret)),
    all,
  ).toBe(true)
  return { owner, sessionId: call.sessionId, text: call.text, sent }
}

const KEYS = [
  '1',
  '2',
  '3',
  '4',
  '5',
  '6',
  '7',
  '8',
  '0',
  '00',
  '98',
  '',
  '111222',
  '830565',
  '12345678',
  '42101001',
  'x',
  '*',
  '4*1',
]
const IDS = [people.achieng.national_id, people.baraka.national_id, '99100099']
const keysOf = (roll: Dice, keys: readonly string[], most: number) =>
  Array.from({ length: 1 + roll.below(most) }, () => roll.pick(keys))
const ask = (msisdn: Msisdn, sessionId: string, text: string, serviceCode = CODE) =>
  takeHop(desk.desk, { sessionId, msisdn, serviceCode, text })

let made = 0
/** A call step by step, in one leap, or in steps that skip some. */
async function call(msisdn: Msisdn, keys: readonly string[], roll: Dice, see: (body: string) => void) {
  const sessionId = `ATUid_walk${++made}`
  const leap = roll.below(3)
  if (leap > 0) see((await ask(msisdn, sessionId, '')).body)
  for (let n = leap === 0 ? keys.length : 1; n <= keys.length; n += leap === 2 ? 1 + roll.below(3) : 1) {
    const { body } = await ask(msisdn, sessionId, keys.slice(0, n).join('*'))
    see(body)
    if (body.startsWith('END')) return
  }
}

/** A transcript that never was: one key other, left out, put in, two turned, the beginning cut off. */
function altered({ text }: Signed, roll: Dice): string {
  const keys = text.split('*')
  const place = roll.below(keys.length)
  const key = roll.pick(KEYS)
  const ways = [
    keys.with(place, key),
    keys.toSpliced(place, 1),
    keys.toSpliced(place, 0, key),
    keys.toReversed(),
    keys.slice(place + 1),
    keys.with(1, '111222'),
  ]
  return [...roll.pick(ways), ...keysOf(roll, KEYS, 3)].join('*')
}

const WAYS: {
  weight: number
  walk(roll: Dice, signed: Signed, see: (msisdn: Msisdn) => (body: string) => void): Promise<void>
}[] = [
  // The owner's own number, without the PIN.
  {
    weight: 30,
    walk: (roll, { owner }, see) => call(owner.msisdn, keysOf(roll, KEYS, 6), roll, see(owner.msisdn)),
  },
  // Somebody else, who knows IDs and PINs.
  {
    weight: 25,
    walk: (roll, _, see) => {
      const msisdn = roll.pick(STRANGERS)
      return call(msisdn, keysOf(roll, [...KEYS, ...IDS, PIN], 6), roll, see(msisdn))
    },
  },
  // Another number, or another service code, on a call whose PIN was typed: replayed, gone on with, altered.
  {
    weight: 25,
    async walk(roll, signed, see) {
      const { owner, sessionId, text } = signed
      const own = roll.below(5) === 0
      const msisdn = own
        ? owner.msisdn
        : roll.pick([...STRANGERS, ...owners.map((each) => each.msisdn).filter((each) => each !== owner.msisdn)])
      const texts = [text, `${text}*${roll.pick(KEYS)}`, roll.pick([...signed.sent]), altered(signed, roll)]
      see(msisdn)((await ask(msisdn, sessionId, roll.pick(texts), own ? '*999#' : CODE)).body)
    },
  },
  // The owner's own call, but a transcript that does not go on from the last answer.
  {
    weight: 20,
    async walk(roll, signed, see) {
      const { owner, sessionId, text, sent } = signed
      const strange = altered(signed, roll)
      if (sent.has(strange) || strange === text || strange.startsWith(`${text}*`)) return
      see(owner.msisdn)((await ask(owner.msisdn, sessionId, strange)).body)
    },
  },
]
/** As often as it weighs. */
const WEIGHED = WAYS.flatMap((way) => Array.from({ length: way.weight }, () => way))

test('no walk shows anything personal without the PIN of that very number, and none has an effect', async (context) => {
  const seed = systemClock.below(2 ** 32)
  const roll = dice(seed)
  const walks = size({ quick: 1_500, full: 50_000 })
  const shown: string[] = []
  let [walked, hops] = [0, 0]
  const see = (msisdn: Msisdn) => {
    const words = forbidden(msisdn)
    return (body: string) => {
      hops++
      const word = words.find((each) => body.includes(each))
      if (word !== undefined || !/^(CON|END) \S/.test(body)) shown.push(`${msisdn} saw ${word}: ${body}`)
    }
  }
  while (walked < walks) {
    // New calls now and then: a call is over after 180 s. Guesses are forgotten, so that locks do not end the walks; old calls too, as
    // nobody else makes so many within minutes.
    await desk.app.store.work('test', async (tx) => {
      for (const table of [tx.guesses, tx.hops, tx.sessions]) await tx.delete(table)
    })
    const signed: Signed[] = []
    for (const owner of owners) signed.push(await signIn(owner, roll), await signIn(owner, roll))
    // A call that was cut off is gone on with by somebody who has the phone, and no PIN.
    for (const owner of owners) {
      await signIn(owner, roll)
      const sessionId = `ATUid_walk${++made}`
      expect((await ask(owner.msisdn, sessionId, '')).body).toMatch(/1\. (Continue|Endelea)/)
      const keys = ['1', ...keysOf(roll, KEYS, 3)]
      for (let n = 1; n <= keys.length; n++)
        see(owner.msisdn)((await ask(owner.msisdn, sessionId, keys.slice(0, n).join('*'))).body)
      walked++
    }
    const lane = async () => {
      for (let n = 0; n < 30; n++) {
        await roll.pick(WEIGHED).walk(roll, roll.pick(signed), see)
        walked++
      }
    }
    await Promise.all(Array.from({ length: 50 }, lane))
    expect(shown.slice(0, 3), `seed ${seed}`).toEqual([])
    expect(await effects(), `seed ${seed}`).toBe(before)
  }
  for (const { msisdn } of await desk.app.store.read.select().from(desk.app.store.read.outbox))
    if (STRANGERS.includes(msisdn as Msisdn)) throw new Error(`a message was sent to ${msisdn}`)
  tried(context, `${walked} walks, ${hops} hops, nothing personal, no effect`)
}, 900_000)

test('with the PIN, the same screens do show it: the canaries are alive', async () => {
  await desk.app.store.work('test', (tx) => tx.delete(tx.guesses))
  for (const owner of owners) {
    desk.clock.move(HOUR)
    const call = session(desk.desk, owner.msisdn)
    await call.type('4')
    let all = await call.type(PIN)
    for (const group of ['1', '2', '5']) for (const key of [group, '98', '00', '4']) all += await call.type(key)
    expect(owner.secrets.filter((secret) => all.includes(secret)).length, all).toBeGreaterThan(2)
  }
})
