import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bareError } from '../../src/base/bare.ts'
import { Fault } from '../../src/base/fault.ts'
import { openMetrics } from '../../src/metrics.ts'
import { openStore } from '../../src/store/open.ts'
import { described, type Problem } from '../../src/text/source.ts'
import { openLimit } from '../../src/web/limit.ts'
import { knowsSecret } from '../../src/web/secret.ts'
import { readPageWords } from '../../src/web/words.ts'

describe('a limit', () => {
  it('holds in every sliding minute, for each key by itself', () => {
    let ticks = 0
    const take = openLimit({ clock: { ticks: () => ticks }, most: 10, windowMs: 60_000 })
    const taken: number[] = []
    for (; ticks < 600_000; ticks += 1_000) if (take('a')) taken.push(ticks)
    expect(take('b')).toBe(true)
    // Two windows are counted, not every call: at worst a taking more than `most` fits where the share is rounded.
    for (const from of taken) expect(taken.filter((each) => each >= from && each < from + 60_000).length).toBeLessThanOrEqual(11)
    expect(taken.length).toBeGreaterThan(90)
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
