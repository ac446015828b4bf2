import { html, raw } from 'hono/html'
import { leaveTrace } from '../acting.ts'
import { MARKS } from '../attendance/mark.ts'
import { markByOfficer } from '../attendance/officer-marks.ts'
import { disputeOf } from '../attendance/own.ts'
import { disputesOf } from '../attendance/staffing.ts'
import { officerActor } from '../officers/officer.ts'
import type { Html } from '../web/layout.ts'
import type { Console, Visit } from './console.ts'

type Dispute = Awaited<ReturnType<typeof disputesOf>>[number]

/** `/console/disputes`: days that people say were marked wrongly, with their words; what an officer decides is told by SMS. */
export function disputePages({ face, app }: Console): void {
  const { read } = app.store

  face.page('/disputes', 'vet', async (visit) => {
    const { say } = visit.reader
    const rows = await disputesOf(read, visit.me.counties)
    // Reading what somebody wrote is an act of its own.
    if (rows.length > 0)
      await app.store.work('disputes', async (tx) => {
        const actor = officerActor(visit.me, visit.reader.language)
        for (const { personId } of rows)
          await leaveTrace({ tx, actor, at: app.clock.now(), tools: app }, 'attendance.read_dispute', {
            outcome: 'done',
            subject: personId,
          })
      })
    const title = say('disputes_title')
    const body = html`<h1>${title}</h1>
<p class="lead">${say('disputes_text')}</p>
${rows.length === 0 ? html`<p class="none">${say('disputes_none')}</p>` : rows.map((row) => card(visit, row))}`
    visit.show({ title, body })
  })

  face.form('/disputes', 'vet', async (visit, form) => {
    const [deployment = '', day = ''] = form.get('mark_of').split(' ')
    const mark = MARKS.find((each) => each === form.get('mark'))
    const rows = await disputesOf(read, visit.me.counties, 500)
    const row = rows.find(({ attendance }) => attendance.deploymentId === deployment && attendance.day === day)
    // Somebody settled it before, or the button was pressed twice: the list says what is left.
    if (!row || mark === undefined) return visit.go('/console/disputes', 'dispute_gone')
    await markByOfficer(app, officerActor(visit.me, visit.reader.language), { deployment, day, mark })
    visit.go('/console/disputes', 'dispute_settled')
  })

  function card(visit: Visit, { attendance, name, personId, station }: Dispute): Html {
    const { say, day, time } = visit.reader
    const id = `mark-${attendance.deploymentId}-${attendance.day}`
    return html`<section class="card"><h2><a href="/console/people/${personId}">${name}</a></h2>
<dl><div><dt>${say('deploy_station')}</dt><dd>${station}</dd></div>
<div><dt>${say('staffing_day')}</dt><dd>${day(attendance.day)}</dd></div>
<div><dt>${say('staffing_mark')}</dt><dd>${say(`staffing_is_${attendance.mark}`)}</dd></div>
<div><dt>${say('dispute_words')}</dt><dd>${disputeOf(app, attendance) ?? ''} <span class="soft">${time(attendance.disputedAt ?? 0)}</span></dd></div></dl>
<form method="post" action="/console/disputes" class="narrow">${visit.hidden}<input type="hidden" name="mark_of" value="${attendance.deploymentId} ${attendance.day}">
<div class="field"><label for="${id}">${say('dispute_decide')}</label><select id="${id}" name="mark">${MARKS.map((each) => html`<option value="${each}"${each === attendance.mark ? raw(' selected') : ''}>${say(`staffing_is_${each}`)}</option>`)}</select></div>
<button>${say('dispute_save')}</button></form></section>`
  }
}
