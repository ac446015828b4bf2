import { html } from 'hono/html'
import type { OpenChange } from '../people/changes.ts'
import type { Html } from '../web/layout.ts'
import type { Visit } from './visit.ts'

/** A change that was asked for: when it counts, and the way out for whoever did not ask. */
export function changeWaits({ reader: { say, time }, hidden }: Visit, { kind, state, effectAt }: OpenChange): Html {
  return html`<div class="next"><p><strong>${say('change_waits_title')}.</strong> ${say(`change_waits_${state}`, { time: time(effectAt) })}</p>
<p>${say('change_cancel_text')}</p>
<form method="post" action="/portal/change/${kind}/cancel">${hidden}<button class="second">${say('change_cancel')}</button></form></div>`
}
