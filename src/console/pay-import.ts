import { html } from 'hono/html'
import { Fault } from '../base/fault.ts'
import { covers, officerActor } from '../officers/officer.ts'
import { type BadOutcome, beginOutcomes, checkOutcomes, OUTCOME_COLUMNS } from '../pay/import.ts'
import { RETURN_REASONS } from '../pay/outcome.ts'
import { problem } from '../web/fields.ts'
import type { Html } from '../web/layout.ts'
import type { Console, Visit } from './console.ts'
import { PAY } from './pay-address.ts'

const MOST_BYTES = 40 * 1024 * 1024
const SHOWN = 100

/** `/console/pay/import`: what the banks said of a sent list. All of it is taken in, as a run, or where one row is bad nothing. */
export function payImport({ face, app }: Console): void {
  face.page('/pay/import', 'pay', (visit) => showForm(visit))

  face.upload('/pay/import', 'pay', MOST_BYTES, async (visit, { file, refused }) => {
    const { say } = visit.reader
    if (file === undefined) return showForm(visit, say(`import_${refused}`))
    try {
      const { outcomes, bad } = await checkOutcomes(app, file, (county) => covers(visit.me, county))
      if (bad.length > 0) return showForm(visit, say('pay_import_bad', { name: file.name }), bad)
      const run = await beginOutcomes(app, officerActor(visit.me, visit.reader.language), outcomes)
      visit.go(`/console/runs/${run}`)
    } catch (reason) {
      if (!(reason instanceof Fault && reason.code === 'bad_file')) throw reason
      showForm(visit, say('import_bad_file', { why: reason.message }))
    } finally {
      await file.drop()
    }
  })
}

function showForm(visit: Visit, wrong?: string, bad: readonly BadOutcome[] = []) {
  const { say } = visit.reader
  const title = say('pay_import')
  const body = html`<h1>${title}</h1>
${wrong === undefined ? '' : problem('import', wrong)}
${bad.length === 0 ? '' : faults(visit, bad)}
<p class="lead">${say('pay_import_text')}</p>
<p>${say('pay_import_columns')} <code>${OUTCOME_COLUMNS.join(', ')}</code></p>
<p>${say('pay_import_reasons')} <code>${RETURN_REASONS.join(', ')}</code></p>
<form method="post" action="${PAY}/import" enctype="multipart/form-data" class="narrow">${visit.hidden}
<div class="field"><label for="file">${say('import_file')}</label><input id="file" name="file" type="file" accept=".csv,.xlsx"${wrong === undefined ? '' : html` aria-describedby="import-problem"`}></div>
<button>${say('pay_import_button')}</button></form>
<p><a href="${PAY}">${say('pay_title')}</a></p>`
  visit.show({ title, body }, wrong === undefined ? 200 : 422)
}

function faults({ reader: { say, count } }: Visit, bad: readonly BadOutcome[]): Html {
  const caption =
    bad.length > SHOWN ? say('pay_some_bad', { some: count(SHOWN), all: count(bad.length) }) : say('import_all_faults')
  const heads = ['import_line', 'import_column', 'import_fault'].map((head) => say(head))
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption>
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${bad.slice(0, SHOWN).map(({ line, column, code }) => html`<tr><td>${count(line)}</td><td>${column}</td><td>${say(`pay_bad_${code}`)}</td></tr>\n`)}</tbody></table></div>`
}
