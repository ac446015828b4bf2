import { desc, eq } from 'drizzle-orm'
import { html } from 'hono/html'
import { acting } from '../acting.ts'
import { type Duty, deploymentsOf, mayAccept, mayDecline } from '../deployments/mine.ts'
import { titleOf } from '../jobs/vacancy.ts'
import { type Letter, openLetter } from '../letters/letter.ts'
import { param } from '../web/face.ts'
import type { Html, Page } from '../web/layout.ts'
import { pageful, rowsAfter } from './pageful.ts'
import type { Portal } from './portal.ts'
import { actorOf, type Visit } from './visit.ts'

/** Deployments: the letter with its earlier versions, accepting and declining. */
export function letterPages({ face, app, within, perform, print }: Portal): void {
  face.page('/letters', 'in', async (visit) => {
    const duties = await within(visit, (scene) => deploymentsOf(scene, visit.me.person.id))
    const { read } = app.store
    const letters = await read
      .select()
      .from(read.letters)
      .where(eq(read.letters.personId, visit.me.person.id))
      .orderBy(desc(read.letters.version))
    visit.show(listPage(visit, duties, letters, app.clock.now()))
  })

  face.page('/letters/:id/pdf', 'in', async (visit) => {
    const opened = await openLetter(app, param(visit, 'id'))
    if (opened?.letter.personId !== visit.me.person.id) return visit.ctx.throw(404)
    if (opened.letter.revokedAt !== null) return visit.ctx.throw(410)
    const { letter, facts } = opened
    const pdf = await print(letter.id, facts)
    await acting(app, actorOf(visit), 'letters.download', visit.me.person.id, async () => [
      undefined,
      { outcome: 'done', subject: visit.me.person.id, detail: { reference: letter.reference, version: letter.version } },
    ])
    visit.ctx.attachment(`letter-${letter.reference.replace(/[^\w-]+/g, '-')}.pdf`)
    visit.ctx.type = 'application/pdf'
    visit.ctx.body = Buffer.from(pdf)
  })

  face.form('/letters/:id/accept', 'in', async (visit) => {
    const outcome = await perform(visit, 'deployments.accept', { deployment: param(visit, 'id') })
    visit.go('/portal/letters', outcome.done ? 'accepted' : `answer_${outcome.refused}`)
  })
  face.form('/letters/:id/decline', 'in', async (visit, form) => {
    const reason = form.get('reason').replace(/\s+/g, ' ').slice(0, 120)
    if (reason === '') return visit.go('/portal/letters', 'answer_reason')
    const outcome = await perform(visit, 'deployments.decline', { deployment: param(visit, 'id'), reason })
    visit.go('/portal/letters', outcome.done ? 'declined' : `answer_${outcome.refused}`)
  })
}

function listPage(visit: Visit, duties: readonly Duty[], letters: readonly Letter[], at: number): Page {
  const { say } = visit.reader
  const title = say('room_letters')
  const keyOf = ({ deployment }: Duty) => deployment.id
  const lettersOf = (duty: Duty) => letters.filter((letter) => letter.deploymentId === keyOf(duty))
  const { shown, rest } = pageful(visit, rowsAfter(visit, duties, keyOf), {
    draw: (duty) => dutyCard(visit, duty, lettersOf(duty), at),
    keyOf,
    most: 10,
  })
  const body = html`<h1>${title}</h1>
${duties.length === 0 ? html`<p>${say('letters_none')}</p>` : ''}
${shown}
${rest}`
  return { title, body }
}

function dutyCard(visit: Visit, duty: Duty, letters: readonly Letter[], at: number): Html {
  const { say, day, time, language } = visit.reader
  const { deployment, job, station } = duty
  const now = letters.find((letter) => letter.revokedAt === null)
  const path = `/portal/letters/${deployment.id}`
  return html`<section class="card"><h2>${titleOf(job, language)}</h2>
<p><strong>${visit.word('answer', deployment.status)}</strong></p>
<dl>
<div><dt>${say('duty_station')}</dt><dd>${station.name}, ${station.county}</dd></div>
<div><dt>${say('duty_report')}</dt><dd>${day(deployment.reportOn)}, ${deployment.reportAt}</dd></div>
<div><dt>${say('job_days')}</dt><dd>${day(job.startsOn)} – ${day(job.endsOn)}</dd></div>
${deployment.answerBy !== null && mayAccept(duty, at) ? html`<div><dt>${say('duty_answer_by')}</dt><dd>${time(deployment.answerBy)}</dd></div>` : ''}
</dl>
${now ? html`<p><a href="/portal/letters/${now.id}/pdf">${say('letter_download')}</a> <span class="soft">${say('letter_version', { version: now.version, reference: now.reference })}</span></p>` : ''}
${mayAccept(duty, at) ? html`<form method="post" action="${path}/accept">${visit.hidden}<button>${say('duty_accept')}</button></form>` : ''}
${
  mayDecline(duty, at)
    ? html`<details><summary>${say('duty_decline')}</summary><form method="post" action="${path}/decline">${visit.hidden}
<p>${say('duty_decline_text')}</p>
${declineField(visit, deployment.id)}
<button class="second">${say('duty_decline_button')}</button></form></details>`
    : ''
}
${deployment.held === null ? '' : html`<p><a href="/portal/days/${deployment.id}">${say('days_link')}</a></p>`}
${history(visit, letters)}
</section>\n`
}

/** Several may stand on one page: each has an id of its own. */
const declineField = ({ reader: { say } }: Visit, id: string): Html =>
  html`<div class="field"><label for="reason-${id}">${say('duty_reason')}</label><input id="reason-${id}" name="reason" required maxlength="120"></div>`

function history({ reader: { say, time } }: Visit, letters: readonly Letter[]): Html {
  if (letters.length < 2) return html``
  return html`<h3>${say('letter_history')}</h3><ul>${letters.map(
    ({ version, issuedAt, revokedAt, revokedWhy }) =>
      html`<li>${say('letter_issued', { version, time: time(issuedAt) })}${revokedAt === null ? '' : html`, ${say(`letter_${revokedWhy ?? 'revoked'}_at`, { time: time(revokedAt) })}`}</li>\n`,
  )}</ul>`
}
