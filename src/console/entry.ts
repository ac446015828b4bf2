import { html, raw } from 'hono/html'
import { renderSVG } from 'uqr'
import { invitedBy, readUsername } from '../officers/invite.ts'
import type { OfficerRow } from '../officers/officer.ts'
import { beginOfficer, signInOfficer, takeTotp } from '../officers/sign-in.ts'
import { passwordFault } from '../people/password-rules.ts'
import type { Call } from '../web/face.ts'
import { field, problem } from '../web/fields.ts'
import type { Html, Page } from '../web/layout.ts'
import { type Way, wayFields, wayOf, wayPairs } from '../web/way.ts'
import type { Console } from './console.ts'

/** How an officer comes in: password and TOTP; the first time by a one-time link. */
export function entryPages({ face, app }: Console): void {
  face.open('/login', (call) => call.show(officerLoginPage(call, { next: nextOf(call) })))

  face.openForm(
    '/login',
    async (call, form) => {
      const way = wayOf(form)
      const username = form.get('username')
      const found = await signInOfficer(app, { username, password: form.raw('password') })
      if ('refused' in found) return call.show(officerLoginPage(call, { ...way, username, refused: found.refused }), 422)
      await face.sessions.start(call.ctx, found.id, 'totp')
      call.show(totpPage(call, way))
    },
    (call, form) => call.show(officerLoginPage(call, { ...wayOf(form), username: form.get('username') })),
  )

  face.openForm(
    '/code',
    async (call, form) => {
      const session = await face.sessions.of(call.ctx)
      if (session?.stage !== 'totp') return call.go('/console/login', 'login_again')
      const way = wayOf(form)
      const taken = await takeTotp(app, session.holder, form.get('code'))
      if (taken !== 'done') return call.show(totpPage(call, way, taken), 422)
      await face.resume(call, { session: await face.sessions.start(call.ctx, session.holder, 'in'), ...way })
    },
    (call, form) => call.show(totpPage(call, wayOf(form))),
  )

  face.open('/begin/:token', async (call) => {
    const officer = await invitedBy(app, tokenOf(call))
    call.show(officer ? beginPage(call, officer) : spentPage(call), officer ? 200 : 410)
  })

  face.openForm(
    '/begin/:token',
    async (call, form) => {
      const officer = await invitedBy(app, tokenOf(call))
      if (!officer) return call.show(spentPage(call), 410)
      const typed = { username: form.get('username'), name: form.get('name'), password: form.raw('password') }
      const username = readUsername(typed.username)
      const weak = passwordFault(typed.password, [typed.name, typed.username])
      const wrong = {
        ...(username === undefined ? { username: 'begin_username_wrong' } : {}),
        ...(typed.name === '' ? { name: 'begin_name_wrong' } : {}),
        ...(weak ? { password: `password_${weak}` } : {}),
      }
      if (username === undefined || Object.keys(wrong).length > 0) return call.show(beginPage(call, officer, typed, wrong), 422)
      const begun = await beginOfficer(app, officer, { ...typed, username })
      if (begun === 'taken') return call.show(beginPage(call, officer, typed, { username: 'begin_username_taken' }), 422)
      await face.sessions.start(call.ctx, officer.id, 'totp')
      call.show(enrolPage(call, begun))
    },
    async (call, form) => {
      const officer = await invitedBy(app, tokenOf(call))
      if (!officer) return call.show(spentPage(call), 410)
      call.show(beginPage(call, officer, { username: form.get('username'), name: form.get('name'), password: '' }))
    },
  )

  face.form('/logout', 'self', async (visit) => {
    await face.sessions.end(visit.ctx)
    visit.go('/console/login', 'logged_out')
  })
}

const tokenOf = ({ ctx }: Call): string => (ctx as typeof ctx & { params: Record<string, string> }).params.token ?? ''
const nextOf = ({ ctx }: Call) => (typeof ctx.query.next === 'string' ? ctx.query.next : undefined)

