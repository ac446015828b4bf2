import { Readable } from 'node:stream'
import { and, desc, eq, inArray } from 'drizzle-orm'
import { html } from 'hono/html'
import { Fault } from '../base/fault.ts'
import { maskMsisdn } from '../base/msisdn.ts'
import { officerActor } from '../officers/officer.ts'
import type { Paired, RollRow } from '../people/roll.ts'
import { ROLL_COLUMNS } from '../people/roll.ts'
import {
  APPLY_RUN,
  applyRunOf,
  applyUpload,
  type BadCell,
  compareRunOf,
  forgetUpload,
  MOST_ROLL_ROWS,
  type RollReport,
  rollReport,
  sampleOf,
  stageRoll,
} from '../people/roll-upload.ts'
import { csvOf } from '../sheets/write.ts'
import { param } from '../web/face.ts'
import { problem } from '../web/fields.ts'
import type { Html } from '../web/layout.ts'
import type { Console, Visit } from './console.ts'
import { progressOf } from './runs.ts'

const MOST_BYTES = 32 * 1024 * 1024
const SHOWN_FAULTS = 100
const SAMPLE = 20

/** `/console/roll`: the council's list is read and checked, compared with what is held, looked at, and only then applied. */
export function rollPages({ face, app }: Console): void {
  const { read } = app.store
  const actorOf = (visit: Visit) => officerActor(visit.me, visit.reader.language)

  face.page('/roll', 'roll', (visit) => showForm(visit))

  face.upload('/roll', 'roll', MOST_BYTES, async (visit, { file, refused }) => {
    if (file === undefined) return showForm(visit, visit.reader.say(`roll_${refused}`))
    try {
      const id = app.clock.id()
      await stageRoll(app, actorOf(visit), { id, file, counties: visit.me.counties })
      visit.go(`/console/roll/${id}`)
    } catch (reason) {
      if (!(reason instanceof Fault && reason.code === 'bad_file')) throw reason
      await showForm(visit, visit.reader.say('roll_bad_file', { why: reason.message }))
    } finally {
      await file.drop()
    }
  })

  face.page('/roll/:id', 'roll', async (visit) => {
    const id = param(visit, 'id')
    const [begun] = await read
      .select({ id: read.runs.id })
      .from(read.runs)
      .where(eq(read.runs.id, applyRunOf(id)))
    // What was applied is followed where its progress is.
    if (begun) return visit.go(`/console/runs/${begun.id}`)
    await showPreview(visit, id, await myReport(visit, id))
  })

  face.page('/roll/:id/bad.csv', 'roll', async (visit) => {
    const { say } = visit.reader
    const { bad } = await myReport(visit, param(visit, 'id'))
    async function* rows() {
      yield bad.map((cell) => [String(cell.row), cell.column, faultOf(visit, cell)])
    }
    visit.ctx.set('Cache-Control', 'no-store')
    visit.ctx.attachment('bad-rows.csv')
    visit.ctx.type = 'text/csv; charset=utf-8'
    visit.ctx.body = Readable.from(csvOf([say('roll_line'), say('roll_column'), say('roll_fault')], rows()))
  })

  face.form('/roll/:id/apply', 'roll', async (visit, form) => {
    const id = param(visit, 'id')
    const [begun] = await read
      .select({ id: read.runs.id })
      .from(read.runs)
      .where(eq(read.runs.id, applyRunOf(id)))
    if (begun) return visit.go(`/console/runs/${begun.id}`)
    const report = await myReport(visit, id)
    const run = await applyUpload(app, actorOf(visit), id, form.get('skip') === '1')
    if (run === undefined) return showPreview(visit, id, report, true)
    visit.go(`/console/runs/${run}`)
  })

  face.form('/roll/:id/forget', 'roll', async (visit) => {
    await forgetUpload(app, actorOf(visit), param(visit, 'id'))
    visit.go('/console/roll', 'roll_forgotten')
  })

  async function myReport(visit: Visit, id: string): Promise<RollReport> {
    const report = await rollReport(app, id)
    return report?.by === actorOf(visit).name ? report : visit.ctx.throw(404)
  }

  async function showForm(visit: Visit, wrong?: string) {
    const { say, count, time } = visit.reader
    const { runs } = read
    const before = await read
      .select()
      .from(runs)
      .where(and(eq(runs.by, actorOf(visit).name), inArray(runs.kind, [APPLY_RUN])))
      .orderBy(desc(runs.at))
      .limit(10)
    const title = say('desk_roll')
    const body = html`<h1>${title}</h1>
${wrong === undefined ? '' : problem('roll', wrong)}
<p class="lead">${say('roll_text')}</p>
<p>${say('roll_columns')} <code>${ROLL_COLUMNS.join(', ')}</code></p>
<form method="post" action="/console/roll" enctype="multipart/form-data" class="narrow">${visit.hidden}
<div class="field"><label for="file">${say('roll_file')}</label><input id="file" name="file" type="file" accept=".csv,.xlsx" aria-describedby="file-hint${wrong === undefined ? '' : ' roll-problem'}"><small id="file-hint">${say('roll_hint', { rows: count(MOST_ROLL_ROWS) })}</small></div>
<button>${say('roll_check')}</button></form>
${before.length === 0 ? '' : html`<h2>${say('roll_before')}</h2><ul>${before.map((run) => html`<li><a href="/console/runs/${run.id}">${time(run.at)}</a>: ${say(`run_${run.state}`)}</li>\n`)}</ul>`}`
    visit.show({ title, body }, wrong === undefined ? 200 : 422)
  }

  async function showPreview(visit: Visit, id: string, report: RollReport, undecided = false) {
    const { say, count } = visit.reader
    const { bad, good, rows, name } = report
    const badRows = new Set(bad.map(({ row }) => row)).size
    const [compared] = await read
      .select()
      .from(read.runs)
      .where(eq(read.runs.id, compareRunOf(id)))
    const sample = await sampleOf(app, id, SAMPLE)
    const title = say('roll_preview')
    const body = html`<h1>${title}</h1>
${undecided ? problem('roll', say(good === 0 ? 'roll_nothing' : 'roll_undecided')) : ''}
<p class="lead">${say('roll_of', { name, rows: count(rows), good: count(good), bad: count(badRows) })}</p>
${badRows > 0 ? faults(visit, id, bad) : ''}
<h2>${say('roll_difference')}</h2>
<p>${say('roll_difference_text')}</p>
${compared ? progressOf(visit, compared) : ''}
${
  sample.length === 0
    ? ''
    : table(
        say('roll_sample'),
        [say('people_name'), say('people_phone'), say('roll_what')],
        sample.map(({ paired, changed }) => [
          paired.row.full_name,
          maskMsisdn(paired.row.phone),
          whatChanges(visit, paired, changed),
        ]),
      )
}
<div class="bar">${
      good === 0
        ? ''
        : html`<form method="post" action="/console/roll/${id}/apply">${visit.hidden}
${badRows > 0 ? html`<p><label><input type="checkbox" name="skip" value="1"> ${say('roll_skip', { bad: count(badRows) })}</label></p>` : ''}
<button>${say('roll_apply', { good: count(good) })}</button></form>`
    }
<form method="post" action="/console/roll/${id}/forget">${visit.hidden}<button class="second">${say('roll_forget')}</button></form></div>`
    const people = sample.flatMap(({ paired }) => paired.before?.id ?? [])
    visit.show({ title, body, seen: { people, fields: ['name', 'masked_phone', 'roll'] } }, undecided ? 409 : 200)
  }
}

