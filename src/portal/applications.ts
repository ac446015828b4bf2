import { html } from 'hono/html'
import { applicationOf, applicationsOf, UNDECIDED } from '../jobs/follow.ts'
import { titleOf } from '../jobs/vacancy.ts'
import { param } from '../web/face.ts'
import type { Page } from '../web/layout.ts'
import { afterOf, pageful } from './pageful.ts'
import type { Portal } from './portal.ts'
import type { Visit } from './visit.ts'

const A_PAGE = 20

/** Where each application stands, and taking one back. */
export function applicationPages({ face, within, perform }: Portal): void {
  face.page('/applications', 'in', async (visit) => {
    const [changedAt = '', id = ''] = afterOf(visit) ?? []
    const after = /^\d{1,15}$/.test(changedAt) ? { after: { changedAt: Number(changedAt), id } } : {}
    visit.show(listPage(visit, await within(visit, (scene) => applicationsOf(scene, { ...after, most: A_PAGE + 1 }))))
  })

  face.page('/applications/:id/withdraw', 'in', async (visit) => {
    const row = await within(visit, (scene) => applicationOf(scene, param(visit, 'id')))
    if (!row) return visit.ctx.throw(404)
    visit.show(withdrawPage(visit, row))
  })
  face.form('/applications/:id/withdraw', 'in', async (visit) => {
    const outcome = await perform(visit, 'applications.withdraw', { application: param(visit, 'id') })
    if (outcome.refused === 'unknown') return visit.ctx.throw(404)
    visit.go('/portal/applications', outcome.done ? 'withdrawn' : 'withdraw_late')
  })
}

type Row = Awaited<ReturnType<typeof applicationsOf>>[number]

function listPage(visit: Visit, rows: readonly Row[]): Page {
  const { say, time, language } = visit.reader
  const title = say('room_applications')
  const { shown, rest } = pageful(visit, rows, {
    most: A_PAGE,
    more: 'applications_older',
    keyOf: ({ application }) => `${application.changedAt}.${application.id}`,
    draw: ({
      application,
      job,
    }) => html`<section class="card"><h2><a href="/portal/jobs/${job.code}">${titleOf(job, language)}</a></h2>
<p><strong>${visit.word('status', application.status)}</strong> · ${say('application_changed', { time: time(application.changedAt) })}</p>
<p>${say('application_reference', { reference: application.reference })}</p>
<p>${say(`status_${application.status}_text`)}</p>
${UNDECIDED.includes(application.status) ? html`<p><a href="/portal/applications/${application.id}/withdraw">${say('withdraw_link')}</a></p>` : ''}
</section>\n`,
  })
  const body = html`<h1>${title}</h1>
${rows.length === 0 ? html`<p>${say('applications_none')} <a href="/portal/jobs">${say('room_jobs')}</a></p>` : ''}
${shown}
${rest}`
  return { title, body }
}

function withdrawPage(visit: Visit, { application, job }: Row): Page {
  const { say, language } = visit.reader
  const title = say('withdraw_title')
  const body = html`<h1>${title}</h1>
<p>${titleOf(job, language)}, ${application.reference}</p>
<p>${say('withdraw_text')}</p>
<form method="post">${visit.hidden}<div class="buttons"><button>${say('withdraw_button')}</button></div></form>
<p><a href="/portal/applications">${say('withdraw_keep')}</a></p>`
  return { title, body }
}
