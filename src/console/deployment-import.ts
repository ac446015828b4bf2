import { Readable } from 'node:stream'
import { eq, inArray } from 'drizzle-orm'
import { html } from 'hono/html'
import { Fault } from '../base/fault.ts'
import type { BadRow } from '../deployments/check.ts'
import {
  applyImport,
  forgetImport,
  IMPORT_COLUMNS,
  type ImportReport,
  importRunOf,
  MOST_IMPORT_ROWS,
  reportOf,
  stageImport,
} from '../deployments/upload.ts'
import { covers, officerActor } from '../officers/officer.ts'
import { csvOf } from '../sheets/write.ts'
import { param } from '../web/face.ts'
import { problem } from '../web/fields.ts'
import type { Html } from '../web/layout.ts'
import type { Console, Visit } from './console.ts'
import { faultWords } from './deployment-enter.ts'
import { DEPLOYMENTS } from './deployment-filters.ts'

const MOST_BYTES = 4 * 1024 * 1024
const SHOWN_FAULTS = 50
const IMPORT = `${DEPLOYMENTS}/import`

/** `/console/deployments/import`: a table of deployments is read and checked, looked at, and only then applied, as a run. */
export function deploymentImport({ face, app }: Console): void {
  const { read } = app.store
  const actorOf = (visit: Visit) => officerActor(visit.me, visit.reader.language)

  face.page('/deployments/import', 'deploy', (visit) => showForm(visit))

  face.upload('/deployments/import', 'deploy', MOST_BYTES, async (visit, { file, refused }) => {
    if (file === undefined) return showForm(visit, visit.reader.say(`import_${refused}`))
    try {
      const id = app.clock.id()
      await stageImport(app, { id, file, by: actorOf(visit).name, mine: (county) => covers(visit.me, county) })
      visit.go(`${IMPORT}/${id}`)
    } catch (reason) {
      if (!(reason instanceof Fault && reason.code === 'bad_file')) throw reason
      showForm(visit, visit.reader.say('import_bad_file', { why: reason.message }))
    } finally {
      await file.drop()
    }
  })

  face.page('/deployments/import/:id', 'deploy', async (visit) => {
    const id = param(visit, 'id')
    const run = importRunOf(id)
    const begun = await read.select({ id: read.runs.id }).from(read.runs).where(eq(read.runs.id, run))
    // What was applied is followed where its progress is.
    if (begun.length > 0) return visit.go(`/console/runs/${run}`)
    await showPreview(visit, id, await myReport(visit, id))
  })

  face.page('/deployments/import/:id/bad.csv', 'deploy', async (visit) => {
    const { say } = visit.reader
    const { bad } = await myReport(visit, param(visit, 'id'))
    async function* rows() {
      yield bad.map((fault) => [String(fault.row), fault.column, faultWords(visit, fault)])
    }
    visit.ctx.set('Cache-Control', 'no-store')
    visit.ctx.attachment('bad-rows.csv')
    visit.ctx.type = 'text/csv; charset=utf-8'
    visit.ctx.body = Readable.from(csvOf([say('import_line'), say('import_column'), say('import_fault')], rows()))
  })

  face.form('/deployments/import/:id/apply', 'deploy', async (visit, form) => {
    const id = param(visit, 'id')
    const run = await applyImport(app, actorOf(visit), id, form.get('skip') === '1')
    if (run !== undefined) return visit.go(`/console/runs/${run}`)
    await showPreview(visit, id, await myReport(visit, id), true)
  })

  face.form('/deployments/import/:id/forget', 'deploy', async (visit) => {
    await forgetImport(app, actorOf(visit), param(visit, 'id'))
    visit.go(IMPORT, 'import_forgotten')
  })

  async function myReport(visit: Visit, id: string): Promise<ImportReport> {
    const report = await reportOf(app, id)
    return report?.by === actorOf(visit).name ? report : visit.ctx.throw(404)
  }

  function showForm(visit: Visit, wrong?: string) {
    const { say, count } = visit.reader
    const title = say('deploy_import')
    const body = html`<h1>${title}</h1>
${wrong === undefined ? '' : problem('import', wrong)}
<p class="lead">${say('import_text')}</p>
<p>${say('import_columns')} <code>${IMPORT_COLUMNS.join(', ')}</code></p>
<form method="post" action="${IMPORT}" enctype="multipart/form-data" class="narrow">${visit.hidden}
<div class="field"><label for="file">${say('import_file')}</label><input id="file" name="file" type="file" accept=".csv,.xlsx" aria-describedby="file-hint${wrong === undefined ? '' : ' import-problem'}"><small id="file-hint">${say('import_hint', { rows: count(MOST_IMPORT_ROWS) })}</small></div>
<button>${say('import_check')}</button></form>
<p><a href="${DEPLOYMENTS}">${say('desk_deployments')}</a></p>`
    visit.show({ title, body }, wrong === undefined ? 200 : 422)
  }

  async function showPreview(visit: Visit, id: string, report: ImportReport, undecided = false) {
    const { say, count } = visit.reader
    const { bad, fates, good, rows, name } = report
    const badRows = new Set(bad.map(({ row }) => row)).size
    const line = (label: string, n: number) => html`<div><dt>${label}</dt><dd>${count(n)}</dd></div>\n`
    const title = say('import_preview')
    const body = html`<h1>${title}</h1>
${undecided ? problem('import', say(good === 0 ? 'import_nothing' : 'import_undecided')) : ''}
<p class="lead">${say('import_of', { name, rows: count(rows) })}</p>
<dl>${line(say('tally_made'), fates.made)}${line(say('tally_changed'), fates.changed)}${line(say('tally_same'), fates.same)}${line(say('import_bad_rows'), badRows)}</dl>
${badRows > 0 ? faults(visit, id, bad) : ''}
${good > 0 ? await firstRows(visit, report) : ''}
<div class="bar">${good > 0 ? applyForm(visit, id, good, badRows) : ''}
<form method="post" action="${IMPORT}/${id}/forget">${visit.hidden}<button class="second">${say('import_forget')}</button></form></div>`
    const people = good > 0 ? report.first.map(({ personId }) => personId) : []
    visit.show({ title, body, seen: { people, fields: ['name', 'duty'] } }, undecided ? 409 : 200)
  }

  async function firstRows(visit: Visit, { first }: ImportReport): Promise<Html> {
    const { say, day } = visit.reader
    const { people, stations } = read
    const named = await read
      .select({ id: people.id, name: people.fullName })
      .from(people)
      .where(
        inArray(
          people.id,
          first.map(({ personId }) => personId),
        ),
      )
    const placed = await read
      .select({ code: stations.centreCode, name: stations.name })
      .from(stations)
      .where(
        inArray(
          stations.centreCode,
          first.map(({ centreCode }) => centreCode),
        ),
      )
    const names = new Map(named.map(({ id, name }) => [id, name]))
    const places = new Map(placed.map(({ code, name }) => [code, name]))
    const rows = first.map((row) => [
      names.get(row.personId) ?? '',
      row.jobCode,
      `${places.get(row.centreCode) ?? ''} ${row.centreCode}`,
      `${day(row.reportOn)}, ${row.reportAt}`,
      say(`tally_${row.fate}`),
    ])
    const heads = ['deploy_name', 'deploy_job', 'deploy_station', 'deploy_reports', 'import_fate'].map((head) => say(head))
    return table(say('import_first'), heads, rows)
  }
}

