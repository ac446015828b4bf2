import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { operator } from '../../src/acting.ts'
import { enter } from '../../src/bench/client.ts'
import { newOfficer } from '../../src/officers/manage.ts'
import { type Booted, boot } from '../kit/boot.ts'
import { mounting, type Route } from '../kit/routes.ts'
import { send } from '../web/kit.ts'
import { size, tried } from './row.ts'

const SECRET = 'the-secret-of-this-gateway'
let service: Booted
let routes: Route[]
let cookie: string
beforeAll(async () => {
  ;({ opened: service, routes } = await mounting(() => boot({ CALLBACK_SECRETS: SECRET })))
  const added = await newOfficer(service.app, operator, {
    username: 'h.one',
    name: 'Made Up',
    role: 'administrator',
    counties: [],
  })
  if (added === 'taken') throw new Error('the username is taken')
  cookie = (await enter(service.url, added.link)).cookie
}, 60_000)
afterAll(() => service?.close())

type Headers = Record<string, string | string[] | undefined>
const wrong: string[] = []
const seen = new Map<number, number>()

/** Notes what an answer lacks. */
function look(what: string, status: number, headers: Headers) {
  seen.set(status, (seen.get(status) ?? 0) + 1)
  const policy = new Map(
    String(headers['content-security-policy'])
      .split(';')
      .map((rule) => rule.trim().split(' '))
      .map(([name = '', ...values]) => [name, values.join(' ')]),
  )
  const held = {
    'no-store': headers['cache-control'] === 'no-store',
    'no-referrer': headers['referrer-policy'] === 'no-referrer',
    nosniff: headers['x-content-type-options'] === 'nosniff',
    noindex: String(headers['x-robots-tag']).includes('noindex'),
    // Nothing but our own: no other address, no inline script or style, no frame, no base, no form that leads away.
    'strict policy':
      policy.get('default-src') === "'none'" &&
      policy.get('base-uri') === "'none'" &&
      policy.get('frame-ancestors') === "'none'" &&
      policy.get('form-action') === "'self'" &&
      [...policy.values()].every((value) => /^('none'|'self'( data:)?)$/.test(value)) &&
      !/data:/.test(`${policy.get('script-src')} ${policy.get('style-src')}`),
    'no name of the software': headers.server === undefined && headers['x-powered-by'] === undefined,
  }
  for (const [name, is] of Object.entries(held)) if (!is) wrong.push(`${what} (${status}): ${name}`)
}

const asked = (path: string) => path.replace(':secret', SECRET).replace(/:\w+/g, 'no-such-thing')
const BROWSER = { 'user-agent': 'Mozilla/5.0', accept: '*/*' }

/** A route as a stranger and as an administrator ask for it. */
async function ask({ method, path }: Route) {
  for (const headers of [BROWSER, { ...BROWSER, cookie }]) {
    if (path.endsWith('/logout') && 'cookie' in headers) continue
    const answer = await send(service.url, method, asked(path), method === 'POST' ? 'nothing=typed' : undefined, headers)
    look(`${method} ${path}`, answer.status, answer.headers)
  }
}

