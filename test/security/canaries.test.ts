import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { downloadLetter } from '../../src/letters/letter.ts'
import { freePort } from '../../src/open.ts'
import { applyRoll, rollRow } from '../../src/people/roll.ts'
import { takeInbound } from '../../src/sms/inbound.ts'
import { checkCopy } from '../../src/store/backup.ts'
import { size, tried } from '../bar/row.ts'
import { type OpenDesk, openDesk, session } from '../kit/desk.ts'
import { operate } from '../kit/operator.ts'

const PEOPLE = size({ quick: 40, full: 1_000 })
const PLAYERS = 3
/** Made up; the numbers are nowhere else in what the desk holds. */
const roll = Array.from({ length: PEOPLE }, (_, n) => ({
  national_id: String(83_640_271 + 7_919 * n),
  full_name: `Mtu Wa${String.fromCharCode(97 + (n % 26))}${String.fromCharCode(97 + (Math.floor(n / 26) % 26))}${'xyz'[Math.floor(n / 676)]}`,
  phone: `07118${String(50_000 + n)}`,
  tsc_number: String(6_283_185 + 31 * n),
  kra_pin: `A${String(618_033_988 + 104_729 * n)}${String.fromCharCode(65 + (n % 26))}`,
  qualification: 'degree',
  subjects: 'mathematics;physics',
  home_county: 'Kisumu',
  home_sub_county: 'Kisumu East',
  workstation_code: '42101001',
  status: 'vetted',
}))

/** Those who do everything, and all that they type. */
const players = roll.slice(0, PLAYERS).map((person, n) => ({
  ...person,
  msisdn: `+254${person.phone.slice(1)}`,
  pin: ['482917', '739150', '605284'][n] ?? '',
  newPin: ['928471', '739164', '857392'][n] ?? '',
  wrongPin: ['314159', '271828', '161803'][n] ?? '',
  account: String(7_390_154_826_013 + 1_111_111_111_111 * n),
  kinName: ['Amani Tumaini', 'Baraka Zuhura', 'Neema Imani'][n] ?? '',
  kinPhone: `07123498${String(10 + n)}`,
  newKra: `A${String(577_215_664 + n)}Q`,
  nssf: String(2_007_281_390 + n),
  sha: `CR${String(4_669_201_609_102 + n)}-5`,
  reason: `ninaugua tangu wiki iliyopita ${'abc'[n]}`,
}))

let desk: OpenDesk
const clear: { kind: string; canary: string }[] = []
const add = (kind: string, ...canaries: string[]) => void clear.push(...canaries.map((canary) => ({ kind, canary })))
let inbound = 0

beforeAll(async () => {
  desk = await openDesk()
  await desk.app.store.work('roll', (tx) =>
    applyRoll(
      tx,
      desk.app,
      desk.clock.now(),
      roll.map((row) => rollRow.parse(row)),
    ),
  )
  for (const player of players) await live(player)
  for (const { national_id, kra_pin, tsc_number } of roll) {
    add('national ID', national_id)
    add('KRA PIN', kra_pin)
    add('TSC number', tsc_number)
  }
})
afterAll(() => desk.close())

async function sms(from: string, text: string) {
  add('inbound SMS', text)
  const {
    app,
    desk: { actions, formats },
    keywords,
  } = desk
  await takeInbound({ app, actions, formats, keywords }, { id: `sms-${++inbound}`, from, text, to: '22262' })
}

/** Types what stands before a label, or the text itself; the screen must then hold what is expected. */
function caller(msisdn: string) {
  const call = session(desk.desk, msisdn)
  let screen = ''
  const seen = (expected: string) => {
    if (!screen.includes(expected)) throw new Error(`'${expected}' is not on the screen:\n${screen}`)
  }
  return {
    async dial(expected: string) {
      screen = await call.dial()
      seen(expected)
    },
    async type(text: string, expected: string) {
      screen = await call.type(text)
      seen(expected)
    },
    async choose(label: string, expected: string) {
      const find = () => new RegExp(`^(?:CON )?(\\d+)\\. ${label}`, 'm').exec(screen)?.[1]
      while (find() === undefined && screen.includes('98 More')) screen = await call.type('98')
      const number = find()
      if (number === undefined) throw new Error(`no '${label}' to choose:\n${screen}`)
      screen = await call.type(number)
      seen(expected)
    },
  }
}

