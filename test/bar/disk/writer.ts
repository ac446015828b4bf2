import { openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import Database from 'better-sqlite3'
import { eq } from 'drizzle-orm'
import { Fault } from '../../../src/base/fault.ts'
import { openSqlite } from '../../../src/store/sqlite.ts'
import type { Store, Tx } from '../../../src/store/store.ts'

// A process of its own with the real store: for each line on its input it opens a database, writes units into it and says what became of them.

/** `checkpoint`: so many pages are the most in its journal, so that a short run has many of them. */
export type Order = { folder: string; from: number; units: number; lanes: number; checkpoint?: number }
export type Done = { opened: boolean; acknowledged: number[]; refused: string[]; broken: boolean; afterBroken: number[] }

// A process that ends leaves its files as they are. Here a connection that failed would be collected some time, and would tidy up as it goes.
const kept = new Set<Database.Database>()
const { pragma } = Database.prototype
Database.prototype.pragma = function (...given) {
  kept.add(this)
  return pragma.apply(this, given)
}

/** One unit: three rows that belong together. */
async function write(tx: Tx, n: number) {
  const { counters, inbound } = tx
  await tx.insert(counters).values({ name: `unit:${n}`, n })
  await tx.insert(inbound).values({ id: `unit:${n}`, msisdn: `m${n}`, bodySealed: 'x'.repeat((n * 977) % 3_000), at: n })
  const [sum] = await tx.select().from(counters).where(eq(counters.name, 'sum'))
  const next = (sum?.n ?? 0) + 1
  await tx
    .insert(counters)
    .values({ name: 'sum', n: next })
    .onConflictDoUpdate({ target: counters.name, set: { n: next } })
}

async function carryOut({ folder, from, units, lanes, checkpoint }: Order): Promise<Done> {
  const done: Done = { opened: false, acknowledged: [], refused: [], broken: false, afterBroken: [] }
  const { acknowledged, refused, afterBroken } = done
  // The service ends here, at once.
  const onBroken = () => {
    done.broken = true
  }
  let store: Store
  try {
    store = openSqlite(join(folder, 'wito.db'), onBroken, checkpoint === undefined ? {} : { journalPages: checkpoint })
  } catch (reason) {
    return { ...done, refused: [reason instanceof Error && 'code' in reason ? String(reason.code) : String(reason)] }
  }
  done.opened = true
  const marks = openSync(join(folder, 'marks'), 'a')
  let next = from
  const lane = async () => {
    while (next < from + units && !done.broken) {
      const n = next++
      try {
        await store.work(`k${n % 7}`, (tx) => write(tx, n))
        ;(done.broken ? afterBroken : acknowledged).push(n)
        writeSync(marks, `${n}\n`)
      } catch (reason) {
        refused.push(reason instanceof Fault ? reason.code : String(reason))
      }
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return done
}

for await (const line of createInterface(process.stdin))
  process.stdout.write(`${JSON.stringify(await carryOut(JSON.parse(line)))}\n`)
