import { html, raw } from 'hono/html'
import type { App } from '../app.ts'
import { maskMsisdn } from '../base/msisdn.ts'
import type { Purpose } from '../people/challenge.ts'
import { CHANGES, type ChangeKind, codesLeft, confirmChange, openTicket, sendCodes } from '../people/changes.ts'
import { param } from '../web/face.ts'
import { field, problem } from '../web/fields.ts'
import type { Page } from '../web/layout.ts'
import type { Portal } from './portal.ts'
import { actorOf, ownerOf, type Visit } from './visit.ts'

/** Which change the address names. */
export const kindOf = (visit: Visit): ChangeKind => CHANGES.find((kind) => kind === param(visit, 'kind')) ?? visit.ctx.throw(404)
const inputOf = (purpose: Purpose) => `code_${purpose}`

/** The second step of a change: the codes from the SMS. What was asked for travels sealed in the form. */
export function confirmPages({ face, app }: Portal): void {
  face.form(
    '/change/:kind/confirm',
    'in',
    async (visit, form) => {
      const kind = kindOf(visit)
      const start = `/portal/change/${kind}`
      const [actor, owner] = [actorOf(visit), ownerOf(visit)]
      const sealed = form.get('ticket')
      const ticket = openTicket(app, owner, sealed)
      if (ticket?.kind !== kind) return visit.go(start, 'change_old')
      if (form.get('again') === '1') {
        const sent = await sendCodes(app, actor, owner, ticket)
        return visit.show(codePage(app, visit, sealed, { news: sent ? 'said_change_code_sent' : 'said_change_codes' }))
      }
      const result = await confirmChange(app, actor, owner, ticket, (purpose) => form.get(inputOf(purpose)))
      if (result.refused === undefined) return visit.go('/portal/profile', 'change_asked')
      if (result.refused === 'codes') return visit.show(codePage(app, visit, result.ticket, { wrong: result.wrong }), 422)
      if (result.refused === 'open') return visit.go(start, 'change_open')
      visit.show(takenPage(visit), 409)
    },
    (visit, form) => {
      const sealed = form.get('ticket')
      if (!openTicket(app, ownerOf(visit), sealed)) return visit.go(`/portal/change/${kindOf(visit)}`, 'change_old')
      visit.show(codePage(app, visit, sealed))
    },
  )
}

/** Asks for the codes that are still to be typed. */
export function codePage(
  app: App,
  visit: Visit,
  sealed: string,
  { wrong = {}, news }: { wrong?: Partial<Record<Purpose, 'wrong' | 'over'>>; news?: string } = {},
): Page {
  const { say } = visit.reader
  const owner = ownerOf(visit)
  const ticket = openTicket(app, owner, sealed) ?? visit.ctx.throw(400)
  const action = `/portal/change/${ticket.kind}/confirm`
  const carried = html`${visit.hidden}<input type="hidden" name="ticket" value="${sealed}">`
  const title = say('change_code_title')
  const body = html`<h1>${title}</h1>
${Object.keys(wrong).length > 0 ? problem('codes', say('change_not_sent')) : ''}
${news ? html`<p class="next" role="status">${say(news)}</p>` : ''}
<p>${say('change_code_text')}</p>
<form method="post" action="${action}">${carried}
${codesLeft(owner, ticket).map(({ purpose, to }) => {
  const fault = wrong[purpose]
  return field({
    name: inputOf(purpose),
    label: say('change_code_label', { number: maskMsisdn(to) }),
    value: '',
    wrong: fault && say(`change_code_${fault}`),
    more: raw(' inputmode="numeric" autocomplete="one-time-code" maxlength="10" required'),
  })
})}
<button>${say('change_confirm')}</button>
</form>
<form method="post" action="${action}">${carried}<button class="second" name="again" value="1">${say('change_again')}</button></form>
<p><a href="/portal/profile">${say('profile_back')}</a></p>`
  return { title, body, again: { path: action, fields: [['ticket', sealed]] } }
}

function takenPage({ reader: { say } }: Visit): Page {
  const title = say('change_taken_title')
  const body = html`<h1>${title}</h1>
<p>${say('change_taken_text')}</p>
<p><a href="/portal/change/phone">${say('change_phone_title')}</a></p>
<p><a href="/portal/profile">${say('profile_back')}</a></p>`
  return { title, body }
}
