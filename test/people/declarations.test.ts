import { afterAll, beforeAll, expect, test } from 'vitest'
import { type OpenDesk, openDesk, session } from '../kit/desk.ts'
import { operate } from '../kit/operator.ts'

const ACHIENG = '+254700000901'
const PIN = '482917'
let desk: OpenDesk
beforeAll(async () => {
  desk = await openDesk()
  await operate(desk.app, { account: { phone: '0700000901', national_id: '99100001', pin: PIN } })
})
afterAll(() => desk.close())

const declared = async () =>
  (await desk.app.store.read.select().from(desk.app.store.read.declarations)).map(({ centreCode, why }) => `${centreCode} ${why}`)

/** My profile, the PIN, and the last choice of the screen. */
async function open() {
  const call = session(desk.desk, ACHIENG)
  if ((await call.dial()).includes('cut off')) await call.type('2')
  let body = await call.type('4', PIN)
  for (let pages = 0; !body.includes('Schools to avoid') && pages < 4; pages++) body = await call.type('98')
  const key = /(\d+)\. Schools to avoid/.exec(body)?.[1] ?? ''
  return { call, body: await call.type(key) }
}

test('a school is declared with a reason, an unknown one refused, the same twice is one, and each can be taken back', async () => {
  const { call, body } = await open()
  expect(body).toContain('Declare a school where a relation sits')
  expect(await call.type('1', '42101009')).toContain('No school has this centre code')
  expect(await call.type('1', '42101002')).toContain('Declared: Kilima Kirefu Girls')
  expect(await declared()).toEqual(['42101002 relation'])
  const again = await open()
  expect(await again.call.type('2', '42101002')).toContain('Declared')
  expect(await declared()).toEqual(['42101002 interest'])
  const last = await open()
  expect(await last.call.type('3')).toContain('1. Kilima Kirefu Girls')
  expect(await last.call.type('1')).toContain('You have declared no school')
  expect(await declared()).toEqual([])
})

test('nobody declares without the PIN, and ten are the most', async () => {
  await desk.app.store.work('test', async (tx) => {
    const [person] = await tx.select().from(tx.people)
    const [station] = await tx.select().from(tx.stations)
    for (let n = 0; n < 10; n++) {
      const centreCode = `9910100${n}`
      await tx.insert(tx.stations).values({ ...(station as NonNullable<typeof station>), centreCode })
      await tx.insert(tx.declarations).values({ personId: person?.id ?? '', centreCode, why: 'relation', at: 0 })
    }
  })
  const { read } = desk.app.store
  const [first] = await read.select().from(read.declarations)
  const [achieng] = (await read.select().from(read.people)).filter(({ msisdn }) => msisdn === ACHIENG)
  if (first?.personId !== achieng?.id)
    await desk.app.store.work('test', (tx) => tx.update(tx.declarations).set({ personId: achieng?.id ?? '' }))
  const { call } = await open()
  expect(await call.type('1', '42101002')).toContain('Ten schools are the most')
  expect(await declared()).toHaveLength(10)
  const bare = session(desk.desk, ACHIENG)
  if ((await bare.dial()).includes('cut off')) await bare.type('2')
  expect(await bare.type('4')).toContain('PIN')
})
