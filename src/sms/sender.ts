import { and, asc, eq, gt, inArray, isNotNull, lte, ne, notExists, or, sql } from 'drizzle-orm'
import type { App } from '../app.ts'
import { MINUTE } from '../base/dates.ts'
import { isDemonstrationNumber } from '../base/demonstration.ts'
import type { Gateway, SendResult } from '../gateway/gateway.ts'
import { claiming } from '../store/claim.ts'
import { openRole, type RoleTimes } from '../store/role.ts'
import type { MessageClass } from '../store/schema.ts'
import { once, type Read, type Tx } from '../store/store.ts'
import { notSent, overCap, SMS_CAPS, type SmsCaps } from './caps.ts'
import { LAST_RANK, lastAwake } from './classes.ts'
import { bodyPlace } from './outbox.ts'
import { openPace } from './pace.ts'
import { settle } from './settle.ts'

export type Sender = {
  start(): void
  /** Finishes what is on the wire, claims nothing more. */
  stop(): Promise<void>
  /** Resolves when nothing is due or on the wire any more. For tests and commands. */
  idle(): Promise<void>
}

type Row = Tx['outbox']['$inferSelect']
type Options = {
  app: App
  gateway: Gateway
  /** Never more than so many in any 1,000 ms, over all processes on one database together. */
  perSecond: number
  /** Posts under way at once. */
  lanes?: number
  /** With a stand-in nobody is woken and nobody is real: quiet hours do not hold, and demonstration numbers get messages. */
  realGateway: boolean
  /** Told of every message that the gateway accepted. */
  onSent?: (message: { class: MessageClass; segments: number }) => void
  /** Told of every message that is not sent because its number, range or day has had enough. */
  onHeldBack?: (why: keyof SmsCaps) => void
  caps?: SmsCaps
  /** One process sends for all; how long until another may take over from one that died. */
  times?: RoleTimes
}

const POLL_MS = 200
/** Longer than the gateway may take, so that a lease that ran out means that its process died. */
const LEASE_MS = 60_000
/** The grace is as long as a post may take on its way, and a second. */
const TIMES: RoleTimes = { holdMs: 5_000, graceMs: 11_000 }
const PAUSES_MS = [1_000, 5_000, 30_000, 5 * MINUTE]

/**
 * Takes messages out of the outbox, one-time passwords first, and hands them to the gateway: claim, wire, settle, each durable before the
 * next. Of all processes on one database one does so at a time; the others stand by.
 */
export function openSender({ caps = SMS_CAPS, times = TIMES, ...options }: Options): Sender {
  const { app, gateway, perSecond, lanes = 32, realGateway, onSent, onHeldBack } = options
  const stopping = new AbortController()
  const pace = openPace(app.clock, perSecond)
  const role = openRole(app, 'sending', times)
  const wire = new Set<Promise<void>>()
  let pausedFor = 0
  let pauses = 0
  let running: Promise<void> | undefined
  /** How often there was nothing to claim. */
  let dry = 0
  let idling = 0

  async function run() {
    while (!stopping.signal.aborted) {
      try {
        await round()
      } catch (reason) {
        app.log.error({ err: reason }, 'the sender could not reach the outbox')
        await app.clock.sleep(1_000, stopping.signal)
      }
    }
    await Promise.all(wire)
    await role.leave().catch((reason: unknown) => app.log.error({ err: reason }, 'sending could not be given back'))
  }

  async function round() {
    if (pausedFor > 0) {
      await app.clock.sleep(pausedFor, stopping.signal)
      pausedFor = 0
      return
    }
    if (wire.size >= lanes) return Promise.race(wire)
    // No further ahead than half a second, so that a one-time password overtakes what is still in the outbox.
    const room = Math.min(lanes - wire.size, Math.ceil(perSecond / 2))
    const did = await role.work((tx) => claimWithin(tx, room))
    if (!did) return standBy()
    if (did.anew) pace.fill()
    const { claimed, heldBack } = did.value
    for (const why of heldBack) onHeldBack?.(why)
    for (const [place, row] of claimed.entries())
      await handOver(row).catch(async (reason: unknown) => {
        // The others of this claim surely were not sent: they go back now, not when their lease runs out as 'perhaps sent'.
        await Promise.allSettled(claimed.slice(place).map((each) => release(app, each, caps)))
        throw reason
      })
    if (claimed.length + heldBack.length > 0) return
    dry++
    await app.clock.sleep(POLL_MS, stopping.signal)
  }

  async function standBy() {
    // Another process has the role; nothing to do means that it, too, has nothing to claim.
    if (idling > 0 && !(await somethingDue(app, realGateway))) dry++
    await app.clock.sleep(POLL_MS, stopping.signal)
  }

  /** Counted where messages leave, a try each time: whatever brought it here, and however often it is tried again. */
  async function claimWithin(tx: Tx, room: number) {
    const at = app.clock.now()
    const heldBack: (keyof SmsCaps)[] = []
    const claimed: Row[] = []
    for (const row of await claim(tx, at, room, realGateway)) {
      const why = await overCap(tx, at, row, caps)
      if (why === undefined) claimed.push(row)
      else {
        heldBack.push(why)
        await settle(tx, app, row, { outcome: 'refused', reason: `cap_${why}`, optedOut: false }, at)
      }
    }
    return { claimed, heldBack }
  }

  async function handOver(row: Row) {
    // Claimed but not sent: the lease is given back, not left to run out as 'perhaps sent'.
    if (!mayBegin()) return release(app, row, caps)
    await gateway.ready?.()
    const answered = await pace.turn(stopping.signal)
    if (!mayBegin()) {
      answered()
      return release(app, row, caps)
    }
    const sending = send(row, answered)
      .catch((reason: unknown) => app.log.error({ err: reason, message: row.id }, 'a message was not settled'))
      .finally(() => wire.delete(sending))
    wire.add(sending)
  }

  /** By now another process may be sending, where this one slept. */
  const mayBegin = () => !stopping.signal.aborted && pausedFor === 0 && role.stands()

  async function send(row: Row, answered: () => void) {
    let tooLate = false
    const mayGo = () => {
      tooLate ||= !role.stands()
      return !tooLate
    }
    const result = await handedTo(row, mayGo).finally(answered)
    if (tooLate) return release(app, row, caps)
    if (result.outcome === 'accepted') {
      pauses = 0
      onSent?.(row)
    }
    if (result.outcome === 'operator') pause(result.reason)
    await app.store.work(row.msisdn, (tx) => settle(tx, app, row, result, app.clock.now()))
  }

  async function handedTo(row: Row, mayGo: () => boolean): Promise<SendResult> {
    if (realGateway && isDemonstrationNumber(row.msisdn)) return { outcome: 'refused', reason: 'demonstration', optedOut: false }
    const text = app.keyring.open(bodyPlace(row.id), row.bodySealed)
    return gateway.send({ to: row.msisdn, text, bulk: row.class === 'bulk', mayGo })
  }

  /** What was on the wire together fails together: that is one pause, not a longer one for each. */
  function pause(reason: string) {
    if (pausedFor > 0) return
    pausedFor = PAUSES_MS[Math.min(pauses++, PAUSES_MS.length - 1)] ?? 0
    app.log.error({ reason, pauseMs: pausedFor }, 'the gateway account needs mending; sending pauses')
  }

  return {
    start() {
      running ??= run()
    },
    async stop() {
      stopping.abort()
      await running
    },
    async idle() {
      // The round that is under way may have looked before the last message was written: the one after it has not.
      idling++
      const enough = dry + 2
      do await app.clock.sleep(POLL_MS / 4)
      while (dry < enough || wire.size > 0)
      idling--
    },
  }
}

