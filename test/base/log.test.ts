import { pino } from 'pino'
import { beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { Fault } from '../../src/base/fault.ts'
import { type Log, openLog } from '../../src/base/log.ts'
import { newCode } from '../../src/links/token.ts'
import { openKeyring } from '../../src/security/keyring.ts'

const EACH = 100
const keyring = openKeyring({
  secretKeys: `a:${Buffer.alloc(32, 1).toString('base64')}`,
  indexKey: 'an index key of at least 32 characters',
  pepper: 'a pepper of at least 32 characters, too',
})

const digits = (length: number) => Array.from({ length }, () => systemClock.below(10)).join('')
const many = <T>(make: (n: number) => T) => Array.from({ length: EACH }, (_, n) => make(n))

const phoneSpellings: ((nine: string) => string)[] = [
  (nine) => `0${nine}`,
  (nine) => `+254${nine}`,
  (nine) => `254${nine}`,
  (nine) => nine,
  (nine) => `0${nine.slice(0, 3)} ${nine.slice(3, 6)} ${nine.slice(6)}`,
  (nine) => `+254-${nine.slice(0, 3)}-${nine.slice(3, 6)}-${nine.slice(6)}`,
  (nine) => `(0${nine.slice(0, 3)}) ${nine.slice(3)}`,
  (nine) => `+254 (0) ${nine.slice(0, 3)} ${nine.slice(3, 6)} ${nine.slice(6)}`,
  (nine) => `0${nine.slice(0, 3)}.${nine.slice(3, 6)}.${nine.slice(6)}`,
  (nine) => `0${nine.slice(0, 3)}\u00a0${nine.slice(3, 6)}\u2013${nine.slice(6)}`,
  (nine) => `tel:+254${nine}`,
  (nine) => `%2B254${nine}`,
]
const codeSpellings: ((code: string) => string)[] = [
  (code) => code,
  (code) => code.toLowerCase(),
  (code) => code.replaceAll('-', ''),
  (code) => code.replaceAll('-', '').toLowerCase(),
  (code) => code.replaceAll('-', ' '),
  (code) => `https://wito.example/l/${code}`,
]
const pick = <T>(list: readonly T[], n: number): T => list[n % list.length] as T

/** Five hundred things that no line may hold. */
const canaries: { kind: string; canary: string }[] = [
  ...many((n) => ({ kind: 'phone', canary: pick(phoneSpellings, n)(`${pick(['7', '1'], n)}${digits(8)}`) })),
  ...many((n) => ({ kind: 'national ID', canary: digits(7 + (n % 2)) })),
  ...many((n) => ({ kind: 'KRA PIN', canary: `${pick(['A', 'a'], n)}${digits(9)}${pick(['Z', 'k'], n)}` })),
  ...many((n) => ({ kind: 'letter code', canary: pick(codeSpellings, n)(newCode(keyring, 'download', systemClock).code) })),
  ...many((n) => ({ kind: 'PIN or password', canary: digits(6 + (n % 3)) })),
]

/** Every way in which something comes into a log. */
const ways: ((log: Log, canary: string) => void)[] = [
  (log, canary) => log.info(canary),
  (log, canary) => log.info(`looked for ${canary}: not found`),
  (log, canary) => log.info(`(${canary})`),
  (log, canary) => log.info(`id-${canary}, x_${canary}_y, "${canary}"; ${canary}.`),
  (log, canary) => log.info(`two lines\n${canary}\t${canary}\u0001${canary}`),
  (log, canary) => log.info('asked by %s of %j', canary, { canary }),
  (log, canary) => log.warn({ phone: canary }, 'a message'),
  (log, canary) => log.warn({ deep: { er: [{ list: [canary, `<${canary}>`] }] } }, 'a message'),
  (log, canary) => log.warn({ [canary]: 1 }, 'a key'),
  (log, canary) => log.warn({ text: `1*${canary}*1`, json: JSON.stringify({ text: canary }) }, 'a body'),
  (log, canary) => log.child({ from: canary }).info('a child'),
  (log, canary) => log.error(new Error(`no row for ${canary}`)),
  (log, canary) => log.error({ err: new Error('outer', { cause: new Error('inner', { cause: new Error(canary) }) }) }, 'failed'),
  (log, canary) => log.error({ err: Object.assign(new Error('query'), { params: [canary], query: `= '${canary}'` }) }, 'failed'),
  (log, canary) => log.error({ err: new Fault('busy', 'busy', new Fault('bad_request', `was ${canary}`)) }, 'failed'),
  (log, canary) => log.error({ err: new AggregateError([new Error(canary)], 'several') }, canary),
]

const isNumber = (canary: string) => /^[1-9]\d+$/.test(canary)
function write(log: Log) {
  for (const { canary } of canaries) {
    for (const way of ways) way(log, canary)
    if (isNumber(canary)) log.info({ id: Number(canary), all: [Number(canary), -Number(canary)] }, 'a number')
  }
}

/** Everything that `openLog` and a plain logger make of the same. */
const ours: string[] = []
const plain: string[] = []
beforeAll(() => {
  write(openLog('debug', { write: (line) => void ours.push(line) }))
  write(pino({ level: 'debug', base: null }, { write: (line) => void plain.push(line) }))
})

/** As it stands, as JSON writes it, or with nothing between its digits. */
const holds = (line: string, canary: string) => {
  const bare = canary.replace(/[\s().\u2013-]/g, '')
  return line.includes(canary) || line.includes(JSON.stringify(canary).slice(1, -1)) || line.includes(bare)
}

describe('five hundred canaries', () => {
  test('are that many, and every one of them is written in every way', () => {
    expect(canaries).toHaveLength(500)
    const numbers = canaries.filter(({ canary }) => isNumber(canary)).length
    expect(numbers).toBeGreaterThan(100)
    expect(ours).toHaveLength(500 * ways.length + numbers)
    expect(plain).toHaveLength(ours.length)
  })

  test.each([...new Set(canaries.map(({ kind }) => kind))])('of the kind %s reach no line', (kind) => {
    const own = canaries.filter((each) => each.kind === kind)
    const all = ours.join('')
    const leaked = own.filter(({ canary }) => holds(all, canary)).map(({ canary }) => canary)
    expect(leaked).toEqual([])
  })

  test('would all be found if they did: a plain logger holds every one, in every line', () => {
    const all = plain.join('')
    expect(canaries.filter(({ canary }) => !holds(all, canary))).toEqual([])
    let line = 0
    for (const { canary } of canaries)
      for (let n = 0; n < ways.length + (isNumber(canary) ? 1 : 0); n++) expect(holds(plain[line++] ?? '', canary)).toBe(true)
  })

  test('leave every line a line of JSON', () => {
    for (const line of ours) {
      expect(line.endsWith('}\n')).toBe(true)
      expect(JSON.parse(line)).toMatchObject({ level: expect.any(Number), time: expect.any(String) })
    }
  })
})

describe('what a log is for stays', () => {
  const written = (given: object, message = 'a message') => {
    const lines: string[] = []
    openLog('debug', { write: (line) => void lines.push(line) }).info(given, message)
    return JSON.parse(lines[0] ?? '') as Record<string, unknown>
  }

  test('times, days, row ids, small numbers, places in the source, words', () => {
    const given = {
      id: 'abcdefghjk',
      row: '3f2a1b4c-1234-4678-9abc-123456789012',
      route: '/callbacks/:secret/ussd',
      status: 200,
      ms: 1_234,
      share: 0.123456789,
      day: '2026-11-05',
      at: '2026-11-05T09:00:00.000Z',
      yes: true,
      none: null,
      where: 'openStore (file:///srv/wito/src/store/open.ts:1234:56)',
      words: 'the gateway account needs mending; sending pauses',
      escaped: 'a "quote", a \\ and a\nnew line – Wanjirũ 😀',
      version: '24.10.0',
    }
    const { level, time, msg, ...kept } = written(given, 'backup proved')
    expect(kept).toEqual(given)
    expect([level, msg]).toEqual([30, 'backup proved'])
    expect(time).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/)
  })

  test('and what is taken out leaves a mark', () => {
    const marked = written({ phone: '+254712345678', id: 99_100_001, said: 'a 0712345678: b' }, 'code 7K4M-2QXD-9FTR-0VHB')
    expect(marked).toMatchObject({ phone: '#', id: '#', said: 'a #: b', msg: 'code #' })
  })

  test('a long line is scrubbed as well', () => {
    const { text } = written({ text: '0712345678 '.repeat(20_000) + '- '.repeat(50_000) })
    expect(text).not.toMatch(/\d/)
  })
})

test('lines below the level are not written', () => {
  const lines: string[] = []
  const log = openLog('warn', { write: (line) => void lines.push(line) })
  log.info('not this')
  log.warn('this')
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['this'])
})
