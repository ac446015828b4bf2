import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { type Booted, boot } from '../kit/boot.ts'
import { mounting, type Route } from '../kit/routes.ts'
import { type Answer, send, step } from '../web/kit.ts'
import { size, tried } from './row.ts'

const SECRETS = ['first-secret-of-the-gateway', 'second-secret-of-the-gateway']
let service: Booted
let callbacks: Route[]
beforeAll(async () => {
  const { opened, routes } = await mounting(() => boot({ CALLBACK_SECRETS: SECRETS.join() }))
  service = opened
  callbacks = routes.filter(({ path }) => path.includes('/callbacks/'))
})
afterAll(() => service?.close())

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND']
const GATEWAY = '196.201.214.200'
/** What somebody adds who wants to be taken for the gateway, or for somebody on this machine. */
const FORGED: Record<string, string>[] = [
  {},
  { 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '127.0.0.1', forwarded: 'for=127.0.0.1;host=localhost;proto=https' },
  { 'x-forwarded-for': `${GATEWAY}, 127.0.0.1`, 'x-forwarded-host': 'localhost', 'x-forwarded-proto': 'https' },
  { 'x-original-url': `/callbacks/${SECRETS[0]}/sms`, 'x-rewrite-url': `/callbacks/${SECRETS[0]}/sms` },
  { 'x-http-method-override': 'POST', 'x-forwarded-prefix': `/callbacks/${SECRETS[0]}` },
  { authorization: `Bearer ${SECRETS[0]}`, cookie: `secret=${SECRETS[0]}`, apikey: SECRETS[0] ?? '' },
]

/** Secrets that are none: near ones first. */
function* wrongOnes(): Generator<string> {
  for (const secret of SECRETS) {
    for (let length = 1; length < secret.length; length++) yield secret.slice(0, length)
    for (let place = 0; place < secret.length; place++) yield `${secret.slice(0, place)}~${secret.slice(place + 1)}`
    yield* [`${secret}x`, `x${secret}`, secret.toUpperCase(), [...secret].reverse().join(''), secret + secret]
    yield* [`${secret}%00`, `%20${secret}`, `${secret}%2f`, `${secret};`, `${secret}.`, encodeURIComponent(`${secret}\r\n`)]
  }
  yield* [SECRETS.join(','), SECRETS.join('%2C'), 'undefined', ':secret', '*', '%E0%A4%A', '..', '%2e%2e', '0', 'x'.repeat(3_000)]
}

const FORM = { ...step('1*99100001'), id: 'ATXid_1', from: '+254700000901', to: '22262', status: 'Success' }
const BODIES = [String(new URLSearchParams(FORM)), `text=${'9'.repeat(100_000)}`]
const told = ({ status, body, headers: { date: _, ...headers } }: Answer) => JSON.stringify({ status, headers, body })

test('whoever does not know the secret finds nothing at any address, by any method, whatever they forge', async (context) => {
  expect(callbacks.length).toBeGreaterThanOrEqual(5)
  const nowhere = new Map<string, string>()
  for (const method of METHODS) nowhere.set(method, told(await send(service.url, method, '/no/such/page')))
  expect(nowhere.get('POST')).toContain('"status":404')
  expect(new Set([...nowhere].filter(([method]) => method !== 'HEAD').map(([, answer]) => answer)).size).toBe(1)

  const asked: { method: string; path: string; body?: string; headers: Record<string, string> }[] = []
  const secrets = [...wrongOnes()]
  const headersOf = (n: number) => FORGED[n % FORGED.length] ?? {}
  for (const { path } of callbacks) {
    for (const [n, secret] of secrets.entries()) {
      const address = path.replace(':secret', () => secret)
      asked.push({ method: 'POST', path: address, body: BODIES[n % 9 === 0 ? 1 : 0] ?? '', headers: headersOf(n) })
      for (const method of METHODS) asked.push({ method, path: address, headers: headersOf(asked.length) })
    }
    // The secret alone does not tell either which methods there are.
    for (const method of METHODS.filter((each) => each !== 'POST'))
      for (const secret of SECRETS) asked.push({ method, path: path.replace(':secret', secret), headers: {} })
    for (const headers of FORGED)
      asked.push({ method: 'POST', path: path.replace(':secret', 'none'), body: BODIES[0] ?? '', headers })
  }
  for (const secret of secrets) asked.push({ method: 'POST', path: `/callbacks/${secret}`, body: BODIES[0] ?? '', headers: {} })

  const share = size({ quick: 12, full: 1 })
  const chosen = asked.filter(() => systemClock.below(share) === 0)
  const other: string[] = []
  let next = 0
  const lane = async () => {
    for (let one = chosen[next++]; one; one = chosen[next++]) {
      const { method, path, body, headers } = one
      if (told(await send(service.url, method, path, body, headers)) !== nowhere.get(method))
        other.push(`${method} ${path.slice(0, 80)} ${JSON.stringify(headers)}`)
    }
  }
  await Promise.all([lane(), lane(), lane(), lane()])
  expect(other).toEqual([])

  const { read } = service.app.store
  for (const table of ['inbound', 'hops', 'sessions', 'outbox', 'accounts'] as const)
    expect(await read.select().from(read[table]), table).toEqual([])
  // The same form under a right secret is taken: what was refused was refused for the secret alone.
  for (const secret of SECRETS) {
    const right = await send(service.url, 'POST', `/callbacks/${secret}/ussd`, BODIES[0], headersOf(1))
    expect([right.status, right.body.slice(0, 4)]).toEqual([200, 'END '])
  }
  tried(
    context,
    `${chosen.length} requests on ${callbacks.length} routes by ${METHODS.length} methods, 0 unlike an unknown address`,
  )
})