/** A person from the first call to the letter, through the doors that people use. */
async function live(player: (typeof players)[number]) {
  const { msisdn, national_id, pin, newPin, wrongPin } = player
  let call = caller(msisdn)
  await call.dial('Create account')
  await call.choose('Create account', 'national ID')
  await call.type(national_id, 'Welcome')
  call = caller(msisdn)
  await call.dial('Jobs')
  await call.choose('My profile', 'Choose a PIN')
  await call.type(pin, 'again')
  await call.type(pin, 'My profile')
  await call.choose('Continue', 'Gender')
  const answers: [string, string][] = [
    ['1', 'Year of birth'],
    ['1987', 'Town'],
    ['Kisumu', 'Bank code'],
    ['01', 'Branch code'],
    ['094', 'Account number'],
    [player.account, 'Name on the account'],
    [player.full_name, 'Level you teach'],
    ['3', 'next of kin'],
    [player.kinName, 'related'],
    ['sister', 'Phone of your next of kin'],
    [player.kinPhone, 'NSSF'],
    [player.nssf, 'SHA'],
    [player.sha, 'Your profile is complete'],
  ]
  for (const [answer, expected] of answers) await call.type(answer, expected)
  call = caller(msisdn)
  await call.dial('Start again')
  await call.choose('Start again', 'My profile')
  await call.choose('My profile', 'PIN')
  await call.type(wrongPin, 'not right')
  await call.type(pin, '100% complete')
  await call.choose('KRA', 'KRA PIN: ..')
  await call.choose('KRA PIN', 'e.g.')
  await call.type(player.newKra, 'complete')
  await call.type('00', 'Jobs')
  await call.choose('Jobs', 'KCSE Invigilator')
  await call.choose('KCSE Invigilator', 'Apply')
  await call.choose('Apply', 'Apply for')
  await call.choose('Confirm', 'Application received')

  await sms(msisdn, 'PASSWORD please, I forgot mine')
  const oneTime = (await desk.texts(msisdn)).flatMap((text) => /password (?:is )?(\d{8}),/.exec(text)?.[1] ?? [])
  if (oneTime.length !== 2) throw new Error('two one-time passwords were expected')
  call = caller(msisdn)
  await call.dial('Start again')
  await call.choose('Start again', 'My profile')
  await call.choose('My profile', 'PIN')
  await call.type(oneTime.at(-1) ?? '', 'PIN')
  await call.type(newPin, 'again')
  await call.type(newPin, 'My profile')

  await operate(desk.app, { deploy: { national_id, job: 'KCSE26INV', centre: '42101002' }, publish: true })
  await sms(msisdn, 'letter, tafadhali')
  const codes = (await desk.texts(msisdn)).flatMap((text) => /\/l\/(\S{19})/.exec(text)?.[1] ?? [])
  expect(await downloadLetter(desk.app, codes[0] ?? '', '0000')).toMatchObject({ refused: 'wrong' })
  expect(await downloadLetter(desk.app, codes[0] ?? '', national_id.slice(-4))).toHaveProperty('letter')
  await sms(msisdn, `VERIFY ${codes[0]}`)
  await sms(msisdn, `REGISTER ${national_id}`)
  await sms(msisdn, `habari, PIN yangu ni ${newPin}`)
  await sms(msisdn, `DECLINE ${player.reason}`)

  const texts = await desk.texts(msisdn)
  expect(texts.some((text) => text.includes('You declined'))).toBe(true)
  add('PIN', pin, newPin, wrongPin)
  add('one-time password', ...oneTime)
  add('account number', player.account)
  add('KRA PIN', player.newKra)
  add('profile field', player.kinName, player.kinPhone, `+254${player.kinPhone.slice(1)}`, player.nssf, player.sha)
  add('reason', player.reason)
  add('letter code', ...codes, ...codes.map((code) => code.replaceAll('-', '')))
  add('SMS', ...texts)
}