/** Of numbers it says only that they change; of everything else from what to what. */
function whatChanges({ reader: { say } }: Visit, { row, before }: Paired, changed: readonly string[] | undefined): string {
  if (!before || !changed) return say('roll_new')
  const held: Partial<Record<keyof RollRow, string>> = {
    full_name: before.fullName,
    phone: maskMsisdn(before.msisdn),
    qualification: before.qualification,
    subjects: before.subjects.join('; '),
    home_county: before.homeCounty,
    home_sub_county: before.homeSubCounty,
    workstation_code: before.workstationCode ?? '–',
    status: before.status,
  }
  return (changed as (keyof RollRow)[])
    .map((column) => {
      const value = row[column]
      const now = column === 'phone' ? maskMsisdn(row.phone) : Array.isArray(value) ? value.join('; ') : (value ?? '–')
      return column in held ? `${column}: ${held[column]} → ${now}` : say('roll_other', { column })
    })
    .join(', ')
}

/** What is wrong with a cell, and how it should look; what stood in it is never repeated. */
function faultOf({ reader: { say } }: Visit, { column, code }: BadCell): string {
  return code === 'wrong' ? say(`roll_wrong_${column}`) : say(`roll_fault_${code}`)
}

function faults(visit: Visit, id: string, bad: readonly BadCell[]): Html {
  const { say, count } = visit.reader
  const caption = say('roll_faults', { some: count(Math.min(bad.length, SHOWN_FAULTS)), all: count(bad.length) })
  const rows = bad.slice(0, SHOWN_FAULTS).map((cell) => [count(cell.row), cell.column, faultOf(visit, cell)])
  return html`${table(caption, [say('roll_line'), say('roll_column'), say('roll_fault')], rows)}
<p><a href="/console/roll/${id}/bad.csv" download>${say('roll_download')}</a></p>`
}

const table = (caption: string, heads: readonly string[], rows: readonly (readonly string[])[]): Html =>
  html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption>
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>\n`)}</tbody></table></div>`
