import type { Database } from 'better-sqlite3'
import { Column } from 'drizzle-orm/column'
import { is } from 'drizzle-orm/entity'
import { Param, Placeholder } from 'drizzle-orm/sql/sql'

type Cell = string | number | bigint | Uint8Array | null
type Decoder = { mapFromDriverValue(raw: unknown): unknown }
/** What drizzle's prepared query for better-sqlite3 holds, of version 0.45: pinned, and held to the same answers by test/store. */
type Built = {
  getQuery(): { sql: string; params: unknown[] }
  execute(values: object): Promise<unknown>
  executeMethod: 'run' | 'all' | 'get' | 'values'
  fields?: { path: string[]; field: object & { decoder?: Decoder; sql?: { decoder: Decoder } } }[]
  joinsNotNullableMap?: Record<string, boolean>
}

/**
 * A query that drizzle has built and prepared, made to run many times: drizzle asks of every cell of every row, and of every value, what
 * kind of thing it is; here that is asked once. What it cannot read itself (a left join) is left to drizzle.
 */
export function compiled(connection: Database, prepared: object): { execute(values: object): Promise<unknown> } {
  const built = prepared as Built
  const { sql, params } = built.getQuery()
  const leftJoin = Object.values(built.joinsNotNullableMap ?? {}).includes(false)
  if (leftJoin || (built.executeMethod !== 'run' && (built.executeMethod !== 'all' || !built.fields))) return built
  const values = params.map(filler)
  const filled = (given: Record<string, unknown>) => values.map((fill) => fill(given))
  const statement = connection.prepare<Cell[]>(sql)
  if (built.executeMethod === 'run')
    return { execute: async (given) => statement.run(...filled(given as Record<string, unknown>)) }
  const read = rowReader(built.fields ?? [])
  return {
    execute: async (given) => (statement.raw().all(...filled(given as Record<string, unknown>)) as Cell[][]).map(read),
  }
}

/** How a parameter gets its value: a constant, or what stands in for a hole. A hole without a value is a mistake, not a null. */
function filler(param: unknown): (given: Record<string, unknown>) => Cell {
  const [hole, encode] = is(param, Placeholder)
    ? [param, (value: unknown) => value]
    : is(param, Param) && is(param.value, Placeholder)
      ? [param.value, (value: unknown) => param.encoder.mapToDriverValue(value)]
      : []
  if (!hole || !encode) return () => param as Cell
  const { name } = hole
  return (given) => {
    const value = given[name]
    if (value === undefined) throw new TypeError(`nothing was given for '${name}'`)
    return encode(value) as Cell
  }
}

/** Puts the cells of a row where drizzle would: `{ column }`, or `{ table: { column } }` for a join. */
function rowReader(fields: NonNullable<Built['fields']>): (row: Cell[]) => unknown {
  const cells = fields.map(({ path, field }) => {
    const decoder = (is(field, Column) ? (field as unknown as Decoder) : (field.decoder ?? field.sql?.decoder)) as Decoder
    return { group: path.length > 1 ? path[0] : undefined, name: path.at(-1) as string, decoder }
  })
  return (row) => {
    const result: Record<string, unknown> = {}
    for (let n = 0; n < cells.length; n++) {
      const { group, name, decoder } = cells[n] as (typeof cells)[number]
      const raw = row[n]
      const value = raw === null ? null : decoder.mapFromDriverValue(raw)
      if (group === undefined) result[name] = value
      else {
        result[group] ??= {}
        ;(result[group] as Record<string, unknown>)[name] = value
      }
    }
    return result
  }
}
