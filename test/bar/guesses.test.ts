import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { Secret, TOTP } from 'otpauth'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { operator } from '../../src/acting.ts'
import type { Actor } from '../../src/action.ts'
import type { App } from '../../src/app.ts'
import { applyHeads } from '../../src/attendance/heads.ts'
import { DAY, HOUR, MINUTE } from '../../src/base/dates.ts'
import type { Msisdn } from '../../src/base/msisdn.ts'
import { actions } from '../../src/catalogue.ts'
import { readConfig } from '../../src/config.ts'
import { downloadLetter } from '../../src/letters/letter.ts'
import { codeOf } from '../../src/links/token.ts'
import { newOfficer } from '../../src/officers/manage.ts'
import { beginOfficer, signInOfficer, takeTotp } from '../../src/officers/sign-in.ts'
import { openApp } from '../../src/open.ts'
import { sendCode, takeCode } from '../../src/people/challenge.ts'
import { choosePassword, signIn } from '../../src/people/sign-in.ts'
import { performing } from '../../src/perform.ts'
import { movableClock } from '../kit/desk.ts'
import { operate } from '../kit/operator.ts'
import { settle } from '../kit/town.ts'
import { size, tried } from './row.ts'

const folder = mkdtempSync(join(tmpdir(), 'wito-guesses-'))
const clock = movableClock()
const key = (byte: number) => Buffer.alloc(32, byte).toString('base64')
const config = readConfig({
  NODE_ENV: 'test',
  DATABASE_URL: `file:${folder}/wito.db`,
  LOG_LEVEL: 'silent',
  CALLBACK_SECRETS: 'test-test-test-test-test-test',
  SECRET_KEYS: `a:${key(1)}`,
  INDEX_KEY: key(2),
  PEPPER: key(3),
})
const [ACHIENG, CENTRE] = ['+254700000901' as Msisdn, '42101001']
const [PIN, PASSWORD, USERNAME] = ['482917', 'kahawa ya asubuhi 7', 'zawadi.one']
const STRANGER: Actor = { via: 'web', name: 'stranger', signed: false, language: 'en' }

let app: App
let close: () => Promise<void> = async () => undefined
/** How many secrets were looked at. */
let hashed = 0
async function restart() {
  await close()
  const opened = await openApp(config, undefined, clock)
  const { verify } = opened.app.hasher
  close = opened.close
  app = {
    ...opened.app,
    hasher: {
      ...opened.app.hasher,
      verify(secret, hash) {
        hashed++
        return verify(secret, hash)
      },
    },
  }
}

let person = ''
let officer = ''
let totp: TOTP
beforeAll(async () => {
  await restart()
  const { read, work } = app.store
  await settle(app)
  await operate(app, { account: { phone: ACHIENG, national_id: '99100001', pin: PIN } })
  await operate(app, { deploy: { national_id: '99100001', job: 'KCSE26INV', centre: '42101002' }, publish: true })
  const [account] = await read.select().from(read.accounts)
  person = account?.personId ?? ''
  await choosePassword(app, STRANGER, { personId: person, password: PASSWORD, session: undefined })
  await newOfficer(app, operator, { username: USERNAME, name: 'Zawadi', role: 'clerk', counties: [] })
  const [row] = await read.select().from(read.officers)
  if (!row) throw new Error('no officer was added')
  officer = row.id
  const begun = await beginOfficer(app, row, { username: USERNAME, name: 'Zawadi', password: PASSWORD })
  if (begun === 'taken') throw new Error('the username is taken')
  totp = new TOTP({ secret: Secret.fromBase32(begun.secret) })
  const pinHash = await app.hasher.hash(PIN)
  await work('heads', async (tx) => {
    const head = { centre_code: CENTRE, name: 'Mwalimu Mkuu', phone: '+254700000950' as Msisdn }
    await applyHeads({ tx, at: clock.now(), tools: app, actor: operator }, [head])
    await tx.update(tx.heads).set({ pinHash }).where(eq(tx.heads.centreCode, CENTRE))
  })
}, 60_000)
afterAll(async () => {
  await close()
  rmSync(folder, { recursive: true, force: true })
})

const asked = async (msisdn: Msisdn, name: string, input: object) => {
  const actor: Actor = { via: 'ussd', name: 'number:test', msisdn, signed: false, language: 'en' }
  return (await performing(app, actions, msisdn, (_, perform) => perform(name, actor, input))).refused ?? 'right'
}
const came = (result: object) => ('refused' in result ? String(result.refused) : 'right')
type Door = { right: string; wrong: string; hashes: number; guess(secret: string, n: number): Promise<string> }

const doors: Record<string, Door> = {
  'the PIN': { right: PIN, wrong: '830565', hashes: 1, guess: (pin) => asked(ACHIENG, 'pin.check', { pin }) },
  'the password of the portal': {
    right: PASSWORD,
    wrong: 'kahawa ya asubuhi 8',
    hashes: 2,
    guess: async (password) => came(await signIn(app, { username: ACHIENG, password, language: 'en' })),
  },
  'the password of somebody unknown': {
    right: PASSWORD,
    wrong: PASSWORD,
    hashes: 2,
    guess: async (password) => came(await signIn(app, { username: '+254711999999', password, language: 'en' })),
  },
  "an officer's password": {
    right: PASSWORD,
    wrong: 'kahawa ya asubuhi 8',
    hashes: 1,
    // However the name is written, it is one name.
    guess: async (password, n) =>
      came(await signInOfficer(app, { username: n % 2 ? USERNAME : ` ${USERNAME.toUpperCase()}`, password })),
  },
  "an officer's code": {
    right: 'now',
    wrong: '000000',
    hashes: 0,
    guess: async (typed) => {
      const code = typed === 'now' ? totp.generate({ timestamp: clock.now() }) : typed
      return (await takeTotp(app, officer, code)).replace('done', 'right')
    },
  },
  "a head's PIN": {
    right: PIN,
    wrong: '830565',
    hashes: 1,
    // From many phones: it is the station that is guessed at.
    guess: (pin, n) => asked(`+2547111${String(n).padStart(5, '0')}` as Msisdn, 'heads.enter', { centre: CENTRE, pin }),
  },
}