function faults(visit: Visit, id: string, bad: readonly BadRow[]): Html {
  const { say, count } = visit.reader
  const rows = bad.slice(0, SHOWN_FAULTS).map((fault) => [count(fault.row), fault.column, faultWords(visit, fault)])
  return html`<h2>${say('import_faults')}</h2>
${table(
  bad.length > SHOWN_FAULTS
    ? say('import_some_faults', { some: count(SHOWN_FAULTS), all: count(bad.length) })
    : say('import_all_faults'),
  ['import_line', 'import_column', 'import_fault'].map((head) => say(head)),
  rows,
)}
<p><a href="${IMPORT}/${id}/bad.csv" download>${say('import_download')}</a></p>`
}

function table(caption: string, heads: readonly string[], rows: readonly (readonly string[])[]): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption>
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>\n`)}</tbody></table></div>`
}

function applyForm(visit: Visit, id: string, good: number, badRows: number): Html {
  const { say, count } = visit.reader
  return html`<form method="post" action="${IMPORT}/${id}/apply">${visit.hidden}
${badRows > 0 ? html`<p><label><input type="checkbox" name="skip" value="1"> ${say('import_skip', { bad: count(badRows) })}</label></p>` : ''}
<button>${say('import_apply', { good: count(good) })}</button></form>`
}
