import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import type { Msisdn } from '../../src/base/msisdn.ts'
import { actions, formats } from '../../src/catalogue.ts'
import { readConfig } from '../../src/config.ts'
import { openApp } from '../../src/open.ts'
import { bodyPlace } from '../../src/sms/outbox.ts'
import { type Desk, takeHop } from '../../src/ussd/hop.ts'
import { usualDatabase } from './engines.ts'
import { settle } from './town.ts'

/** A clock whose wall time a test can move. */
export type MovableClock = Clock & { move(ms: number): void }
export function movableClock(): MovableClock {
  let moved = 0
  const move = (ms: number) => {
    moved += ms
  }
  return { ...systemClock, now: () => systemClock.now() + moved, move }
}

/** The same for every desk, so that another process can open its database too. */
export const SECRETS = {
  CALLBACK_SECRETS: 'test-test-test-test-test-test',
  SECRET_KEYS: `a:${Buffer.alloc(32, 1).toString('base64')}`,
  INDEX_KEY: Buffer.alloc(32, 2).toString('base64'),
  PEPPER: Buffer.alloc(32, 3).toString('base64'),
}

/** The service without its doors: storage, words, actions and the town, in a folder of its own. `databaseUrl` runs it on another engine. */
export async function openDesk({ databaseUrl }: { databaseUrl?: string } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'wito-desk-'))
  const clock = movableClock()
  const settings = readConfig({
    NODE_ENV: 'test',
    DATABASE_URL: databaseUrl ?? (await usualDatabase()) ?? `file:${folder}/wito.db`,
    LOG_LEVEL: 'silent',
    ...SECRETS,
  })
  // With a database server every desk would share the folder `data`.
  const config = { ...settings, dataFolder: settings.databaseUrl.startsWith('file:') ? settings.dataFolder : folder }
  const broken = (reason: unknown) => {
    throw reason
  }
  const { app, menu, keywords, close } = await openApp(config, broken, clock)
  await settle(app)
  const desk: Desk = { app, actions, menu, formats }
  return {
    app,
    desk,
    keywords,
    clock,
    folder,
    /** Every text written for a number, the oldest first. */
    async texts(msisdn: string): Promise<string[]> {
      const { read } = app.store
      const rows = await read.select().from(read.outbox)
      return rows.filter((row) => row.msisdn === msisdn).map((row) => app.keyring.open(bodyPlace(row.id), row.bodySealed))
    },
    async close() {
      await close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export type OpenDesk = Awaited<ReturnType<typeof openDesk>>

let sessions = 0
/** One USSD session, typed by hand: keeps the transcript as the gateway does. */
export function session(desk: Desk, msisdn: string, serviceCode = '*483*22262#') {
  const sessionId = `ATUid_test${++sessions}`
  let text = ''
  const send = (whole: string) => takeHop(desk, { sessionId, msisdn: msisdn as Msisdn, serviceCode, text: whole })
  return {
    sessionId,
    /** Sends a transcript as it is. */
    raw: send,
    get text() {
      return text
    },
    dial: async () => (await send('')).body,
    async type(...inputs: string[]) {
      let body = ''
      for (const input of inputs) {
        text = text === '' ? input : `${text}*${input}`
        body = (await send(text)).body
      }
      return body
    },
  }
}
