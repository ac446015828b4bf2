import { Readable } from 'node:stream'
import { html } from 'hono/html'
import { givenOut, keeping, openExport } from '../audit/exported.ts'
import { nairobiDay } from '../base/dates.ts'
import { listApplications, type Position, type Which, withPeople } from '../jobs/overview.ts'
import { officerActor } from '../officers/officer.ts'
import { csvOf, xlsxOf } from '../sheets/write.ts'
import { APPLICATIONS, askedOf, cellsOf, chosenColumns, columnsOf, whichOf } from './application-filters.ts'
import type { Console, Visit } from './console.ts'

const A_PART = 500

/** The current filter as a file: the columns that are shown, masked as they are shown, and a row in the trail that somebody took them. */
export function exportPage({ face, app }: Console): void {
  for (const kind of ['csv', 'xlsx'] as const)
    face.page(`/applications/export.${kind}`, 'look', async (visit) => {
      const query = askedOf(visit)
      const names = chosenColumns(visit, query)
      const labels = new Map(columnsOf(visit).map(({ name, label }) => [name, label]))
      const head = names.map((name) => labels.get(name) ?? name)
      const pages = rowsOf(visit, whichOf(visit, query), query.get('sort') !== 'at', names)
      const name = `applications-${nairobiDay(app.clock.now())}.${kind}`
      const took = () =>
        openExport(app, officerActor(visit.me, visit.reader.language), 'applications.export', {
          detail: { kind, filter: query.toString().slice(0, 200) },
          fields: names,
        })
      if (kind === 'csv') {
        const file = await took()
        visit.ctx.attachment(name)
        visit.ctx.type = 'text/csv; charset=utf-8'
        visit.ctx.body = Readable.from(csvOf(head, givenOut(file, pages)))
        return
      }
      const { rows, noteAll } = keeping(pages)
      const book = await xlsxOf(head, rows)
      if (book === 'too_many_rows') return visit.show(tooMany(visit, query), 422)
      await noteAll(await took())
      visit.ctx.attachment(name)
      visit.ctx.type = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
      visit.ctx.body = book
    })

  async function* rowsOf(visit: Visit, which: Which, down: boolean, names: readonly string[]) {
    const { read } = app.store
    let after: Position | undefined
    for (;;) {
      const rows = await listApplications(read, which, { after, down, limit: A_PART })
      const lines = (await withPeople(read, rows)).map((row) => {
        const cells = cellsOf(visit, row)
        return names.map((name) => cells[name] ?? '')
      })
      yield { rows: lines, people: rows.map(({ personId }) => personId) }
      const last = rows.at(-1)
      if (!last || rows.length < A_PART) return
      after = { at: last.at, id: last.id }
    }
  }
}

function tooMany(visit: Visit, query: URLSearchParams) {
  const { say } = visit.reader
  const title = say('asks_too_many')
  const body = html`<h1>${title}</h1><p>${say('asks_too_many_text')}</p>
<p><a href="${APPLICATIONS}/export.csv?${query}">CSV</a></p><p><a href="${APPLICATIONS}?${query}">${say('decide_back')}</a></p>`
  return { title, body }
}
