import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Actor } from '../../src/action.ts'
import { DAY } from '../../src/base/dates.ts'
import { phone as phoneOf } from '../../src/gateway/emulator/phone.ts'
import type { Order } from '../../src/orders/order.ts'
import { changeHindrance } from '../../src/people/change-effect.ts'
import { clearSim, simHold, takeSimSwap } from '../../src/people/sim-swap.ts'
import { type Booted, boot } from '../kit/boot.ts'
import { movableClock } from '../kit/desk.ts'
import { operate } from '../kit/operator.ts'
import { settle } from '../kit/town.ts'

const PIN = '482915'
const officer: Actor = { via: 'console', name: 'officer:seen', signed: false, language: 'en' }
/** Each has an account and no bank yet; their SIM was changed at the day that is given. */
const people = {
  long: { phone: '+254700000901', national_id: '99100001' },
  lately: { phone: '+254700000905', national_id: '99100005' },
  unsaid: { phone: '+254700000902', national_id: '99100002' },
}
const quiet = { phone: '+254700000906', national_id: '99100006' }

let service: Booted
const clock = movableClock()
beforeAll(async () => {
  service = await boot({ SIM_SWAP: '1' }, clock)
  await settle(service.app)
  for (const person of [quiet, ...Object.values(people)])
    await operate(service.app, { account: { ...person, pin: PIN, profile: 'none' } })
  const day = new Date(clock.now() - 3 * DAY).toISOString().slice(0, 10).split('-').reverse().join('-')
  for (const [name, swappedOn] of [
    ['long', null],
    ['lately', day],
    ['unsaid', 'unknown'],
  ] as const)
    await fetch(`${service.gatewayUrl}/phones/${people[name].phone}/sim`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ swappedOn }),
    })
}, 60_000)
afterAll(() => service.close())

const stateOf = async (msisdn: string) => {
  const { read } = service.app.store
  const rows = await read.select().from(read.simSwaps)
  return rows.find((row) => row.msisdn === msisdn)?.state
}
const states = () => Promise.all(Object.values(people).map(({ phone }) => stateOf(phone)))
const held = (name: keyof typeof people) => simHold(service.app.store.read, people[name].phone, clock.now())

/** Dials, and types a bank code where the profile asks for it. */
async function typeBank(msisdn: string): Promise<string> {
  const phone = phoneOf(service.gatewayUrl, msisdn)
  let { text } = await phone.dial()
  if (/cut off/.test(text)) text = (await phone.reply('2')).text
  const choose = async (label: string) => {
    let key = new RegExp(`(\\d+)\\. ${label}`).exec(text)?.[1]
    while (key === undefined && text.includes('98 More')) {
      text = (await phone.reply('98')).text
      key = new RegExp(`(\\d+)\\. ${label}`).exec(text)?.[1]
    }
    text = (await phone.reply(key ?? 'none')).text
  }
  await choose('My profile')
  text = (await phone.reply(PIN)).text
  await choose('Bank')
  for (let left = 3; left > 0 && !/^Bank code/.test(text); left--) text = (await phone.reply('1')).text
  return (await phone.reply('01')).text
}

test('who never asked for a new password is not looked up, and writes a bank account as before', async () => {
  expect(await typeBank(quiet.phone)).not.toContain('officer must see you')
  expect(await service.app.store.read.select().from(service.app.store.read.simSwaps)).toEqual([])
})

describe('after a new password by SMS', () => {
  beforeAll(async () => {
    for (const { phone } of Object.values(people)) await phoneOf(service.gatewayUrl, phone).sms('PASSWORD')
    const answered = async () => (await states()).every((state) => state !== undefined && !['due', 'asked'].includes(state))
    while (!(await answered())) await clock.sleep(100)
    expect(await states()).toEqual(['unchanged', 'changed', 'unknown'])
  }, 60_000)

  test('a SIM that is old stands in nobody’s way; one changed lately, or of which nobody knows, waits for an officer', async () => {
    expect(await typeBank(people.long.phone)).not.toContain('officer must see you')
    expect(await typeBank(people.lately.phone)).toContain('officer must see you')
    expect(await typeBank(people.unsaid.phone)).toContain('officer must see you')
  })

  test('nor is a change of bank agreed to, or made when its day comes, before an officer has seen the person', async () => {
    const { app } = service
    const [person] = (await app.store.read.select().from(app.store.read.people)).filter(
      ({ msisdn }) => msisdn === people.lately.phone,
    )
    const order = { subject: person?.id ?? '', kind: 'bank' } as Order
    const why = () => app.store.work('t', (tx) => changeHindrance({ tx, tools: app, at: clock.now() }, order))
    expect(await why()).toBe('sim')
    expect(await clearSim(app, officer, { id: person?.id ?? '', msisdn: people.lately.phone })).toBe(true)
    expect(await clearSim(app, officer, { id: person?.id ?? '', msisdn: people.lately.phone })).toBe(false)
    expect(await why()).toBeUndefined()
    expect(await typeBank(people.lately.phone)).not.toContain('officer must see you')
    const trail = (await app.store.read.select().from(app.store.read.audit)).filter(({ action }) => action === 'people.clear_sim')
    expect(trail.map(({ actor, subject, outcome }) => [actor, subject, outcome])).toEqual([
      [officer.name, person?.id, 'done'],
      [officer.name, person?.id, 'over'],
    ])
  })

  test('an answer that nobody asked for, a second one, or one that cannot be read lifts nothing', async () => {
    const { app } = service
    const { read } = app.store
    const row = (await read.select().from(read.simSwaps)).find(({ msisdn }) => msisdn === people.unsaid.phone)
    await takeSimSwap(app, { requestId: 'ATSwpid_nobody', status: 'NotSwapped', lastSimSwapDate: '01-01-1900' })
    await takeSimSwap(app, { requestId: row?.requestId ?? '', status: 'NotSwapped', lastSimSwapDate: '01-01-1900' })
    expect(await held('unsaid')).toBe(true)
    await expect(takeSimSwap(app, { status: 'NotSwapped' })).rejects.toThrow('not an answer')
  })

  test('after two weeks it is over', async () => {
    clock.move(15 * DAY)
    expect(await held('unsaid')).toBe(false)
  })
})
