import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Answer, CANARY, CODES, openWeb, PHONE, SECRETS, step, type Web } from './kit.ts'

let web: Web
const answers: Answer[] = []
const at = (name: string) => `/callbacks/${SECRETS[0]}/${name}`
const CANARIES = {
  id: '28411973',
  pin: '736194',
  words: 'mchana-mwema',
  last4: '8642',
  phone: PHONE.slice(4),
  code: CODES.good,
  gone: CODES.gone,
  secret: SECRETS[0],
  name: CANARY,
}

beforeAll(async () => {
  web = await openWeb()
  const { id, pin, words, last4 } = CANARIES
  const typed = `1*${id}*${pin}*${words}`
  const whole = { id: `ATXid_${words}`, from: PHONE, phoneNumber: PHONE, status: words, text: `REGISTER ${id} ${pin}` }
  const requests: [string, string, Record<string, string>?][] = [
    ['POST', at('ussd'), step(typed)],
    ['POST', at('ussd'), step('2', { sessionId: `ATUid_${words}` })],
    ['POST', at('ussd'), step(`\u0001${typed}`)],
    ['POST', at(`ussd/${words}`), step(typed)],
    ['POST', at('ussd/end'), { ...whole, input: typed, lastAppResponse: words }],
    ...['sms', 'delivery', 'opt-out'].flatMap((kind): [string, string, Record<string, string>?][] => [
      ['POST', at(kind), whole],
      ['POST', at(kind), { ...whole, extra: 'malformed' }],
      ['POST', at(kind), { ...whole, extra: 'full' }],
      ['POST', at(kind), { ...whole, extra: 'broken' }],
      ['GET', at(kind)],
    ]),
    ...['/', '/style.css', '/healthz', '/readyz', '/metrics', '/simulator', '/l', '/v'].map((path): [string, string] => [
      'GET',
      path,
    ]),
    ...[CODES.good, CODES.gone, CODES.revoked, 'forged'].flatMap((code): [string, string, Record<string, string>?][] => [
      ['GET', `/l/${code}?lang=${words}`],
      ['HEAD', `/l/${code}`],
      ['POST', `/l/${code}`, { id_last4: last4 }],
      ['POST', `/l/${code}`, { id_last4: '4321' }],
      ['POST', `/l/${code}`, { as: words }],
      ['GET', `/v/${code}`],
      ['GET', `/v?code=${code}`],
      ['DELETE', `/v/${code}`],
    ]),
    ['GET', `/${id}/${pin}?phone=${encodeURIComponent(PHONE)}&${words}`],
  ]
  for (const [method, path, form] of requests) {
    const body = form && String(new URLSearchParams(form))
    answers.push(
      await web.send(method, path, body, {
        'user-agent': words,
        referer: `http://x/${words}`,
        'x-forwarded-for': words,
        cookie: pin,
      }),
    )
  }
})
afterAll(() => web.close())

it('every answer carries the security headers, errors too', () => {
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 303, 400, 404, 410, 422, 500, 503]))
  for (const { headers } of answers) {
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-robots-tag': 'noindex, nofollow',
      'x-frame-options': 'DENY',
    })
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none';.*form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    )
    expect(headers.server).toBeUndefined()
    expect(headers['x-powered-by']).toBeUndefined()
    expect(headers['set-cookie']).toBeUndefined()
  }
})

it('the log has one line a request, and holds nothing that anyone typed, no secret and no code', () => {
  const lines = web.seen.lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  const requests = lines.filter(({ msg }) => msg === 'request')
  expect(requests.length).toBe(answers.length)
  expect(new Set(requests.map(({ route }) => route))).toContain('/callbacks/:secret/sms')
  for (const { id } of requests) expect(id).toMatch(/^[a-z]{10}$/)
  // What went wrong is there all the same: where, and in which request.
  const failure = lines.find(({ msg, route }) => msg === 'a request failed' && route === '/callbacks/:secret/sms')
  expect(JSON.stringify(failure)).toContain('kit.ts')
  expect(requests.map(({ id }) => id)).toContain(failure?.id)
  const whole = web.seen.lines.join('')
  for (const [name, canary] of Object.entries(CANARIES)) expect(whole.includes(canary), name).toBe(false)
})

it('no metric holds any of it either', async () => {
  const { status, body } = await web.get('/metrics')
  expect(status).toBe(200)
  expect(body).toContain('wito_hops_total{screen="hello"')
  for (const [name, canary] of Object.entries(CANARIES)) expect(body.includes(canary), name).toBe(false)
})
