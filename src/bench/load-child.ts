import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { systemClock } from '../base/clock.ts'
import type { Load, Loaded, Step } from './load.ts'
import { percentile } from './measure.ts'

// Plays one Load, read from its input, and prints one Loaded. On bare sockets: a generator that costs as much as the service on the other
// core would measure itself, and autocannon's own ceiling here lies below what bare Koa answers.

type Call = { caller: number; session: string; steps: readonly Step[]; hop: number }

const PATIENCE_MS = 10_000
const load = JSON.parse(await text(process.stdin)) as Load
const { host, hostname, port, pathname } = new URL(load.url)
const run = systemClock.id().slice(-12)
const took: number[] = []
const calling = new Set<number>()
let next = load.from ?? 0
let begun = 0
let answers = 0
let inTime = 0
let wrong = 0
let firstWrong: string | undefined
let isOver = false

function amiss(what: string) {
  wrong++
  firstWrong ??= what
}

/** The next who calls; nobody once it is over. */
function nextCall(): Call | undefined {
  if (isOver || begun === load.calls) return undefined
  // A person has one phone: whoever is in a call is passed over.
  while (calling.has(next % load.callers.length)) next++
  const caller = next++ % load.callers.length
  calling.add(caller)
  return { caller, session: `${run}-${begun++}`, steps: load.ways[load.callers[caller]?.way ?? 0] ?? [], hop: 0 }
}

function requestOf({ caller, session, steps, hop }: Call): string {
  const typed = steps.slice(1, hop + 1).map(({ types }) => types)
  const number = encodeURIComponent(load.callers[caller]?.number ?? '')
  const body = `sessionId=${session}&phoneNumber=${number}&serviceCode=*483*22262%23&networkCode=63902&text=${typed.join('*')}`
  return `POST ${pathname} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

/** What is wrong with an answer to this step, where anything is. */
function faultOf(step: Step | undefined, head: string, body: string): string | undefined {
  if (head.slice(9, 12) !== '200' || !/^CON ./.test(body)) return `${head.slice(9, 12)} ${body.slice(0, 200)}`
  if (!load.named) return undefined
  const screen = /\r\nat-ussd-hop-metadata: *(\w+)/i.exec(head)?.[1] ?? 'no screen'
  return step?.reaches.includes(screen) ? undefined : `${screen} in place of ${step?.reaches.join(' or ')}: ${body.slice(0, 200)}`
}

/** A connection plays one call after the other; `due` is when the hop under way should have left. */
function openLine() {
  let call: Call | undefined
  let due: number | undefined
  let isCounted = false
  let got = ''
  const socket: Socket = connect(Number(port), hostname)
  socket.setNoDelay(true)
  const answered = (head: string, body: string) => {
    answers++
    if (!isOver) inTime++
    if (isCounted) took.push(systemClock.ticks() - (due ?? 0))
    due = undefined
    if (!call) return
    const fault = faultOf(call.steps[call.hop], head, body)
    if (fault !== undefined) amiss(fault)
    call.hop++
    if (!body.startsWith('CON') || call.hop === call.steps.length) {
      calling.delete(call.caller)
      call = undefined
    }
    if (load.perSecond === undefined || isOver) line.ask(systemClock.ticks())
  }
  socket.setEncoding('latin1')
  socket.on('data', (part: string) => {
    got += part
    const head = got.indexOf('\r\n\r\n')
    if (head < 0) return
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(got)?.[1] ?? 0)
    if (got.length < head + 4 + length) return
    const whole = got
    got = ''
    answered(whole.slice(0, head), whole.slice(head + 4))
  })
  const broke = () => {
    if (isClosed) return
    isClosed = true
    amiss('a connection broke')
  }
  let isClosed = false
  socket.on('error', broke).on('close', broke)
  const line = {
    /** The next hop of its call, or the first of the next one, as long as anybody calls. */
    ask(at: number) {
      call ??= nextCall()
      if (!call || isClosed) return
      due = at
      isCounted = !isOver
      socket.write(requestOf(call))
    },
    isIdle: () => due === undefined,
    isInCall: () => call !== undefined && !isClosed,
    close() {
      isClosed = true
      socket.destroy()
    },
  }
  return line
}

const lines = Array.from({ length: Math.min(load.connections, load.callers.length) }, openLine)
const isAnyInCall = () => lines.some((line) => line.isInCall())
const started = systemClock.ticks()
const until = started + load.seconds * 1_000
if (load.perSecond === undefined) for (const line of lines) line.ask(systemClock.ticks())
else await atEvenDistances(load.perSecond)
// On a busy machine a short time may hold no answer at all: there is no rate before the first.
while (isAnyInCall() && systemClock.ticks() < (inTime === 0 ? until + PATIENCE_MS : until))
  await systemClock.sleep(Math.max(1, Math.min(50, until - systemClock.ticks())))
isOver = true
const seconds = (systemClock.ticks() - started) / 1_000
// What is under way is waited for: a hop that never comes back is not left out of the times. Whoever is in a call goes on to its end,
// out of the times: the next who measures meets nobody who was cut off.
for (const line of lines) if (line.isIdle()) line.ask(systemClock.ticks())
const patience = systemClock.ticks() + PATIENCE_MS
while (isAnyInCall() && systemClock.ticks() < patience) await systemClock.sleep(10)
for (const line of lines) {
  if (line.isInCall()) amiss('no answer within 10 s')
  line.close()
}
took.sort((a, b) => a - b)
const loaded: Loaded = {
  hops: answers,
  perSecond: inTime / seconds,
  p99: percentile(took, 0.99),
  worst: took.at(-1) ?? 0,
  next: next % load.callers.length,
  wrong,
  ...(firstWrong === undefined ? {} : { firstWrong }),
}
process.stdout.write(JSON.stringify(loaded))

/** Hops leave when they are due; one that finds no free connection waits, and its waiting counts. */
async function atEvenDistances(perSecond: number): Promise<void> {
  // In turns: a connection that is never used is closed by the service after some seconds.
  let last = 0
  const free = (): (typeof lines)[number] | undefined => {
    const next = lines.findIndex((_, n) => lines[(last + 1 + n) % lines.length]?.isIdle())
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
