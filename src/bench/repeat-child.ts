import { connect } from 'node:net'
import { json } from 'node:stream/consumers'
import { systemClock } from '../base/clock.ts'
import type { Repeat, Repeated } from './repeat.ts'

// Plays one Repeat, read from its input, and prints one Repeated. On bare sockets, as load-child.ts.
const { url, requests, connections, seconds, begins } = (await json(process.stdin)) as Repeat
const { host, hostname, port } = new URL(url)
const wires = requests.map(({ method, path, body = '' }) =>
  method === 'GET'
    ? `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`
    : `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
)
let asked = 0
let answers = 0
let wrong = 0
let firstWrong: string | undefined
let over = false

function openLine() {
  let got = ''
  /** Bytes of the body that are still to come; undefined before its head is whole. */
  let left: number | undefined
  let isBusy = false
  const socket = connect(Number(port), hostname)
  socket.setNoDelay(true)
  socket.setEncoding('latin1')
  const ask = () => {
    got = ''
    left = undefined
    isBusy = true
    socket.write(wires[asked++ % wires.length] ?? '')
  }
  const amiss = (what: string) => {
    wrong++
    firstWrong ??= what
  }
  socket.on('data', (part: string) => {
    if (left === undefined) {
      got += part
      const head = got.indexOf('\r\n\r\n')
      if (head < 0) return
      left = Number(/\r\ncontent-length: *(\d+)/i.exec(got)?.[1] ?? 0) - (got.length - head - 4)
      // A body may begin after its head.
      if (left > 0 && got.length - head - 4 < begins.length) {
        left = undefined
        return
      }
      if (!got.startsWith('HTTP/1.1 200 ') || !got.startsWith(begins, head + 4)) amiss(got.slice(0, 200))
    } else left -= part.length
    if (left > 0) return
    isBusy = false
    if (over) return
    answers++
    ask()
  })
  const broke = () => {
    if (over && !isBusy) return
    isBusy = false
    amiss('a connection broke')
  }
  socket.on('error', broke).on('close', broke)
  ask()
  return { isIdle: () => !isBusy, close: () => void socket.destroy(), amiss }
}

const started = systemClock.ticks()
const lines = Array.from({ length: connections }, openLine)
await systemClock.sleep(seconds * 1_000)
const patience = systemClock.ticks() + 10_000
// On a busy machine a short time may hold no answer at all: there is no rate before the first.
while (answers === 0 && wrong === 0 && systemClock.ticks() < patience) await systemClock.sleep(10)
over = true
const took = (systemClock.ticks() - started) / 1_000
while (lines.some((line) => !line.isIdle()) && systemClock.ticks() < patience) await systemClock.sleep(10)
for (const line of lines) {
  if (!line.isIdle()) line.amiss('no answer within 10 s')
  line.close()
}
const done: Repeated = { answers, perSecond: answers / took, wrong, ...(firstWrong === undefined ? {} : { firstWrong }) }
process.stdout.write(JSON.stringify(done))
