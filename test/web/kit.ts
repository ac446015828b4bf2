import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { action, type Catalogue, done } from '../../src/action.ts'
import type { App } from '../../src/app.ts'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { Fault } from '../../src/base/fault.ts'
import { openLog } from '../../src/base/log.ts'
import { readConfig } from '../../src/config.ts'
import { openMetrics } from '../../src/metrics.ts'
import { openKeyring } from '../../src/security/keyring.ts'
import { openStore } from '../../src/store/open.ts'
import { readPhrasebook } from '../../src/text/phrasebook.ts'
import type { Problem } from '../../src/text/source.ts'
import { readMenu } from '../../src/ussd/menu.ts'
import type { Letters } from '../../src/web/letters.ts'
import { openServer, type ServerParts } from '../../src/web/server.ts'

export const SECRETS = ['first-secret-of-the-gateway', 'second-secret-of-the-gateway'] as const
export const PHONE = '+254712000001'
/** Codes that the letters below know; everything else is forged. */
export const CODES = { good: '7K4M-2QXD-9FTR-0VHB', gone: '7K4M-2QXD-9FTR-0VHC', revoked: '7K4M-2QXD-9FTR-0VHD' } as const
export const REFERENCE = 'KCSE/INV/2026/0001234'
export const NAME = 'Wanjiru <b>K.'

/** What a failing action holds in its message, and a log must never. */
export const CANARY = 'Kwamboka Nyaboke'

export type Seen = {
  forms: Record<'sms' | 'delivery' | 'opt-out' | 'sim-swap', Record<string, string>[]>
  downloads: string[]
  lines: string[]
  looks: number
}

type On = { databaseUrl?: string; clock?: Clock; environment?: Record<string, string> }

/**
 * The HTTP side on a free port with a real store, keyring, phrasebook and USSD engine. Plain functions stand for what is tested in
 * rooms of its own: the letters, and what becomes of an SMS.
 */
