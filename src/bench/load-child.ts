import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { systemClock } from '../base/clock.ts'
import type { Load, Loaded } from './load.ts'

// Plays one Load, read from its input, and prints one Loaded. On bare sockets: a generator that costs as much as the service on the other
// core would measure itself, and autocannon's own ceiling here lies below what bare Koa answers.

type Call = { number: string; session: string; typed: readonly string[]; hop: number }

const load = JSON.parse(await text(process.stdin)) as Load
const { host, hostname, port, pathname } = new URL(load.url)
const run = systemClock.id().slice(-12)
const took: number[] = []
let begun = 0
let wrong = 0
let firstWrong: string | undefined
let over = false

function nextCall(): Call {
  const n = begun++
  const number = load.numbers[n % load.numbers.length] as string
  return {
    number: encodeURIComponent(number),
    session: `${run}-${n}`,
    typed: load.journeys[n % load.journeys.length] ?? [],
    hop: 0,
  }
}

function requestOf({ number, session, typed, hop }: Call): string {
  const body = `sessionId=${session}&phoneNumber=${number}&serviceCode=*483*22262%23&networkCode=63902&text=${typed.slice(1, hop + 1).join('*')}`
  return `POST ${pathname} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

/** A connection plays one call after the other; `due` is when its next hop should leave. */
function openLine(): { ask(due: number): void; idle(): boolean; close(): void } {
  let call = nextCall()
  let due: number | undefined
  let got = ''
  const socket: Socket = connect(Number(port), hostname)
  socket.setNoDelay(true)
  const answered = (status: string, body: string) => {
    took.push(systemClock.ticks() - (due ?? 0))
    due = undefined
    if (status !== '200' || !/^CON ./.test(body)) {
      wrong++
      firstWrong ??= `${status} ${body.slice(0, 200)}`
    }
    call = body.startsWith('CON') && call.hop + 1 < call.typed.length ? { ...call, hop: call.hop + 1 } : nextCall()
    if (begun > (load.calls ?? begun)) over = true
    if (load.perSecond === undefined && !over) line.ask(systemClock.ticks())
  }
  socket.setEncoding('latin1')
  socket.on('data', (part: string) => {
    got += part
    const head = got.indexOf('\r\n\r\n')
    if (head < 0) return
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(got)?.[1] ?? 0)
    if (got.length < head + 4 + length) return
    const [status, body] = [got.slice(9, 12), got.slice(head + 4)]
    got = ''
    answered(status, body)
  })
  const broke = () => {
    due = undefined
    if (over) return
    wrong++
    firstWrong ??= 'a connection broke'
  }
  socket.on('error', broke).on('close', broke)
  const line = {
    ask(at: number) {
      due = at
      socket.write(requestOf(call))
    },
    idle: () => due === undefined,
    close: () => void socket.destroy(),
  }
  return line
}

const lines = Array.from({ length: load.connections }, openLine)
const started = systemClock.ticks()
const until = started + load.seconds * 1_000
if (load.perSecond === undefined) for (const line of lines) line.ask(systemClock.ticks())
else await atEvenDistances(load.perSecond)
while (systemClock.ticks() < until && !over) await systemClock.sleep(Math.min(50, until - systemClock.ticks()))
over = true
const seconds = (systemClock.ticks() - started) / 1_000
// What is still under way is waited for: a hop that never comes back is not left out of the times.
const patience = systemClock.ticks() + 10_000
while (lines.some((line) => !line.idle()) && systemClock.ticks() < patience) await systemClock.sleep(10)
for (const line of lines) {
  if (!line.idle()) {
    wrong++
    firstWrong ??= 'no answer within 10 s'
  }
  line.close()
}
const hops = took.length
took.sort((a, b) => a - b)
const at = (part: number) => took[Math.min(took.length - 1, Math.floor(took.length * part))] ?? 0
const cpu = process.cpuUsage()
const loaded: Loaded = {
  hops,
  perSecond: hops / seconds,
  p50: at(0.5),
  p99: at(0.99),
  worst: took.at(-1) ?? 0,
  wrong,
  ...(firstWrong === undefined ? {} : { firstWrong }),
  cpu: (cpu.user + cpu.system) / 1e6,
}
process.stdout.write(JSON.stringify(loaded))

/** Hops leave when they are due; one that finds no free connection waits, and its waiting counts. */
async function atEvenDistances(perSecond: number): Promise<void> {
  // In turns: a connection that is never used is closed by the service after some seconds.
  let last = 0
  const free = (): (typeof lines)[number] | undefined => {
    const next = lines.findIndex((_, n) => lines[(last + 1 + n) % lines.length]?.idle())
    if (next < 0) return undefined
    last = (last + 1 + next) % lines.length
    return lines[last]
  }
  for (let n = 0; ; n++) {
    const due = started + (n * 1_000) / perSecond
    if (due >= until) return
    while (systemClock.ticks() < due) await systemClock.sleep(Math.max(0, due - systemClock.ticks()))
    for (let line = free(); ; line = free()) {
      if (line) {
        line.ask(due)
        break
      }
      await systemClock.sleep(1)
    }
  }
}
