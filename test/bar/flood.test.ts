import { connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { chanceOf } from '../kit/chance.ts'
import { CALLBACK_SECRET, startChild } from '../kit/child.ts'
import { openWeb, SECRETS, step } from '../web/kit.ts'
import { type Hostile, hostile } from './hostile.ts'
import { size, tried } from './row.ts'

let service: Awaited<ReturnType<typeof startChild>>
beforeAll(async () => {
  service = await startChild()
})
afterAll(() => service.stop())

/** Whoever a row of tests leaves behind: alive, in its bounds, and still of use. */
async function expectSound() {
  expect(service.isRunning(), service.said()).toBe(true)
  expect((await fetch(`${service.url}/healthz`)).status).toBe(200)
  expect(await dial(service.port, 'ATUid_sound')).toMatch(/200 OK[\s\S]*\r\n\r\n(CON|END) /)
  const peak = service.peakMb()
  if (peak !== undefined) expect(peak).toBeLessThan(300)
  return peak === undefined ? 'memory unknown here' : `${Math.round(peak)} MB at most`
}

const reach = (port: number): Socket => connect(port, '127.0.0.1').on('error', () => undefined)

/** Waits for an end of any kind: being reset is one, too. */
const closing = (socket: Socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()))

/** Everything that a socket gets until the other side closes it. */
async function allOf(socket: Socket): Promise<string> {
  let came = ''
  socket.on('data', (part: Buffer) => {
    came += part.toString('latin1')
  })
  if (!socket.closed) await closing(socket)
  return came
}

const hopOf = (sessionId: string, phoneNumber: string) => {
  const form = String(new URLSearchParams({ sessionId, phoneNumber, networkCode: '63902', serviceCode: '*483*22262#', text: '' }))
  return `POST /callbacks/${CALLBACK_SECRET}/ussd HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${form.length}\r\n\r\n${form}`
}

function dial(port: number, sessionId: string): Promise<string> {
  const socket = reach(port)
  socket.write(hopOf(sessionId, '+254711000001'))
  return allOf(socket)
}

test('more calls than it may have under way: what is beyond the bound is turned away at once and politely, the others are answered', async (context) => {
  const [bound, calls] = [100, size({ quick: 500, full: 1_500 })]
  const web = await openWeb({ limits: { underWay: bound, deadlineMs: 60_000 } })
  onTestFinished(() => web.close())
  let turnedAway = 0
  // The step `5` waits until it is let go.
  const answers = Array.from({ length: calls }, async (_, n) => {
    const who = { sessionId: `ATUid_${n}`, phoneNumber: `+2547110${String(n).padStart(5, '0')}` }
    const { status, body } = await web.post(`/callbacks/${SECRETS[0]}/ussd`, step('5', who))
    if (body.startsWith('END Many people are calling now')) turnedAway++
    return `${status} ${body.split('.')[0]}`
  })
  await expect.poll(() => turnedAway, { timeout: 50_000, interval: 20 }).toBe(calls - bound)
  web.goOn()
  const kinds = new Set(await Promise.all(answers))
  expect([...kinds].sort()).toEqual(['200 END Goodbye', '200 END Many people are calling now'])
  tried(context, `${calls} calls at one moment where ${bound} may be under way: ${turnedAway} turned away`)
}, 60_000)

test('ten times the load while another process holds the storage: every call is answered politely', async (context) => {
  const calls = size({ quick: 600, full: 3_500 })
  const holder = new Database(service.file)
  const answers: Promise<string>[] = []
  try {
    holder.exec('begin immediate')
    // Some hundred after the others: the line before the door is not what is tried here.
    while (answers.length < calls) {
      const some = Array.from({ length: Math.min(200, calls - answers.length) }, () => reach(service.port))
      for (const socket of some) {
        socket.write(hopOf(`ATUid_flood_${answers.length}`, `+2547110${String(answers.length).padStart(5, '0')}`))
        answers.push(allOf(socket))
      }
      await Promise.all(some.map((socket) => new Promise((connected) => socket.once('connect', connected))))
    }
    await wait(500)
    holder.exec('rollback')
  } finally {
    holder.close()
  }
  const odd = (await Promise.all(answers)).filter((answer) => !/^HTTP\/1\.1 200 OK[\s\S]*\r\n\r\n(CON|END) /.test(answer))
  expect(odd).toEqual([])
  tried(context, `${calls} calls at one moment on a held storage, all answered; ${await expectSound()}`)
}, 60_000)

