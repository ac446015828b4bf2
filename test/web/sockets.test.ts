import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { Router } from '@koa/router'
import { describe, expect, it } from 'vitest'
import { openWeb, SECRETS, step } from './kit.ts'

const path = `/callbacks/${SECRETS[0]}/ussd`

/** A socket that sends `text` and nothing more; gives what came back when it is closed. */
async function dawdle(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let came = ''
  socket.on('data', (part: Buffer) => {
    came += part
  })
  socket.on('error', () => undefined)
  socket.write(text)
  await once(socket, 'close')
  return came
}

describe('slow and odd sockets', () => {
  it('are closed by the server, 500 of them at once', async () => {
    const web = await openWeb({ limits: { requestMs: 500 } })
    try {
      const dawdlers = Array.from({ length: 500 }, (_, n) =>
        dawdle(
          web.port,
          ['', 'POST /', 'GET / HTTP/1.1\r\nHost: x\r\nX-Slow:', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\na='][
            n % 4
          ] as string,
        ),
      )
      expect((await web.get('/healthz')).status).toBe(200)
      expect((await Promise.all(dawdlers)).length).toBe(500)
    } finally {
      await web.close()
    }
  })

  it('are closed by the server while they say that a file comes, unless somebody may bring one', async () => {
    const web = await openWeb({ limits: { requestMs: 500 } })
    const file = 'Host: x\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 5000\r\n\r\n--x'
    try {
      await Promise.all(['/', path, '/portal/documents'].map((to) => dawdle(web.port, `POST ${to} HTTP/1.1\r\n${file}`)))
    } finally {
      await web.close()
    }
  })

  it('do not stand for a request that is whole, however long its answer takes', async () => {
    const pages = new Router()
    pages.get('/slow', async (ctx) => {
      await wait(1_500)
      ctx.body = 'here it is'
    })
    const web = await openWeb({ limits: { requestMs: 300 }, extra: [pages] })
    try {
      expect((await web.get('/slow')).body).toBe('here it is')
    } finally {
      await web.close()
    }
  })

  it('get a bare answer with the same headers', async () => {
    const web = await openWeb()
    try {
      const odd = await dawdle(web.port, 'what is this?\r\n\r\n')
      expect(odd).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
      expect(odd).toContain('Cache-Control: no-store')
      expect(await dawdle(web.port, `GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(10_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /)
      // These two Node would turn away by itself, without any header of ours.
      for (const [status, request] of [
        [400, 'GET / HTTP/1.1\r\n\r\n'],
        [417, 'GET / HTTP/1.1\r\nHost: x\r\nExpect: coffee\r\n\r\n'],
      ] as const) {
        const turned = await dawdle(web.port, request)
        expect(turned).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
        expect(turned).toContain('Cache-Control: no-store')
      }
    } finally {
      await web.close()
    }
  })
})

describe('closing', () => {
  it('takes readiness off first, finishes what is under way, then closes every socket', async () => {
    const web = await openWeb({ limits: { drainMs: 300 } })
    const agent = new Agent({ keepAlive: true })
    const idle = request({ port: web.port, host: '127.0.0.1', path: '/healthz', agent }).end()
    const [answer] = await once(idle, 'response')
    answer.resume()
    await once(answer, 'end')

    const slow = web.post(path, step('5'))
    while ((await web.metricOf('wito_hops_under_way'))[0]?.value !== 1) await new Promise(setImmediate)
    const closed = web.close()
    const ready = await web.get('/readyz')
    expect([ready.status, ready.body, ready.headers.connection]).toEqual([503, '{"ok":false,"stopping":true}', 'close'])
    expect((await slow).body).toBe('END Goodbye.')
    await closed
    await expect(web.get('/healthz')).rejects.toThrow('ECONNREFUSED')
    agent.destroy()
  })

  it('rejects a port that is taken', async () => {
    const web = await openWeb()
    const other = await openWeb()
    try {
      await other.server.close()
      await expect(other.server.listen('127.0.0.1', web.port)).rejects.toThrow('EADDRINUSE')
    } finally {
      await web.close()
      await other.close()
    }
  })
})

describe('readiness', () => {
  it('is gone while storage fails, or does not answer', async () => {
    const web = await openWeb({
      ready: async () => {
        throw new Error('no storage')
      },
    })
    try {
      expect((await web.get('/readyz')).status).toBe(503)
      expect((await web.get('/healthz')).body).toBe('{"ok":true}')
    } finally {
      await web.close()
    }
  })
})
