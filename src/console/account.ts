import { html } from 'hono/html'
import { acting } from '../acting.ts'
import { officerActor } from '../officers/officer.ts'
import { endSessions } from '../security/web-sessions.ts'
import type { Console } from './console.ts'

/** `/console/account`: where an officer is logged in. Password and TOTP change by a new link of an administrator. */
export function officerAccountPage({ face, app }: Console): void {
  face.page('/account', 'self', async (visit) => {
    const { say, time } = visit.reader
    const { me } = visit
    const title = say('desk_account')
    const sessions = await face.sessions.list(me.id)
    const body = html`<h1>${title}</h1>
<dl><div><dt>${say('begin_name')}</dt><dd>${me.name}</dd></div><div><dt>${say('desk_username')}</dt><dd>${me.username}</dd></div>
<div><dt>${say('officer_role')}</dt><dd>${say(`role_${me.role}`)}: ${say(`role_${me.role}_text`)}</dd></div>
<div><dt>${say('officer_counties')}</dt><dd>${me.counties.length > 0 ? me.counties.join(', ') : say('officer_nation')}</dd></div></dl>
<h2>${say('sessions_title')}</h2>
<ul>${sessions.map(
      ({ id, device, startedAt, seenAt }) =>
        html`<li>${device}${id === visit.session.id ? ` (${say('session_here')})` : ''}: ${say('session_times', { started: time(startedAt), seen: time(seenAt) })}</li>\n`,
    )}</ul>
<form method="post" action="/console/account/everywhere">${visit.hidden}<button class="second">${say('sessions_end')}</button></form>
<p class="soft">${say('officer_secret_text')}</p>`
    visit.show({ title, body })
  })

  face.form('/account/everywhere', 'self', async (visit) => {
    const actor = officerActor(visit.me, visit.reader.language)
    await acting(app, actor, 'console.logout_everywhere', `officer:${visit.me.id}`, async ({ tx }) => {
      await endSessions(tx, 'console', visit.me.id, visit.session.id)
      return [undefined, { outcome: 'done', subject: visit.me.id }]
    })
    visit.go('/console/account', 'sessions_ended')
  })
}
