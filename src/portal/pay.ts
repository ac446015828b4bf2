import { html } from 'hono/html'
import { titleOf } from '../jobs/vacancy.ts'
import { type Pay, payOf } from '../pay/mine.ts'
import type { Html } from '../web/layout.ts'
import { pageful, rowsAfter } from './pageful.ts'
import type { Portal } from './portal.ts'
import type { Visit } from './visit.ts'

/** `/portal/pay`: what each duty pays, how far that is, and what stands in the way. */
export function payPage({ face, within }: Portal): void {
  face.page('/pay', 'in', async (visit) => {
    const { say } = visit.reader
    const all = await within(visit, (scene) => payOf(scene, visit.me.person.id))
    const title = say('room_pay')
    const keyOf = ({ duty }: Pay) => duty
    const { shown, rest } = pageful(visit, rowsAfter(visit, all, keyOf), { draw: (pay) => card(visit, pay), keyOf })
    const body = html`<h1>${title}</h1>
${all.length === 0 ? html`<p>${say('my_pay_none')}</p>` : shown}
${rest}`
    visit.show({ title, body })
  })
}

function card(visit: Visit, { job, days, totalKes, state, back, reference, issues }: Pay): Html {
  const { say, day, count, language } = visit.reader
  const line = (label: string, value: string) => html`<div><dt>${label}</dt><dd>${value}</dd></div>\n`
  return html`<section class="card"><h2>${titleOf(job, language)}</h2>
<p><strong>${visit.word('pay_state', state)}</strong>${back === '' ? '' : html` ${back}. ${say('my_pay_back')} <a href="/portal/change/bank">${say('my_pay_account')}</a>`}</p>
<dl>${line(say('job_days'), `${day(job.startsOn)} – ${day(job.endsOn)}`)}${line(say('my_pay_days'), count(days))}${line(say('my_pay_sum'), `KES ${count(totalKes)}`)}${reference === '' ? '' : line(say('my_pay_reference'), reference)}</dl>
${issues.length === 0 ? '' : html`<h3>${say('my_pay_mend')}</h3><ul>${issues.map((kind) => html`<li>${visit.word('pay_issue', kind)}${wayOf(visit, kind)}</li>\n`)}</ul>`}
</section>\n`
}

/** Where something can be mended on the web itself. */
function wayOf({ reader: { say } }: Visit, kind: Pay['issues'][number]): Html | string {
  if (kind === 'name') return html` <a href="/portal/change/bank">${say('my_pay_account')}</a>`
  if (kind === 'no_tsc' || kind === 'no_account') return html` <a href="/portal/profile">${say('room_profile')}</a>`
  return ''
}
