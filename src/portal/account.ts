import { html, raw } from 'hono/html'
import type { Actor } from '../action.ts'
import { readMsisdn } from '../base/msisdn.ts'
import { sendCode, takeCode } from '../people/challenge.ts'
import { nationalId } from '../people/formats.ts'
import { choosePassword, type SignedIn, signIn } from '../people/sign-in.ts'
import { performing } from '../perform.ts'
import type { Call } from '../web/face.ts'
import { field, problem } from '../web/fields.ts'
import type { Sent } from '../web/form.ts'
import type { Page } from '../web/layout.ts'
import type { WebSession } from '../web/session.ts'
import { type Way, wayFields, wayOf, wayPairs } from '../web/way.ts'
import { deviceOf, rememberDevice } from './device.ts'
import { passwordField, type Secret, secretOf, showButton } from './password-field.ts'
import type { Portal } from './portal.ts'

/** Joining, logging in, and getting back in. */
export function accountPages(portal: Portal): void {
  const { face, app, actions } = portal

  face.open('/login', (call) => call.show(loginPage(call, { next: one(call, 'next') })))

  const loginAgain = (call: Call, form: Sent, secret?: Secret) =>
    call.show(loginPage(call, { ...wayOf(form), username: form.get('username'), ...(secret ? { secret } : {}) }))
  face.openForm(
    '/login',
    async (call, form) => {
      const way = wayOf(form)
      const username = form.get('username')
      const password = form.raw('password')
      if (form.get('show')) return loginAgain(call, form, secretOf(form))
      const { language } = call.reader
      const found = await signIn(app, { username, password, language })
      if ('refused' in found) return call.show(loginPage(call, { ...way, username, refused: found.refused }), 422)
      if (found.oneTime) {
        // The SMS with the one-time password has just proven the number: no second code.
        await rememberDevice(app, call, found.personId)
        await face.sessions.start(call.ctx, found.personId, 'change')
        return call.show(choosePage(call, way))
      }
      if (await deviceOf(app, call, found.personId)) return enter(call, found.personId, way)
      const sent = await app.store.work(found.msisdn, (tx) =>
        sendCode({ tx, at: app.clock.now(), tools: app, actor: oneself(call, found.personId) }, { ...found, purpose: 'device' }),
      )
      if (!sent) return call.show(loginPage(call, { ...way, username, refused: 'codes' }), 429)
      await face.sessions.start(call.ctx, found.personId, 'code')
      call.show(codePage(call, way))
    },
    loginAgain,
  )

  face.openForm(
    '/code',
    async (call, form) => {
      const session = await halfway(call, 'code')
      if (!session) return call.go('/portal/login', 'login_again')
      const way = wayOf(form)
      const taken = await app.store.work(`code:${session.holder}`, (tx) =>
        takeCode({ tx, at: app.clock.now(), tools: app }, session.holder, 'device', form.get('code')),
      )
      if (taken === 'over') {
        await face.sessions.end(call.ctx)
        return call.go('/portal/login', 'code_over')
      }
      if (taken === 'wrong') return call.show(codePage(call, way, 'code_wrong_sms'), 422)
      await rememberDevice(app, call, session.holder)
      await enter(call, session.holder, way)
    },
    (call, form) => call.show(codePage(call, wayOf(form))),
  )

  face.openForm(
    '/choose',
    async (call, form) => {
      const session = await halfway(call, 'change')
      if (!session) return call.go('/portal/login', 'login_again')
      const way = wayOf(form)
      if (form.get('show')) return call.show(choosePage(call, way, secretOf(form)))
      const { holder: personId, id } = session
      const password = form.raw('password')
      const result = await choosePassword(app, oneself(call, personId), { personId, password, session: id })
      if (result !== 'done') return call.show(choosePage(call, way, { value: password, shown: false }, `password_${result}`), 422)
      await enter(call, personId, way)
    },
    (call, form) => call.show(choosePage(call, wayOf(form))),
  )

  face.open('/new', (call) => call.show(newPage(call)))
  face.openForm(
    '/new',
    async (call, form) => {
      const typed = newOf(form)
      const msisdn = readMsisdn(typed.phone)
      const wrong = {
        ...(msisdn === undefined ? { phone: 'phone_wrong' } : {}),
        ...(msisdn !== readMsisdn(typed.phone_again) ? { phone_again: 'phone_differs' } : {}),
        ...(nationalId.read(typed.national_id) === undefined ? { national_id: 'id_wrong' } : {}),
      }
      if (msisdn === undefined || Object.keys(wrong).length > 0) return call.show(newPage(call, typed, wrong), 422)
      const registering = performing(app, actions, msisdn, (_, perform) =>
        perform('people.register', { ...nobody(call), msisdn }, { national_id: typed.national_id }),
      )
      await Promise.all([registering, app.clock.sleep(EVEN_MS)])
      call.go('/portal/new/sent')
    },
    (call, form) => call.show(newPage(call, newOf(form))),
  )

  face.open('/forgot', (call) => call.show(forgotPage(call)))
  face.openForm(
    '/forgot',
    async (call, form) => {
      const msisdn = readMsisdn(form.get('username'))
      if (msisdn === undefined) return call.show(forgotPage(call, form.get('username'), 'phone_wrong'), 422)
      const resetting = performing(app, actions, msisdn, (_, perform) =>
        perform('password.reset', { ...nobody(call), msisdn }, {}),
      )
      await Promise.all([resetting, app.clock.sleep(EVEN_MS)])
      call.go('/portal/forgot/sent')
    },
    (call, form) => call.show(forgotPage(call, form.get('username'))),
  )

  // The same page whatever came of it: it tells nobody who is on the list.
  for (const what of ['new', 'forgot'] as const) face.open(`/${what}/sent`, (call) => call.show(sentPage(call, what)))

  face.form('/logout', 'in', async (visit) => {
    await face.sessions.end(visit.ctx)
    visit.go('/portal/login', 'logged_out')
  })

  async function enter(call: Call, personId: string, way: Way) {
    const session = await face.sessions.start(call.ctx, personId, 'in')
    await face.resume(call, { session, ...way })
  }

  async function halfway(call: Call, stage: string): Promise<WebSession | undefined> {
    const session = await face.sessions.of(call.ctx)
    return session?.stage === stage ? session : undefined
  }
}

