import { html, raw } from 'hono/html'
import { marksOf } from '../attendance/own.ts'
import { isDay } from '../base/dates.ts'
import { deploymentsOf } from '../deployments/mine.ts'
import { titleOf } from '../jobs/vacancy.ts'
import { declaredBy, WHYS } from '../people/declarations.ts'
import { param } from '../web/face.ts'
import { choice, field } from '../web/fields.ts'
import { pageful, rowsAfter } from './pageful.ts'
import type { Portal } from './portal.ts'

/** The days of a duty as they were marked, and the schools that somebody declares. */
export function servicePages({ face, perform, within }: Portal): void {
  face.page('/days/:id', 'in', async (visit) => {
    const found = await within(visit, async (scene) => {
      const duties = await deploymentsOf(scene, visit.me.person.id)
      const duty = duties.find(({ deployment }) => deployment.id === param(visit, 'id'))
      return duty && { duty, days: await marksOf(scene, duty) }
    })
    if (!found) return visit.ctx.throw(404)
    const { say, day, language } = visit.reader
    const { duty, days } = found
    const title = say('days_title')
    const keyOf = ({ day: on }: (typeof days)[number]) => on
    const { shown, rest } = pageful(visit, rowsAfter(visit, days, keyOf), {
      keyOf,
      draw: ({ day: on, mark, disputed, settled }) =>
        html`<li><strong>${day(on)}</strong> <span>${visit.word('mark', disputed ? 'disputed' : (mark ?? 'none'))}${settled ? html` (${say('days_settled')})` : ''}</span>${
          disputed || settled
            ? ''
            : html`<details><summary>${say('days_dispute')}</summary><form method="post" action="/portal/days/${duty.deployment.id}">${visit.hidden}<input type="hidden" name="day" value="${on}">
<div class="field"><label for="reason-${on}">${say('days_reason')}</label><input id="reason-${on}" name="reason" required maxlength="120"></div><button class="second">${say('days_send')}</button></form></details>`
        }</li>\n`,
    })
    const body = html`<h1>${title}</h1>
<p class="lead">${titleOf(duty.job, language)}, ${duty.station.name}</p>
${days.length === 0 ? html`<p>${say('days_none')}</p>` : html`<ul class="ways">${shown}</ul>`}
${rest}
<p><a href="/portal/letters">${say('room_letters')}</a></p>`
    visit.show({ title, body })
  })

  face.form('/days/:id', 'in', async (visit, form) => {
    const deployment = param(visit, 'id')
    const day = form.get('day')
    const reason = form.get('reason').replace(/\s+/g, ' ').slice(0, 120)
    const path = `/portal/days/${deployment}`
    if (reason === '' || !isDay(day)) return visit.go(path, 'answer_reason')
    const outcome = await perform(visit, 'attendance.dispute', { deployment, day, reason })
    visit.go(path, outcome.done ? 'days_disputed' : 'days_already')
  })

  face.page('/profile/schools', 'in', async (visit) => {
    const rows = await within(visit, (scene) => declaredBy(scene, visit.me.person.id))
    const { say } = visit.reader
    const title = say('schools_title')
    const body = html`<h1>${title}</h1>
<p class="lead">${say('schools_text')}</p>
${
  rows.length === 0
    ? html`<p>${say('schools_none')}</p>`
    : html`<ul class="ways">${rows.map(({ centre, station, why }) => html`<li><strong>${station}</strong> <span>${centre}, ${say(`schools_${why}`)}</span><form method="post" action="/portal/profile/schools/drop">${visit.hidden}<button class="second" name="centre" value="${centre}">${say('schools_drop')} <span class="hidden">${station}</span></button></form></li>\n`)}</ul>`
}
<form method="post" action="/portal/profile/schools" class="narrow">${visit.hidden}
${field({ name: 'centre', label: say('schools_centre'), value: '', hint: say('schools_centre_hint'), more: raw(' inputmode="numeric" required') })}
${choice(
  { name: 'why', label: say('schools_why'), value: 'relation' },
  WHYS.map((why) => ({ value: why, label: say(`schools_${why}`) })),
)}
<button>${say('schools_add')}</button></form>
<p><a href="/portal/profile">${say('room_profile')}</a></p>`
    visit.show({ title, body })
  })

  face.form('/profile/schools', 'in', async (visit, form) => {
    const why = WHYS.find((each) => each === form.get('why')) ?? 'relation'
    const centre = form.get('centre').replace(/\D/g, '')
    const outcome = await perform(visit, 'declarations.add', { centre, why })
    visit.go('/portal/profile/schools', outcome.done ? 'schools_added' : `schools_${outcome.refused}`)
  })

  face.form('/profile/schools/drop', 'in', async (visit, form) => {
    await perform(visit, 'declarations.drop', { centre: form.get('centre') })
    visit.go('/portal/profile/schools', 'schools_dropped')
  })
}