export async function openWeb(given: Partial<ServerParts<string>> = {}, on: On = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'wito-web-'))
  const seen: Seen = { forms: { sms: [], delivery: [], 'opt-out': [], 'sim-swap': [] }, downloads: [], lines: [], looks: 0 }
  const store = await openStore(on.databaseUrl ?? `file:${folder}/wito.db`)
  const key = (fill: number) => Buffer.alloc(32, fill).toString('base64')
  const config = readConfig({ NODE_ENV: 'test', SHORT_CODE: '22262', SERVICE_CODE: '*483*22262#', ...on.environment })
  const problems: Problem[] = []
  const phrases = readPhrasebook('menus', { short_code: config.shortCode, service_code: config.serviceCode }, problems)
  const menu = readMenu('test/web/menu', problems)
  if (problems.length > 0) throw new Error(JSON.stringify(problems))
  let goOn: () => void = () => undefined
  const waits = new Promise<void>((resolve) => {
    goOn = resolve
  })
  const keyring = openKeyring({ secretKeys: `k1:${key(1)}`, indexKey: key(2), pepper: key(3) })
  const log = openLog('info', { write: (line) => void seen.lines.push(line) })
  const app = {
    config,
    clock: on.clock ?? systemClock,
    keyring,
    phrases,
    publicUrl: 'http://localhost',
    store,
    log,
  } as unknown as App
  const metrics = openMetrics(store)
  const metricOf = async (name: string) => (await metrics.registry.getSingleMetric(name)?.get())?.values ?? []
  const server = openServer<string>({
    app,
    callbackSecrets: SECRETS,
    desk: { app, actions: actionsOf(waits), menu, formats: {} },
    inbound: taking(seen, 'sms'),
    report: taking(seen, 'delivery'),
    optOut: taking(seen, 'opt-out'),
    simSwap: taking(seen, 'sim-swap'),
    letters: lettersFor(seen),
    ready: async () => {
      await store.ping()
      return { ok: true }
    },
    metrics,
    ...given,
  })
  const { port } = await server.listen('127.0.0.1', 0)
  const base = `http://127.0.0.1:${port}`
  return {
    base,
    port,
    seen,
    store,
    server,
    metricOf,
    /** Lets the action of `waiting` finish. */
    goOn: () => goOn(),
    get: (path: string, headers: Record<string, string> = {}) => send(base, 'GET', path, undefined, headers),
    post: (path: string, body: string | Record<string, string>, headers: Record<string, string> = {}) =>
      send(base, 'POST', path, typeof body === 'string' ? body : String(new URLSearchParams(body)), headers),
    send: (method: string, path: string, body?: string, headers: Record<string, string> = {}) =>
      send(base, method, path, body, headers),
    async close() {
      goOn()
      await server.close()
      await store.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
export type Web = Awaited<ReturnType<typeof openWeb>>

export type Answer = { status: number; headers: Record<string, string | string[] | undefined>; body: string; bytes: Buffer }

/** One request exactly as given: no client of ours mends paths or adds headers. */
export function send(
  base: string,
  method: string,
  path: string,
  body?: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(base)
    const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }
    const length: Record<string, string> = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const sent = request(
      { hostname, port, method, path, headers: { ...type, ...length, ...headers }, agent: false },
      (answer) => {
        const parts: Buffer[] = []
        answer.on('data', (part: Buffer) => parts.push(part))
        answer.on('end', () => {
          const bytes = Buffer.concat(parts)
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: bytes.toString(), bytes })
        })
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

/** The five fields of a step. */
export const step = (text: string, more: Record<string, string> = {}) => ({
  sessionId: 'ATUid_00000000000000000000000000000001',
  phoneNumber: PHONE,
  networkCode: '63902',
  serviceCode: '*483*22262#',
  text,
  ...more,
})

function actionsOf(waits: Promise<void>): Catalogue {
  const nothing = z.object({})
  const plain = { who: 'anyone', input: nothing, refusals: [], gives: [] } as const
  return {
    'test.fail': action({
      ...plain,
      apply: async () => {
        throw new Error(`nothing works for ${CANARY} of ${PHONE}`)
      },
    }),
    'test.full': action({
      ...plain,
      apply: async () => {
        throw new Fault('storage_full', 'the disk is full')
      },
    }),
    'test.wait': action({ ...plain, gather: () => waits, apply: async () => done() }),
  }
}

function taking(seen: Seen, kind: keyof Seen['forms']) {
  return async (form: Readonly<Record<string, string>>) => {
    if (Object.values(form).includes('malformed')) throw new Fault('bad_request', 'not what this takes')
    if (Object.values(form).includes('full')) throw new Fault('storage_full', 'the disk is full')
    if (Object.values(form).includes('broken')) throw new Error(`broken by ${CANARY}`)
    seen.forms[kind].push({ ...form })
  }
}

/** Letters as the pages see them: one good link, one used up, one revoked letter. */
function lettersFor(seen: Seen): Letters<string> {
  const bare = (code: string) => code.toUpperCase().replaceAll('-', '')
  const is = (code: string, name: keyof typeof CODES) => bare(code) === bare(CODES[name])
  const gone = (code: string) => (is(code, 'gone') ? 'used_up' : is(code, 'revoked') ? 'revoked' : 'unknown')
  return {
    async look(code) {
      seen.looks += 1
      if (is(code, 'good')) return { open: { downloadsLeft: 5, until: Date.parse('2026-11-05T00:00:00+03:00') } }
      return { refused: gone(code) }
    },
    async download(code, last4) {
      if (!is(code, 'good')) return { refused: gone(code) }
      if (last4 !== '4321') return { refused: 'wrong', triesLeft: 9 }
      seen.downloads.push(code)
      return { letter: { id: 'letter-1', reference: REFERENCE, facts: 'the facts' } }
    },
    async check(code) {
      if (is(code, 'revoked')) return { refused: 'revoked' }
      if (!is(code, 'good')) return { refused: 'unknown' }
      return {
        genuine: {
          name: NAME,
          role: 'invigilator',
          station: 'Kogelo',
          startsOn: '2026-11-02',
          endsOn: '2026-11-20',
          reference: REFERENCE,
        },
      }
    },
    print: async (_, facts) => Buffer.from(`%PDF-1.7 ${facts}`),
    twin: (facts) => `<h1>${facts}</h1>`,
  }
}
