import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bench } from '../../src/bench/bench.ts'
import { repeated } from '../../src/bench/repeat.ts'
import { mostAtOnce, overAll } from '../../src/bench/work/outbox.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wito-works-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** At the smallest size: whatever it throws, and whatever was wrong in it, fails here. */
const smallest = (name: string) => bench([name], { rounds: 1, seconds: 0.1, people: 120, folder, say: () => undefined })

test('letters are drawn by the press and by one thread', async () => {
  const [drawn] = await smallest('letters')
  expect(drawn?.pairs).toHaveLength(1)
  for (const { ours, theirs = 0 } of drawn?.pairs ?? []) expect(Math.min(ours, theirs)).toBeGreaterThan(0)
})

test('every link of the demonstration gives its letter again and again, and Koa the same files', async () => {
  const [fetched] = await smallest('cached')
  expect(fetched?.pairs).toHaveLength(1)
  for (const { ours, theirs = 0 } of fetched?.pairs ?? []) expect(Math.min(ours, theirs)).toBeGreaterThan(0)
})

test('a roll is imported whole, by the command and by the bare insert, and its memory is seen', async () => {
  const [rows, memory] = await smallest('roll')
  expect(rows?.pairs).toHaveLength(1)
  for (const { ours, theirs = 0 } of rows?.pairs ?? []) expect(Math.min(ours, theirs)).toBeGreaterThan(0)
  expect(memory?.pairs[0]?.ours).toBeGreaterThan(50)
  expect(memory?.note).toMatch(/(\d+ ){10}MB$/)
})

test('every message of the outbox reaches the emulator once, and never more than the cap in a second', async () => {
  const [sent, most, all] = await smallest('outbox')
  for (const { ours, theirs = 0 } of [...(sent?.pairs ?? []), ...(all?.pairs ?? [])])
    expect(Math.min(ours, theirs)).toBeGreaterThan(0)
  expect(most?.pairs).toEqual([{ ours: expect.any(Number), theirs: 100 }])
  expect(most?.pairs[0]?.ours).toBeLessThanOrEqual(100)
})

test('hops go through beside bare Koa and ussd-menu-builder, with many people beside few, and on PostgreSQL beside a file', async () => {
  for (const name of ['hop', 'builder', 'many', 'server'])
    for (const { pairs } of await smallest(name)) {
      expect(pairs).toHaveLength(1)
      for (const { ours, theirs = 0 } of pairs) expect(Math.min(ours, theirs)).toBeGreaterThan(0)
    }
})

test('everybody who may applies, once, and the same rows go in bare', async () => {
  const [applied] = await smallest('applications')
  for (const { ours, theirs = 0 } of applied?.pairs ?? []) expect(Math.min(ours, theirs)).toBeGreaterThan(0)
})

test('the service starts on nothing and on people, in some time and some memory', async () => {
  const [empty, full] = await smallest('start')
  expect([empty?.pairs.length, full?.pairs.length]).toEqual([1, 1])
})

test('nothing stays behind but nations', () => {
  expect(readdirSync(folder).filter((name) => !/^(nation-\d+|applicants)$/.test(name))).toEqual([])
})

test('an answer that is not what was asked for is not counted as fast', async () => {
  const service = { url: 'http://127.0.0.1:9', requests: [{ method: 'GET' as const, path: '/' }], connections: 1, seconds: 0.1 }
  await expect(repeated({ ...service, begins: '%PDF-' })).rejects.toThrow('answers were wrong')
})

test('the most within a second, and the pace behind the first of them', () => {
  expect(mostAtOnce([0, 1, 2, 999, 1_000, 1_001])).toBe(4)
  expect(mostAtOnce([0, 1_000, 2_000])).toBe(1)
  expect(overAll([0, 10, 1_000, 1_010, 2_000, 2_010], 2)).toBe(2)
})
