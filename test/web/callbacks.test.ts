import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openWeb, PHONE, SECRETS, step, type Web } from './kit.ts'

let web: Web
beforeAll(async () => {
  web = await openWeb()
})
afterAll(() => web.close())

const at = (name: string, secret: string = SECRETS[0]) => `/callbacks/${secret}/${name}`
const sms = { id: 'ATXid_1', from: PHONE, to: '22262', text: 'JOBS', date: '2026-05-03T06:04:45Z' }
const report = { id: 'ATXid_2', status: 'Success', phoneNumber: PHONE, networkCode: '63902' }
const optOut = { senderId: '22262', phoneNumber: PHONE }
const withoutDate = ({ date: _, ...headers }: Record<string, unknown>) => headers

describe('the secret', () => {
  it('lets either of two in', async () => {
    for (const secret of SECRETS)
      expect((await web.post(at('ussd', secret), step('', { sessionId: `ATUid_${secret.slice(0, 5)}` }))).status).toBe(200)
  })

  it('is told apart from nothing else that is not there', async () => {
    const long = `text=${'9'.repeat(100_000)}`
    const answers = [
      await web.get('/no/such/page'),
      await web.post(at('ussd', 'wrong'), step('')),
      await web.post(at('ussd', `${SECRETS[0]}x`), step('')),
      await web.post(at('ussd', SECRETS[0].toUpperCase()), step('')),
      await web.post(at('ussd/end', 'wrong'), {}),
      await web.post(at('sms', 'wrong'), sms),
      await web.post(at('delivery', 'wrong'), long),
      await web.post(at('opt-out', 'wrong'), optOut, {
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-host': 'evil.example',
        forwarded: 'for=127.0.0.1',
      }),
      await web.get(at('ussd')),
      await web.send('PUT', at('sms'), ''),
      await web.send('OPTIONS', at('sms')),
      await web.post(at('else'), {}),
      await web.get('/l/0000-0000-0000-0000'),
      await web.post('/l/0000-0000-0000-0000', { id_last4: '1234' }),
      await web.get('/v/0000-0000-0000-0000'),
      await web.get('/l/%E0%A4%A'),
    ]
    for (const answer of answers) {
      expect(answer.status).toBe(404)
      expect(answer.body).toBe(answers[0]?.body)
      expect(withoutDate(answer.headers)).toEqual(withoutDate(answers[0]?.headers ?? {}))
    }
  })
})

describe('a callback that is not a step', () => {
  it.each([
    ['sms', 'sms', sms],
    ['delivery', 'delivery', report],
    ['opt-out', 'opt-out', optOut],
  ] as const)('%s is answered with 200 when it was taken', async (name, kind, form) => {
    const answer = await web.post(at(name), form)
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'text/plain; charset=utf-8'])
    expect(web.seen.forms[kind]).toContainEqual(form)
  })

  it.each([
    ['without its fields', { text: 'JOBS' }],
    ['that its taker cannot read', { ...sms, id: 'malformed' }],
  ])('%s is a 400 for the machine', async (_, form) => {
    const answer = await web.post(at('sms'), form)
    expect([answer.status, answer.body]).toEqual([400, 'bad_request'])
  })

  it.each([
    ['JSON', JSON.stringify(sms), { 'content-type': 'application/json' }],
    ['bad percent-encoding', 'id=1&from=%E0%A4%A&text=x', {}],
    ['a field twice', 'id=1&from=1&from=2&text=x', {}],
    ['nothing', '', {}],
    ['what says that it is compressed, and is not,', 'id=1&from=1&text=x', { 'content-encoding': 'gzip' }],
  ])('%s is a 400', async (_, body, headers) => {
    expect((await web.post(at('sms'), body, headers)).status).toBe(400)
  })

  it('that is over-long is a 413, and storage that is full a 503 to come back for', async () => {
    expect((await web.post(at('sms'), { ...sms, text: 'x'.repeat(9_000) })).status).toBe(413)
    const full = await web.post(at('sms'), { ...sms, id: 'full' })
    expect([full.status, full.body, full.headers['retry-after']]).toEqual([503, 'storage_full', '30'])
    expect((await web.post(at('delivery'), { ...report, id: 'broken' })).status).toBe(500)
  })

  it('of a session that ended is counted by its status, whatever else it holds', async () => {
    await web.post(at('ussd/end'), { status: 'Incomplete', input: '1*246813', lastAppResponse: 'CON PIN' })
    await web.post(at('ussd/end'), { status: 'Odd' })
    expect((await web.post(at('ussd/end'), `input=${'9'.repeat(20_000)}`)).status).toBe(200)
    const ends = await web.metricOf('wito_session_ends_total')
    expect(ends.map(({ labels, value }) => [labels.status, value])).toEqual([
      ['Incomplete', 1],
      ['other', 2],
    ])
  })
})
