import * as s from 'drizzle-orm/sqlite-core'

/** The column kit: with kit-postgres.ts the only place that knows how a kind of value is stored on each engine. */
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