/** The bytes as they lie on the disk, while the service runs; row ids are left out, for their digits are drawn by chance. */
const bytesOf = (file: string) =>
  readFileSync(file)
    .toString('latin1')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '-')

/** As it is, and as somebody writes it who thinks that coding is sealing. */
function formsOf(canary: string): string[] {
  const bytes = Buffer.from(canary)
  const coded = [0, 1, 2].map((offset) => {
    const letters = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64url')
    // The letters that hold bits of the canary alone.
    return letters.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6))
  })
  return [...new Set([bytes.toString('latin1'), JSON.stringify(canary).slice(1, -1), ...coded])]
}

/** In one walk, however many there are: what begins as one of them does is looked at more closely. */
function foundIn(bytes: string) {
  const begins = new Map<string, { form: string; of: (typeof clear)[number] }[]>()
  for (const of of clear)
    for (const form of formsOf(of.canary)) {
      const start = form.slice(0, START)
      begins.set(start, [...(begins.get(start) ?? []), { form, of }])
    }
  const found = new Set<(typeof clear)[number]>()
  for (let at = 0; at <= bytes.length - START; at++)
    for (const { form, of } of begins.get(bytes.slice(at, at + START)) ?? []) if (bytes.startsWith(form, at)) found.add(of)
  return clear.filter((each) => found.has(each))
}
/** No form is shorter. */
const START = 6

describe('a stolen', () => {
  const wal = () => join(desk.folder, 'wito.db-wal')

  test('heap of canaries is there to be looked for', () => {
    const counts = Object.entries(Object.groupBy(clear, ({ kind }) => kind)).map(([kind, some]) => [kind, some?.length ?? 0])
    expect(Object.fromEntries(counts)).toMatchObject({
      'national ID': PEOPLE,
      'KRA PIN': PEOPLE + 3,
      'TSC number': PEOPLE,
      'account number': 3,
      PIN: 9,
      'one-time password': 6,
      'inbound SMS': 18,
    })
    expect(clear.filter(({ kind }) => kind === 'SMS').length).toBeGreaterThanOrEqual(3 * 8)
    for (const { canary } of clear) for (const form of formsOf(canary)) expect(form.length).toBeGreaterThanOrEqual(START)
  })

  test.each(['wito.db', 'wito.db-wal', 'wito.db-shm'])('%s holds none of them in clear', (name) => {
    const bytes = bytesOf(join(desk.folder, name))
    expect(bytes.length).toBeGreaterThan(4_096)
    expect(foundIn(bytes)).toEqual([])
  })

  test('backup holds none of them in clear', async (context) => {
    const file = join(desk.folder, 'backup.db')
    await desk.app.store.copyTo(file)
    expect(checkCopy(file).accounts).toBe(3)
    const bytes = bytesOf(file)
    // It does hold what is not sealed: so these are the right bytes.
    expect(bytes).toContain('Mto Mwekundu Secondary')
    expect(bytes).toContain(players[0]?.msisdn)
    expect(foundIn(bytes)).toEqual([])
    tried(context, `${clear.length} canaries in the database, its WAL and a backup`)
  })

  test('database in which one of them was written in clear, or only coded, is found out, and its WAL and backup too', async () => {
    const text = clear.find(({ kind, canary }) => kind === 'SMS' && canary.startsWith('A new PIN was chosen'))?.canary ?? ''
    const [id, account] = [players[0]?.national_id ?? '', players[1]?.account ?? '']
    await desk.app.store.work('leak', async (tx) => {
      await tx.insert(tx.facts).values({ name: 'leak 1', value: `id ${id}` })
      await tx.insert(tx.facts).values({ name: 'leak 2', value: Buffer.from(`no ${account}!`).toString('base64') })
      await tx.insert(tx.facts).values({ name: 'leak 3', value: text })
    })
    const file = join(desk.folder, 'leaking.db')
    await desk.app.store.copyTo(file)
    for (const where of [wal(), file])
      expect(new Set(foundIn(bytesOf(where)).map(({ canary }) => canary))).toEqual(new Set([id, account, text]))
  })
})

