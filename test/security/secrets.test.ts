import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { readConfig } from '../../src/config.ts'
import { openApp, secretsFile } from '../../src/open.ts'
import { openKeyring } from '../../src/security/keyring.ts'
import { developmentSecrets } from '../../src/security/secrets.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wito-secrets-'))
  file = join(folder, 'data', 'secrets.json')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the secrets of a development machine', () => {
  test('are made on the first start, in a file for its owner only', () => {
    const made = developmentSecrets(file, true, systemClock)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(made)
    expect(made.secretKeys).toMatch(/^dev1:[\w+/]{43}=$/)
    expect(made.callbackSecret).toMatch(/^[0-9a-f]{48}$/)
    expect(new Set(Object.values(made)).size).toBe(4)
    expect(openKeyring(made).index('a', 'b')).toHaveLength(43)
  })

  test('are made once: every later start reads the same, and leaves the file as it is', () => {
    const made = developmentSecrets(file, true, systemClock)
    const before = readFileSync(file)
    for (const fresh of [true, false]) expect(developmentSecrets(file, fresh, systemClock)).toEqual(made)
    expect(readFileSync(file)).toEqual(before)
  })

  test('differ from machine to machine', () => {
    const [here, there] = ['a.json', 'b.json'].map((name) => developmentSecrets(join(folder, name), true, systemClock))
    for (const name of ['secretKeys', 'indexKey', 'pepper', 'callbackSecret'] as const)
      expect(here?.[name]).not.toBe(there?.[name])
  })

  test('are never made anew for a database that has data', () => {
    expect(() => developmentSecrets(file, false, systemClock)).toThrow(/its keys are gone/)
    expect(existsSync(file)).toBe(false)
  })

  test.each(['', '{', '[]', '{"secretKeys":"dev1:x"}'])(
    'in a file that was cut short (%j) are refused, and the file is kept',
    (text) => {
      const short = join(folder, 'secrets.json')
      writeFileSync(short, text)
      expect(() => developmentSecrets(short, true, systemClock)).toThrow()
      expect(readFileSync(short, 'utf8')).toBe(text)
    },
  )
})

describe('the service', () => {
  const configOf = (more: Record<string, string> = {}) =>
    readConfig({ NODE_ENV: 'test', LOG_LEVEL: 'silent', DATABASE_URL: `file:${folder}/wito.db`, ...more })

  test('opens the same database with the secrets it made, and not when they are gone or others', async () => {
    const config = configOf()
    const first = await openApp(config)
    const index = first.app.keyring.index('a', 'b')
    await first.close()
    const made = secretsFile(config)
    expect(statSync(made).mode & 0o777).toBe(0o600)

    const second = await openApp(config)
    expect(second.app.keyring.index('a', 'b')).toBe(index)
    await second.close()

    const kept = readFileSync(made)
    rmSync(made)
    await expect(openApp(config)).rejects.toThrow(/its keys are gone/)
    expect(existsSync(made)).toBe(false)

    developmentSecrets(made, true, systemClock)
    await expect(openApp(config)).rejects.toThrow('INDEX_KEY is not the one this database was written with')
    chmodSync(made, 0o600)
    const otherPepper = { ...JSON.parse(kept.toString()), pepper: 'x'.repeat(44) }
    writeFileSync(made, JSON.stringify(otherPepper))
    await expect(openApp(config)).rejects.toThrow('PEPPER is not the one this database was written with')
    writeFileSync(made, kept)
    await (await openApp(config)).close()
  })

  test('makes none in production: the settings are refused before anything is opened', () => {
    const production = () => configOf({ NODE_ENV: 'production' })
    expect(production).toThrow('PUBLIC_URL, CALLBACK_SECRETS, SECRET_KEYS, INDEX_KEY, PEPPER, AT_API_KEY')
    expect(existsSync(join(folder, 'wito.db'))).toBe(false)
    expect(existsSync(join(folder, 'secrets.json'))).toBe(false)
  })

  test('makes none where all are given', async () => {
    const given = {
      SECRET_KEYS: `k1:${Buffer.alloc(32, 1).toString('base64')}`,
      INDEX_KEY: 'an index key of at least 32 characters',
      PEPPER: 'a pepper, kept well outside the database',
      CALLBACK_SECRETS: 'a-secret-of-the-gateway-1',
    }
    const { close } = await openApp(configOf(given))
    await close()
    expect(existsSync(join(folder, 'secrets.json'))).toBe(false)
  })
})
