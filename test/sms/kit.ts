import { asc, eq } from 'drizzle-orm'
import { onTestFinished } from 'vitest'
import type { App } from '../../src/app.ts'
import type { Clock } from '../../src/base/clock.ts'
import { DAY, HOUR, nairobiDay, startOfDay } from '../../src/base/dates.ts'
import { openLog } from '../../src/base/log.ts'
import type { Msisdn } from '../../src/base/msisdn.ts'
import { openAfricasTalking } from '../../src/gateway/africastalking/africastalking.ts'
import type { EmulatorOptions } from '../../src/gateway/emulator/server.ts'
import type { Gateway } from '../../src/gateway/gateway.ts'
import { bodyPlace, write } from '../../src/sms/outbox.ts'
import { openSender } from '../../src/sms/sender.ts'
import type { MessageClass } from '../../src/store/schema.ts'
import { emulate, KEY } from '../gateway/kit.ts'
import { openDesk } from '../kit/desk.ts'

/** A made-up number outside the demonstration block. */
export const number = (n: number) => `+2547110${String(n).padStart(5, '0')}` as Msisdn
export const ASHA = number(1)

type SenderOptions = Partial<Parameters<typeof openSender>[0]>

/** Sleeps for 5 ms at most and remembers how long was asked for: pauses and polls in no time, the order of things as it is. */
export function hurried(clock: Clock): Clock & { naps: number[] } {
  const naps: number[] = []
  const sleep = (ms: number, signal?: AbortSignal) => {
    naps.push(ms)
    return clock.sleep(Math.min(ms, 5), signal)
  }
  return { ...clock, sleep, naps }
}

/** An outbox, a sender and the stand-in for the gateway behind the real SDK; all of it ends with the test. */
export async function openQueue(options: { databaseUrl?: string; timeoutMs?: number; emulator?: Partial<EmulatorOptions> } = {}) {
  const { app, clock, close, keywords } = await openDesk(options)
  const { desk: emulator, url } = await emulate(options.emulator)
  const gateway = openAfricasTalking({
    username: 'wito',
    apiKey: KEY,
    url,
    timeoutMs: options.timeoutMs ?? 5_000,
    log: openLog('silent'),
  })
  const senders: ReturnType<typeof openSender>[] = []
  onTestFinished(async () => {
    await Promise.all(senders.map((sender) => sender.stop()))
    await close()
  })
  let written = 0
  return {
    app,
    clock,
    keywords,
    emulator,
    gateway,
    url,
    databaseUrl: app.config.databaseUrl,
    /** A sender that does not wait in earnest, with any option replaced; started, and stopped with the test. */
    sender(given: SenderOptions = {}) {
      const quick = hurried(app.clock)
      // Another takes over soon from one that died.
      const times = { holdMs: 5_000, graceMs: 200 }
      const sender = openSender({ app: { ...app, clock: quick }, gateway, perSecond: 1_000, realGateway: false, times, ...given })
      senders.push(sender)
      sender.start()
      return { ...sender, naps: quick.naps }
    },
    /** Writes a message and returns its row's id; undefined where it was not written. */
    async write(kind: MessageClass, to: Msisdn = ASHA, text = 'Made-up words', dedupe = `test:${++written}`) {
      await app.store.work(to, (tx) =>
        write({ tx, at: app.clock.now(), tools: app }, { to, language: 'en', class: kind, dedupe }, text),
      )
      const [row] = await app.store.read.select().from(app.store.read.outbox).where(eq(app.store.read.outbox.dedupe, dedupe))
      return row?.id
    },
    row: async (id: string | undefined) => onlyRow(app, id),
    rows: () => app.store.read.select().from(app.store.read.outbox).orderBy(asc(app.store.read.outbox.createdAt)),
    body: async (id: string | undefined) => {
      const row = await onlyRow(app, id)
      return app.keyring.open(bodyPlace(row.id), row.bodySealed)
    },
    /** The texts that the gateway took, in the order they came. */
    taken: async () => (await emulator.messages()).map(({ text }) => text),
    /** Moves the wall clock to the next time that Nairobi's shows `hour` (24 hours, fractions too). */
    toHour(hour: number) {
      const now = clock.now()
      const today = startOfDay(nairobiDay(now)) + hour * HOUR
      clock.move((today > now ? today : today + DAY) - now)
    },
  }
}

export type Queue = Awaited<ReturnType<typeof openQueue>>

async function onlyRow({ store }: App, id: string | undefined) {
  const [row] = await store.read
    .select()
    .from(store.read.outbox)
    .where(eq(store.read.outbox.id, id ?? ''))
  if (!row) throw new Error('there is no such message')
  return row
}

/** A gateway that is held: it takes what is sent at once, and answers when it is let go, at the latest when the test ends. */
export function held(real: Gateway) {
  let waiting = 0
  let came: () => void = () => undefined
  let letGo: () => void = () => undefined
  const free = new Promise<void>((resolve) => {
    letGo = resolve
  })
  onTestFinished(() => letGo())
  const gateway: Gateway = {
    async send(message) {
      const result = await real.send(message)
      waiting++
      came()
      await free
      return result
    },
  }
  return {
    gateway,
    letGo: () => letGo(),
    /** Resolves when `count` messages wait for their answers. */
    async until(count: number) {
      while (waiting < count)
        await new Promise<void>((resolve) => {
          came = resolve
        })
    },
  }
}
