import { type SQL, sql } from 'drizzle-orm'
import type { Column } from 'drizzle-orm/column'

/**
 * A column of text that is compared in rows which are found by their keys, and never looked up by its own index. Without statistics SQLite
 * takes a status that equals a value before a list of keys, and walks through everything that is queued to find five messages.
 */
export const inNamed = <T extends string>(column: Column & { _: { data: T } }): SQL<T> => sql<T>`(${column} || '')`
