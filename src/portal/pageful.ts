import { html } from 'hono/html'
import { queryOf } from '../web/face.ts'
import type { Html } from '../web/layout.ts'
import type { Visit } from './visit.ts'

/** What the rows of a page may weigh, so that with head and foot it stays under 14 KB. */
const MOST_BYTES = 9_500

/**
 * As many rows as fit on one page, in their order, and a link to the rest. `keyOf` names a row in the address: the next page begins after
 * it, whatever has come or gone meanwhile. `rows` may hold more than is ever shown.
 */
export function pageful<Row>(
  visit: Visit,
  rows: readonly Row[],
  { draw, keyOf, most = 30, more = 'list_more' }: { draw(row: Row): Html; keyOf(row: Row): string; most?: number; more?: string },
): { shown: Html[]; rest: Html } {
  const shown: Html[] = []
  let bytes = 0
  for (const row of rows.slice(0, most)) {
    const drawn = draw(row)
    bytes += Buffer.byteLength(String(drawn))
    if (shown.length > 0 && bytes > MOST_BYTES) break
    shown.push(drawn)
  }
  const last = rows[shown.length - 1]
  if (last === undefined || shown.length === rows.length) return { shown, rest: html`` }
  const query = new URLSearchParams({ ...(queryOf(visit) as Record<string, string>), after: keyOf(last) })
  query.delete('said')
  query.delete('lang')
  return { shown, rest: html`<p><a href="?${query.toString()}">${visit.reader.say(more)}</a></p>` }
}

/** A key of two parts, as {@link pageful} wrote it; undefined where the address names none. */
export function afterOf(visit: Visit): [first: string, second: string] | undefined {
  const [, first, second] = /^([^.]+)\.(.+)$/.exec(queryOf(visit).after ?? '') ?? []
  return first === undefined || second === undefined ? undefined : [first, second]
}

/** The rows after the one that the address names; all where it names none, or none that is there. */
export function rowsAfter<Row>(visit: Visit, rows: readonly Row[], keyOf: (row: Row) => string): readonly Row[] {
  const { after } = queryOf(visit)
  return rows.slice(rows.findIndex((row) => keyOf(row) === after) + 1)
}
