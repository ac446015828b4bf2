import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Fault } from '../src/base/fault.ts'
import { readConfig } from '../src/config.ts'

const key = (fill: number) => Buffer.alloc(32, fill).toString('base64')
/** All that production asks for, and no more. */
const production = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://wito.example',
  CALLBACK_SECRETS: 'a-secret-of-22-letters',
  SECRET_KEYS: `k1:${key(1)}`,
  INDEX_KEY: 'an index key of at least 32 characters',
  PEPPER: 'a pepper, kept well outside the database',
  AT_API_KEY: 'atsk_made-up',
}
const without = (name: string) => Object.fromEntries(Object.entries(production).filter(([other]) => other !== name))

function refusalOf(environment: Record<string, string | undefined>): string {
  try {
    readConfig(environment)
  } catch (reason) {
    if (reason instanceof Fault && reason.code === 'bad_settings') return reason.message
    throw reason
  }
  throw new Error('the settings were taken')
}

test('without any variable it is a development machine with the documented defaults', () => {
  expect(readConfig({})).toEqual({
    production: false,
    test: false,
    port: 3000,
    host: '127.0.0.1',
    databaseUrl: 'file:data/wito.db',
    dataFolder: 'data',
    publicUrl: undefined,
    callbackSecrets: [],
    secretKeys: undefined,
    indexKey: undefined,
    pepper: undefined,
    gateway: { username: 'sandbox', apiKey: undefined, url: undefined, senderId: undefined },
    shortCode: '22262',
    serviceCode: '*483*22262#',
    demo: undefined,
    logLevel: 'warn',
    smsPerSecond: 30,
    letterhead: undefined,
    simSwap: false,
    trustProxy: 0,
    retention: undefined,
    processes: 1,
  })
})

test('every variable is taken, without the spaces around it', () => {
  const given = {
    ...production,
    PORT: ' 8080 ',
    HOST: '0.0.0.0',
    DATABASE_URL: 'postgres://wito:hush@db.example/wito\n',
    PUBLIC_URL: 'https://wito.example//',
    CALLBACK_SECRETS: ' first-secret-of-22-letters , second-secret-of-22-letters',
    AT_USERNAME: 'council',
    AT_URL: 'http://127.0.0.1:4000',
    SENDER_ID: 'COUNCIL',
    SHORT_CODE: '40404',
    SERVICE_CODE: '*384*1#',
    DEMO: '0',
    LOG_LEVEL: 'debug',
    SMS_PER_SECOND: '100',
    LETTERHEAD: '/etc/wito/letterhead',
    SIM_SWAP: '1',
    TRUST_PROXY: '2',
    RETENTION: '/etc/wito/retention.yaml',
    WEB_CONCURRENCY: ' 3 ',
  }
  const config = readConfig(given)
  expect(config).toEqual({
    production: true,
    test: false,
    port: 8080,
    host: '0.0.0.0',
    databaseUrl: 'postgres://wito:hush@db.example/wito',
    dataFolder: 'data',
    publicUrl: 'https://wito.example',
    callbackSecrets: ['first-secret-of-22-letters', 'second-secret-of-22-letters'],
    secretKeys: production.SECRET_KEYS,
    indexKey: production.INDEX_KEY,
    pepper: production.PEPPER,
    gateway: { username: 'council', apiKey: production.AT_API_KEY, url: 'http://127.0.0.1:4000', senderId: 'COUNCIL' },
    shortCode: '40404',
    serviceCode: '*384*1#',
    demo: false,
    logLevel: 'debug',
    smsPerSecond: 100,
    letterhead: '/etc/wito/letterhead',
    simSwap: true,
    trustProxy: 2,
    retention: '/etc/wito/retention.yaml',
    processes: 3,
  })
  for (const part of [config, config.gateway, config.callbackSecrets]) expect(Object.isFrozen(part)).toBe(true)
  // Whoever adds a variable adds it here and in the README.
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  for (const name of Object.keys(given)) expect(readme, name).toContain(`\`${name}\``)
})

test('an empty variable is none', () => {
  const names = [
    'PORT',
    'DATABASE_URL',
    'PUBLIC_URL',
    'DEMO',
    'LOG_LEVEL',
    'SMS_PER_SECOND',
    'SECRET_KEYS',
    'AT_URL',
    'SENDER_ID',
    'TRUST_PROXY',
  ]
  expect(readConfig(Object.fromEntries(names.map((name, n) => [name, ' '.repeat(n % 3)])))).toEqual(readConfig({}))
})

test('what stands beside the database goes into its folder', () => {
  expect(readConfig({ DATABASE_URL: 'file:/srv/wito/wito.db' }).dataFolder).toBe('/srv/wito')
  expect(readConfig({ DATABASE_URL: 'file:wito.db' }).dataFolder).toBe('.')
  expect(readConfig({ DATABASE_URL: 'postgresql://db.example/wito' }).dataFolder).toBe('data')
})

