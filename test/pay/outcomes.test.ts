import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Order } from '../../src/orders/order.ts'
import { takeFile } from '../../src/pay/file.ts'
import { applyOutcomes, beginOutcomes, checkOutcomes } from '../../src/pay/import.ts'
import { openPayee } from '../../src/pay/sum.ts'
import { erasureHindrance } from '../../src/people/erase.ts'
import { segments } from '../../src/text/segments.ts'
import { onBothEngines } from '../letters/kit.ts'
import { AGREES, type Office, openPayOffice, PREPARES } from './kit.ts'

function fileOf(rows: readonly (readonly string[])[], head = 'line,state,reference,reason') {
  const folder = mkdtempSync(join(tmpdir(), 'wito-pay-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'outcomes.csv')
  writeFileSync(path, `${[head, ...rows.map((row) => row.join(','))].join('\n')}\n`)
  return { path, name: 'outcomes.csv' }
}
const bring = async (office: Office, rows: readonly (readonly string[])[]) => {
  const { outcomes, bad } = await checkOutcomes(office.app, fileOf(rows))
  return bad.length > 0 ? bad : applyOutcomes(office.app, PREPARES, outcomes)
}
const lineOf = async (office: Office, n: number) => (await office.lines()).filter(({ personId }) => personId === `p${n}`)

onBothEngines(() => {
  describe('what the banks say', () => {
    test('paid and returned come back once, each person is told once, and bringing it twice does nothing', async () => {
      const office = await openPayOffice(2)
      await office.send()
      const [one, two] = [(await lineOf(office, 1))[0]?.id ?? '', (await lineOf(office, 2))[0]?.id ?? '']
      const rows = [
        [one, 'paid', 'QWE12345', ''],
        [two, 'Returned', '', 'Account closed'],
      ]
      expect(await bring(office, rows)).toEqual({ paid: 1, returned: 1, same: 0 })
      expect(await bring(office, rows)).toEqual({ paid: 0, returned: 0, same: 2 })
      const [paid] = await lineOf(office, 1)
      expect(paid).toMatchObject({ state: 'paid', live: office.id(1) })
      expect(openPayee(office.app.keyring, paid as never)).toMatchObject({ reference: 'QWE12345', account: '110022330001' })
      expect(await lineOf(office, 2)).toMatchObject([{ state: 'returned', live: null, reason: 'account_closed' }])
      const texts = [...(await office.texts(1)), ...(await office.texts(2))]
      expect(texts).toEqual([
        'KCSE duty KCSE26INV: KES 2,750 has been paid to your account, reference QWE12345. Not there in 2 days? Ask your sub-county office.',
        'KCSE duty KCSE26INV: KES 2,750 came back: the account is closed; give another one. Mend it on our website or at the sub-county office.',
      ])
      for (const text of texts) expect(segments(text)).toMatchObject({ count: 1 })
    })

    test('what was returned is taken up by the next list, and is paid there; what was paid is not', async () => {
      const office = await openPayOffice(2)
      await office.send()
      const [one, two] = [(await lineOf(office, 1))[0]?.id ?? '', (await lineOf(office, 2))[0]?.id ?? '']
      await bring(office, [
        [one, 'paid', '', ''],
        [two, 'returned', '', 'dormant'],
      ])
      await office.send('list-2')
      const again = await office.lines('list-2')
      expect(again).toMatchObject([{ personId: 'p2', live: office.id(2), state: 'sent' }])
      expect(await bring(office, [[again[0]?.id ?? '', 'paid', '', '']])).toMatchObject({ paid: 1 })
      // What was paid may still come back; what came back stays so.
      expect(await bring(office, [[one, 'returned', '', 'no such box']])).toMatchObject({ returned: 1 })
      expect((await office.texts(1)).at(-1)).toContain('came back: no such box.')
      expect(await bring(office, [[one, 'paid', '', '']])).toMatchObject([{ line: 2, column: 'state', code: 'final' }])
    })

    test('all or nothing: each bad row is named and no good one is taken in', async () => {
      const office = await openPayOffice(3)
      await office.send()
      await office.serve(4)
      await office.prepare('list-2')
      const [one, two, three, waits] = await Promise.all([1, 2, 3, 4].map(async (n) => (await lineOf(office, n))[0]?.id ?? ''))
      const rows = [
        [one, 'paid', '', ''],
        [one, 'returned', '', 'dormant'],
        [two, 'maybe', '', ''],
        [three, 'returned', '', ''],
        [waits, 'paid', '', ''],
        ['no-such-line', 'paid', '', ''],
        [two, 'paid', 'a*b', ''],
        [three, 'paid'],
        [three, 'returned', '', 'x'.repeat(49)],
      ] as string[][]
      expect(await bring(office, rows)).toEqual([
        { line: 3, column: 'line', code: 'twin' },
        { line: 4, column: 'state', code: 'state' },
        { line: 5, column: 'reason', code: 'reason' },
        { line: 6, column: 'state', code: 'not_sent' },
        { line: 7, column: 'line', code: 'unknown' },
        { line: 8, column: 'reference', code: 'reference' },
        { line: 9, column: 'row', code: 'uneven' },
        { line: 10, column: 'reason', code: 'reason' },
      ])
      expect((await office.lines('list-1')).map(({ state }) => state)).toEqual(['sent', 'sent', 'sent'])
      const outside = await checkOutcomes(office.app, fileOf([[one ?? '', 'paid', '', '']]), () => false)
      expect(outside.bad).toMatchObject([{ code: 'unknown' }])
      await expect(checkOutcomes(office.app, fileOf([], 'line,money'))).rejects.toMatchObject({ code: 'bad_file' })
      await expect(checkOutcomes(office.app, fileOf([]))).rejects.toMatchObject({ code: 'bad_file' })
    })

    test('in any order of files the states only go forward, and importing one twice is importing it once', async () => {
      const say = fc.constantFrom('paid', 'returned')
      await fc.assert(
        fc.asyncProperty(fc.array(say, { minLength: 1, maxLength: 5 }), async (says) => {
          const office = await openPayOffice(1)
          await office.send()
          const id = (await office.lines())[0]?.id ?? ''
          let before = 'sent'
          for (const state of says) {
            const row = [[id, state, '', state === 'returned' ? 'limit' : '']]
            const first = await bring(office, row)
            const texts = await office.texts(1)
            const second = await bring(office, row)
            if (Array.isArray(first)) expect([before, state, first[0]?.code]).toEqual(['returned', 'paid', 'final'])
            else expect(second).toEqual({ paid: 0, returned: 0, same: 1 })
            expect(await office.texts(1)).toEqual(texts)
            const [line] = await office.lines()
            expect(['sent', 'paid', 'returned'].indexOf(line?.state ?? '')).toBeGreaterThanOrEqual(
              ['sent', 'paid', 'returned'].indexOf(before),
            )
            expect(line?.live === null).toBe(line?.state === 'returned')
            before = line?.state ?? ''
          }
        }),
        { numRuns: 8 },
      )
    }, 60_000)
  })
})

test('nobody is erased while money is on its way to them', async () => {
  const office = await openPayOffice(1)
  const hindered = () => office.work((tx) => erasureHindrance({ tx, at: office.at }, { subject: 'p1' } as Order))
  expect(await hindered()).toBe(undefined)
  await office.send()
  expect(await hindered()).toBe('unpaid')
  await bring(office, [[(await office.lines())[0]?.id ?? '', 'paid', '', '']])
  expect(await hindered()).toBe(undefined)
})

test('in the background: rows wait sealed, are taken in once, and are thrown away', async () => {
  const office = await openPayOffice(60)
  await office.send()
  const outcomes = (await office.lines()).map(({ id }) => ({ line: id, state: 'paid' as const, reference: '', reason: '' }))
  const run = await beginOutcomes(office.app, PREPARES, outcomes)
  const staged = () => readdirSync(join(office.app.config.dataFolder, 'uploads'))
  expect(staged()).toEqual([`${run}.rows`])
  await office.finish()
  expect(staged()).toEqual([])
  expect(await office.run(run)).toMatchObject({ state: 'done', done: 60, of: 60, tally: { pay_paid: 60 } })
  expect(new Set((await office.lines()).map(({ state }) => state))).toEqual(new Set(['paid']))
})

test('the file of an approved list: by bank with subtotals, no formulas, and the control sum at its end', async () => {
  const office = await openPayOffice(2)
  await office.serve(3, { profile: { bank_code: '11', branch_code: '002', account_number: '-1234567' } })
  await office.serve(4, { profile: { bank_code: '00', account_number: '0712345678' } })
  await office.prepare()
  await office.answer('list-1', AGREES)
  const taken = await takeFile(office.app, PREPARES, 'list-1', 'csv')
  if ('refused' in taken) throw new Error('no file was given')
  const rows: string[][] = []
  for await (const part of taken.rows) rows.push(...part)
  expect(rows.map((row) => [row[0]?.length === 36 ? 'line' : row[0], row[1], row.at(-2), row.at(-1)])).toEqual([
    ['line', '01', '5', '2750'],
    ['line', '01', '5', '2750'],
    ['subtotal', '01', '2', '5500'],
    ['line', '11', '5', '2750'],
    ['subtotal', '11', '1', '2750'],
    ['line', 'mpesa', '5', '2750'],
    ['subtotal', 'mpesa', '1', '2750'],
    ['total', '', '4', '11000'],
    ['control_sum', (await office.list())?.controlSum, '', ''],
  ])
  const first = rows.find((row) => row[4] === 'Achieng Number1 Otieno')
  expect(first?.slice(2, 8)).toEqual([
    '094',
    '110022330001',
    'Achieng Number1 Otieno',
    'Achieng Number1 Otieno',
    'KCSE26INV',
    '10101001',
  ])
  expect(rows[5]?.[3]).toBe('254712345678')
  expect(new Set(rows.map((row) => row.length))).toEqual(new Set([10]))
  const trail = (await office.audit()).slice(-2)
  expect(trail).toMatchObject([
    { action: 'pay.export', outcome: 'done', actor: PREPARES.name },
    { action: 'exports.end', outcome: 'done', actor: PREPARES.name },
  ])
})
