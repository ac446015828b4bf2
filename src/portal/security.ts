import { desc, eq } from 'drizzle-orm'
import { html } from 'hono/html'
import { acting } from '../acting.ts'
import { choosePassword, signIn } from '../people/sign-in.ts'
import { endSessions } from '../security/web-sessions.ts'
import { problem } from '../web/fields.ts'
import type { Page } from '../web/layout.ts'
import { passwordField, type Secret, secretOf, showButton } from './password-field.ts'
import type { Portal } from './portal.ts'
import { actorOf, type Visit } from './visit.ts'

type Tried = { old?: string; chosen?: string; typed?: { password: Secret; password_new: Secret } }

/** Password, where one is logged in, known browsers. */
export function securityPages({ face, app }: Portal): void {
  face.page('/security', 'in', async (visit) => visit.show(await securityPage(visit)))

  face.form('/security/password', 'in', async (visit, form) => {
    const { language } = visit.reader
    const typed = { password: secretOf(form), password_new: secretOf(form, 'password_new') }
    if (form.get('show')) return visit.show(await securityPage(visit, { typed }))
    const old = await signIn(app, { username: visit.me.msisdn, password: typed.password.value, language })
    if ('refused' in old) return visit.show(await securityPage(visit, { old: `old_password_${old.refused}` }), 422)
    const { id: personId } = visit.me.person
    const result = await choosePassword(app, actorOf(visit), {
      personId,
      password: typed.password_new.value,
      session: visit.session.id,
    })
    if (result !== 'done') return visit.show(await securityPage(visit, { chosen: `password_${result}`, typed }), 422)
    visit.go('/portal/security', 'password_changed')
  })

  face.form('/security/everywhere', 'in', async (visit) => {
    const { id } = visit.me.person
    await acting(app, actorOf(visit), 'portal.logout_everywhere', id, async ({ tx }) => {
      await endSessions(tx, 'portal', id, visit.session.id)
      await tx.delete(tx.devices).where(eq(tx.devices.personId, id))
      return [undefined, { outcome: 'done', subject: id }]
    })
    visit.go('/portal/security', 'sessions_ended')
  })

  async function securityPage(visit: Visit, { old, chosen, typed }: Tried = {}): Promise<Page> {
    const { say, time } = visit.reader
    const { read } = app.store
    const { id } = visit.me.person
    const sessions = await face.sessions.list(id)
    const devices = await read
      .select()
      .from(read.devices)
      .where(eq(read.devices.personId, id))
      .orderBy(desc(read.devices.seenAt))
      .limit(20)
    const title = say('security_title')
    const body = html`<h1>${title}</h1>
<h2>${say('security_password')}</h2>
<form method="post" action="/portal/security/password">${visit.hidden}
${old || chosen ? problem('password', say('security_not_saved')) : ''}
${passwordField(visit, { name: 'password', label: 'password_old_label', complete: 'current-password', secret: typed?.password, wrong: old })}
${passwordField(visit, { name: 'password_new', label: 'password_new_label', complete: 'new-password', secret: typed?.password_new, wrong: chosen })}
<div class="buttons"><button>${say('save')}</button>${showButton(visit, typed?.password)}</div>
</form>
<p><a href="/portal/forgot">${say('forgot_link')}</a></p>
<h2>${say('sessions_title')}</h2>
<ul>${sessions.map(
      (session) =>
        html`<li>${session.device}${session.id === visit.session.id ? ` (${say('session_here')})` : ''}: ${say('session_times', { started: time(session.startedAt), seen: time(session.seenAt) })}</li>\n`,
    )}</ul>
<h2>${say('devices_title')}</h2>
<p>${say('devices_text')}</p>
<ul>${devices.map(({ label, at }) => html`<li>${label}, ${time(at)}</li>\n`)}</ul>
<form method="post" action="/portal/security/everywhere">${visit.hidden}<button class="second">${say('sessions_end')}</button></form>`
    return { title, body }
  }
}