test('every answer of every route carries them, errors too', async (context) => {
  for (const face of ['/callbacks', '/l', '/v', '/portal', '/console', '/simulator', '/healthz'])
    expect(
      routes.some(({ path }) => path.startsWith(face)),
      face,
    ).toBe(true)
  for (const { method, path } of service.routes) expect(routes).toContainEqual({ method, path })
  const odd = malformed()
  await together(routes, ask)

  // What a route does not know: another method, an address below it.
  const methods = ['PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH'].slice(0, size({ quick: 1, full: 5 }))
  await together(routes, async ({ path }) => {
    for (const method of methods) {
      const answer = await send(service.url, method, asked(path))
      look(`${method} ${path}`, answer.status, answer.headers)
    }
    const below = await send(service.url, 'GET', `${asked(path)}/nothing/%E0%A4%A?${'x'.repeat(900)}`)
    look(`below ${path}`, below.status, below.headers)
  })
  // Refused before it is read whole, so that the connection may break before the answer is there.
  const long = `text=${'9'.repeat(size({ quick: 100_000, full: 1_000_000 }))}`
  await together(
    routes.filter(({ method }) => method === 'POST'),
    async ({ method, path }) => {
      const answer = await send(service.url, method, asked(path), long, { cookie }).catch(() => undefined)
      if (answer) look(`too long for ${path}`, answer.status, answer.headers)
    },
  )

  // 500: the storage fails under every route that reads.
  const { read } = service.app.store
  const { select } = read
  read.select = () => {
    throw new Error('the storage failed')
  }
  try {
    await together(routes, ask)
  } finally {
    read.select = select
  }
  await odd
  tried(context, `${[...seen.values()].reduce((sum, n) => sum + n)} answers on ${routes.length} routes: ${statuses()}`)
  expect(wrong).toEqual([])
  for (const status of [200, 303, 400, 401, 403, 404, 408, 410, 413, 417, 431, 500]) expect([...seen.keys()]).toContain(status)
}, 120_000)

async function together<T>(all: readonly T[], work: (one: T) => Promise<void>) {
  let next = 0
  const lane = async () => {
    for (let one = all[next++]; one; one = all[next++]) await work(one)
  }
  await Promise.all([lane(), lane(), lane(), lane()])
}

const statuses = () =>
  [...seen]
    .sort()
    .map(([status, n]) => `${n} with ${status}`)
    .join(', ')

/** What never becomes a request: Node itself would answer some of it, with nothing but a status. */
async function malformed() {
  const HOST = 'Host: x\r\n'
  const odd = {
    'no request': 'what is this?\r\n\r\n',
    'a body of TLS': '\u0016\u0003\u0001\u0002\u0000\u0001\r\n\r\n',
    'a method nobody knows': `BREW / HTTP/1.1\r\n${HOST}\r\n`,
    'a version nobody knows': `GET / HTTP/9.9\r\n${HOST}\r\n`,
    'no host': 'GET /portal/login HTTP/1.1\r\nConnection: close\r\n\r\n',
    'two hosts': `GET / HTTP/1.1\r\n${HOST}Host: y\r\nConnection: close\r\n\r\n`,
    'an old version': 'GET /portal/login HTTP/1.0\r\n\r\n',
    'a header without a name': `GET / HTTP/1.1\r\n${HOST}: nothing\r\n\r\n`,
    'a header with a zero': `GET / HTTP/1.1\r\n${HOST}A: b\u0000c\r\n\r\n`,
    'headers that are too long': `GET / HTTP/1.1\r\n${HOST}A: ${'y'.repeat(20_000)}\r\n\r\n`,
    'two lengths': `POST / HTTP/1.1\r\n${HOST}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd`,
    'a length and parts': `POST / HTTP/1.1\r\n${HOST}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    'parts that are none': `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
    'an expectation': `POST /portal/login HTTP/1.1\r\n${HOST}Expect: coffee\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
    'another protocol': `GET / HTTP/1.1\r\n${HOST}Connection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n`,
    'a whole address': `GET http://elsewhere/portal/login HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`,
    'a star': `OPTIONS * HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`,
    'an address that is none': `GET //[ HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`,
    'headers that never end': `GET / HTTP/1.1\r\n${HOST}A:`,
  }
  const { hostname, port } = new URL(service.url)
  const one = async ([what, bytes]: [string, string]) => {
    const socket = connect(Number(port), hostname)
    let came = ''
    socket.on('data', (part) => {
      came += part
    })
    socket.on('error', () => undefined)
    socket.write(bytes, 'latin1')
    await once(socket, 'close')
    const [first = '', ...lines] = came.split('\r\n\r\n', 1)[0]?.split('\r\n') ?? []
    const headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    )
    const status = Number(first.split(' ')[1])
    expect(status, `${what}: ${first}`).toBeGreaterThan(0)
    look(what, status, headers)
  }
  await Promise.all(Object.entries(odd).map(one))
}
