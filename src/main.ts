import { eq } from 'drizzle-orm'
import type { App } from './app.ts'
import { type Clock, systemClock } from './base/clock.ts'
import { MINUTE } from './base/dates.ts'
import { actions, formats, runKinds } from './catalogue.ts'
import type { Config } from './config.ts'
import { openConsole } from './console/console.ts'
import { loadDemonstration, tryThese } from './demo/load.ts'
import { openAfricasTalking } from './gateway/africastalking/africastalking.ts'
import { startEmulator } from './gateway/emulator/server.ts'
import type { LookUps } from './gateway/gateway.ts'
import type { LetterFacts } from './letters/facts.ts'
import { checkLetter, downloadLetter, lookAt } from './letters/letter.ts'
import { loadLetterhead } from './letters/letterhead.ts'
import { openPress } from './letters/press.ts'
import { twin } from './letters/twin.ts'
import { openLetterWords } from './letters/words.ts'
import { openMetrics } from './metrics.ts'
import { firstAdministratorLink } from './officers/invite.ts'
import { freePort, MENUS, openApp } from './open.ts'
import { askSimSwaps, takeSimSwap } from './people/sim-swap.ts'
import { openPortal } from './portal/portal.ts'
import { openRunner } from './runs/run.ts'
import { startSchedule } from './schedule.ts'
import { simulatorRouter } from './simulator/router.ts'
import { takeInbound } from './sms/inbound.ts'
import { longestWait } from './sms/overview.ts'
import { takeOptOut, takeReport } from './sms/report.ts'
import { openSender } from './sms/sender.ts'
import type { FaceRoute } from './web/face.ts'
import { openServer } from './web/server.ts'
import { openPageWords } from './web/words.ts'

export type Service = {
  url: string
  port: number
  /** Where the stand-in for the gateway listens; undefined with a real one. */
  emulatorUrl: string | undefined
  /** Where the first administrator begins; undefined once there is one. */
  firstAdministratorLink: string | undefined
  app: App
  /** Every route of portal and console, with the rule that guards it. */
  routes: readonly FaceRoute[]
  /** Stops taking work, finishes what is under way, closes everything in reverse. */
  close(): Promise<void>
}

/** Which parts a process has: the doors answer, the work goes on by itself (sending, runs, the schedule, the stand-in for the gateway). */
export type Part = 'whole' | 'doors' | 'work'

/**
 * Starts the parts in order and stops them in reverse. The only file that knows them all.
 * Without a key for Africa's Talking outside production, a local stand-in for it is started too.
 */
