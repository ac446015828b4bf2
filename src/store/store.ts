import { sql } from 'drizzle-orm'
import type { BaseSQLiteDatabase } from 'drizzle-orm/sqlite-core'
import { Fault } from '../base/fault.ts'
import type { Tables } from './schema.ts'

type Queries = BaseSQLiteDatabase<'async', unknown>

/** What a unit of work may touch: drizzle's builders, our tables. Dies with its unit. */
export type Tx = Pick<Queries, 'select' | 'insert' | 'update' | 'delete'> &
  Tables & { readonly connection: object; compiled(prepared: object): object }
export type Read = Pick<Queries, 'select'> & Tables

export type Store = {
  /**
   * Runs `unit` so that everything it writes is durable when the promise resolves, or nothing is.
   * Units with the same `key` never overlap. A unit awaits only queries on its `tx`, and may be run more than once, undone in between:
   * what it counts or finds, it gives back, and changes nothing outside.
   * Rejects with what the unit threw, or with a Fault (`busy`, `storage_full`, `storage_broken`).
   */
  work<T>(key: string, unit: (tx: Tx) => Promise<T>): Promise<T>
  /** Committed rows only, on a connection of its own; on SQLite the last of them may still be on their way to the disk. */
  read: Read
  /**
   * Whether somebody else has written since this was last asked: whoever writes a lot then lets them in between. Always false on an
   * engine where nobody waits for them.
   */
  othersWrote(): boolean
  /** Resolves when the storage answers a query; rejects when it does not. */
  ping(): Promise<void>
  /** A consistent copy of the whole database, made while others write. SQLite only. */
  copyTo(file: string): Promise<void>
  /** Overwrites what was deleted, where the storage would keep it in its journal. */
  scrub(): Promise<void>
  close(): Promise<void>
}

type Prepared<P, R> = { execute(values: P): Promise<R> }
type Holes<P> = { [K in keyof P]: never }

const holes = new Proxy({}, { get: (_, name) => sql.placeholder(String(name)) })

let queries = 0

/**
 * A query built once per connection, then only run: building costs some twenty times what running does.
 * `build` gets a hole for each value; what is given back fills them and runs it. `name` is for people who watch the server.
 */
export function once<P extends object, R>(name: string, build: (tx: Tx, hole: Holes<P>) => PromiseLike<R>) {
  const ready = new WeakMap<object, Prepared<P, R>>()
  // A connection of PostgreSQL takes a name for one query only, and two files may choose the same.
  const unique = `${name}_${++queries}`
  return (tx: Tx, values: P): Promise<R> => {
    let query = ready.get(tx.connection)
    if (!query) {
      const built = build(tx, holes as Holes<P>) as unknown as { prepare(name: string): object }
      query = tx.compiled(built.prepare(unique)) as Prepared<P, R>
      ready.set(tx.connection, query)
    }
    return query.execute(values)
  }
}

/** A handle that dies with its unit, so that nothing forgotten can write into somebody else's. */
export function handle(db: object, tables: Tables, compiled: Tx['compiled'] = (prepared) => prepared): { tx: Tx; end(): void } {
  let over = false
  const live =
    (method: 'select' | 'insert' | 'update' | 'delete') =>
    (...given: unknown[]) => {
      if (over) throw new Fault('unit_misused', 'this unit of work is over')
      return (db as Record<string, (...a: unknown[]) => unknown>)[method]?.(...given)
    }
  const tx = {
    // Not spread: a unit needs few of them.
    __proto__: tables,
    compiled,
    select: live('select'),
    insert: live('insert'),
    update: live('update'),
    delete: live('delete'),
    get connection() {
      if (over) throw new Fault('unit_misused', 'this unit of work is over')
      return db
    },
  }
  return {
    tx: tx as unknown as Tx,
    end() {
      over = true
    },
  }
}
