import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import Database from 'better-sqlite3'
import { expect } from 'vitest'
import { openSqlite } from '../../../src/store/sqlite.ts'
import type { Disk } from './disk.ts'
import type { Done, Order } from './writer.ts'

/** The process of writer.ts, with its hands on this disk. */
export function startWriter(disk: Disk) {
  const child = spawn(process.execPath, [new URL('./writer.ts', import.meta.url).pathname], {
    env: { ...process.env, ...disk.env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const answers = createInterface(child.stdout)[Symbol.asyncIterator]()
  return {
    /** Undefined when it died before it answered. */
    async write(order: Order): Promise<Done | undefined> {
      child.stdin.write(`${JSON.stringify(order)}\n`)
      const { value } = await answers.next()
      return value === undefined ? undefined : (JSON.parse(value) as Done)
    },
    async stop() {
      child.stdin.end()
      await ended
    },
  }
}

/** Opens what is left with the real store: it is sound, every acknowledged unit is there once, and every unit whole. Empties the folder. */
export async function expectKept(
  folder: string,
  acknowledged: Iterable<number>,
  about: string,
  also: () => void = () => undefined,
): Promise<void> {
  const store = openSqlite(join(folder, 'wito.db'))
  try {
    const look = new Database(join(folder, 'wito.db'), { readonly: true })
    const health = look.pragma('integrity_check', { simple: true })
    look.close()
    expect(health, about).toBe('ok')
    also()
    const { counters, inbound } = store.read
    const rows = await store.read.select().from(counters)
    const units = rows.filter(({ name }) => name.startsWith('unit:')).map(({ n }) => n)
    const there = new Set(units)
    const lost = [...acknowledged].filter((n) => !there.has(n))
    expect(lost, `acknowledged and lost, ${about}`).toEqual([])
    const beside = (await store.read.select({ id: inbound.id }).from(inbound)).map(({ id }) => id)
    expect(beside.sort(), `half units, ${about}`).toEqual(units.map((n) => `unit:${n}`).sort())
    expect(rows.find(({ name }) => name === 'sum')?.n ?? 0, `the sum, ${about}`).toBe(units.length)
  } finally {
    await store.close()
  }
  for (const name of readdirSync(folder)) rmSync(join(folder, name))
}