export async function serve(
  settings: Config,
  onBroken: (reason: unknown) => void,
  clock: Clock = systemClock,
  part: Part = 'whole',
): Promise<Service> {
  const [doors, work] = [part !== 'work', part !== 'doors']
  const config = settings.port === 0 ? { ...settings, port: await freePort(settings.host) } : settings
  const stops: (() => Promise<unknown>)[] = []
  const closing = async () => {
    for (let stop = stops.pop(); stop; stop = stops.pop()) await stop()
  }
  try {
    const { app, menu, keywords, callbackSecrets, close } = await openApp(config, onBroken, clock)
    stops.push(close)
    if (work && (await wantsDemonstration(app))) await loadDemonstration(app)

    const emulator = work ? await standIn(app) : undefined
    if (emulator) stops.push(() => emulator.close())
    const emulatorUrl = emulator?.url ?? (isLoopback(config.gateway.url) ? config.gateway.url : undefined)
    const metrics = openMetrics(app.store)
    const gateway = openAfricasTalking({
      username: config.gateway.username,
      apiKey: config.gateway.apiKey ?? 'stand-in',
      ...defined({ url: emulator?.url ?? config.gateway.url, senderId: config.gateway.senderId ?? config.shortCode }),
      log: app.log,
    })
    const sender = openSender({
      app,
      gateway,
      perSecond: config.smsPerSecond,
      realGateway: emulatorUrl === undefined,
      onSent: ({ class: kind, segments }) => metrics.segmentsSent.inc({ class: kind }, segments),
      onHeldBack: (why) => metrics.shed.inc({ why: `sms_${why}` }),
    })
    const press = openPress({ workers: 2, shortCode: config.shortCode, ...defined({ letterheadFolder: config.letterhead }) })
    stops.push(() => press.close())

    const pageWords = openPageWords(MENUS)
    const letterWords = openLetterWords()
    const letterhead = loadLetterhead(config.letterhead)
    const faces = { app, actions, words: pageWords, print: (id: string, facts: LetterFacts) => press.print(id, facts) }
    const portal = openPortal(faces)
    const officers = openConsole({ ...faces, menu })
    const inboundDesk = { app, actions, keywords, formats, onUnanswered: () => metrics.shed.inc({ why: 'sms_number' }) }
    const server = openServer({
      app,
      callbackSecrets,
      desk: { app, actions, menu, formats },
      inbound: (form) => takeInbound(inboundDesk, form),
      report: (form) => takeReport(app, form),
      optOut: (form) => takeOptOut(app, form),
      simSwap: (form) => takeSimSwap(app, form),
      letters: {
        look: (code) => lookAt(app, code),
        download: (code, last4) => downloadLetter(app, code, last4),
        check: (code) => checkLetter(app, code),
        print: (id, facts) => press.print(id, facts),
        twin: (facts) => twin(facts, letterWords, letterhead, config.shortCode),
      },
      faces: [portal, officers],
      extra: [
        ...(!config.production && emulatorUrl
          ? [simulatorRouter({ emulatorUrl, serviceCode: config.serviceCode, shortCode: config.shortCode, tryThese })]
          : []),
      ],
      ready: () => readiness(app),
      metrics,
      limits: { drainMs: config.production ? 1_500 : 0 },
    })
    if (doors) await server.listen(config.host, config.port, part === 'doors')
    const host = config.host.includes(':') ? `[${config.host}]` : config.host
    emulator?.setCallbacks({ base: `http://${host}:${config.port}/callbacks/${callbackSecrets[0]}` })
    if (work) sender.start()
    stops.push(() => sender.stop())
    if (doors) stops.push(() => server.close())
    if (work) {
      const runner = openRunner({ app, kinds: runKinds })
      runner.start()
      stops.push(() => runner.stop())
      const schedule = startSchedule(app)
      const lookUps = startLookUps(app, gateway)
      stops.push(() => lookUps.stop())
      stops.push(() => schedule.stop())
    }
    return {
      port: config.port,
      url: app.publicUrl,
      emulatorUrl,
      firstAdministratorLink: work ? await firstAdministratorLink(app) : undefined,
      app,
      routes: [...portal.routes, ...officers.routes],
      close: closing,
    }
  } catch (reason) {
    await closing()
    throw reason
  }
}

const LOOK_MS = 2_000

/** Asks the gateway about SIM cards while there is something to ask; nothing at all where no look-up is configured. */
function startLookUps(app: App, gateway: LookUps): { stop(): Promise<void> } {
  const stopping = new AbortController()
  const asking = (async () => {
    while (app.config.simSwap && !stopping.signal.aborted) {
      await askSimSwaps(app, gateway).catch((reason: unknown) =>
        app.log.error({ err: reason }, 'SIM cards could not be asked about'),
      )
      await app.clock.sleep(LOOK_MS, stopping.signal)
    }
  })()
  return {
    stop() {
      stopping.abort()
      return asking
    },
  }
}

/** Only where asked for, or on an empty database of a development machine. */
async function wantsDemonstration({ config, store }: App): Promise<boolean> {
  if (config.demo === false || (config.production && config.demo === undefined)) return false
  const [loaded] = await store.read.select().from(store.read.facts).where(eq(store.read.facts.name, 'demonstration'))
  if (loaded) return false
  const [someone] = await store.read.select({ id: store.read.people.id }).from(store.read.people).limit(1)
  return someone === undefined
}

async function standIn({ config, clock, log }: App) {
  if (config.production || config.gateway.url || config.gateway.apiKey) return undefined
  return startEmulator({ serviceCode: config.serviceCode, shortCode: config.shortCode, clock, log })
}

function isLoopback(url: string | undefined): boolean {
  return url !== undefined && ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname)
}

/** Ready while storage answers and no one-time password or reply waits for longer than this. */
const STUCK_MS = 10 * MINUTE

async function readiness({ store, clock }: App) {
  await store.ping()
  const ageMs = await longestWait(store.read, clock.now())
  return { ok: ageMs < STUCK_MS, outboxAgeSeconds: Math.round(ageMs / 1000) }
}

/** Leaves out what is undefined: an option that is absent is not one that is undefined. */
function defined<T extends object>(options: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>
  }
}
