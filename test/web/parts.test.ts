import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bareError } from '../../src/base/bare.ts'
import { Fault } from '../../src/base/fault.ts'
import { openMetrics } from '../../src/metrics.ts'
import { openStore } from '../../src/store/open.ts'
import { described, type Problem } from '../../src/text/source.ts'
import { addressOf } from '../../src/web/address.ts'
import { knowsSecret } from '../../src/web/secret.ts'
import { readPageWords } from '../../src/web/words.ts'

describe('an address', () => {
  const from = (remoteAddress: string, forwarded?: string, proxies = 0) =>
    addressOf({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } } as never, proxies)

  it('is the peer’s, whatever a header says', () => {
    expect(from('197.136.4.7', '8.8.8.8')).toBe('197.136.4.7')
    expect(from('::ffff:197.136.4.7')).toBe('197.136.4.7')
  })

  it('is what our outermost proxy saw, where we were told how many there are', () => {
    expect(from('127.0.0.1', '8.8.8.8, 197.136.4.7', 1)).toBe('197.136.4.7')
    expect(from('127.0.0.1', '8.8.8.8, 197.136.4.7, 10.0.0.2', 2)).toBe('197.136.4.7')
    for (const rubbish of [undefined, '', 'unknown', '8.8.8.8, x', "197.136.4.7'; --"])
      expect(from('197.136.9.9', rubbish, 1)).toBe('197.136.9.9')
    // Somebody who came past the proxies.
    expect(from('197.136.9.9', '8.8.8.8', 2)).toBe('197.136.9.9')
  })

  it.each(['127.0.0.1', '::1', '10.4.4.4', '172.18.0.1', '192.168.1.1', 'fd00::3', 'fe80::1', '::ffff:127.0.0.1', ''])(
    'is nobody’s where all may share it: %s',
    (address) => expect(from(address)).toBeUndefined(),
  )

  it('is a household’s network in IPv6', () => {
    const all = ['2c0f:fe38:1:2::1', '2c0f:fe38:1:2:ffff::', '2c0f:fe38:1:2:3:4:5:6'].map((address) => from(address))
    expect(new Set(all)).toEqual(new Set(['2c0f:fe38:1:2']))
    expect(from('2c0f::1')).toBe('2c0f:0:0:0')
  })
})

describe('metrics', () => {
  it('measure the outbox when they are asked for, and say so when storage does not answer', async () => {
    const store = await openStore('file::memory:')
    const metrics = openMetrics(store, { now: () => 90_000 })
    const at = { dueAt: 30_000, expiresAt: 1e12, leaseUntil: 0, createdAt: 0, changedAt: 0 }
    const row = {
      dedupe: 'd',
      msisdn: '+254712000001',
      class: 'otp',
      rank: 0,
      bodySealed: 's',
      segments: 1,
      status: 'queued',
      tries: 0,
    } as const
    await store.work('outbox', (tx) => tx.insert(tx.outbox).values({ id: 'm', ...row, ...at }))
    const page = await metrics.page()
    expect(page).toContain('wito_outbox_messages{class="otp"} 1')
    expect(page).toContain('wito_outbox_oldest_seconds{class="otp"} 60')
    expect(page).toContain('wito_outbox_messages{class="bulk"} 0')
    expect(page).toContain('wito_store_answers 1')
    await store.close()
    expect(await metrics.page()).toContain('wito_store_answers 0')
  })
})

describe('a secret', () => {
  it('is known whole or not at all', () => {
    const known = knowsSecret(['one-secret', 'two-secret'])
    expect(['one-secret', 'two-secret', 'one-secre', 'one-secretx', '', 'ONE-SECRET'].map(known)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ])
    expect(knowsSecret([])('')).toBe(false)
  })
})

describe('an error in the log', () => {
  it('keeps our own words and every place, never the words of a query or a parser', () => {
    const thrown = new Error('insert failed, params: Kwamboka', { cause: new Fault('busy', 'too many') })
    const bare = bareError(thrown)
    expect(bare).toMatchObject({ name: 'Error', cause: { name: 'Fault', code: 'busy', message: 'too many' } })
    expect(bare.at[0]).toContain('parts.test.ts')
    expect(JSON.stringify(bare)).not.toContain('Kwamboka')
    expect(JSON.stringify(bareError(catching(() => JSON.parse('Kwamboka'))))).not.toContain('Kwamboka')
    expect(bareError('Kwamboka')).toEqual({ name: 'string', at: [] })
  })
})

describe('the words of pages', () => {
  const problemsOf = (text: string) => {
    const folder = mkdtempSync(join(tmpdir(), 'wito-words-'))
    try {
      mkdirSync(join(folder, 'pages'))
      writeFileSync(join(folder, 'pages', 'public.yaml'), text)
      const problems: Problem[] = []
      readPageWords(folder, problems)
      return problems.map(described)
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  it('have no gaps, and none that no page uses', () => {
    const problems: Problem[] = []
    readPageWords('menus', problems)
    expect(problems).toEqual([])
    const rooms = ['web', 'portal', 'console']
    const source = rooms
      .flatMap((room) => readdirSync(`src/${room}`).map((name) => `src/${room}/${name}`))
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n')
    // A name is written out, or built as `${name}_title`, `said_${name}`.
    const built = [...source.matchAll(/`([a-z_]*)\$\{[^}`]+\}([a-z_]*)`/g)]
      .filter(([, before, after]) => `${before}${after}`.includes('_'))
      .map(([, before, after]) => new RegExp(`^${before}[a-z_]+${after}$`))
    const names = readdirSync('menus/pages').flatMap((file) =>
      [...readFileSync(`menus/pages/${file}`, 'utf8').matchAll(/^([a-z_]+):/gm)].map((match) => match[1] as string),
    )
    expect(names.length).toBeGreaterThan(80)
    expect(names.filter((name) => !source.includes(`'${name}'`) && !built.some((each) => each.test(name)))).toEqual([])
  })

  it('name file, line and column of a missing translation and of holes that differ', () => {
    expect(problemsOf('a: { en: Hello, sw: Habari }\nb: { en: Bye }\n')[0]).toMatch(/^public\.yaml:2:4 b\.sw: /)
    expect(problemsOf('a: { en: "{x}", sw: "{y}" }\n')[0]).toMatch(/^public\.yaml:1:21 .*\{x\} in en, \{y\} in sw/)
  })
})

function catching(run: () => unknown): unknown {
  try {
    return run()
  } catch (reason) {
    return reason
  }
}