test('a log at its most talkative holds no phone, no identity number, no PIN, no code and no message', async (context) => {
  const [folder, port] = [join(desk.folder, 'logging'), await freePort('127.0.0.1')]
  const secret = 'made-up-secret-made-up-secret'
  const env = { PATH: process.env.PATH ?? '', NODE_OPTIONS: process.env.NODE_OPTIONS ?? '', DEMO: '1', LOG_LEVEL: 'debug' }
  const more = { WITO_BREAK: process.env.WITO_BREAK, PORT: String(port), CALLBACK_SECRETS: secret }
  const main = new URL('../../src/cli/wito.js', import.meta.url).pathname
  const { promise: ended, resolve: end } = Promise.withResolvers<string>()
  const child = execFile(
    process.execPath,
    [main, 'serve'],
    { env: { ...env, ...more, DATABASE_URL: `file:${folder}/wito.db` } },
    (_, out) => end(out),
  )
  const base = `http://127.0.0.1:${port}`
  let asked = 0
  const post = async (path: string, fields: Record<string, string> | string) => {
    asked += 1
    const answer = await fetch(base + path, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })
    return answer.text()
  }
  try {
    await expect
      .poll(
        () =>
          fetch(`${base}/readyz`)
            .then(({ ok }) => ok)
            .catch(() => false),
        { timeout: 40_000 },
      )
      .toBe(true)
    const [phone, id, pin, wrong, words, code] = ['700000002', '99100002', '482915', '730516', 'mchanamwema', '7K4M2QXD9FTR0VHB']
    for (const text of ['', '3', `3*${wrong}`, `3*${pin}`, `1*1*1*${pin}*1`, `${id}*${words}`, `\u0001${pin}`])
      await post(`/callbacks/${secret}/ussd`, {
        ...{ sessionId: `ATUid_${text.length}`, phoneNumber: `+254${phone}`, serviceCode: '*483*22262#', text },
      })
    for (const text of [`REGISTER ${id}`, 'PASSWORD', `VERIFY ${code}`, words, `DECLINE ${words} ${pin}`])
      await post(`/callbacks/${secret}/sms`, { id: `in-${asked}`, from: `+254${phone}`, text, to: '22262' })
    await post(`/callbacks/${secret}/sms`, { id: '', from: `+254${phone}`, text: words })
    await post(`/callbacks/${secret}/delivery`, { id: 'x', status: words, phoneNumber: `+254${phone}`, failureReason: words })
    await post(`/callbacks/${secret}/opt-out`, { phoneNumber: `+254${phone}` })
    for (const path of [
      '/portal/login',
      '/portal/forgot',
      '/portal/new',
      '/console/login',
      `/l/${code}`,
      `/l/${code}?q=${phone}`,
    ])
      await post(path, { username: `0${phone}`, phone: `0${phone}`, national_id: id, password: pin, id_last4: '8642' })
    for (const path of [`/l/${code}`, `/v/${code}`, `/portal?phone=${phone}&id=${id}`, `/${phone}/${id}/${words}`]) {
      asked += 1
      await (await fetch(base + path)).text()
    }
    child.kill('SIGTERM')
    const log = await ended
    expect(log.match(/"msg":"request"/g)?.length).toBeGreaterThanOrEqual(asked)
    for (const canary of [phone, id, pin, wrong, words, code, secret])
      expect(log.toLowerCase()).not.toContain(canary.toLowerCase())
    expect(log).not.toMatch(/(?<!\d)(?:\+?254|0)[17]\d{8}(?!\d)/)
    tried(context, `${asked} requests, ${log.split('\n').length - 1} lines of log`)
  } finally {
    child.kill('SIGTERM')
    await ended
  }
}, 60_000)
