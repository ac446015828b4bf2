import { html, raw } from 'hono/html'
import type { Html } from '../web/layout.ts'
import type { Visit } from './console.ts'

/** A column of a long table. `sorts`: there is an index that gives the rows in its order. */
export type Column<R> = { name: string; label: string; cell(row: R): Html | string; sorts?: true; right?: true }

/** What the address says of a table: how it is sorted, where the page begins, which columns are wanted. */
export type TableQuery = {
  sort: string
  down: boolean
  /** The sort value and the id of the row before this page; undefined for the first page. */
  after: readonly [value: string, id: string] | undefined
  /** Undefined: all. */
  columns: readonly string[] | undefined
}

export const PAGE_ROWS = 50

/** Those of `rows` that a page shows; one more only says that there are more. */
export const onPage = <R>(rows: readonly R[]): readonly R[] => rows.slice(0, PAGE_ROWS)

/** Reads `sort` (`-at` is downwards), `after` and `columns`; what is not known is left out, never an error. */
export function tableQuery(visit: Visit, sorts: readonly string[], usual: string): TableQuery {
  const asked = one(visit, 'sort')
  const sort = asked !== undefined && sorts.includes(asked.replace(/^-/, '')) ? asked : usual
  const columns = one(visit, 'columns')
  return {
    sort: sort.replace(/^-/, ''),
    down: sort.startsWith('-'),
    after: readAfter(one(visit, 'after')),
    columns: columns === undefined ? undefined : columns.split(','),
  }
}

/** One value of the address; undefined where it is absent, empty or given twice. */
export function one({ ctx }: Visit, name: string): string | undefined {
  const value = ctx.query[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

function readAfter(text: string | undefined): TableQuery['after'] {
  try {
    const read: unknown = JSON.parse(Buffer.from(text ?? '', 'base64url').toString())
    const [value, id] = Array.isArray(read) ? read : []
    return typeof value === 'string' && typeof id === 'string' ? [value, id] : undefined
  } catch {
    // Cut off or altered by hand: the first page.
    return undefined
  }
}

/** The same address with other values; `undefined` takes one away. */
export function withQuery({ ctx }: Visit, changes: Readonly<Record<string, string | undefined>>): string {
  const query = new URLSearchParams(ctx.querystring)
  query.delete('said')
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) query.delete(name)
    else query.set(name, value)
  }
  const text = query.toString()
  return text === '' ? ctx.path : `${ctx.path}?${text}`
}

/**
 * A page of a table by key: the first 50 of `rows` are shown, a 51st says that there are more. `keyOf` gives the sort value and the id of a row.
 * `tick`: rows can be ticked, for a form around the table.
 */
export function longTable<R>(
  visit: Visit,
  query: TableQuery,
  {
    caption,
    columns,
    rows,
    keyOf,
    tick,
    nameOf = (row) => keyOf(row)[0],
  }: {
    caption: string
    columns: readonly Column<R>[]
    rows: readonly R[]
    keyOf(row: R): readonly [string, string]
    tick?: (row: R) => string | undefined
    /** What a ticked row is called, for who hears the page. */
    nameOf?: (row: R) => string
  },
): Html {
  const { say } = visit.reader
  const shown = columns.filter(({ name }) => query.columns === undefined || query.columns.includes(name))
  const page = onPage(rows)
  const last = page.at(-1)
  const more = rows.length > PAGE_ROWS && last !== undefined
  const head = shown.map(({ name, label, sorts, right }) => {
    const here = query.sort === name
    const order = here ? (query.down ? 'descending' : 'ascending') : 'none'
    const link = withQuery(visit, { sort: here && !query.down ? `-${name}` : name, after: undefined })
    return html`<th scope="col"${right ? raw(' class="right"') : ''}${sorts ? raw(` aria-sort="${order}"`) : ''}>${
      sorts ? html`<a href="${link}">${label}${here ? (query.down ? ' ↓' : ' ↑') : ''}</a>` : label
    }</th>`
  })
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table>
<caption>${caption}</caption>
<thead><tr>${tick ? html`<th scope="col" class="tick"><span class="hidden">${say('table_tick')}</span></th>` : ''}${head}</tr></thead>
<tbody>
${page.map((row) => {
  const ticked = tick?.(row)
  return html`<tr>${tick ? html`<td class="tick">${ticked === undefined ? '' : html`<input type="checkbox" name="id" value="${ticked}" aria-label="${say('table_tick')} ${nameOf(row)}">`}</td>` : ''}${shown.map(({ cell, right }) => html`<td${right ? raw(' class="right"') : ''}>${cell(row)}</td>`)}</tr>\n`
})}</tbody></table></div>
${page.length === 0 ? html`<p class="none">${say('table_none')}</p>` : ''}
<p class="pages">${query.after ? html`<a href="${withQuery(visit, { after: undefined })}">${say('table_first')}</a> ` : ''}${
    more ? html`<a href="${withQuery(visit, { after: afterOf(keyOf(last)) })}" rel="next">${say('table_next')}</a>` : ''
  }</p>`
}

const afterOf = (key: readonly [string, string]) => Buffer.from(JSON.stringify(key)).toString('base64url')
