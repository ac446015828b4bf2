import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { Client } from 'pg'
import { expect } from 'vitest'
import { systemClock } from '../../../src/base/clock.ts'
import { freePort } from '../../../src/open.ts'
import { openKeyring } from '../../../src/security/keyring.ts'
import { type Answer, send } from '../../web/kit.ts'

const WITO = new URL('../../../src/cli/wito.js', import.meta.url).pathname
const STANDBY = new URL('./standby.ts', import.meta.url).pathname
const CALLBACK_SECRET = 'test-test-test-test-test-test'
const keys = {
  secretKeys: `a:${Buffer.alloc(32, 1).toString('base64')}`,
  indexKey: Buffer.alloc(32, 2).toString('base64'),
  pepper: Buffer.alloc(32, 3).toString('base64'),
}

/** The keys of every service here, as its settings. */
export const KEYS = { SECRET_KEYS: keys.secretKeys, INDEX_KEY: keys.indexKey, PEPPER: keys.pepper }

/** The gateway's callbacks to whoever stands at `base`, each on a connection of its own. */
export const postTo = (base: string) => (kind: 'ussd' | 'sms', form: Record<string, string>) =>
  send(base, 'POST', `/callbacks/${CALLBACK_SECRET}/${kind}`, String(new URLSearchParams(form)))

/** `wito serve` as it is run, in a process of its own, on one port and one folder over all its lives. */
export async function openService(folder: string, more: Record<string, string> = {}) {
  const port = await freePort('127.0.0.1')
  const base = `http://127.0.0.1:${port}`
  const env = {
    ...process.env,
    NODE_ENV: 'test',
    PORT: String(port),
    DATABASE_URL: `file:${folder}/wito.db`,
    DEMO: '0',
    LOG_LEVEL: 'silent',
    CALLBACK_SECRETS: CALLBACK_SECRET,
    ...KEYS,
    SMS_PER_SECOND: '1',
    ...more,
  }
  return {
    folder,
    post: postTo(base),
    path: (kind: 'ussd' | 'sms') => `/callbacks/${CALLBACK_SECRET}/${kind}`,
    port,
    ready: () => isReady(base),
    /** One life of it. It waits for `begin` with everything read and nothing opened. */
    start() {
      const child = spawn(process.execPath, ['--import', STANDBY, WITO, 'serve'], { env, stdio: ['pipe', 'pipe', 'pipe'] })
      let said = ''
      child.stderr.on('data', (part: Buffer) => {
        said = (said + String(part)).slice(-2_000)
      })
      const read = once(child.stdout, 'data')
      const ended = once(child, 'exit') as Promise<[number | null, string | null]>
      return {
        child,
        /** Exit code and signal. */
        ended,
        said: () => said,
        /** Resolves when it waits for `begin`. */
        standsBy: () => Promise.race([read, ended]),
        /** Milliseconds until it is ready. */
        async begin() {
          await Promise.race([read, ended])
          const began = systemClock.ticks()
          child.stdin.write('begin\n')
          while (!(await isReady(base))) {
            if (child.exitCode !== null) throw new Error(`the service ended at its start: ${said}`)
            await wait(10)
          }
          return systemClock.ticks() - began
        },
        async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL') {
          child.kill(signal)
          return ended
        },
      }
    },
  }
}
export type Served = Awaited<ReturnType<typeof openService>>

async function isReady(base: string): Promise<boolean> {
  try {
    return (await send(base, 'GET', '/readyz')).status === 200
  } catch (reason) {
    if (reason instanceof Error && 'code' in reason) return false
    throw reason
  }
}

/** Something that somebody did: an SMS, or a call of three steps. Either chooses the language of a number that does nothing else. */
export type Fact = { n: number; by: 'sms' | 'ussd'; acknowledged: boolean }

const numberOf = ({ n }: Fact) => `+2547120${String(n).padStart(5, '0')}`
/** The callbacks of a fact, in their order. */
export const callbacksOf = (fact: Fact): { kind: 'sms' | 'ussd'; form: Record<string, string> }[] =>
  fact.by === 'sms'
    ? [
        {
          kind: 'sms',
          form: { id: `sms-${fact.n}`, from: numberOf(fact), to: '22262', text: 'LANG SW', date: '2026-11-23 08:00:00' },
        },
      ]
    : ['', '2', '2*2'].map((text) => ({
        kind: 'ussd',
        form: {
          sessionId: `ATUid_${fact.n}`,
          phoneNumber: numberOf(fact),
          networkCode: '63902',
          serviceCode: '*483*22262#',
          text,
        },
      }))

/** Whether the gateway may take it as done: a step that was turned away politely is not. */
export const isTaken = ({ status, headers }: Answer): boolean =>
  status === 200 && !String(headers['at-ussd-hop-metadata'] ?? '').startsWith('session_')

/** What is looked at, the same on every engine. */
const LOOKS = {
  effects: "select actor as name, count(*) as n from audit where action = 'language.set' group by actor",
  languages: "select msisdn as name, count(*) as n from subscribers where language = 'sw' group by msisdn",
  arrived: 'select id as name, count(*) as n from inbound group by id',
  replies: 'select msisdn as name, count(*) as n from outbox group by msisdn',
  hops: 'select session_id as name, count(*) as n from hops group by session_id',
}
type Look = keyof typeof LOOKS
/** `n` of each name; the server gives it as a text. */
type Counted = { name: string; n: number | string }

/** Looks into the database that is left: it is sound, every acknowledged fact is there once, and every other whole or not at all. */
export function expectOnce(folder: string, facts: readonly Fact[]): void {
  const database = new Database(`${folder}/wito.db`)
  try {
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok')
    const seen = new Map<Look, Counted[]>()
    for (const [look, query] of Object.entries(LOOKS)) seen.set(look as Look, database.prepare<[], Counted>(query).all())
    expectEach(seen, facts)
  } finally {
    database.close()
  }
}

/** The same on a server. Gives how many hops of each session are there. */
export async function expectOnceAt(url: string, facts: readonly Fact[]): Promise<(session: string) => number> {
  const client = new Client(url)
  await client.connect()
  try {
    const seen = new Map<Look, Counted[]>()
    for (const [look, query] of Object.entries(LOOKS)) seen.set(look as Look, (await client.query<Counted>(query)).rows)
    return expectEach(seen, facts)
  } finally {
    await client.end()
  }
}

function expectEach(seen: Map<Look, Counted[]>, facts: readonly Fact[]): (session: string) => number {
  const count = (look: Look) => {
    const found = new Map(seen.get(look)?.map(({ name, n }) => [name, Number(n)]))
    return (name: string) => found.get(name) ?? 0
  }
  const [effects, languages, arrived, replies, hops] = [
    count('effects'),
    count('languages'),
    count('arrived'),
    count('replies'),
    count('hops'),
  ]
  const keyring = openKeyring(keys)
  for (const fact of facts) {
    const [about, number] = [`${fact.by} ${fact.n}`, numberOf(fact)]
    const effect = effects(`number:${keyring.index('actor', number)}`)
    if (fact.acknowledged) expect(effect, `acknowledged, and once: ${about}`).toBe(1)
    else expect(effect, `at most once: ${about}`).toBeLessThanOrEqual(1)
    expect(languages(number), about).toBe(effect)
    if (fact.by === 'sms') expect([arrived(`sms-${fact.n}`), replies(number)], about).toEqual([effect, effect])
    else if (effect === 1) expect(hops(`ATUid_${fact.n}`), about).toBe(3)
  }
  return hops
}