/** How many are looked at, then for how long nobody is. */
const STEPS: [looked: number, lock: number][] = [
  [5, 30 * MINUTE],
  [2, 2 * HOUR],
  [2, 24 * HOUR],
  [1, Number.POSITIVE_INFINITY],
]

test('of guesses at once five are looked at, then 30 min, 2 h, 24 h; ten in all, over restarts; then an officer', async (context) => {
  const many = size({ quick: 20, full: 200 })
  let all = 0
  for (const [name, { right, guess }] of Object.entries(doors))
    expect(await guess(right, 0), name).toBe(name.includes('unknown') ? 'wrong' : 'right')
  await app.store.work('test', (tx) => tx.delete(tx.guesses))
  for (const [looked, lock] of STEPS) {
    await restart()
    const locked = lock === Number.POSITIVE_INFINITY ? 'officer' : 'locked'
    for (const [name, { wrong, hashes, guess }] of Object.entries(doors)) {
      hashed = 0
      const answers = await Promise.all(Array.from({ length: many }, (_, n) => guess(wrong, n)))
      all += many
      const counts = {
        looked: answers.filter((each) => each === 'wrong').length,
        hashed,
        other: answers.filter((each) => each !== 'wrong' && each !== locked),
      }
      expect(counts, name).toEqual({ looked, hashed: looked * hashes, other: [] })
    }
    // To the last minute of the lock, and after another restart, the right one is not looked at either.
    clock.move(Number.isFinite(lock) ? lock - MINUTE : 400 * DAY)
    if (size({ quick: 0, full: 1 })) await restart()
    hashed = 0
    for (const [name, { right, guess }] of Object.entries(doors)) expect(await guess(right, 1), name).toBe(locked)
    expect(hashed).toBe(0)
    clock.move(MINUTE)
  }
  tried(context, `${all} guesses at ${Object.keys(doors).length} doors over restarts: 5, 2, 2 and 1 looked at`)
}, 120_000)

test('the right one in between begins the count anew, and only for its own door', async () => {
  await app.store.work('test', (tx) => tx.delete(tx.guesses))
  for (let round = 0; round < size({ quick: 1, full: 3 }); round++)
    for (const [name, { right, wrong, guess }] of Object.entries(doors)) {
      if (name.includes('unknown')) continue
      for (let n = 0; n < 4; n++) expect(await guess(wrong, n), name).toBe('wrong')
      clock.move(MINUTE)
      expect(await guess(right, 0), name).toBe('right')
    }
})

test('a code by SMS is looked at five times, the digits of a letter ten times, however many guess at once', async (context) => {
  const many = size({ quick: 40, full: 200 })
  const at = clock.now()
  const to = { personId: person, msisdn: ACHIENG, purpose: 'device' } as const
  const scene = { at, tools: app, actor: STRANGER }
  await app.store.work('test', (tx) => sendCode({ tx, ...scene }, to))
  const digest = app.keyring.digest('challenge', `${person}\ndevice\n000000`)
  const { read } = app.store
  const [sent] = await read.select().from(read.challenges)
  expect(sent?.codeDigest).not.toBe(digest)
  const guesses = Array.from({ length: many }, (_, n) =>
    app.store.work(`guess ${n}`, (tx) => takeCode({ tx, ...scene }, person, 'device', '000000')),
  )
  const codes = await Promise.all(guesses)
  // The fifth says that it was the last.
  expect(codes.filter((each) => each === 'wrong')).toHaveLength(4)
  expect((await read.select().from(read.challenges))[0]?.triesLeft).toBe(0)
  // Only as many codes are sent as can be guessed at without hope: five an hour.
  const again = []
  for (let n = 0; n < 8; n++) again.push(await app.store.work('test', (tx) => sendCode({ tx, ...scene }, to)))
  expect(again.filter(Boolean)).toHaveLength(4)

  clock.move(-500 * DAY)
  await restart()
  const [link] = await app.store.read.select().from(app.store.read.links)
  const code = codeOf(app.keyring, 'download', link?.id ?? '')
  const digits = await Promise.all(Array.from({ length: many }, () => downloadLetter(app, code, '9999')))
  expect(digits.filter((each) => 'refused' in each && each.refused === 'wrong')).toHaveLength(9)
  expect(digits.filter((each) => 'letter' in each)).toEqual([])
  expect(await downloadLetter(app, code, '0001')).toEqual({ refused: 'locked' })
  const [after] = await app.store.read.select().from(app.store.read.links)
  expect(after).toMatchObject({ triesLeft: 0, downloadsLeft: 5 })
  tried(context, `${many} at a code: 5; ${many} at a letter: 10`)
})
