import { desc, eq } from 'drizzle-orm'
import { html, raw } from 'hono/html'
import { acting } from '../acting.ts'
import { choosePassword, signIn } from '../people/sign-in.ts'
import { endSessions } from '../security/web-sessions.ts'
import { field, problem } from '../web/fields.ts'
import type { Html, Page } from '../web/layout.ts'
import type { Portal } from './portal.ts'
import { actorOf, type Visit } from './visit.ts'

/** Password, where one is logged in, known browsers. */
export function securityPages({ face, app }: Portal): void {
  face.page('/security', 'in', async (visit) => visit.show(await securityPage(visit)))

  face.form('/security/password', 'in', async (visit, form) => {
    const { language } = visit.reader
    const old = await signIn(app, { username: visit.me.msisdn, password: form.raw('password'), language })
    if ('refused' in old) return visit.show(await securityPage(visit, { old: `old_password_${old.refused}` }), 422)
    const { id: personId } = visit.me.person
    const result = await choosePassword(app, actorOf(visit), {
      personId,
      password: form.raw('password_new'),
      session: visit.session.id,
    })
    if (result !== 'done') return visit.show(await securityPage(visit, { chosen: `password_${result}` }), 422)
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

  async function securityPage(visit: Visit, wrong: { old?: string; chosen?: string } = {}): Promise<Page> {
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
    const secret = (name: string, label: string, complete: string, fault?: string, hint?: string): Html =>
      field({
        name,
        label: say(label),
        value: '',
        hint: hint && say(hint),
        wrong: fault && say(fault),
        more: raw(` type="password" autocomplete="${complete}" required maxlength="200"`),
      })
    const body = html`<h1>${title}</h1>
<h2>${say('security_password')}</h2>
<form method="post" action="/portal/security/password">${visit.hidden}
${wrong.old || wrong.chosen ? problem('password', say('security_not_saved')) : ''}
${secret('password', 'password_old_label', 'current-password', wrong.old)}
${secret('password_new', 'password_new_label', 'new-password', wrong.chosen, 'password_hint')}
<button>${say('save')}</button>
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