/** Takes what is due, in order of class and age, and counts the try before anything goes on the wire. What is too old is left for the sweep. */
async function claim(tx: Tx, at: number, most: number, quietHours: boolean): Promise<Row[]> {
  const { outbox } = tx
  const rows = await due(tx, { ...dueAt(at, quietHours), most })
  if (rows.length === 0) return []
  const taken = { status: 'sending', leaseUntil: at + LEASE_MS, changedAt: at } as const
  const ids = rows.map(({ id }) => id)
  await tx
    .update(outbox)
    .set({ ...taken, tries: sql`${outbox.tries} + 1` })
    .where(inArray(outbox.id, ids))
  return rows.map((row) => ({ ...row, ...taken, tries: row.tries + 1 }))
}

type Due = { at: number; past: number; rank: number }
/** `rank`: how far down the classes may go now. */
const dueAt = (at: number, quietHours: boolean): Due => ({
  at,
  // One that was changed in the future has seen the wall clock set back: by the old clock it would wait all that time.
  past: at + MINUTE,
  rank: quietHours ? lastAwake(at) : LAST_RANK,
})

const due = once<Due & { most: number }, Row[]>('due', (tx, hole) => {
  const { outbox } = tx
  return claiming(tx.select().from(outbox).where(isDue(tx, hole)).orderBy(asc(outbox.rank), asc(outbox.dueAt)).limit(hole.most))
})

async function somethingDue({ store: { read }, clock }: App, quietHours: boolean): Promise<boolean> {
  const { outbox } = read
  const first = await read
    .select({ id: outbox.id })
    .from(outbox)
    .where(isDue(read, dueAt(clock.now(), quietHours)))
    .limit(1)
  return first.length > 0
}

function isDue(on: Pick<Read, 'select' | 'outbox' | 'subscribers'>, { at, past, rank }: Due) {
  const { outbox, subscribers } = on
  // STOP may have come after the message was written: it holds here, where messages leave.
  const stopped = on
    .select({ msisdn: subscribers.msisdn })
    .from(subscribers)
    .where(and(eq(subscribers.msisdn, outbox.msisdn), isNotNull(subscribers.stoppedAt)))
  return and(
    eq(outbox.status, 'queued'),
    lte(outbox.rank, rank),
    or(lte(outbox.dueAt, at), gt(outbox.changedAt, past)),
    gt(outbox.expiresAt, at),
    or(ne(outbox.class, 'bulk'), notExists(stopped)),
  )
}

/** Another may have claimed it since, where this process slept. */
async function release({ store, clock }: App, row: Row, caps: SmsCaps): Promise<void> {
  await store.work(row.msisdn, async (tx) => {
    const at = clock.now()
    const released = await tx
      .update(tx.outbox)
      .set({ status: 'queued', leaseUntil: 0, tries: row.tries - 1, changedAt: at })
      .where(and(eq(tx.outbox.id, row.id), eq(tx.outbox.tries, row.tries), eq(tx.outbox.status, 'sending')))
      .returning({ id: tx.outbox.id })
    if (released.length > 0) await notSent(tx, at, row, caps)
  })
}