/** So long after they were asked for these answers go out, whatever there was to do: the time tells nobody who is on the list either. */
const EVEN_MS = 100

const newOf = (form: Sent): New => ({
  phone: form.get('phone'),
  phone_again: form.get('phone_again'),
  national_id: form.get('national_id'),
})
/** Whoever has shown who they are, though they are not in yet. */
const oneself = (call: Call, personId: string): Actor => ({ ...nobody(call), name: `person:${personId}` })
const nobody = (call: Call): Actor => ({ via: 'web', name: 'stranger', signed: false, language: call.reader.language })
const one = (call: Call, name: string) => {
  const value = call.ctx.query[name]
  return typeof value === 'string' ? value : undefined
}

type Refused = Extract<SignedIn, { refused: string }>['refused'] | 'codes'

/** The login, with what became of the last try. */
export function loginPage(
  call: Call,
  { username = '', secret, refused, ...way }: Way & { username?: string; secret?: Secret; refused?: Refused },
): Page {
  const { say } = call.reader
  const title = say('login_title')
  const body = html`<h1>${title}</h1>
${way.held ? html`<p class="next" role="status">${say('login_held')}</p>` : ''}
<form method="post" action="/portal/login">${call.hidden}${wayFields(way)}
${refused ? problem('login', say(`login_${refused}`)) : ''}
${field({ name: 'username', label: say('username_label'), value: username, hint: say('username_hint'), more: raw(' type="tel" autocomplete="username" required') })}
${passwordField(call, { name: 'password', label: 'password_label', complete: 'current-password', secret })}
<div class="buttons"><button>${say('log_in')}</button>${showButton(call, secret)}</div>
</form>
<ul class="ways"><li><a href="/portal/forgot">${say('forgot_link')}</a></li><li><a href="/portal/new">${say('new_link')}</a></li></ul>`
  return { title, body }
}

