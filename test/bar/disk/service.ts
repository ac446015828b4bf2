import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import Database from 'better-sqlite3'
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
    SECRET_KEYS: keys.secretKeys,
    INDEX_KEY: keys.indexKey,
    PEPPER: keys.pepper,
    SMS_PER_SECOND: '1',
    ...more,
  }
  return {
    folder,
    post: (kind: 'ussd' | 'sms', form: Record<string, string>) =>
      send(base, 'POST', `/callbacks/${CALLBACK_SECRET}/${kind}`, String(new URLSearchParams(form))),
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

/** Looks into the database that is left: it is sound, every acknowledged fact is there once, and every other whole or not at all. */
export function expectOnce(folder: string, facts: readonly Fact[]): void {
  const database = new Database(`${folder}/wito.db`)
  try {
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok')
    const keyring = openKeyring(keys)
    const count = (query: string) => {
      const rows = database.prepare<[], { name: string; n: number }>(query).all()
      const found = new Map(rows.map(({ name, n }) => [name, n]))
      return (name: string) => found.get(name) ?? 0
    }
    const effects = count("select actor name, count(*) n from audit where action = 'language.set' group by actor")
    const languages = count("select msisdn name, count(*) n from subscribers where language = 'sw' group by msisdn")
    const arrived = count('select id name, count(*) n from inbound group by id')
    const replies = count('select msisdn name, count(*) n from outbox group by msisdn')
    const hops = count('select session_id name, count(*) n from hops group by session_id')
    for (const fact of facts) {
      const [about, number] = [`${fact.by} ${fact.n}`, numberOf(fact)]
      const effect = effects(`number:${keyring.index('actor', number)}`)
      if (fact.acknowledged) expect(effect, `acknowledged, and once: ${about}`).toBe(1)
      else expect(effect, `at most once: ${about}`).toBeLessThanOrEqual(1)
      expect(languages(number), about).toBe(effect)
      if (fact.by === 'sms') expect([arrived(`sms-${fact.n}`), replies(number)], about).toEqual([effect, effect])
      else if (effect === 1) expect(hops(`ATUid_${fact.n}`), about).toBe(3)
    }
  } finally {
    database.close()
  }
}