export function officerLoginPage(
  call: Call,
  { username = '', refused, ...way }: Way & { username?: string; refused?: 'wrong' | 'locked' | 'officer' },
): Page {
  const { say } = call.reader
  const title = say('desk_login_title')
  const body = html`<h1>${title}</h1>
${way.held ? html`<p class="next" role="status">${say('login_held')}</p>` : ''}
<form method="post" action="/console/login" class="narrow">${call.hidden}${wayFields(way)}
${refused ? problem('login', say(`desk_login_${refused}`)) : ''}
${field({ name: 'username', label: say('desk_username'), value: username, more: raw(' autocomplete="username" autocapitalize="none" spellcheck="false" required') })}
${field({ name: 'password', label: say('password_label'), value: '', more: raw(' type="password" autocomplete="current-password" required maxlength="200"') })}
<button>${say('log_in')}</button>
</form>`
  return { title, body }
}

function totpPage(call: Call, way: Way, refused?: 'wrong' | 'locked' | 'officer'): Page {
  const { say } = call.reader
  const title = say('totp_title')
  const body = html`<h1>${title}</h1>
<form method="post" action="/console/code" class="narrow">${call.hidden}${wayFields(way)}
${refused && refused !== 'wrong' ? problem('code', say(`desk_login_${refused}`)) : ''}
${codeField(call, refused === 'wrong')}
<button>${say('go_on')}</button>
</form>`
  // Its own form shows it again, though the login's answer is it.
  return { title, body, again: { path: '/console/code', fields: wayPairs(way) } }
}

const codeField = ({ reader: { say } }: Call, wrong = false): Html =>
  field({
    name: 'code',
    label: say('totp_label'),
    value: '',
    hint: say('totp_hint'),
    wrong: wrong ? say('totp_wrong') : undefined,
    more: raw(' class="code" inputmode="numeric" autocomplete="one-time-code" size="8" maxlength="10" required autofocus'),
  })

type Begin = { username: string; name: string; password: string }

function beginPage(call: Call, officer: OfficerRow, typed?: Begin, wrong: Partial<Record<keyof Begin, string>> = {}): Page {
  const { say } = call.reader
  const title = say('begin_title')
  const one = (name: 'username' | 'name', more: string) =>
    field({
      name,
      label: say(`begin_${name}`),
      value: typed?.[name] ?? officer[name],
      wrong: wrong[name] && say(wrong[name]),
      more: raw(more),
    })
  const body = html`<h1>${title}</h1>
<p>${say('begin_text', { role: say(`role_${officer.role}`) })}</p>
<form method="post" class="narrow">${call.hidden}
${one('name', ' autocomplete="name" required maxlength="80"')}
${one('username', ' autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="40"')}
${field({ name: 'password', label: say('password_new_label'), value: '', hint: say('password_hint'), wrong: wrong.password && say(wrong.password), more: raw(' type="password" autocomplete="new-password" required maxlength="200"') })}
<button>${say('go_on')}</button>
</form>`
  return { title, body }
}

/** The secret as a picture for the app's camera, and as text for who has none. */
function enrolPage(call: Call, { secret, uri }: { secret: string; uri: string }): Page {
  const { say } = call.reader
  const title = say('enrol_title')
  const body = html`<h1>${title}</h1>
<p>${say('enrol_text')}</p>
<p class="qr">${raw(renderSVG(uri, { border: 2 }))}</p>
<p>${say('enrol_by_hand')} <code>${secret.match(/.{1,4}/g)?.join(' ')}</code></p>
<form method="post" action="/console/code" class="narrow">${call.hidden}
${codeField(call)}
<button>${say('go_on')}</button>
</form>`
  return { title, body, again: false }
}

function spentPage(call: Call): Page {
  const { say } = call.reader
  const title = say('begin_spent_title')
  return {
    title,
    body: html`<h1>${title}</h1>\n<p>${say('begin_spent_text')}</p>\n<p><a href="/console/login">${say('back_to_login')}</a></p>`,
  }
}
