import * as p from 'drizzle-orm/pg-core'
import * as s from 'drizzle-orm/sqlite-core'

/** The column kit: the only place that knows how a kind of value is stored on each engine. */
export const sqliteKit = {
  table: s.sqliteTable,
  index: s.index,
  unique: s.uniqueIndex,
  primary: s.primaryKey,
  text: <T extends string = string>(name: string) => s.text(name).$type<T>(),
  int: (name: string) => s.integer(name),
  real: (name: string) => s.real(name),
  /** Milliseconds since 1970, UTC. */
  time: (name: string) => s.integer(name),
  bool: (name: string) => s.integer(name, { mode: 'boolean' }),
  json: <T>(name: string) => s.text(name, { mode: 'json' }).$type<T>(),
}

export type Kit = typeof sqliteKit

// The two engines' builders have the same shape for what we use; one cast here saves a second schema.
export const pgKit = {
  table: p.pgTable,
  index: p.index,
  unique: p.uniqueIndex,
  primary: p.primaryKey,
  text: (name: string) => p.text(name),
  int: (name: string) => p.integer(name),
  real: (name: string) => p.doublePrecision(name),
  time: (name: string) => p.bigint(name, { mode: 'number' }),
  bool: (name: string) => p.boolean(name),
  json: (name: string) => p.jsonb(name),
} as unknown as Kit
