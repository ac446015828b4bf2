import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { MINUTE } from '../../src/base/dates.ts'
import { openWeb, PHONE, SECRETS, step, type Web } from './kit.ts'

let web: Web
beforeAll(async () => {
  web = await openWeb({ limits: { perNumber: 40 } })
})
afterAll(() => web.close())

const path = `/callbacks/${SECRETS[0]}/ussd`
let sessions = 0
let people = 0
const fresh = (text: string, more: Record<string, string> = {}) =>
  step(text, { sessionId: `ATUid_s${++sessions}`, phoneNumber: `+2547120001${String(10 + (++people % 80))}`, ...more })

describe('a step', () => {
  it('is answered by its screen, in text, with the name of the screen', async () => {
    const answer = await web.post(path, fresh(''))
    expect(answer.status).toBe(200)
    expect(answer.body).toMatch(/^CON Hello\. Type 1 or 2\./)
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8')
    expect(answer.headers['at-ussd-hop-metadata']).toBe('hello')
  })

  it('gets the same bytes when it comes again, and all at once', async () => {
    const form = fresh('3')
    const answers = await Promise.all(Array.from({ length: 8 }, () => web.post(path, form)))
    expect(new Set(answers.map(({ body }) => body))).toEqual(new Set(['END Goodbye.']))
  })

  it.each([['+254712000002'], [' 254712000002'], ['254112000002'], ['0712000002']])('is taken from %s', async (phoneNumber) => {
    expect((await web.post(path, fresh('', { phoneNumber }))).body).toMatch(/^CON /)
  })

  it('leaves what a person typed to the menu, an emoji too', async () => {
    expect((await web.post(path, fresh('😀'))).body).toMatch(/^CON Choose a number\./)
  })
})

describe('a step that cannot be read ends politely, with 200', () => {
  const whole = step('')
  const without = (name: keyof typeof whole) => String(new URLSearchParams(Object.entries(whole).filter(([key]) => key !== name)))
  it.each([
    ['no session', without('sessionId')],
    ['no number', without('phoneNumber')],
    ['no service code', without('serviceCode')],
    ['no text', without('text')],
    ['a strange session', String(new URLSearchParams(fresh('', { sessionId: '../../etc' })))],
    ['an endless session', String(new URLSearchParams(fresh('', { sessionId: 'x'.repeat(129) })))],
    ['a number of letters', String(new URLSearchParams(fresh('', { phoneNumber: 'Robert' })))],
    ['a huge text', String(new URLSearchParams(fresh('1*'.repeat(1_000))))],
    ['an over-long body', String(new URLSearchParams(fresh('1*'.repeat(50_000))))],
    ['a control character', String(new URLSearchParams(fresh('1\u0000')))],
    ['bad percent-encoding', `${without('text')}&text=%E0%A4%A`],
    ['a field twice', `${String(new URLSearchParams(fresh('1')))}&text=2`],
    ['nothing at all', ''],
  ])('%s', async (_, body) => {
    const answer = await web.post(path, body)
    expect([answer.status, answer.body]).toEqual([200, 'END We could not read that. Please dial *483*22262# again.'])
  })

  it('JSON', async () => {
    const answer = await web.post(path, JSON.stringify(whole), { 'content-type': 'application/json' })
    expect(answer.body).toMatch(/^END We could not read/)
    expect(answer.headers['at-ussd-hop-metadata']).toBe('session_unreadable')
  })

  it.each(['+447911123456', '+254201234567', '+256712345678'])('a number that is no Kenyan mobile: %s', async (phoneNumber) => {
    expect((await web.post(path, fresh('', { phoneNumber }))).body).toBe('END This service is for Kenyan mobile numbers.')
  })
})

describe('when something breaks', () => {
  it('says sorry, in the language of the number, and notes it without what was typed', async () => {
    await web.store.work('language', (tx) => tx.insert(tx.subscribers).values({ msisdn: PHONE, language: 'sw', stoppedAt: null }))
    const answer = await web.post(path, fresh('2', { phoneNumber: PHONE }))
    expect([answer.status, answer.body]).toEqual([200, 'END Samahani, kuna hitilafu kwetu. Tafadhali piga *483*22262# tena.'])
    const noted = web.seen.lines.find((line) => line.includes('a hop failed'))
    expect(noted).toContain('kit.ts')
  })

  it('says that it is busy when the disk is full', async () => {
    expect((await web.post(path, fresh('4'))).body).toMatch(/^END Many people are calling now\./)
  })

  it('turns away whoever calls more often than a hand can', async () => {
    // Calls are counted by the minute: in the last seconds of one, some of these would be of the next.
    const left = MINUTE - (Date.now() % MINUTE)
    if (left < 5_000) await systemClock.sleep(left)
    const one = { phoneNumber: '+254712000999' }
    const answers = await Promise.all(Array.from({ length: 60 }, () => web.post(path, fresh('', one))))
    expect(answers.filter(({ body }) => body.startsWith('CON')).length).toBe(40)
    expect(answers.every(({ status }) => status === 200)).toBe(true)
    expect((await web.post(path, fresh('', { phoneNumber: '+254712000998' }))).body).toMatch(/^CON/)
    expect(await web.metricOf('wito_shed_total')).toMatchObject([{ labels: { why: 'number' }, value: 20 }])
  })
})

describe('a hop that takes too long', () => {
  it('is answered in time; while it goes on, further ones are turned away', async () => {
    const slow = await openWeb({ limits: { underWay: 1, deadlineMs: 500 } })
    try {
      expect((await slow.post(path, step('5'))).body).toMatch(/^END Sorry, this takes too long\./)
      expect((await slow.post(path, fresh(''))).body).toMatch(/^END Many people are calling now\./)
      slow.goOn()
      // The same callback again: the hop had its effect once, and its own answer is kept.
      const kept = async (): Promise<string> => {
        const { body } = await slow.post(path, step('5'))
        return body.startsWith('END Many') ? kept() : body
      }
      expect(await kept()).toBe('END Goodbye.')
      expect(await slow.metricOf('wito_shed_total')).not.toEqual([])
    } finally {
      await slow.close()
    }
  })
})
