import * as p from 'drizzle-orm/pg-core'
import type { Kit } from './kit.ts'
import { define, type Tables } from './schema.ts'

// The two engines' builders have the same shape for what we use; one cast here saves a second schema.
const pgKit = {
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

/** The same tables on PostgreSQL. In a file of its own: a service on SQLite never loads it. */
export const pgTables = define(pgKit) as unknown as Tables