test('500 slow sockets are closed within 6 s', async (context) => {
  const starts = [
    '',
    'POST /',
    'GET / HTTP/1.1\r\nHost: x\r\nX-Slow:',
    `POST /callbacks/${CALLBACK_SECRET}/ussd HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 500\r\n\r\ntext=`,
    `POST /callbacks/${CALLBACK_SECRET}/sms HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 5000\r\n\r\n--x`,
    'POST /nowhere HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab',
  ]
  const started = performance.now()
  const closed = Array.from({ length: 500 }, async (_, n) => {
    const socket = reach(service.port)
    socket.write(starts[n % starts.length] ?? '')
    // A letter every now and then does not help.
    const drip = setInterval(() => socket.writable && socket.write(n % starts.length === 0 ? '' : 'a'), 700)
    await allOf(socket)
    clearInterval(drip)
    return performance.now() - started
  })
  let open = true
  const all = Promise.all(closed).finally(() => {
    open = false
  })
  // Meanwhile others are served; what this machine is late with a plain answer it is late with closing, too.
  let late = 0
  while (open) {
    const asked = performance.now()
    expect((await fetch(`${service.url}/healthz`)).status).toBe(200)
    late = Math.max(late, performance.now() - asked)
    await wait(200)
  }
  const last = Math.max(...(await all))
  expect(last).toBeLessThan(7_000 + 5 * late)
  tried(context, `500 slow sockets, the last closed after ${(last / 1_000).toFixed(1)} s`)
}, 60_000)

/** Sends one after the other on connections that are kept while the service keeps them; gives the status of each, 0 where it only closed. */
async function lane(requests: readonly Hostile[], seen: (request: Hostile, status: number, text: string) => void) {
  let socket: Socket | undefined
  for (const request of requests) {
    if (!socket || socket.destroyed || !socket.writable) socket = reach(service.port)
    const mine: Socket = socket
    const text = await new Promise<string>((resolve) => {
      let came = ''
      const over = () => {
        mine.off('data', take).off('close', over)
        resolve(came)
      }
      const take = (part: Buffer) => {
        came += part.toString('latin1')
        const [, length] = /content-length: (\d+)/i.exec(came) ?? []
        const at = came.indexOf('\r\n\r\n')
        if (at >= 0 && length !== undefined && came.length >= at + 4 + Number(length)) over()
      }
      mine.on('data', take).on('close', over)
      mine.write(request.bytes)
    })
    seen(request, Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), text)
    if (!request.whole || request.tooLong || /connection: close/i.test(text)) {
      mine.destroy()
      socket = undefined
    }
  }
}

test('hostile bodies: refused or answered politely, never a 5xx but a polite 503, never a crash', async (context) => {
  const bodies = size({ quick: 2_000, full: 50_000 })
  const lanes = 24
  const statuses = new Map<number, number>()
  const wrong: string[] = []
  const seen = ({ event, tooLong, whole, bytes }: Hostile, status: number, text: string) => {
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
    const polite = status < 500 || (status === 503 && /retry-after: 30/i.test(text))
    // A socket that was closed on garbage has said enough; on a whole request it has not.
    const answered = status > 0 || !whole || tooLong
    const spoken = event !== 'ussd' || !whole || status === 0 || /\r\n\r\n(CON|END) /.test(text)
    const refused = !tooLong || event.startsWith('ussd') || status === 413 || status === 0
    if (!(polite && answered && spoken && refused))
      wrong.push(`${event}: ${status} for ${bytes.toString('latin1').slice(0, 300)}`)
  }
  await Promise.all(
    Array.from({ length: lanes }, (_, n) => {
      const chance = chanceOf(n + 1)
      const requests = { length: Math.ceil(bodies / lanes) }
      return lane(
        Array.from(requests, () => hostile(chance, CALLBACK_SECRET)),
        seen,
      )
    }),
  )
  expect(wrong.slice(0, 5)).toEqual([])
  const counted = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${count} × ${status || 'closed'}`)
  tried(context, `${bodies} hostile bodies: ${counted.join(', ')}; ${await expectSound()}`)
}, 300_000)

test('bodies of 50 MB are not kept', async (context) => {
  const much = Buffer.alloc(1 << 20, 'x')
  await Promise.all(
    Array.from({ length: 8 }, async (_, n) => {
      const socket = reach(service.port)
      const closed = allOf(socket)
      const kind = n % 2 === 0 ? 'sms' : 'ussd'
      socket.write(
        `POST /callbacks/${CALLBACK_SECRET}/${kind} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n`,
      )
      for (let sent = 0; sent < 50 && socket.writable; sent++) {
        socket.write('100000\r\n')
        socket.write(much)
        if (!socket.write('\r\n')) await Promise.race([new Promise((drained) => socket.once('drain', drained)), closed])
      }
      socket.end()
      await closed
    }),
  )
  tried(context, `8 bodies of 50 MB at once; ${await expectSound()}`)
}, 60_000)