describe('production', () => {
  test('takes what it needs, and is quieter about nothing', () => {
    expect(readConfig(production)).toMatchObject({ production: true, test: false, logLevel: 'info', demo: undefined })
  })

  test.each(Object.keys(production).filter((name) => name !== 'NODE_ENV'))('refuses to go without %s, and says so', (name) => {
    for (const environment of [without(name), { ...production, [name]: '' }, { ...production, [name]: '  ' }])
      expect(refusalOf(environment)).toBe(`Production needs these settings too: ${name}`)
  })

  test('names all that is missing at once', () => {
    expect(refusalOf({ NODE_ENV: 'production', PEPPER: production.PEPPER })).toBe(
      'Production needs these settings too: PUBLIC_URL, CALLBACK_SECRETS, SECRET_KEYS, INDEX_KEY, AT_API_KEY',
    )
  })

  test('wants https, but for this machine itself', () => {
    const from = (PUBLIC_URL: string) => ({ ...production, PUBLIC_URL })
    for (const loopback of ['http://localhost:3000', 'http://127.0.0.1:3000', 'http://[::1]:3000'])
      expect(readConfig(from(loopback)).publicUrl).toBe(loopback)
    for (const open of ['http://wito.example', 'http://10.0.0.5:3000', 'http://localhost.example', 'http://127.0.0.1.example'])
      expect(refusalOf(from(open))).toBe('PUBLIC_URL must begin with https:// in production')
    expect(readConfig({ PUBLIC_URL: 'http://10.0.0.5:3000' }).publicUrl).toBe('http://10.0.0.5:3000')
  })

  test('takes callback secrets that nobody can guess, one or two', () => {
    const withSecrets = (CALLBACK_SECRETS: string) => ({ ...production, CALLBACK_SECRETS })
    for (const poor of [
      'a'.repeat(21),
      `${'a'.repeat(30)},short`,
      `${'a'.repeat(30)}/b`,
      `${'a'.repeat(30)} b`,
      `${'é'.repeat(30)}`,
    ])
      expect(refusalOf(withSecrets(poor))).toMatch(/^CALLBACK_SECRETS: each at least 22 letters/)
    const three = ['a', 'b', 'c'].map((letter) => letter.repeat(30)).join()
    expect(refusalOf(withSecrets(three))).toMatch(/^CALLBACK_SECRETS takes one or two/)
    expect(refusalOf(withSecrets(' , ,'))).toBe('Production needs these settings too: CALLBACK_SECRETS')
    expect(readConfig({ CALLBACK_SECRETS: 'short' }).callbackSecrets).toEqual(['short'])
  })
})

const bad: [name: string, values: string[], said: string][] = [
  ['NODE_ENV', ['prod', 'Production'], 'expected one of'],
  ['PORT', ['hush', '70000', '-1', '1.5', '0x50', '1e3', '3000;', '99999999999999999999'], 'a whole number from 0 to 65535'],
  ['SMS_PER_SECOND', ['0', '1001', 'many', '2.5', 'Infinity'], 'a whole number from 1 to 1000'],
  [
    'DATABASE_URL',
    ['mysql://u:hush@db/x', 'wito.db', 'file:', 'postgres://', 'redis://x'],
    'must begin with file: or postgres://',
  ],
  ['PUBLIC_URL', ['hush', 'wito.example', 'ftp://wito.example', '//wito.example', 'javascript:1'], 'expected an address such as'],
  ['PUBLIC_URL', ['https://u:hush@wito.example', 'https://wito.example?a=1', 'https://wito.example/#a'], 'without a name'],
  ['PUBLIC_URL', [`https://${'w'.repeat(23)}.example`], 'at most 38 characters'],
  ['AT_URL', ['hush', 'ftp://127.0.0.1', '127.0.0.1:4000'], 'expected an address such as http://127.0.0.1:4000'],
  [
    'SERVICE_CODE',
    ['483', '483*22262#', '*483*22262', '*483#*', '*483*hush#', '*483 22262#'],
    'expected as dialled, e.g. *483*22262#',
  ],
  ['SHORT_CODE', ['hush', '12', '1234567', '22 262', '+22262'], 'expected 3 to 6 digits'],
  ['SENDER_ID', ['TWELVELETTER'], 'at most 11 characters'],
  ['DEMO', ['yes', 'true', '2'], 'expected one of "0"|"1"'],
  ['LOG_LEVEL', ['loud', 'INFO', 'trace'], 'expected one of'],
]

describe('a setting that is wrong', () => {
  test.each(bad)('%s is refused in words, and its value is not repeated', (name, values, said) => {
    // The same words for every value: so nothing of it is in them.
    const [words, ...others] = new Set(values.map((value) => refusalOf({ [name]: value })))
    expect(others).toEqual([])
    expect(words).toMatch(new RegExp(`^Please mend these settings:\n  ${name}: .*$`))
    expect(words).toContain(said)
    expect(words).not.toContain('hush')
  })

  test('is named with all the others', () => {
    const words = refusalOf({ PORT: 'x', SERVICE_CODE: 'x', DATABASE_URL: 'x' })
    expect(
      words
        .match(/^ {2}[A-Z_]+(?=: )/gm)
        ?.map((name) => name.trim())
        .sort(),
    ).toEqual(['DATABASE_URL', 'PORT', 'SERVICE_CODE'])
  })

  test('never brings a secret into the words', () => {
    const secrets = {
      ...production,
      CALLBACK_SECRETS: 'hush hush hush hush hush',
      SECRET_KEYS: 'hush:hush',
      INDEX_KEY: 'hush',
      PEPPER: 'hush',
      AT_API_KEY: 'hush',
      DATABASE_URL: 'mysql://wito:hush@db/wito',
      PUBLIC_URL: 'http://hush.example',
    }
    // Mended one after the other, so that every refusal on the way is heard.
    const heard: string[] = []
    for (const mended of [{}, { DATABASE_URL: '' }, { PUBLIC_URL: production.PUBLIC_URL }]) {
      Object.assign(secrets, mended)
      heard.push(refusalOf(secrets))
    }
    expect(heard.map((words) => words.split(/[:\n ]/)[0])).toEqual(['Please', 'PUBLIC_URL', 'CALLBACK_SECRETS'])
    expect(heard.join('\n')).not.toContain('hush')
  })
})
