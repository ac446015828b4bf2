import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { septets } from '../../src/text/gsm7.ts'
import { type OpenDesk, openDesk, session } from '../kit/desk.ts'
import { operate } from '../kit/operator.ts'
import { profileAnswers } from '../kit/town.ts'

const ACHIENG = '+254700000901'
let desk: OpenDesk
beforeAll(async () => {
  desk = await openDesk()
  await operate(desk.app, { account: { phone: ACHIENG, national_id: '99100001', pin: '482917' } })
})
afterAll(() => desk.close())

// Mostly what the menu offers, often what people type by mistake, sometimes rubbish.
const key = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 8 }).map(String) },
  { weight: 2, arbitrary: fc.constantFrom('0', '00', '98', '', '482917', '739150') },
  { weight: 2, arbitrary: fc.constantFrom(...Object.values(profileAnswers), 'en', '99100001') },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 20 }) },
)
// What only ends a session politely may end every walk; what crashes must not.
const CRASHED = /something went wrong|undefined|\{\w+\}|NaN|\[object/

test.each([
  ['an account holder', ACHIENG, 60],
  ['someone on the roll', '+254700000905', 25],
  ['a stranger', '+254700000960', 15],
])('a random walk of %s never crashes, always fits and always has a way out', async (_, msisdn, runs) => {
  await fc.assert(
    fc.asyncProperty(fc.array(key, { minLength: 1, maxLength: 25 }), async (keys) => {
      const call = session(desk.desk, msisdn)
      let body = await call.dial()
      for (const typed of keys) {
        expect(body).toMatch(/^(CON|END) \S/)
        expect(body).not.toMatch(CRASHED)
        expect(septets(body)).toBeLessThanOrEqual(160)
        if (body.startsWith('END')) return
        // A way out: a choice to take, something asked for, or a key that leads back.
        expect(body).toMatch(/\n\d+\. |\n(98 \w+ )?0 (Back|Rudi)|:|\?|\./)
        body = await call.type(typed)
      }
    }),
    { numRuns: runs },
  )
})