function codePage(call: Call, way: Way, wrong?: string): Page {
  const { say } = call.reader
  const title = say('code_title')
  const body = html`<h1>${title}</h1>
<p>${say('code_text')}</p>
<form method="post" action="/portal/code">${call.hidden}${wayFields(way)}
${field({ name: 'code', label: say('code_sms_label'), value: '', wrong: wrong && say(wrong), more: raw(' class="code" inputmode="numeric" autocomplete="one-time-code" size="8" maxlength="10" required') })}
<button>${say('go_on')}</button>
</form>
<p><a href="/portal/login">${say('code_none')}</a></p>`
  return { title, body, again: { path: '/portal/code', fields: wayPairs(way) } }
}

function choosePage(call: Call, way: Way, secret?: Secret, wrong?: string): Page {
  const { say } = call.reader
  const title = say('choose_title')
  const body = html`<h1>${title}</h1>
<p>${say('choose_text')}</p>
<form method="post" action="/portal/choose">${call.hidden}${wayFields(way)}
${passwordField(call, { name: 'password', label: 'password_new_label', complete: 'new-password', secret, wrong })}
<div class="buttons"><button>${say('save')}</button>${showButton(call, secret)}</div>
</form>`
  return { title, body, again: { path: '/portal/choose', fields: wayPairs(way) } }
}

type New = { phone: string; phone_again: string; national_id: string }

function newPage(call: Call, typed?: New, wrong: Partial<Record<keyof New, string>> = {}): Page {
  const { say } = call.reader
  const title = say('new_title')
  const one = (name: keyof New, hint: string, more: string) =>
    field({
      name,
      label: say(`new_${name}`),
      value: typed?.[name] ?? '',
      hint,
      wrong: wrong[name] && say(wrong[name]),
      more: raw(more),
    })
  const body = html`<h1>${title}</h1>
<p>${say('new_text')}</p>
<form method="post" action="/portal/new">${call.hidden}
${one('phone', say('new_phone_hint'), ' type="tel" autocomplete="tel" required')}
${one('phone_again', '', ' type="tel" autocomplete="off" required')}
${one('national_id', say('new_id_hint'), ' inputmode="numeric" autocomplete="off" required')}
<button>${say('new_button')}</button>
</form>
<p><a href="/portal/login">${say('new_have')}</a></p>`
  return { title, body }
}

function forgotPage(call: Call, username = '', wrong?: string): Page {
  const { say } = call.reader
  const title = say('forgot_title')
  const body = html`<h1>${title}</h1>
<p>${say('forgot_text')}</p>
<form method="post" action="/portal/forgot">${call.hidden}
${field({ name: 'username', label: say('username_label'), value: username, hint: say('username_hint'), wrong: wrong && say(wrong), more: raw(' type="tel" autocomplete="username" required') })}
<button>${say('forgot_button')}</button>
</form>
<p><a href="/portal/login">${say('back_to_login')}</a></p>`
  return { title, body }
}

/** After a new account or a forgotten password: the same for everybody. */
function sentPage(call: Call, what: 'new' | 'forgot'): Page {
  const { say } = call.reader
  const title = say(`${what}_sent_title`)
  const body = html`<h1>${title}</h1>
<p>${say(`${what}_sent_text`)}</p>
<p>${say('sms_blocked')}</p>
<p><a href="/portal/login">${say('back_to_login')}</a></p>`
  return { title, body }
}
